//! The store under test.
