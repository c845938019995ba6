//! One binary for all integration tests.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "the support of a test may fail as the test may"
)]

mod callbacks;
mod engine;
mod late;
mod queues;
