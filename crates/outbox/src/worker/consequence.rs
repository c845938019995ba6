//! The consequences of an attempt's result for the message, its sender and its account.

use std::time::Duration;

use switchboard::provider::{Accepted, DeliveryStatus, Outcome, Reason, Scope};
use switchboard::{ErrorCode, ProviderError};

use crate::state::Event;
use crate::timing::Timing;

/// The consequences of an attempt's result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Consequence {
    pub(crate) event: Event,
    pub(crate) then: Then,
    /// The pause of the sender or the account, if there is one.
    pub(crate) pause: Option<PauseFor>,
    pub(crate) segments: Option<u32>,
}

/// When a message that goes back to `ready` is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// This event does not set a time.
    Nothing,
    /// After a wait that grows with each failure, and not before the time that the provider asked for.
    Backoff(Option<Duration>),
    /// When the pause is over. This does not count as a failure of the message.
    AfterPause,
}

/// The sender or account to pause, and how long its first pause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PauseFor {
    pub(crate) scope: PauseScope,
    /// The first pause; it doubles up to `most`.
    pub(crate) first: Duration,
    pub(crate) most: Duration,
    /// The pause that the provider asked for, used instead of the doubling one. It is kept within these limits, because
    /// a provider may ask for a pause of zero or of a hundred years.
    pub(crate) asked: Option<Duration>,
    pub(crate) asked_least: Duration,
    pub(crate) asked_most: Duration,
    pub(crate) reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PauseScope {
    Sender,
    Account,
}

impl Consequence {
    /// Returns the consequences of a provider's answer to an attempt.
    pub(crate) fn of(attempt: u32, answer: &Result<Accepted, ProviderError>, timing: &Timing) -> Self {
        let error = match answer {
            Ok(accepted) => return Self::accepted(attempt, accepted),
            Err(error) => error,
        };
        let pause = pause(error, timing);
        let (event, then) = match error.outcome() {
            Outcome::Applied => {
                let sid = error.sid().map(ToOwned::to_owned);
                (Event::Accepted { attempt, sid, status: DeliveryStatus::Queued }, Then::Nothing)
            }
            Outcome::Unknown => (Event::Lost { attempt }, Then::Nothing),
            Outcome::NotApplied if pause.is_some() => {
                (Event::Refused { attempt, again: true }, Then::AfterPause)
            }
            Outcome::NotApplied if error.is_retryable() || error.scope() == Scope::Attempt => {
                (Event::Refused { attempt, again: true }, Then::Backoff(error.retry_after()))
            }
            Outcome::NotApplied => (Event::Refused { attempt, again: false }, Then::Nothing),
        };
        Self { event, then, pause, segments: None }
    }

    fn accepted(attempt: u32, accepted: &Accepted) -> Self {
        let sid = Some(accepted.id.id.clone());
        let event = Event::Accepted { attempt, sid, status: accepted.status.clone() };
        Self { event, then: Then::Nothing, pause: None, segments: accepted.segments }
    }
}

/// A failure of the whole sender or account must cause a pause. If it rejected each message, a queue would be empty
/// within minutes.
fn pause(error: &ProviderError, timing: &Timing) -> Option<PauseFor> {
    let reason = error.reason();
    let usual = |scope| PauseFor {
        scope,
        first: timing.pause,
        most: timing.backoff_max,
        asked: error.retry_after(),
        asked_least: timing.rate_pause.min(timing.backoff_max),
        asked_most: timing.backoff_max,
        reason,
    };
    match error.scope() {
        // If the request was carried out, or may have been, there is no reason for a pause.
        _ if error.outcome() == Outcome::Applied => None,
        Scope::Attempt | Scope::Message | Scope::Recipient => None,
        Scope::Sender => Some(usual(PauseScope::Sender)),
        Scope::Account if error.code() == ErrorCode::RateLimited => {
            let scope = PauseScope::Account;
            Some(PauseFor { first: timing.rate_pause, most: timing.pause, ..usual(scope) })
        }
        Scope::Account => Some(usual(PauseScope::Account)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard::provider::{Earlier, Fact, RequestClass, Seen, SendId, verdict};

    const TIMING: Timing = Timing::new();

    fn error(code: ErrorCode, outcome: Outcome, reason: Reason) -> ProviderError {
        ProviderError::new(code, outcome).with_reason(reason)
    }

    fn of(error: ProviderError) -> Consequence {
        Consequence::of(3, &Err(error), &TIMING)
    }

    fn rejected() -> Event {
        Event::Refused { attempt: 3, again: false }
    }

    fn again() -> Event {
        Event::Refused { attempt: 3, again: true }
    }

    #[test]
    fn an_answer_is_accepted_with_its_id() {
        let mut accepted = Accepted::new(SendId::text("SM1"), DeliveryStatus::Queued);
        accepted.segments = Some(2);
        let got = Consequence::of(3, &Ok(accepted), &TIMING);
        let status = DeliveryStatus::Queued;
        assert_eq!(got.event, Event::Accepted { attempt: 3, sid: Some("SM1".into()), status });
        assert_eq!((got.segments, got.pause), (Some(2), None));
    }

    #[test]
    fn what_was_done_is_accepted_even_where_its_answer_cannot_be_read() {
        let lost = error(ErrorCode::NetworkError, Outcome::Applied, Reason::UnreadableAnswer);
        let with_sid = of(lost.clone().with_sid("SM2"));
        assert!(matches!(with_sid.event, Event::Accepted { sid: Some(sid), .. } if sid == "SM2"));
        assert!(matches!(of(lost).event, Event::Accepted { sid: None, .. }));
    }

    #[test]
    fn a_lost_answer_is_never_a_reason_to_send_again() {
        for reason in [Reason::Timeout, Reason::ServiceUnavailable, Reason::QueueFull, Reason::Unknown] {
            let got = of(error(ErrorCode::ProviderError, Outcome::Unknown, reason));
            assert_eq!((got.event, got.then), (Event::Lost { attempt: 3 }, Then::Nothing), "{reason}");
        }
    }

    #[test]
    fn a_wrong_message_is_rejected_alone() {
        for reason in [Reason::InvalidRecipient, Reason::OptedOut, Reason::Filtered] {
            let got = of(error(ErrorCode::InvalidRequest, Outcome::NotApplied, reason));
            assert_eq!((got.event, got.pause), (rejected(), None), "{reason}");
        }
    }

    #[test]
    fn a_full_queue_pauses_its_sender_only() {
        let got = of(error(ErrorCode::RateLimited, Outcome::NotApplied, Reason::QueueFull));
        assert_eq!((got.event, got.then), (again(), Then::AfterPause));
        assert_eq!(got.pause.map(|pause| pause.scope), Some(PauseScope::Sender));
    }

    #[test]
    fn what_fails_for_the_whole_account_rejects_nothing() {
        for (code, reason) in [
            (ErrorCode::Unauthorized, Reason::BadCredentials),
            (ErrorCode::Forbidden, Reason::AccountSuspended),
            (ErrorCode::Forbidden, Reason::BudgetSpent),
            (ErrorCode::InvalidCredentials, Reason::BadCredentials),
        ] {
            let got = of(error(code, Outcome::NotApplied, reason));
            assert_eq!((got.event, got.then), (again(), Then::AfterPause), "{reason}");
            let pause = got.pause.unwrap();
            assert_eq!((pause.scope, pause.first), (PauseScope::Account, TIMING.pause), "{reason}");
        }
    }

    #[test]
    fn too_many_requests_pause_the_account_as_long_as_the_provider_says() {
        let wait = Duration::from_secs(7);
        let limited =
            error(ErrorCode::RateLimited, Outcome::NotApplied, Reason::RateLimited).with_retry_after(wait);
        let pause = of(limited).pause.unwrap();
        assert_eq!(
            (pause.scope, pause.asked, pause.first),
            (PauseScope::Account, Some(wait), TIMING.rate_pause)
        );
    }

    #[test]
    fn a_connection_that_failed_before_anything_was_sent_is_tried_again() {
        let not_taken =
            verdict(Seen::NotTaken, RequestClass::Create, Fact::default(), Earlier::default(), false);
        let network = error(ErrorCode::NetworkError, Outcome::NotApplied, Reason::Network)
            .with_verdict(not_taken, RequestClass::Create);
        let got = of(network);
        assert_eq!((got.event, got.then, got.pause), (again(), Then::Backoff(None), None));
    }
}
