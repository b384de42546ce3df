//! What the file promises: nothing is lost, nothing damaged is overwritten.

mod atomic;
mod conformance;
mod damage;
mod doctor;
mod first_format;
mod given;
mod hostile;
mod layout;
mod locking;
mod mirror;
mod place;
mod shared;
mod unknown;
