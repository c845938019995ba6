//! The endpoints, called as a browser and as curl call them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails where something is missing"
)]

mod campaign;
mod conversation;

mod credentials;
mod events;
mod fixtures;
mod kill;
mod mount;
mod page;
mod roles;
mod send;
mod site;
mod stage;
