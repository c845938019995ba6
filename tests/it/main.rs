//! One binary for all integration tests.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the support of a test may fail as the test may"
)]

mod connections;
mod examples;
mod fake;
mod fake_products;
mod messages;
mod outcome;
mod proxy;
mod robust;
mod support;
