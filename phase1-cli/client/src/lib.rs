//! A todo server, asked from a terminal or for an assistant: logging in and staying so, the requests
//! that are made of it, and the copy of its tasks on which they are worked out. Every call waits for
//! its answer; none starts a runtime but to listen, and that one is small and the listener's own.
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
pub mod live;
mod proxy;
mod remote;

pub use address::{AddressError, Server};
pub use api::{Account, Changes, Done, Imported, Preferred, Touched};
pub use client::{Client, Proof};
pub use error::{ClientError, Refusal};
pub use remote::{Remote, RemoteError};
