//! The error's shape in JSON, where one key depends on the provider's name.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{EnvelopeDetails, EnvelopeError};
use crate::provider::{Action, ErrorCode, Outcome, ProviderName, Reason};

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireError {
    code: ErrorCode,
    #[serde(default)]
    reason: Reason,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<ProviderName>,
    #[serde(default)]
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    /// Where it is missing, the safe action is assumed: nothing may be repeated before somebody looks.
    #[serde(default = "check_outcome")]
    action: Action,
    details: WireDetails,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    more_info: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    console: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// The provider's error code, under a key made of the provider's name.
    #[serde(flatten)]
    own: Map<String, Value>,
}

fn check_outcome() -> Action {
    Action::CheckOutcome
}

/// Returns the key of the provider's error code: `acmeCode` for `acme`.
fn code_key(provider: Option<&ProviderName>) -> String {
    let name = provider.map_or("provider", ProviderName::as_str);
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut key = words.next().unwrap_or("provider").to_owned();
    for word in words {
        let mut letters = word.chars();
        key.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        key.push_str(letters.as_str());
    }
    key + "Code"
}

impl From<EnvelopeError> for WireError {
    fn from(error: EnvelopeError) -> Self {
        let EnvelopeDetails { provider_code, more_info, console, request_id, status, outcome, sid } =
            error.details;
        let key = code_key(error.provider.as_ref());
        let own = provider_code.map(|code| (key, Value::from(code))).into_iter().collect();
        Self {
            code: error.code,
            reason: error.reason,
            message: error.message,
            advice: error.advice,
            provider: error.provider,
            retryable: error.retryable,
            retry_after: error.retry_after,
            action: error.action,
            details: WireDetails { more_info, console, request_id, status, outcome, sid, own },
        }
    }
}

impl From<WireError> for EnvelopeError {
    fn from(error: WireError) -> Self {
        let WireDetails { more_info, console, request_id, status, outcome, sid, own } = error.details;
        let code = own.get(&code_key(error.provider.as_ref())).and_then(Value::as_u64);
        let provider_code = code.and_then(|code| code.try_into().ok());
        Self {
            code: error.code,
            reason: error.reason,
            message: error.message,
            advice: error.advice,
            provider: error.provider,
            retryable: error.retryable,
            retry_after: error.retry_after,
            action: error.action,
            details: EnvelopeDetails { provider_code, more_info, console, request_id, status, outcome, sid },
        }
    }
}
