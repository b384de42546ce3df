mod accounts;
mod conformance;
mod find;
mod support;
