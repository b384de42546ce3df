//! Live updates (SPEC 9): real sockets, on servers of their own.

mod client;
mod damaged;
mod door;
mod imports;
mod manners;
mod messages;
mod restored;
mod resuming;
mod series;
mod support;
