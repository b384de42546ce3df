mod conformance;
mod days;
mod find;
mod million;
mod plans;
mod reading;
mod support;
