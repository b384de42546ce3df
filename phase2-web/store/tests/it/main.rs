mod accounts;
mod conformance;
mod days;
mod find;
mod reading;
mod support;
