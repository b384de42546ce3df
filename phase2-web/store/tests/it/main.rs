//! The store under test.

mod accounts;
mod audit;
mod conformance;
mod crash;
mod days;
mod derived;
mod find;
mod opening;
mod reading;
mod server;
mod support;
mod writers;
