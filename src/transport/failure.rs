//! An attempt that failed: what was seen of it, and the error that says so in words. The verdict comes later.

use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use url::Url;

use super::retry_after::retry_after;
use crate::provider::{ErrorCode, Fact, Outcome, ProviderError, Reason, Seen};

/// An attempt that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) seen: Seen,
    pub(super) fact: Fact,
    pub(super) error: ProviderError,
}

impl Failure {
    pub(super) fn new(seen: Seen, error: ProviderError) -> Self {
        Self { seen, fact: Fact::default(), error }
    }

    /// The client reports an error, and no status line came.
    pub(super) fn unanswered(error: reqwest::Error, taken: bool) -> Self {
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
    pub(super) fn timed_out(taken: bool, limit: &str) -> Self {
        let (seen, message) = match (taken, limit) {
            (true, _) => (Seen::NoStatus, format!("no answer within the {limit} time-out")),
            (false, "begin") => (Seen::NotTaken, "it did not begin by the moment set for it".to_owned()),
            (false, _) => (Seen::NotTaken, format!("no connection within the {limit} time-out")),
        };
        let error = pending(ErrorCode::NetworkError).with_reason(Reason::Timeout);
        Self::new(seen, error.with_message(message))
    }

    /// The body of a success did not arrive whole.
    pub(super) fn cut_short(seen: Seen, status: StatusCode, arrived: usize, why: &str) -> Self {
        let error = pending(ErrorCode::NetworkError)
            .with_reason(Reason::UnreadableAnswer)
            .with_status(status.as_u16())
            .with_message(format!("the answer broke off after {arrived} bytes: {why}"));
        Self::new(seen, error)
    }

    /// The answer is a redirect: an authenticated request is never sent on.
    pub(super) fn redirected(seen: Seen, status: StatusCode, headers: &HeaderMap, from: &Url) -> Self {
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

/// An error whose outcome the verdict will set. Until then it is the one that promises nothing.
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
            assert!(!error.is_retryable(), "only the verdict says so");
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
