//! The one error of the crate: what happened, whether it went out, and what to do about it.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::{ProviderName, RequestClass};
use crate::phone::Address;

/// What became of a request that failed.
///
/// The three arms are the point: match on them, and nobody is texted twice or forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The provider surely did nothing: it was not reached, or it refused.
    NotApplied,
    /// The provider may have done it: bytes left and no usable answer came back. Look before you send again.
    Unknown,
    /// The provider did it, but its answer could not be read whole.
    Applied,
}

/// The kind of failure, by the wire names that dashboards match on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ErrorCode {
    /// Credentials are missing or malformed; found before anything was sent.
    InvalidCredentials,
    /// The request is wrong, and stays wrong until somebody changes it.
    InvalidRequest,
    /// The provider does not accept the credentials (401).
    Unauthorized,
    /// The provider does not allow this with these credentials (403).
    Forbidden,
    /// There is no such thing (404).
    NotFound,
    /// Too many requests (429).
    RateLimited,
    /// The provider failed, or answered what cannot be understood.
    ProviderError,
    /// No answer came.
    NetworkError,
    /// A policy of your own said no.
    Blocked,
}

impl ErrorCode {
    /// Returns the wire name, `RATE_LIMITED`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidCredentials => "INVALID_CREDENTIALS",
            Self::InvalidRequest => "INVALID_REQUEST",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::RateLimited => "RATE_LIMITED",
            Self::ProviderError => "PROVIDER_ERROR",
            Self::NetworkError => "NETWORK_ERROR",
            Self::Blocked => "BLOCKED",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a person or a program should do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// Do the same again, later.
    Retry,
    /// Enter the credentials again.
    Reconnect,
    /// Change the request: doing the same again fails the same way.
    FixRequest,
    /// Find out whether it went out before doing anything again.
    CheckOutcome,
    /// Change something in the provider's account, or ask its support.
    ContactSupport,
}

impl Action {
    /// Returns the wire name, `fix-request`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Reconnect => "reconnect",
            Self::FixRequest => "fix-request",
            Self::CheckOutcome => "check-outcome",
            Self::ContactSupport => "contact-support",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why, in a word that a program can match on, whatever the provider's own number for it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The recipient has opted out: send nothing until they opt in again.
    OptedOut,
    /// The recipient is no number or address that can be reached.
    InvalidRecipient,
    /// The recipient is a landline or another line that takes no texts.
    NotTextable,
    /// The handset or the user is not reachable now.
    RecipientUnreachable,
    /// The sender is malformed, not owned, or cannot do this.
    InvalidSender,
    /// The sender must first be registered or verified with the carriers.
    SenderNotRegistered,
    /// A carrier or the provider filtered the content.
    Filtered,
    /// The sender's queue is full.
    QueueFull,
    /// Too many requests, or more than a daily or carrier limit allows.
    RateLimited,
    /// Outside the window in which free-form messages are allowed: use a template.
    OutsideWindow,
    /// The recipient's country is not enabled for this account.
    CountryNotEnabled,
    /// A trial account may not do this.
    TrialLimit,
    /// The credentials are wrong.
    BadCredentials,
    /// The credentials are right and lack a permission.
    PermissionDenied,
    /// The account is suspended, closed or not active.
    AccountSuspended,
    /// There is no such thing.
    NotFound,
    /// The thing is in a state in which this cannot be done.
    WrongState,
    /// A parameter is missing.
    MissingParameter,
    /// A parameter is wrong.
    InvalidParameter,
    /// A media file cannot be fetched, is too large, or is of a wrong type.
    MediaProblem,
    /// A template or its variables are wrong.
    TemplateProblem,
    /// A URL of yours could not be fetched or answered badly.
    WebhookProblem,
    /// A feature is not switched on for the account.
    NotEnabled,
    /// Blocked as likely fraud.
    FraudBlocked,
    /// Not at this hour.
    QuietHours,
    /// The budget is spent.
    BudgetSpent,
    /// Too many wrong attempts.
    TooManyAttempts,
    /// The provider is down or in maintenance.
    ServiceUnavailable,
    /// No connection, or it broke.
    Network,
    /// It took too long.
    Timeout,
    /// The provider answered what cannot be read.
    UnreadableAnswer,
    /// No word for it here: see the provider's own code.
    Unknown,
}

/// A failure, with the answers to what one asks next.
///
/// One pointer wide. `Display` is one line without a secret, a text or more than four digits of a number; `Debug`
/// shows no more. [`source`](StdError::source) has the transport's own error where there is one.
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
pub struct ProviderError(Box<Inner>);

struct Inner {
    code: ErrorCode,
    outcome: Outcome,
    reason: Reason,
    action: Option<Action>,
    retryable: bool,
    message: String,
    provider: Option<ProviderName>,
    provider_code: Option<u32>,
    provider_status: Option<u16>,
    request_id: Option<String>,
    more_info: Option<String>,
    retry_after: Option<Duration>,
    recipient: Option<Address>,
    sid: Option<String>,
    advice: Option<&'static str>,
    console: Option<&'static str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    class: Option<RequestClass>,
}

/// What the error answers.
impl ProviderError {
    /// Returns the kind of failure.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// Returns why, in a word to match on.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// Returns what became of the request.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// Is it safe to send the same request again as it is, and may that help?
    ///
    /// True only for failures that surely changed nothing and may pass, and for reads and updates, which may be
    /// repeated. Never true for a create whose outcome is unknown.
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

    /// Returns how long the provider asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns whom the request was for. `Display` of the error shows its last four digits only.
    #[must_use]
    pub fn recipient(&self) -> Option<&Address> {
        self.0.recipient.as_ref()
    }

    /// Returns who failed.
    #[must_use]
    pub fn provider(&self) -> Option<&ProviderName> {
        self.0.provider.as_ref()
    }

    /// Returns the provider's own number for the failure, such as Twilio's 21610.
    #[must_use]
    pub fn provider_code(&self) -> Option<u32> {
        self.0.provider_code
    }

    /// Returns the HTTP status, where one arrived.
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

    /// Returns the id of what was made, where [`Outcome::Applied`] and enough of the answer arrived.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.0.sid.as_deref()
    }

    /// Returns what a person should do about it, in a sentence or two.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        self.0.advice
    }

    /// Returns where in the provider's console to look.
    #[must_use]
    pub fn console(&self) -> Option<&'static str> {
        self.0.console
    }

    /// Returns the sentence that says what happened, without code and advice.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

/// How an adapter makes one. Messages must hold no secret, no text of a message and no whole number.
impl ProviderError {
    /// Makes an error of a kind and an outcome; the rest is added with the methods below.
    #[must_use]
    pub fn new(code: ErrorCode, outcome: Outcome) -> Self {
        Self(Box::new(Inner {
            code,
            outcome,
            reason: Reason::Unknown,
            action: None,
            retryable: false,
            message: String::new(),
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
        }))
    }

    /// Makes the error of a request that is wrong before anything is sent.
    #[must_use]
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, Outcome::NotApplied)
            .with_reason(Reason::InvalidParameter)
            .with_message(message)
    }

    /// Makes the error of credentials that are missing or malformed.
    #[must_use]
    pub fn invalid_credentials(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidCredentials, Outcome::NotApplied)
            .with_reason(Reason::BadCredentials)
            .with_message(message)
    }

    /// Sets the sentence: lower case, one line.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Changes the kind of failure, where the provider's own code knows better than its status.
    #[must_use]
    pub fn with_code(mut self, code: ErrorCode) -> Self {
        self.0.code = code;
        self
    }

    /// Sets the word to match on.
    #[must_use]
    pub fn with_reason(mut self, reason: Reason) -> Self {
        self.0.reason = reason;
        self
    }

    /// Sets what to do, where the kind of failure does not say it.
    #[must_use]
    pub fn with_action(mut self, action: Action) -> Self {
        self.0.action = Some(action);
        self
    }

    /// Says whether the same request may be sent again as it is.
    #[must_use]
    pub fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// Changes what became of the request, where the provider's own code knows better.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = outcome;
        self
    }

    /// Sets who failed.
    #[must_use]
    pub fn with_provider(mut self, provider: ProviderName) -> Self {
        self.0.provider = Some(provider);
        self
    }

    /// Sets the provider's own number.
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

    /// Sets whom the request was for.
    #[must_use]
    pub fn with_recipient(mut self, recipient: Address) -> Self {
        self.0.recipient = Some(recipient);
        self
    }

    /// Sets the id of what was made.
    #[must_use]
    pub fn with_sid(mut self, sid: impl Into<String>) -> Self {
        self.0.sid = Some(sid.into());
        self
    }

    /// Sets what a person should do about it.
    #[must_use]
    pub fn with_advice(mut self, advice: &'static str) -> Self {
        self.0.advice = Some(advice);
        self
    }

    /// Sets where in the provider's console to look.
    #[must_use]
    pub fn with_console(mut self, place: &'static str) -> Self {
        self.0.console = Some(place);
        self
    }

    /// Says what the request was to do: of a read nothing can have been done, of an update nothing twice.
    #[must_use]
    pub fn with_class(mut self, class: RequestClass) -> Self {
        self.0.class = Some(class);
        self
    }

    /// Sets the error beneath.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
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

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if let Some(provider) = &inner.provider {
            write!(f, "{provider}: ")?;
        }
        if inner.message.is_empty() {
            f.write_str(inner.code.as_str())?;
        } else {
            f.write_str(&inner.message)?;
        }
        if let Some(recipient) = &inner.recipient {
            write!(f, " (to {})", recipient.masked())?;
        }
        match (inner.provider_code, inner.provider_status) {
            (Some(code), Some(status)) => write!(f, " [code {code}, HTTP {status}]")?,
            (Some(code), None) => write!(f, " [code {code}]")?,
            (None, Some(status)) => write!(f, " [HTTP {status}]")?,
            (None, None) => {}
        }
        match inner.outcome {
            Outcome::NotApplied => Ok(()),
            _ if inner.class == Some(RequestClass::Read) => Ok(()),
            Outcome::Unknown if inner.retryable => Ok(()),
            Outcome::Unknown => {
                f.write_str("; it may have been done all the same: check before repeating it")
            }
            Outcome::Applied => f.write_str("; it was done all the same: do not repeat it"),
        }
    }
}

impl fmt::Debug for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        let mut out = f.debug_struct("ProviderError");
        out.field("code", &inner.code)
            .field("reason", &inner.reason)
            .field("outcome", &inner.outcome)
            .field("retryable", &inner.retryable)
            .field("action", &self.action())
            .field("message", &inner.message);
        let mut optional = |name: &str, value: Option<&dyn fmt::Debug>| {
            if let Some(value) = value {
                out.field(name, value);
            }
        };
        optional("provider", inner.provider.as_ref().map(|v| v as _));
        optional("provider_code", inner.provider_code.as_ref().map(|v| v as _));
        optional("provider_status", inner.provider_status.as_ref().map(|v| v as _));
        optional("request_id", inner.request_id.as_ref().map(|v| v as _));
        optional("retry_after", inner.retry_after.as_ref().map(|v| v as _));
        optional("recipient", inner.recipient.as_ref().map(|v| v as _));
        optional("sid", inner.sid.as_ref().map(|v| v as _));
        optional("source", inner.source.as_ref().map(|v| v as _));
        out.finish_non_exhaustive()
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
    fn display_masks_the_recipient_and_warns_of_an_unknown_outcome() {
        let error = ProviderError::new(ErrorCode::NetworkError, Outcome::Unknown)
            .with_message("no answer within 20 s")
            .with_recipient("+14155551234".into());
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("…1234") && !shown.contains("5551234"), "{shown}");
        assert!(error.to_string().contains("check before repeating"));
        assert_eq!(error.action(), Action::CheckOutcome);
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

    #[test]
    fn wire_names_are_those_of_serde() {
        for code in [ErrorCode::InvalidCredentials, ErrorCode::ProviderError, ErrorCode::Blocked] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
        assert_eq!(serde_json::to_value(Action::FixRequest).unwrap(), Action::FixRequest.as_str());
    }
}
