//! The store under test.

mod audit;
mod conformance;
mod crash;
mod support;
mod writers;
