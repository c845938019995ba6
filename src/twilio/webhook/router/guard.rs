//! What every delivery passes: verify, remember, hand over, answer.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::Instant;

use super::Webhooks;
use crate::twilio::webhook::claim::{Answer, Claim, Ticket};
use crate::twilio::webhook::{Event, Params, SignedRequest, Verified, WebhookEvent as _};

/// How soon a repeated delivery looks again whether the first is done, at first and at most.
const SOON: Duration = Duration::from_millis(5);
const LATER: Duration = Duration::from_millis(200);
/// What Twilio is told when the handler is not ready: a document that does nothing.
const NOTHING_YET: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;
const TOKEN: &str = "i-twilio-idempotency-token";

pub(super) async fn guard(State(hooks): State<Webhooks>, request: Request, next: Next) -> Response {
    let deadline = Instant::now() + hooks.answer_within;
    let (mut parts, body) = request.into_parts();
    let body = match read(body, hooks.body_limit).await {
        Ok(body) => body,
        Err(status) => return status.into_response(),
    };
    // A nested router sees the rest of the path only; and whom the request was sent to is for the verifier to know.
    let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
    let url = uri.path_and_query().map_or("/", |target| target.as_str());
    let signed = SignedRequest { method: &parts.method, url, headers: &parts.headers, body: &body };
    let params = match hooks.verifier.verify_params(&signed) {
        Ok(params) => params,
        Err(error) => {
            tracing::warn!(path = uri.path(), "a webhook was refused: {error}");
            return StatusCode::FORBIDDEN.into_response();
        }
    };
    let key = key(uri.path(), &params, &parts.headers);
    parts.extensions.insert(params);
    let delivery = Delivery { hooks, request: Request::from_parts(parts, body.into()), next };
    match key {
        Some(key) => delivery.once(key, deadline).await,
        None => delivery.run(None, deadline).await,
    }
}

async fn read(body: Body, limit: usize) -> Result<Bytes, StatusCode> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            tracing::warn!(limit, "a webhook was refused: its body is too large");
            Err(StatusCode::PAYLOAD_TOO_LARGE)
        }
        Err(_) => Err(StatusCode::BAD_REQUEST),
    }
}

/// What tells this delivery from another one. The header is not signed, so what was signed comes first: a report is
/// known by its SID and status, a message by its SID. The account keeps tenants apart, whatever SIDs they name.
fn key(path: &str, params: &Verified<Params>, headers: &HeaderMap) -> Option<String> {
    let event = Event::from_params(params);
    let sid = event.message().and_then(|message| message.sid.as_deref());
    let account = params.get("AccountSid").unwrap_or_default();
    if let Some(own) = event.dedupe_key().or_else(|| sid.map(str::to_owned)) {
        return Some(format!("{path} {account} {own}"));
    }
    let token = headers.get(TOKEN)?.to_str().ok().filter(|token| !token.is_empty())?;
    Some(format!("{path} {account} token {token}"))
}

struct Delivery {
    hooks: Webhooks,
    request: Request,
    next: Next,
}

impl Delivery {
    /// Handles it, or waits for whoever does.
    async fn once(self, key: String, deadline: Instant) -> Response {
        let mut pause = SOON;
        loop {
            match self.hooks.claims.claim(&key, self.hooks.lease).await {
                Ok(Claim::Granted(ticket)) => return self.run(Some((key, ticket)), deadline).await,
                Ok(Claim::Settled(answer)) => return replay(answer),
                Ok(Claim::Running) if Instant::now() + pause < deadline => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LATER);
                }
                // Whether it will be handled, nobody knows yet: let Twilio ask again.
                Ok(Claim::Running) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
                Err(error) => {
                    tracing::error!("a webhook was not handled: {error}");
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                }
            }
        }
    }

    /// Handles it in a task of its own, which goes on when nobody waits for it any more.
    async fn run(self, claim: Option<(String, Ticket)>, deadline: Instant) -> Response {
        let Self { hooks, request, next } = self;
        let handled = tokio::spawn(async move {
            let answer = answer(request, next).await;
            if let Some((key, ticket)) = claim {
                close(&hooks, &key, ticket, &answer).await;
            }
            answer
        });
        match tokio::time::timeout_at(deadline, handled).await {
            Ok(answer) => replay(answer.unwrap_or_else(|_| failed())),
            Err(_) => {
                tracing::warn!("a webhook's handler is not ready in time: Twilio gets an empty document");
                ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], NOTHING_YET).into_response()
            }
        }
    }
}

/// What the handler says; 500 where it panics.
async fn answer(request: Request, next: Next) -> Answer {
    let Ok(response) = tokio::spawn(next.run(request)).await else {
        tracing::error!("a webhook's handler panicked: the delivery is not handled");
        return failed();
    };
    let (mut parts, body) = response.into_parts();
    let Ok(body) = body.collect().await else {
        tracing::error!("the answer to a webhook broke off: the delivery is not handled");
        return failed();
    };
    // Whoever sends it counts anew.
    parts.headers.remove(header::CONTENT_LENGTH);
    Answer::new(parts.status, parts.headers, body.to_bytes())
}

fn failed() -> Answer {
    Answer::new(StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new(), Bytes::new())
}

async fn close(hooks: &Webhooks, key: &str, ticket: Ticket, answer: &Answer) {
    let closed = if answer.is_handled() {
        hooks.claims.settle(key, ticket, answer).await
    } else {
        hooks.claims.release(key, ticket).await
    };
    if let Err(error) = closed {
        tracing::error!("how a webhook was handled could not be noted: {error}");
    }
}

fn replay(answer: Answer) -> Response {
    (answer.status, answer.headers, Body::from(answer.body)).into_response()
}
