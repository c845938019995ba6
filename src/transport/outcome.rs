//! What became of a request, from what came back. The status line decides.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use url::Url;

use crate::provider::{ErrorCode, Outcome, ProviderError, Reason};

/// Starts the error of an answer whose status is no success; a provider's catalogue may refine it.
pub(crate) fn refusal(status: StatusCode, headers: &HeaderMap) -> ProviderError {
    let (code, reason) = match status.as_u16() {
        401 => (ErrorCode::Unauthorized, Reason::BadCredentials),
        403 => (ErrorCode::Forbidden, Reason::PermissionDenied),
        404 => (ErrorCode::NotFound, Reason::NotFound),
        429 => (ErrorCode::RateLimited, Reason::RateLimited),
        400..=499 => (ErrorCode::InvalidRequest, Reason::InvalidParameter),
        503 => (ErrorCode::ProviderError, Reason::ServiceUnavailable),
        _ => (ErrorCode::ProviderError, Reason::Unknown),
    };
    // Beyond 599 nothing is defined, so nothing is known.
    let outcome = if status.as_u16() >= 500 { Outcome::Unknown } else { Outcome::NotApplied };
    let error = ProviderError::new(code, outcome)
        .with_reason(reason)
        .with_status(status.as_u16())
        .with_retryable(status == StatusCode::TOO_MANY_REQUESTS);
    match retry_after(headers, Timestamp::now()) {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

/// Makes the error of a redirect: an authenticated request is never sent on.
pub(super) fn redirected(status: StatusCode, headers: &HeaderMap, from: &Url) -> ProviderError {
    let target = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let target = target.and_then(|target| from.join(target).ok());
    let host = target.as_ref().and_then(Url::host_str).unwrap_or("nowhere");
    refusal(status, headers)
        .with_message(format!("the answer is a redirect to {host}, which is not followed with credentials"))
}

/// Reads `Retry-After`: seconds, or a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// Makes the error of a request that no status line answered.
pub(super) fn unanswered(error: reqwest::Error, started: bool) -> ProviderError {
    let connecting = error.is_connect() || !started;
    let (outcome, message) = match (connecting, error.is_timeout()) {
        _ if error.is_builder() => (Outcome::NotApplied, "the request cannot be built"),
        (true, true) => (Outcome::NotApplied, "no connection within the time allowed"),
        (true, false) => (Outcome::NotApplied, "no connection: refused, unknown host, or no TLS"),
        (false, true) => (Outcome::Unknown, "no answer within the time allowed"),
        (false, false) => (Outcome::Unknown, "the connection broke before an answer came"),
    };
    let reason = if error.is_timeout() { Reason::Timeout } else { Reason::Network };
    ProviderError::new(ErrorCode::NetworkError, outcome)
        .with_reason(reason)
        .with_retryable(outcome == Outcome::NotApplied && !error.is_builder())
        .with_message(message)
        .with_source(error.without_url())
}

/// Makes the error of a limit of our own that ran out.
pub(super) fn timed_out(started: bool, limit: &str) -> ProviderError {
    let (outcome, message) = if started {
        (Outcome::Unknown, format!("no answer within the {limit} time-out"))
    } else {
        (Outcome::NotApplied, format!("no connection within the {limit} time-out"))
    };
    ProviderError::new(ErrorCode::NetworkError, outcome)
        .with_reason(Reason::Timeout)
        .with_retryable(outcome == Outcome::NotApplied)
        .with_message(message)
}

/// Makes the error of a success whose body did not arrive whole.
pub(super) fn cut_short(status: StatusCode, arrived: usize, why: &str) -> ProviderError {
    ProviderError::new(ErrorCode::NetworkError, Outcome::Applied)
        .with_reason(Reason::UnreadableAnswer)
        .with_status(status.as_u16())
        .with_message(format!("the answer broke off after {arrived} bytes: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(value: &str) -> Option<u64> {
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, value.parse().unwrap())]);
        let now = "2026-01-05T09:00:00Z".parse().unwrap();
        retry_after(&headers, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(after("7"), Some(7));
        assert_eq!(after(" 0 "), Some(0));
        assert_eq!(after("1.5"), Some(1));
        assert_eq!(after("Mon, 05 Jan 2026 09:00:30 GMT"), Some(30));
        assert_eq!(after("Mon, 05 Jan 2026 08:00:00 GMT"), Some(0));
        for junk in ["soon", "-3", "NaN", "1e400", ""] {
            assert_eq!(after(junk), None, "{junk}");
        }
    }

    #[test]
    fn the_status_decides_code_and_outcome() {
        let of = |status: u16| {
            let error = refusal(StatusCode::from_u16(status).unwrap(), &HeaderMap::new());
            (error.code(), error.outcome(), error.is_retryable())
        };
        use Outcome::{NotApplied, Unknown};
        assert_eq!(of(302), (ErrorCode::ProviderError, NotApplied, false));
        assert_eq!(of(400), (ErrorCode::InvalidRequest, NotApplied, false));
        assert_eq!(of(401), (ErrorCode::Unauthorized, NotApplied, false));
        assert_eq!(of(429), (ErrorCode::RateLimited, NotApplied, true));
        for status in [500, 502, 503, 504, 599, 999] {
            assert_eq!(of(status), (ErrorCode::ProviderError, Unknown, false));
        }
    }
}
