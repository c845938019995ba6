//! What every delivery passes: verify, bind its signature, claim it, hand it over, answer.

use std::future::Future;
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
use super::extract::Decoded;
use super::identity::Identity;
use crate::twilio::webhook::claim::{Answer, Binding, Claim, ClaimError, Ticket};
use crate::twilio::webhook::signature::{HEADER, shown_path};
use crate::twilio::webhook::{Event, SignatureError, SignedRequest};

/// How soon a repeated delivery looks again whether the first is done, at first and at most.
const SOON: Duration = Duration::from_millis(5);
const LATER: Duration = Duration::from_millis(200);
/// What Twilio is told when the handler is not ready: a document that does nothing.
const NOTHING_YET: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

pub(super) async fn guard(State(hooks): State<Webhooks>, request: Request, next: Next) -> Response {
    let deadline = Instant::now().checked_add(hooks.answer_within);
    let (mut parts, body) = request.into_parts();
    // A nested router sees the rest of the path only.
    let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
    // Whoever has not signed at all need not be read to the end.
    if !parts.headers.contains_key(HEADER) {
        return refuse(uri.path(), &SignatureError::MissingHeader);
    }
    let body = match within(deadline, read(body, hooks.body_limit)).await {
        Some(Ok(body)) => body,
        Some(Err(status)) => return status.into_response(),
        None => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    // HTTP/2 says in the URI what HTTP/1 says in `Host`; a proxy that is trusted may leave it at that.
    if let Some(host) = uri.authority().and_then(|host| HeaderValue::try_from(host.as_str()).ok()) {
        parts.headers.entry(header::HOST).or_insert(host);
    }
    // Whom the request was sent to is for the verifier to know, so it gets the target alone.
    let url = uri.path_and_query().map_or("/", |target| target.as_str());
    let request = SignedRequest { method: &parts.method, url, headers: &parts.headers, body: &body };
    let signed = match within(deadline, hooks.verifier.verify(&request)).await {
        Some(Ok(signed)) => signed,
        Some(Err(error)) => return refuse(uri.path(), &error),
        None => return unverified(),
    };
    let event = Event::from_params(&signed.params);
    let identity = Identity::of(&request, &signed, &event);
    parts.extensions.insert(Decoded::new(signed.params, event));
    let path = shown_path(uri.path());
    let request = Request::from_parts(parts, body.into());
    Delivery { admission: Admission { hooks, identity, path }, request, next }.answered(deadline).await
}

/// Waits until the deadline; for ever without one.
async fn within<F: Future>(deadline: Option<Instant>, future: F) -> Option<F::Output> {
    match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline, future).await.ok(),
        None => Some(future.await),
    }
}

fn refuse(path: &str, error: &SignatureError) -> Response {
    let path = shown_path(path);
    if let SignatureError::TokensUnavailable(_) = error {
        tracing::error!(path, "a webhook was not handled: {error}");
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    tracing::warn!(path, "a webhook was refused: {error}");
    StatusCode::FORBIDDEN.into_response()
}

fn unverified() -> Response {
    tracing::error!("a webhook was not handled: the auth tokens of its account did not come in time");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
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

/// A delivery that was verified.
struct Delivery {
    admission: Admission,
    request: Request,
    next: Next,
}

/// What decides whether a delivery is handled.
struct Admission {
    hooks: Webhooks,
    identity: Identity,
    path: String,
}

enum Admitted {
    /// It is handled here; with the ticket of its claim, where its kind is handled once.
    Handle(Option<Ticket>),
    /// It is not handled, and answered with this.
    Answer(Answer),
}

impl Delivery {
    /// Has it handled by a task of its own, which goes on when nobody waits for it any more.
    async fn answered(self, deadline: Option<Instant>) -> Response {
        let (answer, answered) = oneshot::channel();
        let is_handled = Arc::new(AtomicBool::new(false));
        tokio::spawn(self.handle(Arc::clone(&is_handled), answer));
        match within(deadline, answered).await {
            Some(Ok(response)) => response,
            Some(Err(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            None if is_handled.load(Ordering::SeqCst) => {
                tracing::warn!("a webhook's handler is not ready in time: Twilio gets an empty document");
                ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], NOTHING_YET).into_response()
            }
            None => {
                tracing::error!("a webhook was not handled: claims did not answer in time");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    }

    /// Handles it once, or waits for whoever does. What was begun is done, whether anybody still waits or not.
    async fn handle(self, is_handled: Arc<AtomicBool>, answered: oneshot::Sender<Response>) {
        let Self { admission, request, next } = self;
        let ticket = match admission.ask(&is_handled, &answered).await {
            Ok(Admitted::Handle(ticket)) => ticket,
            Ok(Admitted::Answer(answer)) => return send(answered, answer),
            Err(error) => {
                tracing::error!("a webhook was not handled: {error}");
                return send(answered, empty(StatusCode::SERVICE_UNAVAILABLE));
            }
        };
        is_handled.store(true, Ordering::SeqCst);
        let answer = answer(request, next).await;
        // It goes out first: noting it may take its time.
        send(answered, answer.clone());
        if let Some((key, ticket)) = admission.identity.delivery.zip(ticket) {
            close(&admission.hooks, &key, ticket, &answer).await;
        }
    }
}

impl Admission {
    /// Binds the signature to the content, then claims the delivery.
    async fn ask(
        &self,
        is_handled: &AtomicBool,
        answered: &oneshot::Sender<Response>,
    ) -> Result<Admitted, ClaimError> {
        let Identity { signature, content, delivery } = &self.identity;
        if self.hooks.claims.bind(signature, content).await? == Binding::Different {
            let path = &self.path;
            tracing::warn!(path, "a webhook was refused: its signature came with another content before");
            return Ok(Admitted::Answer(empty(StatusCode::FORBIDDEN)));
        }
        let Some(key) = delivery else { return Ok(Admitted::Handle(None)) };
        Ok(match claim(&self.hooks, key, is_handled, answered).await? {
            Claim::Granted(ticket) => Admitted::Handle(Some(ticket)),
            Claim::Settled(answer) => Admitted::Answer(answer),
            Claim::Running => Admitted::Answer(empty(StatusCode::SERVICE_UNAVAILABLE)),
        })
    }
}

/// Claims it; while another task handles it, waits as long as anybody waits for the answer.
async fn claim(
    hooks: &Webhooks,
    key: &str,
    is_handled: &AtomicBool,
    answered: &oneshot::Sender<Response>,
) -> Result<Claim, ClaimError> {
    let mut pause = SOON;
    loop {
        let claim = hooks.claims.claim(key, hooks.lease).await?;
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
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let (mut parts, body) = response.into_parts();
    let Ok(body) = body.collect().await else {
        tracing::error!("the answer to a webhook broke off: the delivery is not handled");
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    };
    // Whoever sends it counts anew.
    parts.headers.remove(header::CONTENT_LENGTH);
    Answer::new(parts.status, parts.headers, body.to_bytes())
}

fn empty(status: StatusCode) -> Answer {
    Answer::new(status, HeaderMap::new(), Bytes::new())
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
