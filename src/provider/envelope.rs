//! The JSON that dashboards already speak, for the edges: HTTP endpoints, `--json`, agents.

use serde::Serialize;

use super::{Action, ErrorCode, Outcome, ProviderError, ProviderName, RateLimit};

/// A result as JSON: `{success, data, error, rateLimit}`.
///
/// Inside a program use `Result<T, ProviderError>`; this is what leaves it.
///
/// ```
/// use switchboard::{Envelope, ProviderError};
///
/// let failed: Envelope<u32> = Err(ProviderError::invalid_request("the number has no plus sign")).into();
/// let json = serde_json::to_value(&failed).unwrap();
/// assert_eq!(json["success"], false);
/// assert_eq!(json["error"]["code"], "INVALID_REQUEST");
/// assert_eq!(json["error"]["action"], "fix-request");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Envelope<T> {
    /// Did it work?
    pub success: bool,
    /// The answer; left out of the JSON where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<T>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<EnvelopeError>,
    /// What the provider said about its limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}

/// An error as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EnvelopeError {
    /// The kind of failure.
    pub code: ErrorCode,
    /// One line for people, without a secret or a whole number.
    pub message: String,
    /// Who failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
    /// Is it safe to send the same again?
    pub retryable: bool,
    /// What to do.
    pub action: Action,
    /// What the provider said.
    pub details: EnvelopeDetails,
}

/// The provider's own words about a failure.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EnvelopeDetails {
    /// The provider's number for it. Named for the provider that dashboards know it from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub twilio_code: Option<u32>,
    /// The page that explains it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more_info: Option<String>,
    /// The id to quote to the provider's support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What became of the request.
    pub outcome: Outcome,
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
        let rate_limit = error
            .retry_after()
            .map(|wait| RateLimit { retry_after_secs: Some(wait.as_secs()), ..RateLimit::default() });
        Self { success: false, data: None, error: Some(error.into()), rate_limit }
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
        Self {
            code: error.code(),
            message: if error.message().is_empty() {
                error.code().as_str().to_owned()
            } else {
                error.message().to_owned()
            },
            provider: error.provider().cloned(),
            retryable: error.is_retryable(),
            action: error.action(),
            details: EnvelopeDetails {
                twilio_code: error.provider_code(),
                more_info: error.more_info().map(str::to_owned),
                request_id: error.request_id().map(str::to_owned),
                status: error.provider_status(),
                outcome: error.outcome(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_json_is_the_one_that_dashboards_speak() {
        let ok = serde_json::to_value(Envelope::ok(1)).unwrap();
        assert_eq!(ok, json!({"success": true, "data": 1}));

        let error = ProviderError::new(ErrorCode::ProviderError, Outcome::Unknown)
            .with_message("no answer")
            .with_provider(ProviderName::TWILIO)
            .with_provider_code(20500)
            .with_status(500)
            .with_request_id("RQ1");
        let err = serde_json::to_value(Envelope::<u32>::err(&error)).unwrap();
        assert_eq!(
            err,
            json!({"success": false, "error": {
                "code": "PROVIDER_ERROR", "message": "no answer", "provider": "twilio", "retryable": false,
                "action": "check-outcome",
                "details": {"twilioCode": 20500, "requestId": "RQ1", "status": 500, "outcome": "unknown"}
            }})
        );
        let compat = serde_json::to_value(Envelope::<u32>::err(&error).compat()).unwrap();
        assert_eq!(compat["error"]["action"], "contact-support");
    }
}
