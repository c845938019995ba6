//! What a worker's transaction is given, and what it answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Pause;
use super::check::Seen;
use super::delivered::Facts;
use crate::policy::{Bucket, Count, Policy, Purse, Ruling, Want};
use crate::state::{Event, ParkReason};
use crate::timing::Micros;
use crate::worker::pace::Pace;

/// What a transaction needs where other workers use the same database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lease {
    /// Until when the senders of this transaction belong to its worker.
    pub(crate) until: Micros,
    /// How late a message of another worker may have begun. See [`Pace::restarted`].
    pub(crate) late: Micros,
    /// Messages that are `sending` after their deadline become unknown.
    pub(crate) lapse: bool,
    /// The messages whose request or result this worker has: these do not lapse. Empty if nothing is to lapse.
    pub(crate) held: Vec<i64>,
}

/// One transaction of a worker.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tick {
    pub(crate) epoch: i64,
    /// The number of this tick in its epoch, which is stored with its marks.
    pub(crate) batch: i64,
    pub(crate) at: Micros,
    pub(crate) results: Vec<Finished>,
    /// Ticks whose result was lost: the messages that they marked were never sent, and go back to `ready`.
    pub(crate) forget: Vec<i64>,
    pub(crate) pauses: Vec<Pause>,
    /// `None` if this is the only worker.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "SQLite has one worker"))]
    pub(crate) lease: Option<Lease>,
    pub(crate) take: Vec<Take>,
    /// Rows to mark at most, for all senders together.
    pub(crate) limit: u32,
    /// The latest time at which the request of a message that is marked now may begin.
    pub(crate) begin_by: Micros,
    /// The time from which a marked message counts as unknown, if its worker has disappeared.
    pub(crate) deadline: Micros,
    /// When a message is checked again that cannot be told apart from an open one.
    pub(crate) equal_due: Micros,
    pub(crate) policy: Arc<Policy>,
    /// What the worker has reserved of the policy's budgets.
    pub(crate) purse: Arc<Purse>,
    /// All messages that earlier ticks of this epoch marked were handled without a crash.
    pub(crate) clean: bool,
}

/// The result of one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    pub(crate) id: i64,
    pub(crate) event: Event,
    /// When the message is due again, if it goes back to `ready`.
    pub(crate) due: Micros,
    /// Is this a failure that lengthens the message's next wait?
    pub(crate) counted: bool,
    pub(crate) why: Option<ParkReason>,
    pub(crate) error: Option<String>,
    pub(crate) segments: Option<u32>,
    /// What else the provider says about its delivery.
    pub(crate) facts: Facts,
    pub(crate) source: Source,
    /// The rule that refuses the message.
    pub(crate) because: Option<Ruling>,
    /// The provider says that the recipient has opted out.
    pub(crate) opted_out: bool,
    /// What the message counts for no longer, because it surely was not sent.
    pub(crate) not_sent: Vec<Count>,
}

impl Tick {
    /// Does it read or change what was sent recently?
    #[cfg(feature = "postgres")]
    pub(crate) fn is_counting(&self) -> bool {
        let takes = self.policy.has_velocity() && !self.take.is_empty();
        takes || self.results.iter().any(|told| !told.not_sent.is_empty())
    }
}

/// Where an event comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// The answer to the request, the worker itself, or a person.
    #[default]
    Direct,
    /// A verified callback.
    Callback,
    /// The provider's list, and what it showed.
    List(Seen),
}

/// The messages to mark for one sender.
#[derive(Debug, Clone)]
pub(crate) struct Take {
    pub(crate) sender: i64,
    /// Its queues, in the order in which they take turns.
    pub(crate) queues: Vec<i64>,
    pub(crate) pace: Pace,
    /// The latest begin time, by the sender's rate, of messages to mark now.
    pub(crate) until: Micros,
    pub(crate) rows: u32,
    /// The epoch of the worker from which the sender is taken, although its lease is not over.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "SQLite has one worker"))]
    pub(crate) from: Option<i64>,
}

/// A sender that belongs to another worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Foreign {
    pub(crate) sender: i64,
    /// The epoch of the worker that has it.
    pub(crate) owner: i64,
    pub(crate) until: Micros,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Ticked {
    pub(crate) marked: Vec<Marked>,
    /// The senders' paces after the messages were marked. A sender is missing if the limit was used up before its turn,
    /// or if it belongs to another worker. If another worker had it before, its stored pace counts, not that of the
    /// tick.
    pub(crate) paces: Vec<(i64, Pace)>,
    /// Senders that belong to another worker. Nothing was marked for them.
    pub(crate) foreign: Vec<Foreign>,
    /// The number of messages that became unknown because their deadline was over.
    pub(crate) lapsed: u64,
    /// For each queue that was read: when its next row is due; `None` where it is empty.
    pub(crate) next_due: Vec<(i64, Option<Micros>)>,
    /// The budgets of which a part must be reserved before more can be marked.
    pub(crate) wanted: BTreeMap<Bucket, Want>,
}

/// A message that may be sent now, because its mark is on disk.
#[derive(Debug, Clone)]
pub(crate) struct Marked {
    pub(crate) id: i64,
    pub(crate) attempt: u32,
    pub(crate) queue: i64,
    pub(crate) sender: i64,
    pub(crate) weight: u32,
    /// When it may begin, by its sender's rate.
    pub(crate) begin: Micros,
    /// When it was due.
    pub(crate) due: Micros,
    /// The number of failures that lengthen its next wait.
    pub(crate) tries: u32,
    /// The end of the time in which it may be delivered: when it expires, or when its window closes.
    pub(crate) expires: Option<Micros>,
    pub(crate) request: String,
    /// What it uses of budgets.
    pub(crate) charges: Vec<(Bucket, i64)>,
    /// The limits towards which it counts, and until when.
    pub(crate) counts: Vec<Count>,
}
