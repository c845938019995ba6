//! The outbox with its worker, on the fake of Twilio.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod accounts;
mod callbacks;
mod copy;
mod disk;
mod erase;
mod events;
mod failures;
mod flow;
mod foreign;
mod postgres;
mod postgres_copy;
mod second_provider;
mod settling;
mod setup;
