//! One binary for all integration tests.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::expect_used,
    reason = "the support of a test may fail as the test may"
)]

mod app;
mod connections;
mod contract_claims;
mod dashboard;
mod errors;
mod examples;
mod fake;
mod fake_products;
mod guards;
mod inbound;
mod messages;
mod numbers;
mod operators;
mod outcome;
mod phone;
mod phone_failures;
mod products;
mod proxy;
mod robust;
mod segments;
mod signatures;
mod support;
mod twiml;
mod webhook_borders;
mod webhook_claims;
mod webhooks;
mod whole_flow;
