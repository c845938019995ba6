//! What every delivery passes: verify, remember, hand over, answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Webhooks;
use super::key::key;
use crate::twilio::webhook::claim::{Answer, Claim, Ticket};
use crate::twilio::webhook::signature::HEADER;
use crate::twilio::webhook::{ClaimError, SignatureError, SignedRequest};

/// How soon a repeated delivery looks again whether the first is done, at first and at most.
const SOON: Duration = Duration::from_millis(5);
const LATER: Duration = Duration::from_millis(200);
/// What Twilio is told when the handler is not ready: a document that does nothing.
const NOTHING_YET: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

pub(super) async fn guard(State(hooks): State<Webhooks>, request: Request, next: Next) -> Response {
    let deadline = Instant::now() + hooks.answer_within;
    let (mut parts, body) = request.into_parts();
    // A nested router sees the rest of the path only.
    let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
    // Whoever has not signed at all need not be read to the end.
    if !parts.headers.contains_key(HEADER) {
        return refuse(uri.path(), &SignatureError::MissingHeader);
    }
    let body = match tokio::time::timeout_at(deadline, read(body, hooks.body_limit)).await {
        Ok(Ok(body)) => body,
        Ok(Err(status)) => return status.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    // HTTP/2 says in the URI what HTTP/1 says in `Host`; a proxy that is trusted may leave it at that.
    if let Some(host) = uri.authority().and_then(|host| HeaderValue::try_from(host.as_str()).ok()) {
        parts.headers.entry(header::HOST).or_insert(host);
    }
    // Whom the request was sent to is for the verifier to know, so it gets the target alone.
    let url = uri.path_and_query().map_or("/", |target| target.as_str());
    let signed = SignedRequest { method: &parts.method, url, headers: &parts.headers, body: &body };
    let params = match hooks.verifier.verify_params(&signed) {
        Ok(params) => params,
        Err(error) => return refuse(uri.path(), &error),
    };
    let key = key(url, &params, &parts.headers);
    parts.extensions.insert(params);
    let request = Request::from_parts(parts, body.into());
    Delivery { hooks, request, next, key }.answered(deadline).await
}

fn refuse(path: &str, error: &SignatureError) -> Response {
    let path: String = path.chars().filter(|c| !c.is_control()).take(200).collect();
    tracing::warn!(path, "a webhook was refused: {error}");
    StatusCode::FORBIDDEN.into_response()
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

struct Delivery {
    hooks: Webhooks,
    request: Request,
    next: Next,
    key: Option<String>,
}

impl Delivery {
    /// Has it handled by a task of its own, which goes on when nobody waits for it any more.
    async fn answered(self, deadline: Instant) -> Response {
        let (answer, answered) = oneshot::channel();
        let is_handled = Arc::new(AtomicBool::new(false));
        tokio::spawn(self.handle(Arc::clone(&is_handled), answer));
        match tokio::time::timeout_at(deadline, answered).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Err(_) if is_handled.load(Ordering::SeqCst) => {
                tracing::warn!("a webhook's handler is not ready in time: Twilio gets an empty document");
                ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], NOTHING_YET).into_response()
            }
            Err(_) => {
                tracing::error!("a webhook was not handled: claims did not answer in time");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    }

    /// Handles it once, or waits for whoever does. What was begun is done, whether anybody still waits or not.
    async fn handle(self, is_handled: Arc<AtomicBool>, answered: oneshot::Sender<Response>) {
        let Self { hooks, request, next, key } = self;
        let ticket = match &key {
            None => None,
            Some(key) => match claim(&hooks, key, &is_handled, &answered).await {
                Ok(Claim::Granted(ticket)) => Some(ticket),
                Ok(Claim::Settled(answer)) => return send(answered, answer),
                Ok(Claim::Running) | Err(_) => return send(answered, unavailable()),
            },
        };
        is_handled.store(true, Ordering::SeqCst);
        let answer = answer(request, next).await;
        // It goes out first: noting it may take its time.
        send(answered, answer.clone());
        if let Some((key, ticket)) = key.zip(ticket) {
            close(&hooks, &key, ticket, &answer).await;
        }
    }
}

/// Claims it; while somebody else is at it, waits as long as anybody waits for the answer.
async fn claim(
    hooks: &Webhooks,
    key: &str,
    is_handled: &AtomicBool,
    answered: &oneshot::Sender<Response>,
) -> Result<Claim, ClaimError> {
    let mut pause = SOON;
    loop {
        let claim = hooks.claims.claim(key, hooks.lease).await.inspect_err(|error| {
            tracing::error!("a webhook was not handled: {error}");
        })?;
        if claim != Claim::Running || answered.is_closed() {
            return Ok(claim);
        }
        is_handled.store(true, Ordering::SeqCst);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LATER);
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

fn unavailable() -> Answer {
    Answer { status: StatusCode::SERVICE_UNAVAILABLE, ..failed() }
}

/// Sends the answer, if somebody still waits for it.
fn send(answered: oneshot::Sender<Response>, answer: Answer) {
    let _ = answered.send((answer.status, answer.headers, Body::from(answer.body)).into_response());
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
