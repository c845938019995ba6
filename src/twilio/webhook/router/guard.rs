//! The steps for every delivery: verify it, bind its signature, claim it, run the handler, answer.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{Decoded, Webhooks};
use crate::twilio::webhook::claim::{Answer, Binding, Claim, ClaimError, Ticket, WebhookDelivery};
use crate::twilio::webhook::signature::{HEADER, Signed, shown_path, target};
use crate::twilio::webhook::{Event, Params, SignatureError, SignedRequest, WebhookEvent as _};

/// A repeated delivery polls the store until the first one is settled: the first and the longest interval.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);
/// A claim is not renewed more often than this, however short its lease is.
const SHORTEST_RENEWAL: Duration = Duration::from_millis(20);
/// The header that is equal in all repetitions of a delivery. It is not signed.
const IDEMPOTENCY: &str = "i-twilio-idempotency-token";
/// The answer if the handler takes too long: a document without instructions.
const EMPTY_DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

pub(super) async fn guard(State(webhooks): State<Webhooks>, request: Request, next: Next) -> Response {
    let deadline = Instant::now().checked_add(webhooks.answer_within);
    let (mut parts, body) = request.into_parts();
    // In a nested router, `request.uri()` has only the rest of the path.
    let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
    // The body of a request without a signature is not read.
    if !parts.headers.contains_key(HEADER) {
        return refuse(uri.path(), &SignatureError::MissingHeader);
    }
    let body = match within(deadline, read(body, webhooks.body_limit)).await {
        Some(Ok(body)) => body,
        Some(Err(status)) => return status.into_response(),
        None => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    // HTTP/2 has the host in the URI instead of the `Host` header, and a trusted proxy may forward only that.
    if let Some(host) = uri.authority().and_then(|host| HeaderValue::try_from(host.as_str()).ok()) {
        parts.headers.entry(header::HOST).or_insert(host);
    }
    // The verifier gets only path and query, because it has the public host from its settings or from trusted headers.
    let url = uri.path_and_query().map_or("/", |target| target.as_str());
    let request = SignedRequest { method: &parts.method, url, headers: &parts.headers, body: &body };
    let signed = match within(deadline, webhooks.verifier.verify(&request)).await {
        Some(Ok(signed)) => signed,
        Some(Err(error)) => return refuse(uri.path(), &error),
        None => return unverified(),
    };
    let event = Event::from_params(&signed.params);
    let identity = Identity::of(&request, &signed, &event);
    let (event_type, params) = (event.name(), Params::clone(&signed.params));
    parts.extensions.insert(Decoded::new(signed.params, event));
    let path = shown_path(uri.path());
    let request = Request::from_parts(parts, body.into());
    Delivery { admission: Admission { webhooks, identity, event_type, params, path }, request, next }
        .answered(deadline)
        .await
}

/// Waits until the deadline; without a limit if there is none.
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
    tracing::error!("a webhook was not handled: the token source did not return the auth tokens in time");
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

/// A verified delivery.
struct Delivery {
    admission: Admission,
    request: Request,
    next: Next,
}

/// What decides whether a delivery is handled.
struct Admission {
    webhooks: Webhooks,
    identity: Identity,
    event_type: &'static str,
    params: Params,
    path: String,
}

enum Admitted {
    /// The handler runs; with the ticket of the claim, if the delivery has a key.
    Handle(Option<Ticket>),
    /// The handler does not run, and this is the answer.
    Answer(Answer),
}

impl Delivery {
    /// Handles it in its own task, which continues when Twilio closes the connection.
    async fn answered(self, deadline: Option<Instant>) -> Response {
        let (answer, answered) = oneshot::channel();
        let is_handled = Arc::new(AtomicBool::new(false));
        tokio::spawn(self.handle(Arc::clone(&is_handled), answer));
        match within(deadline, answered).await {
            Some(Ok(response)) => response,
            Some(Err(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            None if is_handled.load(Ordering::SeqCst) => {
                tracing::warn!(
                    "the handler of a webhook did not finish in time: Twilio gets an empty document"
                );
                ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], EMPTY_DOCUMENT).into_response()
            }
            None => {
                tracing::error!(
                    "a webhook was not handled: the store of claims did not answer in time, or an earlier delivery \
                     of it is still being handled"
                );
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    }

    /// Runs the handler, or waits for the answer of the task that runs it. The handler runs to its end even if Twilio closes
    /// the connection.
    async fn handle(self, is_handled: Arc<AtomicBool>, answered: oneshot::Sender<Response>) {
        let Self { admission, request, next } = self;
        let ticket = match admission.ask(&answered).await {
            Ok(Admitted::Handle(ticket)) => ticket,
            Ok(Admitted::Answer(answer)) => return send(answered, answer),
            Err(error) => {
                tracing::error!("a webhook was not handled: {error}");
                return send(answered, empty(StatusCode::SERVICE_UNAVAILABLE));
            }
        };
        is_handled.store(true, Ordering::SeqCst);
        let answer = match select(pin!(answer(request, next)), pin!(admission.renew(ticket))).await {
            Either::Left((answer, _)) => answer,
            Either::Right((never, _)) => match never {},
        };
        // The answer is sent first, because settling may take long.
        send(answered, answer.clone());
        if let Some((key, ticket)) = admission.identity.delivery.zip(ticket) {
            close(&admission.webhooks, &key, ticket, &answer).await;
        }
    }
}

impl Admission {
    /// Binds the signature to the content, then claims the delivery.
    async fn ask(&self, answered: &oneshot::Sender<Response>) -> Result<Admitted, ClaimError> {
        let Identity { signature, content, delivery } = &self.identity;
        if self.webhooks.claims.bind(signature, content).await? == Binding::Different {
            let path = &self.path;
            tracing::warn!(
                path,
                "a webhook was refused: its signature was already used with another content"
            );
            return Ok(Admitted::Answer(empty(StatusCode::FORBIDDEN)));
        }
        let Some(key) = delivery else { return Ok(Admitted::Handle(None)) };
        Ok(match self.claim(key, answered).await? {
            Claim::Granted(ticket) => Admitted::Handle(Some(ticket)),
            Claim::Settled(answer) => Admitted::Answer(answer),
            Claim::Running => Admitted::Answer(empty(StatusCode::SERVICE_UNAVAILABLE)),
        })
    }

    /// Claims it. While another task handles it, waits for the answer, as long as Twilio waits.
    async fn claim(&self, key: &str, answered: &oneshot::Sender<Response>) -> Result<Claim, ClaimError> {
        let Self { webhooks, params, .. } = self;
        let account = params.get("AccountSid").or_else(|| params.get("account_sid"));
        let delivery = WebhookDelivery::new(key, params).event_type(self.event_type).account_sid(account);
        let mut pause = FIRST_PAUSE;
        loop {
            let claim = webhooks.claims.claim(&delivery, webhooks.lease).await?;
            if claim != Claim::Running || answered.is_closed() {
                return Ok(claim);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

impl Admission {
    /// Renews the claim for as long as the handler runs, so that only the claim of a process that ended expires.
    async fn renew(&self, ticket: Option<Ticket>) -> Infallible {
        let Some((key, ticket)) = self.identity.delivery.as_deref().zip(ticket) else {
            return pending().await;
        };
        let Webhooks { claims, lease, .. } = &self.webhooks;
        loop {
            tokio::time::sleep((*lease / 3).max(SHORTEST_RENEWAL)).await;
            match claims.renew(key, ticket, *lease).await {
                Ok(true) => {}
                Ok(false) => {
                    tracing::error!(
                        "the claim of a webhook expired while it was handled: it may be handled again"
                    );
                    return pending().await;
                }
                Err(error) => tracing::warn!("the claim of a webhook could not be renewed: {error}"),
            }
        }
    }
}

/// Runs the handler; the answer is 500 if it panics.
async fn answer(request: Request, next: Next) -> Answer {
    let Ok(response) = tokio::spawn(next.run(request)).await else {
        tracing::error!("the handler of a webhook panicked: the delivery is not handled");
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let (mut parts, body) = response.into_parts();
    let Ok(body) = body.collect().await else {
        tracing::error!(
            "the body of an answer to a webhook failed before its end: the delivery is not handled"
        );
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    };
    // The server sets this header when it sends the body.
    parts.headers.remove(header::CONTENT_LENGTH);
    Answer::new(parts.status, parts.headers, body.to_bytes())
}

fn empty(status: StatusCode) -> Answer {
    Answer::new(status, HeaderMap::new(), Bytes::new())
}

/// Sends the answer, if Twilio still waits for it.
fn send(answered: oneshot::Sender<Response>, answer: Answer) {
    let _ = answered.send((answer.status, answer.headers, Body::from(answer.body)).into_response());
}

async fn close(webhooks: &Webhooks, key: &str, ticket: Ticket, answer: &Answer) {
    let closed = if answer.is_handled() {
        webhooks.claims.settle(key, ticket, answer).await
    } else {
        webhooks.claims.release(key, ticket, answer.status).await
    };
    if let Err(error) = closed {
        tracing::error!(
            "the answer to a webhook could not be stored, so a repetition may be handled again: {error}"
        );
    }
}

/// The keys of a delivery in [`Claims`](crate::twilio::webhook::Claims): short texts without personal data.
struct Identity {
    /// Its signature, and a hash of the content that is bound to it: method, URL and parameters or body.
    signature: String,
    content: String,
    /// The key of the delivery; `None` if repetitions cannot be recognised.
    delivery: Option<String>,
}

impl Identity {
    fn of(request: &SignedRequest<'_>, signed: &Signed, event: &Event) -> Self {
        let signature = request.headers.get(HEADER).map(http::HeaderValue::as_bytes).unwrap_or_default();
        Self {
            signature: hash([signature]),
            content: content(request, signed),
            delivery: delivery(signed, event, request.headers),
        }
    }
}

/// Hashes everything that a handler may depend on. The order of different names is left out, because no handler depends on it.
fn content(request: &SignedRequest<'_>, signed: &Signed) -> String {
    let mut pairs: Vec<(&str, &str)> =
        if signed.is_form { signed.params.iter().collect() } else { Vec::new() };
    pairs.sort_by_key(|(name, _)| *name);
    let body = if signed.is_form { &[] } else { request.body };
    let kind = if signed.is_form { "form" } else { "body" };
    let head = [request.method.as_str(), signed.params.url(), kind].map(str::as_bytes);
    let pairs = pairs.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
    hash(head.into_iter().chain(pairs).chain([body]))
}

/// Returns the key by which a repeated delivery is recognised. The idempotency header is not signed, so signed parameters come
/// first: a report is identified by its SID and status, a message by its SID and whether it was sent to the fallback URL. The
/// key contains the account, so that one tenant cannot use SIDs of another, and the signed path and query, so that the
/// steps of a conversation differ.
fn delivery(signed: &Signed, event: &Event, headers: &HeaderMap) -> Option<String> {
    let params: &Params = &signed.params;
    let (kind, own) = if let Some(report) = event.dedupe_key() {
        ("report", report)
    } else if let Some(sid) = event.message().and_then(|message| message.sid.clone()) {
        (if params.get("ErrorUrl").is_some() { "fallback" } else { "message" }, sid)
    } else {
        let token = headers.get(IDEMPOTENCY)?.to_str().ok().filter(|token| !token.is_empty())?;
        ("token", token.to_owned())
    };
    // `https://host` and `https://host/` are the same request.
    let target = target(signed.params.url());
    let target = target.strip_prefix('/').unwrap_or(target);
    let account = params.get("AccountSid").unwrap_or_default();
    Some(hash([target, account, kind, &own].map(str::as_bytes)))
}

/// Hashes texts, each with its length, so that different lists of texts never have the same input.
fn hash<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    STANDARD.encode(hash.finalize())
}
