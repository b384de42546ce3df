//! One behaviour, every surface.
//!
//! What the system does is written down once, as rows of data (`scenarios/`), and played on every
//! surface there is ([`surfaces`]). A surface that answers otherwise than the others is wrong, and
//! so is a row that only one of them can pass. What a surface runs on that is not ours,
//! [`services`] starts and stops.

pub mod built;
pub mod http;
pub mod scenarios;
#[cfg(unix)]
pub mod services;
pub mod surfaces;
