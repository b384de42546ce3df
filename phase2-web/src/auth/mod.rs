//! Who is asking.

mod caller;

pub(crate) use caller::{Caller, CanWrite};
