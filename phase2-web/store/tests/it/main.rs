mod conformance;
mod find;
mod support;
