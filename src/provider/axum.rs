//! An envelope, and an error, as the answer of an HTTP endpoint.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::{Envelope, ErrorCode, Outcome, ProviderError};

/// Answers with the envelope as JSON, and [its status](Envelope::http_status). `Retry-After` is set where the same
/// request may be sent again.
impl<T: Serialize> IntoResponse for Envelope<T> {
    fn into_response(self) -> Response {
        let retryable = self.error.as_ref().filter(|error| error.retryable);
        let wait = retryable.and_then(|error| error.retry_after).map(|wait| HeaderValue::from(wait.max(1)));
        let mut response = match serde_json::to_vec(&self) {
            Ok(body) => json(self.http_status(), body),
            // Only `data` can fail to serialise, and then the request was carried out.
            Err(_) => unwritable(),
        };
        if let Some(wait) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    }
}

/// Answers with its [`Envelope`].
impl IntoResponse for ProviderError {
    fn into_response(self) -> Response {
        Envelope::<()>::err(&self).into_response()
    }
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], Body::from(body)).into_response()
}

/// Makes this endpoint's own answer. No answer of the provider is looked at, so this is the one success that no verdict
/// speaks about: the envelope has data because the request was carried out.
fn unwritable() -> Response {
    ProviderError::new(ErrorCode::ProviderError, Outcome::Applied)
        .with_message("the answer cannot be written as JSON")
        .into_response()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt as _;
    use serde_json::Value;

    use super::*;
    use crate::provider::{Earlier, Fact, RequestClass, Seen, verdict};

    async fn answered(result: Result<u32, ProviderError>) -> (u16, Option<String>, Value) {
        let response = Envelope::from(result).into_response();
        let wait = response.headers().get("retry-after").map(|wait| wait.to_str().unwrap().to_owned());
        assert_eq!(response.headers()["content-type"], "application/json");
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, wait, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn the_status_says_what_the_envelope_says() {
        use Outcome::{Applied, NotApplied, Unknown};
        let (status, _, body) = answered(Ok(1)).await;
        assert_eq!((status, &body["data"]), (200, &1.into()));
        for (code, outcome, expected) in [
            (ErrorCode::InvalidRequest, NotApplied, 400),
            (ErrorCode::InvalidCredentials, NotApplied, 400),
            (ErrorCode::Unauthorized, NotApplied, 400),
            (ErrorCode::Forbidden, NotApplied, 403),
            (ErrorCode::Blocked, NotApplied, 403),
            (ErrorCode::NotFound, NotApplied, 404),
            (ErrorCode::RateLimited, NotApplied, 429),
            (ErrorCode::ProviderError, NotApplied, 502),
            (ErrorCode::NetworkError, NotApplied, 502),
            (ErrorCode::NetworkError, Applied, 502),
            (ErrorCode::NetworkError, Unknown, 504),
            (ErrorCode::ProviderError, Unknown, 504),
        ] {
            let error = ProviderError::new(code, outcome);
            assert_eq!(error.clone().into_response().status(), expected, "{code} {outcome}");
            let (status, wait, body) = answered(Err(error)).await;
            assert_eq!((status, wait), (expected, None), "{code} {outcome}");
            assert_eq!(body["error"]["details"]["outcome"], outcome.as_str());
        }
    }

    #[tokio::test]
    async fn retry_after_invites_only_what_is_safe_to_repeat() {
        let busy = |later| {
            let fact = Fact { later: Some(later), ..Fact::default() };
            let seen = Seen::Status { status: 429, deleting: false };
            let verdict = verdict(seen, RequestClass::Create, fact, Earlier::default(), false);
            let error = ProviderError::new(ErrorCode::RateLimited, Outcome::NotApplied);
            error.with_verdict(verdict, RequestClass::Create).with_retry_after(Duration::from_millis(300))
        };
        assert_eq!(answered(Err(busy(true))).await.1.as_deref(), Some("1"));
        assert_eq!(answered(Err(busy(false))).await.1, None);
    }

    #[tokio::test]
    async fn data_that_is_no_json_does_not_say_that_nothing_was_done() {
        let odd = std::collections::BTreeMap::from([((1, 2), "a key that is no text")]);
        let response = Envelope::ok(odd).into_response();
        assert_eq!(response.status(), 502);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["error"]["details"]["outcome"], "applied");
    }
}
