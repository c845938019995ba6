//! The words an error is made of: what became of the request, what kind of failure, why, and what to do.

use std::fmt;

use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_are_those_of_serde() {
        for code in [ErrorCode::InvalidCredentials, ErrorCode::ProviderError, ErrorCode::Blocked] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
        assert_eq!(serde_json::to_value(Action::FixRequest).unwrap(), Action::FixRequest.as_str());
    }
}
