//! What surrounds the routes, and the program that serves them.

mod conventions;
mod document;
mod layers;
mod metrics;
mod matrix;
mod process;
mod proxy;
mod settings;
mod sockets;
