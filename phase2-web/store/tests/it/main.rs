//! The store under test.

mod audit;
mod conformance;
mod crash;
mod derived;
mod opening;
mod support;
mod writers;
