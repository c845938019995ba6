//! The contract between a dashboard and a provider: one small object-safe trait and the plain types it speaks.
//!
//! Nothing here is specific to a provider: neither names, nor paths, fields or headers. `examples/custom_adapter`
//! implements it for a made-up one.

mod adapter;
#[cfg(feature = "axum")]
mod axum;
mod begin_by;
mod credentials;
mod delivery;
mod envelope;
mod error;
mod info;
mod likeness;
mod messenger;
mod outgoing;
mod registry;
mod request;
mod response;
mod scope;
mod stop;
mod verdict;
mod words;

pub use adapter::ProviderAdapter;
pub use begin_by::BeginBy;
pub use credentials::Credentials;
pub use delivery::{
    Accepted, Delivery, DeliveryError, DeliveryStatus, Evidence, Found, FoundRow, PageToken, PickedUpBy,
    Price, Search, SendId, SendKind,
};
pub use envelope::{Envelope, EnvelopeDetails, EnvelopeError};
pub use error::ProviderError;
pub use info::{CredentialField, FieldKind, ProviderInfo, ProviderName};
pub use likeness::Likeness;
pub use messenger::{Abilities, Messenger, Rate, SenderKind};
pub use outgoing::{
    CallContent, Callback, KeyInput, Outgoing, OutgoingCall, SendOptions, Sender, TemplateRef,
};
pub use registry::ProviderRegistry;
pub(crate) use request::path_template;
pub use request::{ApiRequest, RequestBody, RequestClass, Timeouts};
pub use response::{AccountKind, ApiResponse, Connection, RateLimit};
pub use scope::Scope;
pub use stop::StopSignal;
pub use verdict::{Earlier, Fact, Repeat, Seen, Verdict, verdict};
pub use words::{Action, ErrorCode, Outcome, Reason};
