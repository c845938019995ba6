//! Twilio: the adapter, the account handle, its resources, and what Twilio's errors mean.
//!
//! Start with [`from_env`] or [`TwilioAdapter`]. The types that most programs use are here; every resource has a module
//! of its own, as in [`verify::StartVerification`] and [`numbers::SearchNumbers`], and `TwilioAccount` has a method
//! that leads to it.

mod account;
mod adapter;
pub mod analytics;
pub mod audit;
mod builder;
mod connection;
mod credentials;
pub mod download;
pub mod error;
mod hosts;
mod messenger;
mod other_recipient;
pub mod page;
mod resources;
mod session;
mod sid;
pub mod twiml;
pub mod value;
#[cfg(feature = "webhook")]
pub mod webhook;
pub(crate) mod wire;

pub use account::TwilioAccount;
pub use adapter::TwilioAdapter;
pub use builder::{TwilioBuilder, from_env};
#[doc(inline)]
pub use resources::calls::{Call, CallStatus, CreateCall, MakeCall};
#[doc(inline)]
pub use resources::messages::{CreateMessage, Message, MessageStatus, SendSms};
pub use resources::{
    accounts, alerts, api_keys, auth_tokens, brands, calls, conferences, content, geo_permissions, lookup,
    messages, messaging_services, numbers, outgoing_caller_ids, prices, recordings, tollfree_verifications,
    transcriptions, usage, usage_triggers, verify, whatsapp,
};

pub use crate::transport::{RetryEvent, RetryPolicy};
