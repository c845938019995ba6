//! One request and its repeats, within one deadline.

use std::borrow::Cow;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use http::{HeaderMap, Method, StatusCode};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;
use url::Url;

use super::client::Transport;
use super::noted::{NotedBody, Started};
use super::outcome;
use super::retry::RetryEvent;
use crate::provider::{ApiResponse, Outcome, ProviderError, RequestClass, Timeouts, path_template};

/// The largest answer that is read; a page of a thousand messages is some 3 MB.
const MAX_ANSWER: usize = 64 << 20;
/// The most that is read of the body of an error.
const MAX_ERROR_BODY: usize = 64 << 10;

/// A request, ready to go.
pub(crate) struct Exchange<'a> {
    pub(crate) method: Method,
    pub(crate) url: Cow<'a, Url>,
    pub(crate) headers: Cow<'a, HeaderMap>,
    pub(crate) body: Bytes,
    pub(crate) class: RequestClass,
    pub(crate) timeouts: Timeouts,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) duplicates_allowed: bool,
    pub(crate) not_found_grace: Option<Duration>,
    /// The path as it was given, with its places; traces show it without what was written into it by hand.
    pub(crate) path: &'a str,
    pub(crate) interpret: &'a dyn Interpret,
}

/// An answer that is no success.
pub(crate) struct Refusal<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    /// The body, or its first 64 kB.
    pub(crate) body: &'a [u8],
}

/// What a provider knows about its own answers.
pub(crate) trait Interpret: Sync {
    /// Makes the error of an answer that is no success, starting from [`outcome::refusal`].
    fn refusal(&self, refusal: &Refusal<'_>) -> ProviderError;

    /// Finds the id of what was made in an answer that broke off.
    fn made(&self, partial: &[u8]) -> Option<String>;

    /// Returns the provider's id of the request.
    fn request_id<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str>;
}

/// Why an attempt failed, as far as a repeat goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// Surely nothing was done, and it may pass: no connection, 429.
    NotDone,
    /// It may have been done: 5xx, or no status line.
    PerhapsDone,
    /// It was done; the answer broke off.
    Cut,
    /// It does not pass.
    Final,
}

struct Failure {
    error: ProviderError,
    cause: Cause,
}

/// What a success brought.
pub(super) enum Answer {
    /// All of it.
    Whole(ApiResponse),
    /// Its head; the body is read by who asked for a stream. May be a redirect.
    Streamed(reqwest::Response),
}

impl Transport {
    /// Sends a request, repeats it where that is safe, and returns the answer of a success, read whole.
    pub(crate) async fn exchange(&self, exchange: Exchange<'_>) -> Result<ApiResponse, ProviderError> {
        match self.answer(&exchange, false).await? {
            Answer::Whole(answer) => Ok(answer),
            Answer::Streamed(_) => Err(ProviderError::invalid_request("a stream that nobody asked for")),
        }
    }

    pub(super) async fn answer(
        &self,
        exchange: &Exchange<'_>,
        streamed: bool,
    ) -> Result<Answer, ProviderError> {
        let span = tracing::debug_span!(
            "request",
            method = %exchange.method,
            path = &*path_template(exchange.path),
            class = ?exchange.class,
        );
        if span.is_disabled() {
            return self.repeat(exchange, streamed).await;
        }
        self.repeat(exchange, streamed).instrument(span).await
    }

    async fn repeat(&self, exchange: &Exchange<'_>, streamed: bool) -> Result<Answer, ProviderError> {
        let begun = Instant::now();
        let deadline = begun + exchange.timeouts.total.unwrap_or(self.limits.total);
        let max_attempts = exchange.max_attempts.unwrap_or(self.retry.max_attempts);
        let mut perhaps_done = false;
        let mut attempt = 0_u32;
        loop {
            attempt = attempt.saturating_add(1);
            let failure = match self.attempt(exchange, attempt, deadline, streamed).await {
                Ok(answer) => return Ok(answer),
                Err(failure) if perhaps_done && deleted(exchange, &failure) => return Ok(no_content()),
                Err(failure) => failure,
            };
            let (cause, error) = (failure.cause, failure.settle(exchange, perhaps_done));
            perhaps_done |= cause == Cause::PerhapsDone;
            let repeat =
                in_grace(exchange, &error, begun) || (attempt < max_attempts && may_repeat(exchange, cause));
            let wait = self.retry.wait(attempt, error.retry_after(), fastrand::f64());
            let left = deadline.saturating_duration_since(Instant::now());
            // The wait must leave room for an answer; else the failure is told at once.
            let Some(wait) = wait.filter(|wait| repeat && *wait < left) else { return Err(error) };
            tracing::debug!(attempt, wait_ms = millis(wait), code = %error.code(), "repeating");
            if let Some(hook) = &self.on_retry {
                hook(&RetryEvent { attempt, wait, error: &error });
            }
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(
        &self,
        exchange: &Exchange<'_>,
        attempt: u32,
        deadline: Instant,
        streamed: bool,
    ) -> Result<Answer, Failure> {
        let begun = Instant::now();
        let result = match self.head(exchange, begun, deadline).await {
            Ok(response) => self.read(exchange, response, deadline, streamed).await,
            Err(failure) => Err(failure),
        };
        if tracing::enabled!(tracing::Level::DEBUG) {
            let (status, id) = match &result {
                Ok(Answer::Whole(answer)) => {
                    (Some(answer.status().as_u16()), exchange.interpret.request_id(answer.headers()))
                }
                Ok(Answer::Streamed(answer)) => {
                    (Some(answer.status().as_u16()), exchange.interpret.request_id(answer.headers()))
                }
                Err(failure) => (failure.error.provider_status(), failure.error.request_id()),
            };
            let duration_ms = millis(begun.elapsed());
            tracing::debug!(attempt, status, request_id = id, duration_ms, "answered");
        }
        result
    }

    /// Sends the request and waits for the status line.
    async fn head(
        &self,
        exchange: &Exchange<'_>,
        begun: Instant,
        deadline: Instant,
    ) -> Result<reqwest::Response, Failure> {
        let read = exchange.timeouts.read.unwrap_or(self.limits.read);
        let started = Started::default();
        let mut request = reqwest::Request::new(exchange.method.clone(), Url::clone(&exchange.url));
        *request.headers_mut() = HeaderMap::clone(&exchange.headers);
        let body = NotedBody::new(exchange.body.clone(), started.clone());
        *request.body_mut() = Some(reqwest::Body::wrap(body));
        let mut answer = std::pin::pin!(self.client.execute(request));

        let connect_by = exchange.timeouts.connect.map(|limit| begun + limit);
        let mut wake = deadline.min(begun + read).min(connect_by.unwrap_or(deadline));
        loop {
            match timeout_at(wake, answer.as_mut()).await {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) => {
                    return Err(Failure::unanswered(outcome::unanswered(error, started.at().is_some())));
                }
                Err(_) => {}
            }
            // The time to read counts from when the connection took the request, the time to connect until then.
            let now = Instant::now();
            let limit = match (started.at(), connect_by) {
                _ if now >= deadline => Some("total"),
                (Some(at), _) if now >= at + read => Some("read"),
                (None, Some(by)) if now >= by => Some("connect"),
                _ => None,
            };
            if let Some(limit) = limit {
                return Err(Failure::unanswered(outcome::timed_out(started.at().is_some(), limit)));
            }
            wake = match (started.at(), connect_by) {
                (Some(at), _) => deadline.min(at + read),
                (None, Some(by)) => deadline.min(by),
                (None, None) => deadline.min(now + read),
            };
        }
    }

    async fn read(
        &self,
        exchange: &Exchange<'_>,
        mut response: reqwest::Response,
        deadline: Instant,
        streamed: bool,
    ) -> Result<Answer, Failure> {
        let status = response.status();
        if streamed && (status.is_success() || status.is_redirection()) {
            return Ok(Answer::Streamed(response));
        }
        let read = exchange.timeouts.read.unwrap_or(self.limits.read);
        let limit = if status.is_success() { MAX_ANSWER } else { MAX_ERROR_BODY };
        let (body, broken) = read_body(&mut response, limit, read, deadline).await;
        if status.is_success() {
            return match broken {
                None => {
                    let headers = std::mem::take(response.headers_mut());
                    Ok(Answer::Whole(ApiResponse::new(status, headers, body)))
                }
                Some(why) => Err(cut(exchange, &response, &body, why)),
            };
        }
        let error = if status.is_redirection() {
            outcome::redirected(status, response.headers(), &exchange.url)
        } else {
            let refusal = Refusal { status, headers: response.headers(), body: &body };
            exchange.interpret.refusal(&refusal)
        };
        let error = match exchange.interpret.request_id(response.headers()) {
            Some(id) => error.with_request_id(id),
            None => error,
        };
        let cause = match status.as_u16() {
            429 if error.is_retryable() => Cause::NotDone,
            500.. => Cause::PerhapsDone,
            _ => Cause::Final,
        };
        Err(Failure { error, cause })
    }
}

impl Failure {
    fn unanswered(error: ProviderError) -> Self {
        let cause = match error.outcome() {
            Outcome::NotApplied if error.is_retryable() => Cause::NotDone,
            Outcome::NotApplied => Cause::Final,
            _ => Cause::PerhapsDone,
        };
        Self { error, cause }
    }

    /// Says whether the same request may be sent again, and what became of all its attempts together.
    fn settle(self, exchange: &Exchange<'_>, perhaps_done_before: bool) -> ProviderError {
        let Self { error, cause } = self;
        let create = exchange.class == RequestClass::Create;
        let retryable = match cause {
            Cause::NotDone => true,
            Cause::PerhapsDone => !create,
            // By itself only a read is repeated then; an update may be, too.
            Cause::Cut => !create,
            Cause::Final => error.is_retryable(),
        };
        let outcome = match error.outcome() {
            Outcome::NotApplied if perhaps_done_before && exchange.class != RequestClass::Read => {
                Outcome::Unknown
            }
            outcome => outcome,
        };
        let repeatable = retryable && !(create && outcome != Outcome::NotApplied);
        error.with_outcome(outcome).with_retryable(repeatable).with_class(exchange.class)
    }
}

/// Why a body did not arrive whole.
#[derive(Clone, Copy)]
enum Broken {
    Cut,
    Stalled,
    TooLarge,
}

/// Reads a body up to a limit. One that comes in one piece is not copied.
async fn read_body(
    response: &mut reqwest::Response,
    limit: usize,
    read: Duration,
    deadline: Instant,
) -> (Bytes, Option<Broken>) {
    let mut whole = Bytes::new();
    let mut pieces = BytesMut::new();
    let broken = loop {
        // Most bodies are there with the head: then there is no clock to ask and no timer to set.
        let piece = match response.chunk().now_or_never() {
            Some(piece) => piece,
            None => match timeout_at(deadline.min(Instant::now() + read), response.chunk()).await {
                Ok(piece) => piece,
                Err(_) => break Some(Broken::Stalled),
            },
        };
        let piece = match piece {
            Ok(Some(piece)) => piece,
            Ok(None) => break None,
            Err(_) => break Some(Broken::Cut),
        };
        let length = whole.len() + pieces.len();
        if length + piece.len() > limit {
            pieces.extend_from_slice(&whole);
            whole.clear();
            pieces.extend_from_slice(&piece.slice(..limit.saturating_sub(length)));
            break Some(Broken::TooLarge);
        }
        if length == 0 {
            whole = piece;
        } else {
            if pieces.is_empty() {
                pieces.extend_from_slice(&whole);
                whole.clear();
            }
            pieces.extend_from_slice(&piece);
        }
    };
    (if pieces.is_empty() { whole } else { pieces.freeze() }, broken)
}

fn cut(exchange: &Exchange<'_>, response: &reqwest::Response, body: &[u8], why: Broken) -> Failure {
    let (cause, words) = match why {
        Broken::Cut => (Cause::Cut, "the connection broke"),
        Broken::Stalled => (Cause::Cut, "nothing more came within the time allowed"),
        Broken::TooLarge => (Cause::Final, "it is larger than 64 MB"),
    };
    let mut error = outcome::cut_short(response.status(), body.len(), words);
    if let Some(id) = exchange.interpret.request_id(response.headers()) {
        error = error.with_request_id(id);
    }
    if let Some(sid) = exchange.interpret.made(body) {
        error = error.with_sid(sid);
    }
    Failure { error, cause }
}

fn may_repeat(exchange: &Exchange<'_>, cause: Cause) -> bool {
    match cause {
        Cause::NotDone => true,
        Cause::PerhapsDone => exchange.class != RequestClass::Create || exchange.duplicates_allowed,
        Cause::Cut => exchange.class == RequestClass::Read,
        Cause::Final => false,
    }
}

/// Was it deleted by an earlier attempt whose answer was lost?
fn deleted(exchange: &Exchange<'_>, failure: &Failure) -> bool {
    exchange.method == Method::DELETE && failure.error.provider_status() == Some(404)
}

fn no_content() -> Answer {
    Answer::Whole(ApiResponse::new(StatusCode::NO_CONTENT, HeaderMap::new(), Bytes::new()))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn in_grace(exchange: &Exchange<'_>, error: &ProviderError, begun: Instant) -> bool {
    let not_found = error.provider_status() == Some(404);
    exchange.not_found_grace.is_some_and(|grace| not_found && begun.elapsed() < grace)
}
