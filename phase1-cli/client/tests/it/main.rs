//! The client against servers that do what they should not.

mod address;
mod copy;
mod hostile;
mod keeping;
mod live;
mod support;
