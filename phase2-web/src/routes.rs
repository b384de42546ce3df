//! What routes of other crates are made of.
//!
//! They meet their clients as those of this crate do (docs/api-design.md): the log-in is an extractor
//! that comes first, parameters and bodies are read strictly, refusals are
//! [`ApiError`](crate::ApiError)s, and the document knows all of it.

pub use crate::api::desk::{Desk, WriteDesk, json};
pub use crate::api::faults::Trouble;
pub use crate::api::form::{Form, Read};
pub use crate::api::params::{Params, number};
pub use crate::api::refusals::{Invalid, Malformed, NotByToken, ReadOnly};
pub use crate::api::sent::Sent;
pub use crate::auth::LoggedIn;
pub use crate::export::{Export, Pieces};
pub use crate::turns::Lease;
