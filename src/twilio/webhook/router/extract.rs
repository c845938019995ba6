//! What a handler takes.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::twilio::webhook::{Event, Params, Verified, WebhookEvent, WrongEvent};

/// Takes a verified event in an axum handler of a route that [`Webhooks`](super::Webhooks) guards.
///
/// On a route that nothing guards it answers 500, and the log says so: an event that was not verified does not get here.
/// An event of another kind than was asked for is answered with 422, and the log says which came.
#[derive(Debug, Clone, PartialEq)]
pub struct TwilioWebhook<E>(
    /// The event.
    pub Verified<E>,
);

/// What the guard read, on its way to the handler.
#[derive(Clone)]
pub(super) struct Decoded {
    params: Verified<Params>,
    /// The event, until a handler takes it.
    event: Option<Event>,
}

impl Decoded {
    pub(super) fn new(params: Verified<Params>, event: Event) -> Self {
        Self { params, event: Some(event) }
    }

    /// Hands the event over as it was read. Where the route is made for another kind, or somebody took it before, it is
    /// read again.
    fn take<E: WebhookEvent>(&mut self) -> Result<Verified<E>, WrongEvent> {
        let event = self.event.take().and_then(|event| E::from_event(event).ok());
        self.params.read(|params| event.map_or_else(|| E::from_params(params), Ok))
    }
}

impl<S: Send + Sync, E: WebhookEvent> FromRequestParts<S> for TwilioWebhook<E> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let Some(decoded) = parts.extensions.get_mut::<Decoded>() else {
            tracing::error!(
                "a handler asks for a TwilioWebhook on a route that nothing guards: put the router into Webhooks::protect"
            );
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        decoded.take().map(Self).map_err(|wrong| {
            tracing::warn!("{wrong}");
            StatusCode::UNPROCESSABLE_ENTITY.into_response()
        })
    }
}
