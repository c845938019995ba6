//! The contract between a dashboard and a provider: one small object-safe trait and the plain types it speaks.
//!
//! Nothing here knows Twilio, or any other provider. `examples/custom_adapter.rs` implements it for another one.

mod adapter;
#[cfg(feature = "axum")]
mod axum;
mod credentials;
mod envelope;
mod error;
mod info;
mod registry;
mod request;
mod response;
mod words;

pub use adapter::ProviderAdapter;
pub use credentials::Credentials;
pub use envelope::{Envelope, EnvelopeDetails, EnvelopeError};
pub use error::ProviderError;
pub use info::{CredentialField, FieldKind, ProviderInfo, ProviderName};
pub use registry::ProviderRegistry;
pub(crate) use request::path_template;
pub use request::{ApiRequest, RequestBody, RequestClass, Timeouts};
pub use response::{AccountKind, ApiResponse, Connection, RateLimit};
pub use words::{Action, ErrorCode, Outcome, Reason};
