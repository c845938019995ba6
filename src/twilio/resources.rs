//! What an account has: one file for each resource, with its handle, its requests and its answers.

pub mod accounts;
pub mod alerts;
pub mod api_keys;
pub mod auth_tokens;
pub mod brands;
pub mod calls;
pub mod conferences;
pub mod content;
#[cfg(test)]
mod fixtures;
pub mod geo_permissions;
pub mod lookup;
pub mod messages;
pub mod messaging_services;
pub mod numbers;
pub mod outgoing_caller_ids;
pub mod prices;
pub mod recordings;
pub mod tollfree_verifications;
pub mod transcriptions;
pub mod usage;
pub mod usage_triggers;
pub mod verify;
pub mod whatsapp;
