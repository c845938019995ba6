//! One binary for all integration tests.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::expect_used,
    reason = "the support of a test may fail as the test may"
)]

mod connections;
mod examples;
mod fake;
mod fake_products;
mod messages;
mod operators;
mod outcome;
mod products;
mod proxy;
mod robust;
mod signatures;
mod support;
mod twiml;
mod webhooks;
