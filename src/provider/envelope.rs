//! The JSON form of a result, for HTTP endpoints and `--json` output.

mod wire;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Action, ErrorCode, Outcome, ProviderError, ProviderName, RateLimit, Reason};

/// A result as JSON: `{success, data, error, rateLimit}`.
///
/// Inside a program use `Result<T, ProviderError>`, and convert it at the edge. With the feature `axum` it is an answer
/// of a handler, with the status that [`http_status`](Self::http_status) says.
///
/// ```
/// use switchboard::{Envelope, ProviderError};
///
/// let failed: Envelope<u32> =
///     Err(ProviderError::invalid_request("the number has no plus sign")).into();
/// assert_eq!(failed.http_status(), 400);
/// let json = serde_json::to_value(&failed).unwrap();
/// assert_eq!(json["success"], false);
/// assert_eq!(json["error"]["code"], "INVALID_REQUEST");
/// assert_eq!(json["error"]["action"], "fix-request");
/// assert_eq!(json["error"]["details"]["outcome"], "not_applied");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Envelope<T> {
    /// Did it work?
    pub success: bool,
    /// The answer; left out of the JSON where there is none.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub data: Option<T>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<EnvelopeError>,
    /// What the provider said about its limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}

/// An error as JSON.
///
/// The provider's own number stands in `details` under the provider's name: `acmeCode`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "wire::WireError", from = "wire::WireError")]
#[non_exhaustive]
pub struct EnvelopeError {
    /// The kind of failure.
    pub code: ErrorCode,
    /// Why, in a word to match on.
    pub reason: Reason,
    /// One line for people, without a secret or a whole number.
    pub message: String,
    /// What a person should do about it, in a sentence or two.
    pub advice: Option<String>,
    /// Who failed.
    pub provider: Option<ProviderName>,
    /// Is it safe to send the same again?
    pub retryable: bool,
    /// How long to wait before that, in seconds.
    pub retry_after: Option<u64>,
    /// What to do.
    pub action: Action,
    /// What the provider said.
    pub details: EnvelopeDetails,
}

/// What the provider said about a failure, and what became of the request.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EnvelopeDetails {
    /// The provider's number for it.
    pub provider_code: Option<u32>,
    /// The page that explains it.
    pub more_info: Option<String>,
    /// The place in the provider's console to look at.
    pub console: Option<String>,
    /// The id to quote to the provider's support.
    pub request_id: Option<String>,
    /// The HTTP status of the provider's answer.
    pub status: Option<u16>,
    /// What became of the request.
    pub outcome: Outcome,
    /// The id of what was made, where the provider did it although the request failed.
    pub sid: Option<String>,
}

impl<T> Envelope<T> {
    /// Wraps an answer.
    #[must_use]
    pub const fn ok(data: T) -> Self {
        Self { success: true, data: Some(data), error: None, rate_limit: None }
    }

    /// Wraps an error.
    #[must_use]
    pub fn err(error: &ProviderError) -> Self {
        let error = EnvelopeError::from(error);
        let rate_limit =
            error.retry_after.map(|wait| RateLimit { retry_after: Some(wait), ..RateLimit::default() });
        Self { success: false, data: None, error: Some(error), rate_limit }
    }

    /// Returns the status of an HTTP answer that carries it: 200, or that of
    /// [its error](ProviderError::http_status).
    #[must_use]
    pub fn http_status(&self) -> StatusCode {
        match &self.error {
            None => StatusCode::OK,
            Some(error) => error.code.http_status_after(error.details.outcome),
        }
    }

    /// Adds what the provider said about its limits.
    #[must_use]
    pub const fn with_rate_limit(mut self, limit: Option<RateLimit>) -> Self {
        self.rate_limit = limit;
        self
    }

    /// Folds the actions back to `retry`, `reconnect` and `contact-support`, for dashboards that know only these.
    #[must_use]
    pub fn compat(mut self) -> Self {
        if let Some(error) = &mut self.error {
            error.action = match error.action {
                Action::FixRequest | Action::CheckOutcome => Action::ContactSupport,
                action => action,
            };
        }
        self
    }
}

impl<T> From<Result<T, ProviderError>> for Envelope<T> {
    fn from(result: Result<T, ProviderError>) -> Self {
        match result {
            Ok(data) => Self::ok(data),
            Err(error) => Self::err(&error),
        }
    }
}

impl From<&ProviderError> for EnvelopeError {
    fn from(error: &ProviderError) -> Self {
        let message = match error.message() {
            "" => error.code().as_str(),
            message => message,
        };
        Self {
            code: error.code(),
            reason: error.reason(),
            message: message.to_owned(),
            advice: error.advice().map(str::to_owned),
            provider: error.provider().cloned(),
            retryable: error.is_retryable(),
            // Rounded up: a client that comes back a moment early has to wait again.
            retry_after: error.retry_after().map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0)),
            action: error.action(),
            details: EnvelopeDetails {
                provider_code: error.provider_code(),
                more_info: error.more_info().map(str::to_owned),
                console: error.console().map(str::to_owned),
                request_id: error.request_id().map(str::to_owned),
                status: error.provider_status(),
                outcome: error.outcome(),
                sid: error.sid().map(str::to_owned),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{from_value, json, to_value};

    use super::*;

    fn lost() -> ProviderError {
        ProviderError::new(ErrorCode::ProviderError, Outcome::Unknown)
            .with_reason(Reason::ServiceUnavailable)
            .with_message("no answer")
            .with_advice("Look first.")
            .with_provider(ProviderName::of("acme"))
            .with_provider_code(20500)
            .with_status(500)
            .with_request_id("RQ1")
            .with_sid("id-1")
            .with_retry_after(Duration::from_millis(1500))
    }

    #[test]
    fn the_json_is_the_one_that_dashboards_speak() {
        let ok = to_value(Envelope::ok(1)).unwrap();
        assert_eq!(ok, json!({"success": true, "data": 1}));
        assert_eq!(
            to_value(Envelope::<u32>::err(&lost())).unwrap(),
            json!({
                "success": false,
                "error": {
                    "code": "PROVIDER_ERROR", "reason": "service_unavailable", "message": "no answer",
                    "advice": "Look first.", "provider": "acme", "retryable": false, "retryAfter": 2,
                    "action": "check-outcome",
                    "details": {
                        "acmeCode": 20500, "requestId": "RQ1", "status": 500, "outcome": "unknown", "sid": "id-1"
                    }
                },
                "rateLimit": {"retryAfter": 2}
            })
        );
    }

    #[test]
    fn the_providers_code_is_named_after_the_provider() {
        let key_of = |error: ProviderError| {
            let json = to_value(EnvelopeError::from(&error.with_provider_code(7))).unwrap();
            let details = json["details"].as_object().unwrap();
            details.iter().find(|(_, value)| **value == 7).map(|(key, _)| key.clone())
        };
        let error = || ProviderError::new(ErrorCode::Blocked, Outcome::NotApplied);
        let named = |name| key_of(error().with_provider(ProviderName::of(name)));
        assert_eq!(named("acme").as_deref(), Some("acmeCode"));
        assert_eq!(named("big-blue_phone").as_deref(), Some("bigBluePhoneCode"));
        assert_eq!(key_of(error()).as_deref(), Some("providerCode"));
    }

    #[test]
    fn what_was_written_is_read_back_and_what_a_newer_version_adds_is_passed_over() {
        let failed = Envelope::<u32>::err(&lost());
        assert_eq!(from_value::<Envelope<u32>>(to_value(&failed).unwrap()).unwrap(), failed);
        let worked = Envelope::ok(5_u32);
        assert_eq!(from_value::<Envelope<u32>>(to_value(&worked).unwrap()).unwrap(), worked);
        let newer = json!({
            "success": false, "later": 1,
            "error": {"code": "NEW", "message": "m", "details": {"outcome": "unknown", "later": {"a": [1]}}}
        });
        let read: Envelope<u32> = from_value(newer).unwrap();
        let error = read.error.unwrap();
        assert_eq!((error.code, error.details.outcome), (ErrorCode::ProviderError, Outcome::Unknown));
        assert_eq!((error.retryable, error.action), (false, Action::CheckOutcome));
    }

    #[test]
    fn dashboards_that_know_three_actions_get_one_of_them() {
        let compat = Envelope::<u32>::err(&lost()).compat();
        assert_eq!(compat.error.unwrap().action, Action::ContactSupport);
    }
}
