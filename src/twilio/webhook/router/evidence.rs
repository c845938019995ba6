//! What a verified delivery proves about a text or a call, for handlers.

use axum::extract::{FromRequestParts, OriginalUri};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use super::{Decoded, unguarded};
use crate::provider::Evidence;
use crate::twilio::webhook::evidence;

/// The axum extractor of what a verified delivery proves, for routes that [`Webhooks`](super::Webhooks) guards.
///
/// It is `None` where the delivery proves nothing about a text or a call. An outbox settles messages with it whose answer
/// was lost. On a route that is not guarded, it answers with 500 and logs the reason.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookEvidence(
    /// The evidence.
    pub Option<Evidence>,
);

impl<S: Send + Sync> FromRequestParts<S> for WebhookEvidence {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let Some(decoded) = parts.extensions.get::<Decoded>() else {
            unguarded("WebhookEvidence");
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        // In a nested router, `uri` has only the rest of the path. The signature covers the query, too.
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
        Ok(Self(evidence::read(&uri.to_string(), &decoded.params.to_pairs())))
    }
}
