//! One attempt: sends the request and reads its answer.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::body::revocable;
use super::client::Transport;
use super::exchange::{Exchange, is_delete};
use super::failure::{Failure, refused};
use super::interpret::Refusal;
use super::limits::{WaitLimits, earlier, until};
use crate::provider::{ApiResponse, ProviderError, Seen};

/// The largest answer that is read; a page of a thousand messages is some 3 MB.
const MAX_ANSWER: usize = 64 << 20;
/// The most that is read of the body of an error.
const MAX_ERROR_BODY: usize = 64 << 10;

/// What a success brought.
pub(super) enum Answer {
    /// All of it.
    Whole(ApiResponse),
    /// Its head; the body is streamed to the caller. May be a redirect.
    Streamed(reqwest::Response),
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
    /// Whatever ends the wait withdraws the request first, and only where that succeeds it surely was not sent. That
    /// the client speaks of a connection, or that nobody had seen it taken when the limit ran out, proves nothing: the
    /// connection's task may be about to write it on another thread.
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
        let (body, withdrawal) = revocable(exchange.body(), begin_by);
        let mut request = reqwest::Request::new(exchange.request.method().clone(), Url::clone(&exchange.url));
        *request.headers_mut() = HeaderMap::clone(&exchange.headers);
        *request.body_mut() = Some(reqwest::Body::wrap(body));
        let mut answer = std::pin::pin!(self.client.execute(request));
        let mut wake = limits.next(begun, None);
        loop {
            match until(wake, answer.as_mut()).await {
                Some(Ok(response)) => return Ok(response),
                Some(Err(error)) => {
                    let taken = !withdrawal.revoke();
                    let late = !taken && begin_by.is_some_and(|by| by.has_passed());
                    return Err(if late {
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
                // The connection may have taken it in this moment: then only the limits of an answer count.
                if !taken || limits.passed(now, withdrawal.taken_at()).is_some() {
                    return Err(Failure::timed_out(taken, limit));
                }
            }
            wake = limits.next(now, withdrawal.taken_at());
        }
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
        Broken::Stalled => (Seen::Cut, "nothing more came within the time allowed"),
        Broken::TooLarge => (Seen::Unreadable, "it is larger than 64 MB"),
    };
    let failure = Failure::cut_short(seen, status, body.len(), why);
    match exchange.interpret.made(body) {
        Some(sid) => Failure { error: failure.error.with_sid(sid), ..failure },
        None => failure,
    }
}
