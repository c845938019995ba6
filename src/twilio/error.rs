//! What Twilio's errors mean.
//!
//! Two shapes of body are read: the classic `{code, message, more_info, status, details}` and RFC 9457's
//! `{type, title, status, code, detail, errors}`. Whatever the body is, the HTTP status is kept.

mod catalogue;
mod delivery;
mod explain;
mod scrub;

use crate::provider::{ProviderError, ProviderName};

pub(in crate::twilio) use delivery::delivery_error;

pub use catalogue::{CatalogueEntry, RetryClass, all, lookup};
pub(crate) use explain::{Context, explain, is_failure, request_id};

/// Creates the error of an invalid request, found before it is sent.
pub(super) fn invalid_request(message: impl Into<String>) -> ProviderError {
    by_twilio(ProviderError::invalid_request(message))
}

/// Creates the error of missing or malformed credentials.
pub(super) fn invalid_credentials(message: impl Into<String>) -> ProviderError {
    by_twilio(ProviderError::invalid_credentials(message))
}

/// Names Twilio in an error that a neutral part has made, such as the transport.
pub(super) fn by_twilio(error: ProviderError) -> ProviderError {
    if error.provider().is_some() { error } else { error.with_provider(ProviderName::TWILIO) }
}
