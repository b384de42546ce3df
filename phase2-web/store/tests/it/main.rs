mod accounts;
mod conformance;
mod support;
