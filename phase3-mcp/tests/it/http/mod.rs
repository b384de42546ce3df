//! The tools over HTTP: who is let in, what is said in each revision of the protocol, who is asked, and clients that
//! leave, stay away or come all at once.

mod access;
mod asking;
mod crowd;
mod doors;
mod protocol;
mod served;
mod server;
