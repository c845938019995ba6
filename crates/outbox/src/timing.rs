//! Every interval of the outbox, in one place.

use std::time::Duration;

/// A point in time (since 1970, UTC) or a duration, in microseconds.
pub(crate) type Micros = i64;

pub(crate) fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}

/// Every interval of the outbox. The defaults are suitable for real providers; tests use shorter ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// The maximum time between the start of the transaction that marks a message and the start of its request. After
    /// that, the mark is taken back. Default: 5 s.
    pub begin: Duration,
    /// The longest time for a whole request. Default: 30 s.
    pub send: Duration,
    /// This time after its mark, an attempt can no longer be in progress. It is stored with each mark, and must be
    /// longer than `begin` and `send` together. A worker that starts does not wait for it: messages that an earlier
    /// worker left marked become unknown immediately. Default: 45 s.
    pub deadline: Duration,
    /// How long a sender belongs to one worker after that worker's last transaction for it, where several workers use
    /// one database. Must be longer than `begin`. After a crash, another worker takes the sender over after this time,
    /// or sooner if it has fewer senders. Default: 30 s.
    pub lease: Duration,
    /// How long before its begin time, which follows from its sender's rate, a message is marked. Default: 250 ms.
    pub horizon: Duration,
    /// The first wait before a message is sent again; it doubles with every failure. Default: 2 s.
    pub backoff: Duration,
    /// The longest wait before a message is sent again, and the longest pause of a sender or an account. Default: 15
    /// min.
    pub backoff_max: Duration,
    /// The first pause of a sender or an account; it doubles with every failure. Default: 60 s.
    pub pause: Duration,
    /// The first pause of an account that sends too fast, if the provider does not name one. Default: 1 s.
    pub rate_pause: Duration,
    /// How long a message waits if it cannot be told apart from an open message. Default: 60 s.
    pub equal: Duration,
    /// How often the worker looks for messages that other processes enqueued; less often if the query is slow. Default:
    /// 250 ms.
    pub look: Duration,
    /// After this time without a worker, the database may be an old copy: before a sender sends again, the provider is
    /// asked what it sent meanwhile. Default: 10 min.
    pub away: Duration,
    /// How long the database may be busy before the log reports it. Default: 5 s.
    pub busy: Duration,
    /// How often the worker looks for unknown messages whose check is due. Default: 1 s.
    pub settle: Duration,
    /// When an unknown message is checked the first three times, after it became unknown. Default: 1, 5 and 15 min.
    pub checks: [Duration; 3],
    /// How often it is checked after that. Default: 1 h.
    pub check_every: Duration,
    /// How long it is checked before it is parked. Default: 24 h.
    pub check_for: Duration,
    /// The minimum time between two lists that prove that the provider does not have a message, by the provider's
    /// clock. It must be longer than the provider ever takes to carry out a request and to list the result. Default:
    /// 15 min.
    pub absent_gap: Duration,
    /// How long before its mark a message may have been created, because clocks differ. Default: 2 min.
    pub created_before: Duration,
    /// The same, if another process marked it, perhaps with a wrong clock. A message with the same text that was
    /// created in this time is not taken for it, but forbids to say that the provider does not have it. Default: 25 h.
    pub doubt: Duration,
    /// The minimum time between two requests for lists of an account. Default: 500 ms.
    pub list_every: Duration,
}

impl Timing {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            begin: Duration::from_secs(5),
            send: Duration::from_secs(30),
            deadline: Duration::from_secs(45),
            lease: Duration::from_secs(30),
            horizon: Duration::from_millis(250),
            backoff: Duration::from_secs(2),
            backoff_max: Duration::from_secs(15 * 60),
            pause: Duration::from_secs(60),
            rate_pause: Duration::from_secs(1),
            equal: Duration::from_secs(60),
            look: Duration::from_millis(250),
            away: Duration::from_secs(10 * 60),
            busy: Duration::from_secs(5),
            settle: Duration::from_secs(1),
            checks: [Duration::from_secs(60), Duration::from_secs(5 * 60), Duration::from_secs(15 * 60)],
            check_every: Duration::from_secs(3600),
            check_for: Duration::from_secs(24 * 3600),
            absent_gap: Duration::from_secs(15 * 60),
            created_before: Duration::from_secs(2 * 60),
            doubt: Duration::from_secs(25 * 3600),
            list_every: Duration::from_millis(500),
        }
    }

    /// Divides every interval by a number, for tests. 0 counts as 1.
    #[must_use]
    pub fn faster(self, times: u32) -> Self {
        let by = |interval: Duration| interval / times.max(1);
        Self {
            begin: by(self.begin),
            send: by(self.send),
            deadline: by(self.deadline),
            lease: by(self.lease),
            horizon: by(self.horizon),
            backoff: by(self.backoff),
            backoff_max: by(self.backoff_max),
            pause: by(self.pause),
            rate_pause: by(self.rate_pause),
            equal: by(self.equal),
            look: by(self.look),
            busy: by(self.busy),
            settle: by(self.settle),
            checks: self.checks.map(by),
            check_every: by(self.check_every),
            check_for: by(self.check_for),
            absent_gap: by(self.absent_gap),
            created_before: by(self.created_before),
            doubt: by(self.doubt),
            list_every: by(self.list_every),
            away: by(self.away),
        }
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self::new()
    }
}
