//! A download: a body that is read piece by piece. Redirects are followed, with credentials for the first request only.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use tokio::time::Instant;
use url::Url;

use super::attempt::Answer;
use super::client::Transport;
use super::exchange::Exchange;
use super::handover::until;
use crate::provider::{ErrorCode, ProviderError, Reason, RequestClass, Seen};

/// Enough for media that redirect to a storage, and from there to a CDN.
const MAX_HOPS: usize = 5;

/// A body that is being received.
#[derive(Debug)]
pub(crate) struct Download {
    response: reqwest::Response,
    read: Duration,
    limit: u64,
    /// The length announced in the headers; reqwest's own value counts down while the body is read.
    total: Option<u64>,
    arrived: u64,
}

impl Transport {
    /// Starts a download. Redirects are followed without credentials, because the signed link of a storage needs none.
    pub(crate) async fn download(
        &self,
        mut exchange: Exchange<'_>,
        limit: u64,
    ) -> Result<Download, ProviderError> {
        let read = exchange.request.own_timeouts().read.unwrap_or(self.limits.read);
        let mut last = StatusCode::OK;
        for _ in 0..=MAX_HOPS {
            let response = match self.answer(&exchange, true).await? {
                Answer::Streamed(response) => response,
                Answer::Whole(answer) => {
                    return Err(unfollowable(answer.status(), "the answer has no body"));
                }
            };
            if response.status().is_success() {
                let total = response.content_length();
                if let Some(size) = total.filter(|size| *size > limit) {
                    return Err(too_large(size, limit));
                }
                return Ok(Download { response, read, limit, total, arrived: 0 });
            }
            let next = target(&exchange.url, response.headers());
            exchange.url = Cow::Owned(next.map_err(|why| unfollowable(response.status(), why))?);
            last = response.status();
            exchange.headers = Cow::Owned(anonymous(&exchange.headers));
        }
        Err(unfollowable(last, "it is redirected more than five times"))
    }
}

fn target(from: &Url, headers: &HeaderMap) -> Result<Url, &'static str> {
    let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let next = location.and_then(|location| from.join(location).ok());
    let next = next.ok_or("its redirect has no valid target")?;
    match (from.scheme(), next.scheme()) {
        (_, "https") | ("http", "http") => Ok(next),
        _ => Err("it is redirected from https to another scheme"),
    }
}

/// Keeps only the headers that contain nothing about the account.
fn anonymous(headers: &HeaderMap) -> HeaderMap {
    let kept = [header::ACCEPT, header::USER_AGENT];
    kept.into_iter().filter_map(|name| Some((name.clone(), headers.get(name)?.clone()))).collect()
}

fn unfollowable(status: StatusCode, why: &str) -> ProviderError {
    let seen = Seen::Status { status: status.as_u16(), deleting: false };
    ProviderError::of_answer(ErrorCode::ProviderError, seen, RequestClass::Read)
        .with_reason(Reason::UnreadableAnswer)
        .with_message(format!("the file cannot be downloaded: {why}"))
}

fn too_large(size: u64, limit: u64) -> ProviderError {
    ProviderError::of_answer(ErrorCode::InvalidRequest, Seen::Unreadable, RequestClass::Read)
        .with_reason(Reason::MediaProblem)
        .with_message(format!(
            "the file has {size} bytes or more, over the limit of {limit}: raise the limit"
        ))
}

impl Download {
    pub(crate) fn content_type(&self) -> Option<&str> {
        self.response.headers().get(header::CONTENT_TYPE)?.to_str().ok()
    }

    /// Returns the length of the whole body, if the server announced it.
    pub(crate) fn content_length(&self) -> Option<u64> {
        self.total
    }

    pub(crate) const fn arrived(&self) -> u64 {
        self.arrived
    }

    /// Returns the next piece; `None` after the last one.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, ProviderError> {
        let limit = Instant::now().checked_add(self.read);
        let piece = match until(limit, self.response.chunk()).await {
            Some(Ok(Some(piece))) => piece,
            Some(Ok(None)) => return Ok(None),
            Some(Err(error)) => {
                return Err(self.broken("the connection broke").with_source(error.without_url()));
            }
            None => return Err(self.broken("no more data came within the read time-out")),
        };
        self.arrived += piece.len() as u64;
        if self.arrived > self.limit {
            return Err(too_large(self.arrived, self.limit));
        }
        Ok(Some(piece))
    }

    fn broken(&self, why: &str) -> ProviderError {
        let announced = self.content_length().map_or_else(String::new, |length| format!(" of {length}"));
        ProviderError::of_answer(ErrorCode::NetworkError, Seen::Cut, RequestClass::Read)
            .with_reason(Reason::UnreadableAnswer)
            .with_status(self.response.status().as_u16())
            .with_message(format!("the download ended early, after {}{announced} bytes: {why}", self.arrived))
    }
}
