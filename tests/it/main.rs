//! Tests of the whole: one behaviour on every surface, the house's own rules, and what comes in
//! from other programs.

mod assistants;
mod harness;
mod histories;
mod house;
mod icalendar;
#[cfg(unix)]
mod openapi;
#[cfg(unix)]
mod outage;
mod scenarios;
#[cfg(unix)]
mod services;
mod taskwarrior;
mod todo_txt;
#[cfg(unix)]
mod walk;
