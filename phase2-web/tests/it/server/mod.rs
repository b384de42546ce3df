//! What surrounds the routes, and the program that serves them.

mod conventions;
mod document;
mod layers;
mod matrix;
mod process;
mod settings;
mod sockets;
