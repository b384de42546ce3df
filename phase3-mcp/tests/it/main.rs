//! The tools in process, and the program over its standard streams.

mod adding;
mod asking;
mod attached;
mod changing;
mod client;
mod confirming;
mod database;
mod finding;
mod listing;
mod naming;
mod stdio;
mod support;
mod tokens;
