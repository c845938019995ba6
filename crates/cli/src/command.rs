//! The commands: one file each. A command asks the adapter, and prints what it answers; it decides nothing about Twilio.

pub(crate) mod account;
pub(crate) mod api;
pub(crate) mod api_key;
pub(crate) mod auth_token;
pub(crate) mod caller_id;
pub(crate) mod completions;
pub(crate) mod conference;
pub(crate) mod config;
pub(crate) mod fake;
pub(crate) mod geo;
pub(crate) mod init;
pub(crate) mod listen;
pub(crate) mod man;
pub(crate) mod message;
pub(crate) mod registration;
pub(crate) mod report;
pub(crate) mod trigger;
