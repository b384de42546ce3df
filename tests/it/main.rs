//! Tests of the whole: one behaviour on every surface, the house's own rules, and what comes in
//! from other programs.

#[cfg(unix)]
mod alike;
mod assistants;
mod assistants_on_server;
#[cfg(unix)]
mod backups;
#[cfg(unix)]
mod faults;
mod harness;
mod histories;
mod house;
mod icalendar;
#[cfg(unix)]
mod on_server;
#[cfg(unix)]
mod openapi;
#[cfg(unix)]
mod outage;
#[cfg(unix)]
mod pooler;
mod scenarios;
#[cfg(unix)]
mod server_pages;
#[cfg(unix)]
mod services;
#[cfg(unix)]
mod stopping;
mod taskwarrior;
mod todo_txt;
#[cfg(unix)]
mod traces;
#[cfg(unix)]
mod walk;
#[cfg(unix)]
mod watching;
