//! How far a failure reaches: only this message, or others as well.

use serde::{Deserialize, Serialize};

use super::{ErrorCode, Reason};

/// How far a failure reaches, and so what a queue of messages does about it.
///
/// Ask for the [`outcome`](super::ProviderError::outcome) first: where it is unknown, nothing is sent again before
/// somebody has looked, whatever the scope; it then says only whether other messages should wait.
///
/// Sorted from the nearest to the farthest. Exhaustive, as [`Outcome`](super::Outcome) is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This attempt only: the same message may be sent again later. Put it back into the queue.
    Attempt,
    /// This message: it stays refused until somebody changes it. Reject it.
    Message,
    /// Whatever this sender sends to this recipient, who has opted out. The sender is what the request named: a number,
    /// or a pool with all its numbers. Suppress the recipient until they opt in again.
    Recipient,
    /// Whatever this sender sends. Pause the sender: rejecting would use up its whole queue.
    Sender,
    /// Whatever the account sends. Pause the account: rejecting would use up all its queues.
    Account,
}

impl Scope {
    /// Returns the scope that a failure has where its adapter does not know better.
    pub(super) const fn usual(code: ErrorCode, reason: Reason) -> Self {
        match reason {
            Reason::Unknown | Reason::UnreadableAnswer => Self::of_code(code),
            reason => Self::of_reason(reason),
        }
    }

    const fn of_code(code: ErrorCode) -> Self {
        match code {
            ErrorCode::InvalidCredentials
            | ErrorCode::Unauthorized
            | ErrorCode::Forbidden
            | ErrorCode::RateLimited => Self::Account,
            ErrorCode::ProviderError | ErrorCode::NetworkError => Self::Attempt,
            ErrorCode::InvalidRequest | ErrorCode::NotFound | ErrorCode::Blocked => Self::Message,
        }
    }

    pub(crate) const fn of_reason(reason: Reason) -> Self {
        match reason {
            Reason::OptedOut => Self::Recipient,
            Reason::InvalidSender | Reason::SenderNotRegistered | Reason::QueueFull => Self::Sender,
            Reason::RateLimited
            | Reason::BadCredentials
            | Reason::PermissionDenied
            | Reason::AccountSuspended
            | Reason::BudgetSpent => Self::Account,
            Reason::RecipientUnreachable
            | Reason::QuietHours
            | Reason::ServiceUnavailable
            | Reason::Network
            | Reason::Timeout => Self::Attempt,
            _ => Self::Message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Earlier, Fact, Outcome, ProviderError, RequestClass, Seen, verdict};

    fn scope(code: ErrorCode, reason: Reason) -> Scope {
        ProviderError::new(code, Outcome::NotApplied).with_reason(reason).scope()
    }

    #[test]
    fn what_fails_for_everybody_does_not_reject_one_message() {
        assert_eq!(scope(ErrorCode::Unauthorized, Reason::Unknown), Scope::Account);
        assert_eq!(scope(ErrorCode::InvalidCredentials, Reason::BadCredentials), Scope::Account);
        assert_eq!(scope(ErrorCode::RateLimited, Reason::QueueFull), Scope::Sender);
        assert_eq!(scope(ErrorCode::Blocked, Reason::OptedOut), Scope::Recipient);
        assert_eq!(scope(ErrorCode::Blocked, Reason::QuietHours), Scope::Attempt);
        assert_eq!(scope(ErrorCode::InvalidRequest, Reason::InvalidRecipient), Scope::Message);
        assert_eq!(scope(ErrorCode::NetworkError, Reason::Network), Scope::Attempt);
    }

    #[test]
    fn an_adapter_may_know_better_and_a_stored_error_remembers() {
        let error =
            ProviderError::new(ErrorCode::InvalidRequest, Outcome::NotApplied).with_scope(Scope::Sender);
        let stored: ProviderError = serde_json::from_value(serde_json::to_value(&error).unwrap()).unwrap();
        assert_eq!((error.scope(), stored.scope()), (Scope::Sender, Scope::Sender));
    }

    #[test]
    fn what_may_be_sent_again_as_it_is_is_not_rejected() {
        let later = Fact { later: Some(true), ..Fact::default() };
        let seen = Seen::Status { status: 400, deleting: false };
        let verdict = verdict(seen, RequestClass::Create, later, Earlier::default(), false);
        let error = ProviderError::new(ErrorCode::InvalidRequest, Outcome::NotApplied)
            .with_verdict(verdict, RequestClass::Create);
        assert_eq!(error.scope(), Scope::Attempt);
    }
}
