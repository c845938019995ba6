//! One binary for all integration tests.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::expect_used,
    reason = "test support may panic like the tests that use it"
)]

mod access;
mod analytics;
mod app;
mod audit;
mod conferences;
mod connections;
mod contract_adapters;
mod contract_claims;
mod dashboard;
mod errors;
mod examples;
mod fake;
mod fake_products;
mod faulty_network;
mod guards;
mod hand_over;
mod inbound;
mod mark_model;
mod messages;
mod numbers;
mod operators;
mod outcome;
mod phone;
mod phone_failures;
mod products;
mod proxy;
mod raw_server;
mod registrations;
mod robust;
mod segments;
mod signatures;
mod support;
mod transport_kit;
mod twiml;
mod verdicts;
mod webhook_borders;
mod webhook_claims;
mod webhooks;
mod whole_flow;
