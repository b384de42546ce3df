//! The tools in process and over HTTP, and the program.

mod adding;
mod asking;
mod attached;
mod changing;
mod client;
mod confirming;
mod database;
mod finding;
mod http;
mod listing;
mod naming;
mod stdio;
mod support;
mod tokens;
