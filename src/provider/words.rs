//! The vocabulary of an error: what became of the request, what kind of failure, why, and what to do.

use std::borrow::Cow;
use std::fmt;

use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Makes an enum of wire names that later versions may add to. What is read and not known becomes `$fallback`, so that
/// a program can read what a newer one has written.
macro_rules! open_words {
    ($(#[$meta:meta])* $name:ident, else $fallback:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the wire name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(match Cow::<str>::deserialize(deserializer)?.as_ref() {
                    $($word => Self::$variant,)+
                    _ => Self::$fallback,
                })
            }
        }
    };
}

/// What became of a request that failed.
///
/// There are three, and there will be no fourth: match on all of them, and nobody is texted twice or forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The provider surely did nothing: it was not reached, or it refused.
    NotApplied,
    /// The provider may have done it: bytes left and no usable answer came back. Look before you send again.
    Unknown,
    /// The provider did it, but its answer could not be read whole.
    Applied,
}

impl Outcome {
    /// Returns the wire name, `not_applied`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotApplied => "not_applied",
            Self::Unknown => "unknown",
            Self::Applied => "applied",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

open_words! {
    /// The kind of failure, by the wire names that dashboards match on. A name that is not known here is read as
    /// [`ProviderError`](Self::ProviderError).
    ErrorCode, else ProviderError {
        /// Credentials are missing or malformed; found before anything was sent.
        InvalidCredentials = "INVALID_CREDENTIALS",
        /// The request is wrong, and stays wrong until somebody changes it.
        InvalidRequest = "INVALID_REQUEST",
        /// The provider does not accept the credentials (401).
        Unauthorized = "UNAUTHORIZED",
        /// The provider does not allow this with these credentials (403).
        Forbidden = "FORBIDDEN",
        /// There is no such resource (404).
        NotFound = "NOT_FOUND",
        /// Too many requests (429).
        RateLimited = "RATE_LIMITED",
        /// The provider failed, or its answer cannot be understood.
        ProviderError = "PROVIDER_ERROR",
        /// No answer came.
        NetworkError = "NETWORK_ERROR",
        /// A policy of your own said no.
        Blocked = "BLOCKED",
    }
}

open_words! {
    /// What a person or a program should do about a failure. A name that is not known here is read as
    /// [`ContactSupport`](Self::ContactSupport).
    Action, else ContactSupport {
        /// Do the same again, later.
        Retry = "retry",
        /// Enter the credentials again.
        Reconnect = "reconnect",
        /// Change the request: doing the same again fails the same way.
        FixRequest = "fix-request",
        /// Find out whether it went out before doing anything again.
        CheckOutcome = "check-outcome",
        /// Change something in the provider's account, or ask its support.
        ContactSupport = "contact-support",
    }
}

open_words! {
    /// Why, in a word that a program can match on, whatever the provider's own number for it is. A word that is not
    /// known here is read as [`Unknown`](Self::Unknown).
    #[derive(Default)]
    Reason, else Unknown {
        /// The recipient has opted out: send nothing until they opt in again.
        OptedOut = "opted_out",
        /// The recipient is not a number or address that can be reached.
        InvalidRecipient = "invalid_recipient",
        /// The recipient is a landline or another line that takes no texts.
        NotTextable = "not_textable",
        /// The handset or the user is not reachable now.
        RecipientUnreachable = "recipient_unreachable",
        /// The sender is malformed, not owned, or cannot do this.
        InvalidSender = "invalid_sender",
        /// The sender must first be registered or verified with the carriers.
        SenderNotRegistered = "sender_not_registered",
        /// A carrier or the provider filtered the content.
        Filtered = "filtered",
        /// The sender's queue is full.
        QueueFull = "queue_full",
        /// Too many requests, or more than a daily or carrier limit allows.
        RateLimited = "rate_limited",
        /// Outside the window in which free-form messages are allowed: use a template.
        OutsideWindow = "outside_window",
        /// The recipient's country is not enabled for this account.
        CountryNotEnabled = "country_not_enabled",
        /// A trial account may not do this.
        TrialLimit = "trial_limit",
        /// The credentials are wrong.
        BadCredentials = "bad_credentials",
        /// The credentials are right and lack a permission.
        PermissionDenied = "permission_denied",
        /// The account is suspended, closed or not active.
        AccountSuspended = "account_suspended",
        /// There is no such resource.
        NotFound = "not_found",
        /// The resource is in a state in which this cannot be done.
        WrongState = "wrong_state",
        /// A parameter is missing.
        MissingParameter = "missing_parameter",
        /// A parameter is wrong.
        InvalidParameter = "invalid_parameter",
        /// A media file cannot be fetched, is too large, or is of a wrong type.
        MediaProblem = "media_problem",
        /// A template or its variables are wrong.
        TemplateProblem = "template_problem",
        /// The provider could not fetch a URL of yours, or got a wrong answer from it.
        WebhookProblem = "webhook_problem",
        /// A feature is not switched on for the account.
        NotEnabled = "not_enabled",
        /// Blocked as likely fraud.
        FraudBlocked = "fraud_blocked",
        /// Not at this hour.
        QuietHours = "quiet_hours",
        /// The budget is spent.
        BudgetSpent = "budget_spent",
        /// Too many wrong attempts.
        TooManyAttempts = "too_many_attempts",
        /// The provider is down or in maintenance.
        ServiceUnavailable = "service_unavailable",
        /// No connection, or it broke.
        Network = "network",
        /// It took too long.
        Timeout = "timeout",
        /// The program stopped it before it began.
        Stopped = "stopped",
        /// The provider's answer cannot be read.
        UnreadableAnswer = "unreadable_answer",
        /// None of the others: see the provider's own code.
        #[default]
        Unknown = "unknown",
    }
}

impl ErrorCode {
    /// Returns the status with which an HTTP endpoint of yours passes the failure on, where nothing was done. See
    /// [`ProviderError::http_status`](super::ProviderError::http_status), which heeds the outcome as well.
    ///
    /// `UNAUTHORIZED` is 400 like `INVALID_CREDENTIALS`, whether a form or the provider found the mistake: a 401 would
    /// tell browsers and front ends that their user has to log in to *you*.
    #[must_use]
    pub const fn http_status(self) -> StatusCode {
        match self {
            Self::InvalidRequest | Self::InvalidCredentials | Self::Unauthorized => StatusCode::BAD_REQUEST,
            Self::Forbidden | Self::Blocked => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::ProviderError | Self::NetworkError => StatusCode::BAD_GATEWAY,
        }
    }

    pub(super) const fn http_status_after(self, outcome: Outcome) -> StatusCode {
        match outcome {
            Outcome::Unknown => StatusCode::GATEWAY_TIMEOUT,
            Outcome::NotApplied | Outcome::Applied => self.http_status(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::{Value, from_value, json, to_value};

    use super::*;

    fn round_trip<T: Copy + PartialEq + fmt::Debug + fmt::Display + Serialize + DeserializeOwned>(
        words: &[T],
    ) {
        for word in words {
            let json = to_value(word).unwrap();
            assert_eq!(json, Value::from(word.to_string()));
            assert_eq!(from_value::<T>(json).unwrap(), *word);
        }
    }

    #[test]
    fn every_word_is_read_as_it_was_written() {
        round_trip(ErrorCode::ALL);
        round_trip(Action::ALL);
        round_trip(Reason::ALL);
        round_trip(&[Outcome::NotApplied, Outcome::Unknown, Outcome::Applied]);
        assert_eq!(ErrorCode::InvalidCredentials.as_str(), "INVALID_CREDENTIALS");
        assert_eq!(Action::FixRequest.as_str(), "fix-request");
        assert_eq!(Reason::OptedOut.as_str(), "opted_out");
    }

    #[test]
    fn a_word_of_a_later_version_is_read_and_a_new_outcome_is_an_error() {
        assert_eq!(from_value::<Reason>(json!("struck_by_lightning")).unwrap(), Reason::Unknown);
        assert_eq!(from_value::<ErrorCode>(json!("TEAPOT")).unwrap(), ErrorCode::ProviderError);
        assert_eq!(from_value::<Action>(json!("wait")).unwrap(), Action::ContactSupport);
        assert!(from_value::<Outcome>(json!("perhaps")).is_err());
    }
}
