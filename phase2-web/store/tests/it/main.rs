//! The store under test.

mod accounts;
mod audit;
mod conformance;
mod crash;
mod days;
mod find;
mod million;
mod plans;
mod reading;
mod support;
mod writers;
