//! What surrounds the routes, and the program that serves them.

mod acts;
mod backup;
mod conventions;
mod doctor;
mod document;
mod environment;
mod invite;
mod keeper;
mod layers;
mod mail;
mod matrix;
mod metrics;
mod process;
mod proxy;
mod rollover;
mod settings;
mod sockets;
mod sweeper;
mod upgrades;
mod users;
