//! What a handler takes.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::twilio::webhook::{Params, Verified, WebhookEvent};

/// Takes a verified event in an axum handler of a route that [`Webhooks`](super::Webhooks) guards.
///
/// On a route that nothing guards it answers 500, and the log says so: an event that was not verified does not get here.
/// An event of another kind than was asked for is answered with 422, and the log says which came.
#[derive(Debug, Clone, PartialEq)]
pub struct TwilioWebhook<E>(
    /// The event.
    pub Verified<E>,
);

impl<S: Send + Sync, E: WebhookEvent> FromRequestParts<S> for TwilioWebhook<E> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let Some(params) = parts.extensions.get::<Verified<Params>>() else {
            tracing::error!(
                "a handler asks for a TwilioWebhook on a route that nothing guards: put the router into Webhooks::protect"
            );
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        match params.read(E::from_params) {
            Ok(event) => Ok(Self(event)),
            Err(wrong) => {
                tracing::warn!("{wrong}");
                Err(StatusCode::UNPROCESSABLE_ENTITY.into_response())
            }
        }
    }
}
