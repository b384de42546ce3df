//! The shapes of what goes in and out, for the OpenAPI document. Nothing is ever one of these
//! types: what comes in is read field by field (`form`), what goes out is the core's own JSON
//! (`todo_core::wire`). Tests hold the names here to those.

mod more;
mod sent;
mod told;
mod words;

pub(crate) use more::*;
pub(crate) use sent::*;
pub(crate) use told::*;
pub(crate) use words::Channel;
