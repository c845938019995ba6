//! The interface through which a provider explains its answers.

use http::{HeaderMap, StatusCode};

use crate::provider::{Fact, ProviderError, ProviderName};

/// An answer that is not a success.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Refusal<'a> {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body, or the first 64 kB of it.
    pub body: &'a [u8],
}

/// The interface through which a provider explains its answers. It gives facts; the outcome and the repeats follow from
/// [`verdict`](super::verdict).
pub trait Interpret: Send + Sync {
    /// Names the provider: every error of an exchange carries it.
    fn provider(&self) -> ProviderName;

    /// Explains an answer that is not a success.
    ///
    /// `error` has the code and the reason that follow from the status, and how long to wait. Add the provider's own
    /// code, its message, or a better reason; say in the [`Fact`] what the code adds to the status. The message must
    /// hold no secret, nothing of what was sent, and no whole number.
    fn explain(&self, refusal: &Refusal<'_>, error: ProviderError) -> (ProviderError, Fact) {
        let message = format!("the answer was HTTP {}", refusal.status.as_u16());
        (error.with_message(message), Fact::default())
    }

    /// Does the body of a success say that it is a failure? It is asked for every success, so it has to be quick.
    fn is_failure(&self, body: &[u8]) -> bool {
        let _ = body;
        false
    }

    /// Finds the id of what was made in an answer that broke off.
    fn made(&self, partial: &[u8]) -> Option<String> {
        let _ = partial;
        None
    }

    /// Returns the provider's id of the request, which its support asks for. It is shown as it is.
    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let _ = headers;
        None
    }
}
