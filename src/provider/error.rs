//! The error of every request: what happened, whether the request was carried out, and what to do.

mod show;
mod source;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    Action, Earlier, ErrorCode, Fact, Outcome, ProviderName, Reason, RequestClass, Scope, Seen, Verdict,
    verdict,
};
use crate::phone::Address;

/// Why a request failed, whether it was carried out, and what to do.
///
/// It has the size of one pointer and is cheap to clone. [`source`](StdError::source) returns the error of the transport, if
/// there is one.
///
/// No output contains a secret, the text of a message, or more than four digits of a number. `Display` is one line for logs.
/// `{:?}`, which Rust prints if `main` returns the error, adds the outcome and what to do. `{:#?}` shows the fields.
///
/// `Serialize` is for storage: the stored error has the same fields, the texts of its sources, and the recipient's whole
/// number. To send an error to a client, use [`Envelope`](super::Envelope).
///
/// ```
/// use switchboard::{ErrorCode, Outcome, ProviderError};
///
/// fn what_now(error: &ProviderError) -> &'static str {
///     match error.outcome() {
///         Outcome::NotApplied if error.is_retryable() => "nothing went out, send again later",
///         Outcome::NotApplied => "nothing went out, and the same request would fail again",
///         Outcome::Unknown => "it may have gone out: look before you send again",
///         Outcome::Applied => "it went out",
///     }
/// }
///
/// let error = ProviderError::new(ErrorCode::NetworkError, Outcome::Unknown);
/// assert_eq!(what_now(&error), "it may have gone out: look before you send again");
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderError(Box<Inner>);

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inner {
    code: ErrorCode,
    outcome: Outcome,
    #[serde(default)]
    reason: Reason,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Action>,
    #[serde(default)]
    retryable: bool,
    #[serde(default)]
    message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    details: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<ProviderName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_code: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more_info: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    console: Option<Cow<'static, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "source")]
    source: Option<Arc<dyn StdError + Send + Sync>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<RequestClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
}

/// The getters.
impl ProviderError {
    /// Returns the kind of failure.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// Returns the cause, as a word to match on.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// Returns whether the request was carried out.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// Returns whether it is safe to send the same request again, and sending it again may succeed.
    ///
    /// True only for temporary failures that certainly changed nothing, and for reads and updates, which are safe to repeat.
    /// Never true for a create whose outcome is unknown.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Returns what to do.
    #[must_use]
    pub fn action(&self) -> Action {
        let harmless = self.0.class == Some(RequestClass::Read);
        self.0
            .action
            .unwrap_or_else(|| default_action(self.0.code, self.0.outcome, self.0.retryable || harmless))
    }

    /// Returns what else the failure affects: only this message, or its sender, or the whole account.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self.0.scope.unwrap_or(Scope::usual(self.0.code, self.0.reason)) {
            Scope::Message if self.0.retryable => Scope::Attempt,
            scope => scope,
        }
    }

    /// Returns how long the provider asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the recipient of the request. `Display` and `Debug` show only its last four digits.
    #[must_use]
    pub fn recipient(&self) -> Option<&Address> {
        self.0.recipient.as_ref()
    }

    /// Returns the provider.
    #[must_use]
    pub fn provider(&self) -> Option<&ProviderName> {
        self.0.provider.as_ref()
    }

    /// Returns the provider's own error code.
    #[must_use]
    pub fn provider_code(&self) -> Option<u32> {
        self.0.provider_code
    }

    /// Returns the HTTP status; `None` if none arrived.
    #[must_use]
    pub fn provider_status(&self) -> Option<u16> {
        self.0.provider_status
    }

    /// Returns the provider's id of the request, to quote to its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the page that explains the failure.
    #[must_use]
    pub fn more_info(&self) -> Option<&str> {
        self.0.more_info.as_deref()
    }

    /// Returns the id of the created resource, if the outcome is [`Outcome::Applied`] and the answer contained it.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.0.sid.as_deref()
    }

    /// Returns what a person should do about it, in a sentence or two.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.advice.as_deref()
    }

    /// Returns the place in the provider's console to look at.
    #[must_use]
    pub fn console(&self) -> Option<&str> {
        self.0.console.as_deref()
    }

    /// Returns the status with which your own HTTP endpoint should report the failure.
    ///
    /// | status | when |
    /// |---|---|
    /// | 504 | the outcome is unknown, whatever the code: it may have been carried out, so check before you repeat it |
    /// | 400 | `INVALID_REQUEST`, `INVALID_CREDENTIALS`, `UNAUTHORIZED` |
    /// | 403 | `FORBIDDEN`, `BLOCKED` |
    /// | 404 | `NOT_FOUND` |
    /// | 429 | `RATE_LIMITED` |
    /// | 502 | `PROVIDER_ERROR`, `NETWORK_ERROR` |
    #[must_use]
    pub fn http_status(&self) -> StatusCode {
        self.code().http_status_after(self.outcome())
    }

    /// Returns the sentence that says what happened, without code and advice.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns what the provider says about single fields, one line each. The message holds them, too.
    #[must_use]
    pub fn details(&self) -> &[String] {
        &self.0.details
    }
}

/// Constructors and setters, for adapters. The message must not contain a secret, the text of a message, or a whole number.
impl ProviderError {
    /// Creates an error; the methods below add everything else. If a response arrived, start with
    /// [`of_answer`](Self::of_answer).
    #[must_use]
    pub fn new(code: ErrorCode, outcome: Outcome) -> Self {
        Self(Box::new(Inner {
            code,
            outcome,
            reason: Reason::Unknown,
            action: None,
            retryable: false,
            message: String::new(),
            details: Vec::new(),
            provider: None,
            provider_code: None,
            provider_status: None,
            request_id: None,
            more_info: None,
            retry_after: None,
            recipient: None,
            sid: None,
            advice: None,
            console: None,
            source: None,
            class: None,
            scope: None,
        }))
    }

    /// Creates the error of a response that no code of the provider explains, such as a success that cannot be read.
    /// [`verdict`] decides the outcome, and whether the request may be sent again.
    #[must_use]
    pub fn of_answer(code: ErrorCode, seen: Seen, class: RequestClass) -> Self {
        let verdict = verdict(seen, class, Fact::default(), Earlier::default(), false);
        Self::new(code, verdict.outcome()).with_verdict(verdict, class)
    }

    /// Creates the error of a success whose body cannot be read.
    #[must_use]
    pub fn unreadable(class: RequestClass) -> Self {
        Self::of_answer(ErrorCode::ProviderError, Seen::Unreadable, class)
            .with_reason(Reason::UnreadableAnswer)
    }

    /// Creates the error of an invalid request, found before anything is sent.
    #[must_use]
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, Outcome::NotApplied)
            .with_reason(Reason::InvalidParameter)
            .with_message(message)
    }

    /// Creates the error of missing or malformed credentials.
    #[must_use]
    pub fn invalid_credentials(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidCredentials, Outcome::NotApplied)
            .with_reason(Reason::BadCredentials)
            .with_message(message)
    }

    /// Sets the message: lower case, one line.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Sets what the provider says about single fields.
    #[must_use]
    pub fn with_details(mut self, details: Vec<String>) -> Self {
        self.0.details = details;
        self
    }

    /// Changes the kind of failure, where the provider's own code knows better than its status.
    #[must_use]
    pub fn with_code(mut self, code: ErrorCode) -> Self {
        self.0.code = code;
        self
    }

    /// Sets the reason, a word to match on.
    #[must_use]
    pub fn with_reason(mut self, reason: Reason) -> Self {
        self.0.reason = reason;
        self
    }

    /// Sets what to do, if it does not follow from the code and the outcome.
    #[must_use]
    pub fn with_action(mut self, action: Action) -> Self {
        self.0.action = Some(action);
        self
    }

    /// Sets the outcome, and whether the request may be sent again. Nothing else makes an error retryable.
    #[must_use]
    pub fn with_verdict(mut self, verdict: Verdict, class: RequestClass) -> Self {
        self.0.outcome = verdict.outcome();
        self.0.retryable = verdict.is_retryable();
        self.with_class(class)
    }

    /// Sets the provider.
    #[must_use]
    pub fn with_provider(mut self, provider: ProviderName) -> Self {
        self.0.provider = Some(provider);
        self
    }

    /// Sets the provider's own error code.
    #[must_use]
    pub fn with_provider_code(mut self, code: u32) -> Self {
        self.0.provider_code = Some(code);
        self
    }

    /// Sets the HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.provider_status = Some(status);
        self
    }

    /// Sets the provider's id of the request.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    /// Sets the page that explains the failure.
    #[must_use]
    pub fn with_more_info(mut self, url: impl Into<String>) -> Self {
        self.0.more_info = Some(url.into());
        self
    }

    /// Sets how long to wait.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Sets the recipient of the request.
    #[must_use]
    pub fn with_recipient(mut self, recipient: Address) -> Self {
        self.0.recipient = Some(recipient);
        self
    }

    /// Sets the id of the created resource.
    #[must_use]
    pub fn with_sid(mut self, sid: impl Into<String>) -> Self {
        self.0.sid = Some(sid.into());
        self
    }

    /// Sets what a person should do about it.
    #[must_use]
    pub fn with_advice(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// Sets the place in the provider's console to look at.
    #[must_use]
    pub fn with_console(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.0.console = Some(place.into());
        self
    }

    /// Sets the class of the request. A read changes nothing, and an update may be repeated, so neither needs a warning.
    #[must_use]
    pub fn with_class(mut self, class: RequestClass) -> Self {
        self.0.class = Some(class);
        self
    }

    /// Sets the scope, if it does not follow from the code and the reason.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.0.scope = Some(scope);
        self
    }

    /// Sets the underlying error.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into().into());
        self
    }
}

fn default_action(code: ErrorCode, outcome: Outcome, retryable: bool) -> Action {
    match code {
        _ if outcome == Outcome::Unknown && !retryable => Action::CheckOutcome,
        ErrorCode::ProviderError | ErrorCode::NetworkError if retryable => Action::Retry,
        ErrorCode::InvalidCredentials | ErrorCode::Unauthorized | ErrorCode::Forbidden => Action::Reconnect,
        ErrorCode::InvalidRequest | ErrorCode::NotFound => Action::FixRequest,
        ErrorCode::Blocked => Action::ContactSupport,
        ErrorCode::RateLimited => Action::Retry,
        ErrorCode::ProviderError | ErrorCode::NetworkError if outcome == Outcome::Applied => {
            Action::CheckOutcome
        }
        ErrorCode::ProviderError | ErrorCode::NetworkError => Action::Retry,
    }
}

impl StdError for ProviderError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pointer_wide_and_shareable() {
        fn shareable<T: Send + Sync + 'static>() {}
        shareable::<ProviderError>();
        assert_eq!(size_of::<ProviderError>(), size_of::<usize>());
    }

    #[test]
    fn each_code_has_its_action() {
        use Outcome::NotApplied;
        let action = |code| ProviderError::new(code, NotApplied).action();
        assert_eq!(action(ErrorCode::InvalidCredentials), Action::Reconnect);
        assert_eq!(action(ErrorCode::InvalidRequest), Action::FixRequest);
        assert_eq!(action(ErrorCode::Unauthorized), Action::Reconnect);
        assert_eq!(action(ErrorCode::Forbidden), Action::Reconnect);
        assert_eq!(action(ErrorCode::NotFound), Action::FixRequest);
        assert_eq!(action(ErrorCode::RateLimited), Action::Retry);
        assert_eq!(action(ErrorCode::Blocked), Action::ContactSupport);
    }
}
