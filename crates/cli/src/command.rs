//! The commands: one file each. A command asks the adapter, and prints what it answers; it decides nothing about Twilio.

pub(crate) mod account;
pub(crate) mod api;
pub(crate) mod fake;
pub(crate) mod message;
