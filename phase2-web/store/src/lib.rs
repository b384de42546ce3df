//! Tasks and accounts in SQLite or PostgreSQL.
//!
//! One [`Store`] over either database. Where the two read the same SQL there is one text; where they
//! do not, the difference is a line beside it. The owner is in every key and every `where`.

pub mod accounts;
pub mod backup;
mod bind;
mod cells;
mod conn;
mod db;
mod derived;
mod direct;
pub mod effects;
mod examine;
mod explain;
mod failpoint;
mod fault;
mod filters;
mod history;
mod lender;
mod limit;
mod lock_file;
pub mod log;
mod measures;
mod origin;
mod owners;
mod pool;
mod requests;
mod spans;
mod sql;
mod statement;
mod sweep;
mod tasks;
mod turns;
mod waking;
mod writer;
mod zones;

pub use db::{BadUrl, DatabaseUrl, Options, Store};
pub use examine::{Examined, Tables};
pub use explain::Question;
pub use failpoint::failpoint;
pub use fault::is_held;
pub use history::Head;
pub use measures::{Connections, Measures};
pub use origin::Origin;
pub use spans::SPANS;
pub use tasks::{Changes, Labels, PastEvent, Touched};
pub use waking::{Rest, WAKING_MAX, Waking};
