//! A todo server, asked from a terminal: logging in and staying so, and the requests that `todo`
//! makes of it. Every call waits for its answer; nothing here starts a runtime.
//!
//! What a server sends is not trusted: an answer is bounded in time and size, has the media type
//! that it should, and leads nowhere else. A token is sent to the server it is for and to nobody
//! else, and never where it could be read on the way, unless its owner says so.

mod address;
mod api;
pub mod body;
mod client;
mod error;
mod http;
mod keep;

pub use address::{AddressError, Server};
pub use api::{Account, Changes, Done, Imported, Preferred, Touched};
pub use client::{Client, Proof};
pub use error::{ClientError, Refusal};
