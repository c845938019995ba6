//! The outbox with its worker, on the fake of Twilio.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod accounts;
mod budget;
mod callbacks;
mod campaign;
mod consent;
mod copy;
mod database;
mod deliveries;
mod disk;
mod erase;
mod events;
mod failures;
mod flow;
mod foreign;
mod listing;
mod lists;
mod policy;
mod postgres;
mod preview;
mod report;
mod second_provider;
mod server;
mod settling;
mod setup;
mod statement;
mod tenants;
mod velocity;
mod voice;
