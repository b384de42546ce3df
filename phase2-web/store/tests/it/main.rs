//! The store under test.

mod accounts;
mod audit;
mod backup;
mod belongings;
mod broken;
mod conformance;
mod crash;
mod days;
mod deletion;
mod derived;
mod examine;
mod find;
mod links;
mod log;
mod million;
mod opening;
mod plans;
mod proxy;
mod reading;
mod receipts;
mod schema;
mod server;
mod support;
mod sweep;
mod tidings;
mod writers;
