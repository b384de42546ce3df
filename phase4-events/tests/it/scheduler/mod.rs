//! What the clock brings happens once, in time, and to everybody (SPEC 9 "Scheduler"; R4–R10).

mod clocks;
mod faults;
mod given;
mod held;
mod histories;
mod reminders;
mod replicas;
mod running;
mod series;
