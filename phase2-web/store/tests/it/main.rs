mod conformance;
mod days;
mod find;
mod reading;
mod support;
