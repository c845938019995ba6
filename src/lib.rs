//! manual

pub mod phone;
pub mod provider;
pub mod secret;
pub mod sms;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
pub mod twilio;

pub use provider::{
    Action, Credentials, Envelope, ErrorCode, Outcome, ProviderAdapter, ProviderError, ProviderInfo,
    ProviderName, ProviderRegistry, Reason,
};
