//! The tools over HTTP: who is let in, what is said in each revision of the protocol, and clients that
//! leave, stay away or come all at once.

mod access;
mod crowd;
mod doors;
mod protocol;
mod served;
mod server;
