//! What surrounds the routes, and the program that serves them.

mod backup;
mod conventions;
mod doctor;
mod document;
mod keeper;
mod layers;
mod process;
mod settings;
mod sockets;
mod users;
