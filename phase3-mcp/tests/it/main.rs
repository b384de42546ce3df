//! The tools in process, and the program over its standard streams.

mod adding;
mod changing;
mod confirming;
mod database;
mod finding;
mod listing;
mod naming;
mod stdio;
mod support;
mod tokens;
