//! Twilio: the adapter, the account handle, its resources, and what Twilio's errors mean.
//!
//! Start with [`from_env`] or [`TwilioAdapter`]. Everything that touches the wire of Twilio stands in this room, and
//! nothing outside names its insides.

mod account;
mod adapter;
mod auth;
mod builder;
mod connection;
mod credentials;
mod download;
pub mod error;
mod handles;
mod hosts;
mod other_recipient;
pub mod page;
mod resources;
mod sid;
mod target;
pub mod twiml;
#[cfg(feature = "webhook")]
pub mod webhook;
pub(crate) mod wire;

pub use account::TwilioAccount;
pub use adapter::TwilioAdapter;
pub use builder::{TwilioBuilder, from_env};
pub use download::{Download, Progress};
pub use page::{Page, Pages};
pub use resources::*;
pub use wire::{Amount, Extra};

pub use crate::transport::{RetryEvent, RetryPolicy};
