//! The endpoints, called as a browser and as curl call them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where something is missing"
)]

mod credentials;
mod events;
mod fixtures;
mod roles;
mod send;
mod site;
