//! One attempt: sends the request and reads its answer. For a failed attempt it describes what was seen, with the help of
//! the provider; the outcome is decided later, by [`verdict`](super::verdict).

use std::pin::pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;

use super::client::Transport;
use super::exchange::{Exchange, is_delete};
use super::handover::{WaitLimits, earlier, revocable, until};
use super::retry_after::retry_after;
use crate::provider::{
    ApiResponse, ErrorCode, Fact, Outcome, ProviderError, ProviderName, Reason, Seen, StopSignal,
};

/// The largest answer that is read; a page of a thousand messages is some 3 MB.
const MAX_ANSWER: usize = 64 << 20;
/// The most that is read of the body of an error.
const MAX_ERROR_BODY: usize = 64 << 10;

/// The answer of a successful attempt.
pub(super) enum Answer {
    /// With its whole body.
    Whole(ApiResponse),
    /// Status and headers only: the body is streamed to the caller. May be a redirect.
    Streamed(reqwest::Response),
}

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

    /// Adds the provider's explanation to the error of an answer that is not a success.
    ///
    /// `error` has the code and the reason that follow from the status, and how long to wait. Add the provider's own
    /// code, its message, or a better reason; say in the [`Fact`] what the code adds to the status. The message must
    /// hold no secret, nothing of what was sent, and no whole number.
    fn explain(&self, refusal: &Refusal<'_>, error: ProviderError) -> (ProviderError, Fact) {
        let message = format!("the answer was HTTP {}", refusal.status.as_u16());
        (error.with_message(message), Fact::default())
    }

    /// Does the body of an answer with a success status report a failure? This is called for every success, so it must be
    /// fast.
    fn is_failure(&self, body: &[u8]) -> bool {
        let _ = body;
        false
    }

    /// Finds the id of the created resource in an incomplete answer.
    fn made(&self, partial: &[u8]) -> Option<String> {
        let _ = partial;
        None
    }

    /// Returns the provider's id of the request, which its support asks for. Errors show it unchanged.
    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let _ = headers;
        None
    }
}

impl Transport {
    pub(super) async fn attempt(
        &self,
        exchange: &Exchange<'_>,
        number: u32,
        deadline: Option<Instant>,
        streamed: bool,
    ) -> Result<Answer, Failure> {
        let begun = Instant::now();
        let result = match self.head(exchange, begun, deadline).await {
            Ok(response) => self.read(exchange, response, deadline, streamed).await,
            Err(failure) => Err(failure),
        };
        if tracing::enabled!(tracing::Level::DEBUG) {
            let id = |headers: &HeaderMap| exchange.interpret.request_id(headers);
            let (status, request_id) = match &result {
                Ok(Answer::Whole(answer)) => (Some(answer.status().as_u16()), id(answer.headers())),
                Ok(Answer::Streamed(answer)) => (Some(answer.status().as_u16()), id(answer.headers())),
                Err(failure) => {
                    (failure.error.provider_status(), failure.error.request_id().map(str::to_owned))
                }
            };
            let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(attempt = number, status, request_id, duration_ms, "answered");
        }
        result
    }

    /// Sends the request and waits for the status line.
    ///
    /// If the wait ends without a status line, the request is withdrawn first. Only if that succeeds, it certainly was not
    /// sent. A connection error from the client, or a body that was not taken yet when the limit ran out, proves nothing:
    /// the connection's task may be about to write the request on another thread.
    async fn head(
        &self,
        exchange: &Exchange<'_>,
        begun: Instant,
        deadline: Option<Instant>,
    ) -> Result<reqwest::Response, Failure> {
        let (timeouts, begin_by) = (exchange.request.own_timeouts(), exchange.request.own_begin_by());
        let limits = WaitLimits {
            total: deadline,
            connect: timeouts.connect.and_then(|limit| begun.checked_add(limit)),
            begin: begin_by.and_then(|by| by.monotonic()),
            read: timeouts.read.unwrap_or(self.limits.read),
        };
        let (body, withdrawal) = revocable(exchange.body(), begin_by, self.stop.clone());
        let mut request = reqwest::Request::new(exchange.request.method().clone(), Url::clone(&exchange.url));
        *request.headers_mut() = HeaderMap::clone(&exchange.headers);
        *request.body_mut() = Some(reqwest::Body::wrap(body));
        let mut answer = pin!(self.client.execute(request));
        let mut wake = limits.next(begun, None);
        // After a stop the request is either withdrawn, or waited for like any other.
        let mut stop = self.stop.as_ref();
        loop {
            let Some(waited) = unless_stopped(stop, until(wake, answer.as_mut())).await else {
                stop = None;
                if withdrawal.revoke() {
                    return Err(Failure::stopped());
                }
                continue;
            };
            match waited {
                Some(Ok(response)) => return Ok(response),
                Some(Err(error)) => {
                    let taken = !withdrawal.revoke();
                    let late = !taken && begin_by.is_some_and(|by| by.has_passed());
                    return Err(if !taken && self.is_stopped() {
                        Failure::stopped()
                    } else if late {
                        Failure::timed_out(taken, "begin")
                    } else {
                        Failure::unanswered(error, taken)
                    });
                }
                None => {}
            }
            let now = Instant::now();
            if let Some(limit) = limits.passed(now, withdrawal.taken_at()) {
                let taken = !withdrawal.revoke();
                // The connection may have taken the request just now: from then on only the limits for the answer apply.
                if !taken || limits.passed(now, withdrawal.taken_at()).is_some() {
                    return Err(Failure::timed_out(taken, limit));
                }
            }
            wake = limits.next(now, withdrawal.taken_at());
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(StopSignal::is_stopped)
    }

    async fn read(
        &self,
        exchange: &Exchange<'_>,
        mut response: reqwest::Response,
        deadline: Option<Instant>,
        streamed: bool,
    ) -> Result<Answer, Failure> {
        let status = response.status();
        if streamed && (status.is_success() || status.is_redirection()) {
            return Ok(Answer::Streamed(response));
        }
        let read = exchange.request.own_timeouts().read.unwrap_or(self.limits.read);
        let limit = if status.is_success() { MAX_ANSWER } else { MAX_ERROR_BODY };
        let (body, broken) = read_body(&mut response, limit, read, deadline).await;
        let failure = match broken {
            Some(broken) if status.is_success() => cut(exchange, status, &body, broken),
            None if status.is_success() && !exchange.interpret.is_failure(&body) => {
                let headers = std::mem::take(response.headers_mut());
                let answer = ApiResponse::new(status, headers, body);
                return Ok(Answer::Whole(answer.of_class(exchange.request.class_of())));
            }
            // Where an error's body is incomplete, its status is still known, and that is enough.
            _ => refusal(exchange, status, response.headers(), &body),
        };
        let id = exchange.interpret.request_id(response.headers());
        let named = |error: ProviderError| match id {
            Some(id) => error.with_request_id(id),
            None => error,
        };
        Err(Failure { error: named(failure.error), ..failure })
    }
}

/// Waits for a future, and returns `None` if the signal is given before it ends.
pub(super) async fn unless_stopped<F: Future>(signal: Option<&StopSignal>, future: F) -> Option<F::Output> {
    let Some(signal) = signal else { return Some(future.await) };
    match select(pin!(future), pin!(signal.stopped())).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}

fn refusal(exchange: &Exchange<'_>, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
    let seen = if status.is_success() {
        Seen::Undone { status: status.as_u16() }
    } else {
        Seen::Status { status: status.as_u16(), deleting: is_delete(exchange) }
    };
    if status.is_redirection() {
        return Failure::redirected(seen, status, headers, &exchange.url);
    }
    let refusal = Refusal { status, headers, body };
    let (error, fact) = exchange.interpret.explain(&refusal, refused(status, headers));
    Failure { seen, fact, error }
}

/// Why a body is incomplete.
#[derive(Clone, Copy)]
enum Broken {
    Cut,
    Stalled,
    TooLarge,
}

/// Reads a body up to a limit. A body that arrives in one chunk is not copied.
async fn read_body(
    response: &mut reqwest::Response,
    limit: usize,
    read: Duration,
    deadline: Option<Instant>,
) -> (Bytes, Option<Broken>) {
    let mut whole = Bytes::new();
    let mut pieces = BytesMut::new();
    let broken = loop {
        // Most bodies arrive together with the head: then no clock is read and no timer is set.
        let piece = match response.chunk().now_or_never() {
            Some(piece) => piece,
            None => {
                let moment = earlier(deadline, Instant::now().checked_add(read));
                match until(moment, response.chunk()).await {
                    Some(piece) => piece,
                    None => break Some(Broken::Stalled),
                }
            }
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

fn cut(exchange: &Exchange<'_>, status: StatusCode, body: &[u8], broken: Broken) -> Failure {
    let (seen, why) = match broken {
        Broken::Cut => (Seen::Cut, "the connection broke"),
        Broken::Stalled => (Seen::Cut, "no more data came within the time limit"),
        Broken::TooLarge => (Seen::Unreadable, "it is larger than 64 MB"),
    };
    let failure = Failure::cut_short(seen, status, body.len(), why);
    match exchange.interpret.made(body) {
        Some(sid) => Failure { error: failure.error.with_sid(sid), ..failure },
        None => failure,
    }
}

/// An attempt that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) seen: Seen,
    pub(super) fact: Fact,
    pub(super) error: ProviderError,
}

impl Failure {
    fn new(seen: Seen, error: ProviderError) -> Self {
        Self { seen, fact: Fact::default(), error }
    }

    /// The HTTP client reported an error before a status line came.
    fn unanswered(error: reqwest::Error, taken: bool) -> Self {
        let (seen, message) = match (taken, error.is_timeout()) {
            _ if error.is_builder() => (Seen::Unbuilt, "the request cannot be built"),
            (false, true) => (Seen::NotTaken, "no connection within the time allowed"),
            (false, false) => (Seen::NotTaken, "no connection: refused, unknown host, or no TLS"),
            (true, true) => (Seen::NoStatus, "no answer within the time allowed"),
            (true, false) => (Seen::NoStatus, "the connection broke before an answer came"),
        };
        let reason = if error.is_timeout() { Reason::Timeout } else { Reason::Network };
        let told = pending(ErrorCode::NetworkError).with_reason(reason).with_message(message);
        Self::new(seen, told.with_source(error.without_url()))
    }

    /// A limit of our own ran out before a status line came.
    fn timed_out(taken: bool, limit: &str) -> Self {
        let (seen, message) = match (taken, limit) {
            (true, _) => (Seen::NoStatus, format!("no answer within the {limit} time-out")),
            (false, "begin") => (Seen::NotTaken, "it did not begin by the moment set for it".to_owned()),
            (false, _) => (Seen::NotTaken, format!("no connection within the {limit} time-out")),
        };
        let error = pending(ErrorCode::NetworkError).with_reason(Reason::Timeout);
        Self::new(seen, error.with_message(message))
    }

    /// The program stops, and no connection took the request.
    fn stopped() -> Self {
        let error = pending(ErrorCode::NetworkError).with_reason(Reason::Stopped);
        Self::new(Seen::NotTaken, error.with_message("it was stopped before it began"))
    }

    /// The body of a success is incomplete.
    fn cut_short(seen: Seen, status: StatusCode, arrived: usize, why: &str) -> Self {
        let error = pending(ErrorCode::NetworkError)
            .with_reason(Reason::UnreadableAnswer)
            .with_status(status.as_u16())
            .with_message(format!("the answer ended early, after {arrived} bytes: {why}"));
        Self::new(seen, error)
    }

    /// The answer is a redirect: an authenticated request is never sent on.
    fn redirected(seen: Seen, status: StatusCode, headers: &HeaderMap, from: &Url) -> Self {
        let target = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
        let target = target.and_then(|target| from.join(target).ok());
        let host = target.as_ref().and_then(Url::host_str).unwrap_or("nowhere");
        let message = format!("the answer is a redirect to {host}, which is not followed with credentials");
        Self::new(seen, refused(status, headers).with_message(message))
    }
}

/// Starts the error of an answer that is not a success; the provider adds the explanation.
pub(crate) fn refused(status: StatusCode, headers: &HeaderMap) -> ProviderError {
    let (code, reason) = match status.as_u16() {
        401 => (ErrorCode::Unauthorized, Reason::BadCredentials),
        403 => (ErrorCode::Forbidden, Reason::PermissionDenied),
        404 => (ErrorCode::NotFound, Reason::NotFound),
        408 | 504 => (ErrorCode::ProviderError, Reason::Timeout),
        429 => (ErrorCode::RateLimited, Reason::RateLimited),
        400..=499 => (ErrorCode::InvalidRequest, Reason::InvalidParameter),
        502 | 503 => (ErrorCode::ProviderError, Reason::ServiceUnavailable),
        _ => (ErrorCode::ProviderError, Reason::Unknown),
    };
    let error = pending(code).with_reason(reason).with_status(status.as_u16());
    match retry_after(headers, Timestamp::now()) {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

/// An error whose outcome `verdict` will set. Until then it is `Unknown`, which promises nothing.
fn pending(code: ErrorCode) -> ProviderError {
    ProviderError::new(code, Outcome::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_gives_code_and_reason() {
        let of = |status: u16| {
            let error = refused(StatusCode::from_u16(status).unwrap(), &HeaderMap::new());
            assert!(!error.is_retryable(), "only the verdict makes an error retryable");
            (error.code(), error.reason())
        };
        assert_eq!(of(101), (ErrorCode::ProviderError, Reason::Unknown));
        assert_eq!(of(200), (ErrorCode::ProviderError, Reason::Unknown));
        assert_eq!(of(302), (ErrorCode::ProviderError, Reason::Unknown));
        assert_eq!(of(400), (ErrorCode::InvalidRequest, Reason::InvalidParameter));
        assert_eq!(of(401), (ErrorCode::Unauthorized, Reason::BadCredentials));
        assert_eq!(of(408), (ErrorCode::ProviderError, Reason::Timeout));
        assert_eq!(of(429), (ErrorCode::RateLimited, Reason::RateLimited));
        for status in [502, 503] {
            assert_eq!(of(status), (ErrorCode::ProviderError, Reason::ServiceUnavailable));
        }
        assert_eq!(of(999), (ErrorCode::ProviderError, Reason::Unknown));
    }
}
