//! An error as the answer of an HTTP endpoint.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::{Envelope, ErrorCode, ProviderError};

/// Answers with the [`Envelope`] as JSON.
///
/// | code | status |
/// |---|---|
/// | `INVALID_REQUEST`, `INVALID_CREDENTIALS` | 400 |
/// | `BLOCKED` | 403 |
/// | `NOT_FOUND` | 404 |
/// | `RATE_LIMITED` | 429, with `Retry-After` |
/// | `UNAUTHORIZED`, `FORBIDDEN`, `PROVIDER_ERROR` | 502: the provider refused you, not your visitor |
/// | `NETWORK_ERROR` | 504 |
impl IntoResponse for ProviderError {
    fn into_response(self) -> Response {
        let status = match self.code() {
            ErrorCode::InvalidRequest | ErrorCode::InvalidCredentials => StatusCode::BAD_REQUEST,
            ErrorCode::Blocked => StatusCode::FORBIDDEN,
            ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::Unauthorized | ErrorCode::Forbidden | ErrorCode::ProviderError => {
                StatusCode::BAD_GATEWAY
            }
            ErrorCode::NetworkError => StatusCode::GATEWAY_TIMEOUT,
        };
        let wait = self.retry_after().map(|wait| HeaderValue::from(wait.as_secs().max(1)));
        let envelope: Envelope<()> = Err(self).into();
        // An envelope has nothing in it that JSON cannot hold.
        let body = serde_json::to_vec(&envelope).unwrap_or_default();
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/json")], Body::from(body)).into_response();
        if let Some(wait) = wait.filter(|_| status == StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::provider::Outcome;

    #[tokio::test]
    async fn it_is_the_envelope() {
        let error = ProviderError::new(ErrorCode::RateLimited, Outcome::NotApplied);
        let response = error.into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&json["success"], &json["error"]["code"]), (&false.into(), &"RATE_LIMITED".into()));
        let refused = ProviderError::new(ErrorCode::Unauthorized, Outcome::NotApplied).into_response();
        assert_eq!(refused.status(), StatusCode::BAD_GATEWAY);
    }
}
