mod accounts;
mod conformance;
mod days;
mod find;
mod reading;
//! The store under test.

mod audit;
mod crash;
mod support;
mod writers;
