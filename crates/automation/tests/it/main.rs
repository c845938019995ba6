//! The mesh on SQLite and on PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where something is missing"
)]

mod communication;
mod database;
mod durable;
mod live;
mod publish;
