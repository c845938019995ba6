//! The queue of each sender, where sending takes time.
//!
//! The rate of a sender is fixed and its queue is first in, first out. So the time at which a message is sent is known when
//! it enters the queue, and a queue is one number: the time at which its sender is free again.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::engine::clock::later;
use crate::sender_rates::{SenderQueue, SenderRates};

/// The code of a message to a messaging service that found a full queue.
const OVERFLOW: u32 = 30001;
/// The code of a message that waited longer than its `ValidityPeriod`.
const EXPIRED: u32 = 30036;

/// The queues of the senders of an account. Without rates there are none, and messages do not wait for each other.
#[derive(Default)]
pub(crate) struct SenderQueues {
    rates: Option<SenderRates>,
    queues: BTreeMap<String, Queue>,
}

struct Queue {
    messages: usize,
    segments: u64,
    /// When the sender has sent everything that waits.
    free_at: Timestamp,
}

/// A message that enters a queue.
pub(super) struct Entry<'a> {
    pub(super) from: &'a str,
    pub(super) service: Option<&'a str>,
    pub(super) segments: u64,
    pub(super) validity: Duration,
}

/// What becomes of a message in a queue.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// The queue that the message is in; `None` where it found no room.
    pub(super) queue: Option<String>,
    /// When it leaves the queue.
    pub(super) at: Timestamp,
    /// The code with which it fails then. Without one it is sent.
    pub(super) error: Option<u32>,
}

impl SenderQueues {
    pub(in crate::engine) fn set_rates(&mut self, rates: SenderRates) {
        self.rates = Some(rates);
    }

    /// Returns the HTTP status that refuses a message from this number, if the queue of the number is full.
    pub(super) fn refusal(&self, from: &str) -> Option<u16> {
        let rates = self.rates.as_ref()?;
        self.is_full(rates, from).then(|| rates.refusal_status())
    }

    /// Adds a message. `None` where senders have no queues.
    pub(super) fn enter(&mut self, entry: &Entry<'_>, now: Timestamp) -> Option<Turn> {
        let rates = self.rates.as_ref()?;
        let name = entry.service.filter(|service| rates.has_rate(service)).unwrap_or(entry.from);
        if self.is_full(rates, name) {
            return Some(Turn { queue: None, at: now, error: Some(OVERFLOW) });
        }
        let sending = sending_time(entry.segments, rates.rate_of(name));
        let idle = || Queue { messages: 0, segments: 0, free_at: now };
        let queue = self.queues.entry(name.to_owned()).or_insert_with(idle);
        queue.messages += 1;
        queue.segments += entry.segments;
        let (at, expiry) = (queue.free_at.max(now), later(now, entry.validity));
        if at > expiry {
            return Some(Turn { queue: Some(name.to_owned()), at: expiry, error: Some(EXPIRED) });
        }
        queue.free_at = later(at, sending);
        Some(Turn { queue: Some(name.to_owned()), at, error: None })
    }

    /// Removes a message from its queue.
    pub(super) fn leave(&mut self, name: &str, segments: u64) {
        if let Some(queue) = self.queues.get_mut(name) {
            queue.messages = queue.messages.saturating_sub(1);
            queue.segments = queue.segments.saturating_sub(segments);
        }
    }

    /// Returns what waits in the queue of a sender.
    pub(crate) fn state(&self, name: &str, now: Timestamp) -> SenderQueue {
        let Some(queue) = self.queues.get(name) else { return SenderQueue::default() };
        let wait = Duration::try_from(queue.free_at.duration_since(now)).unwrap_or_default();
        SenderQueue { messages: queue.messages, segments: queue.segments, wait }
    }

    fn is_full(&self, rates: &SenderRates, name: &str) -> bool {
        let waiting = self.queues.get(name).map_or(0, |queue| queue.segments);
        waiting >= rates.capacity_of(name)
    }
}

/// Returns how long a sender needs for so many segments.
fn sending_time(segments: u64, rate: u32) -> Duration {
    let nanoseconds = u128::from(segments) * 1_000_000_000 / u128::from(rate.max(1));
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}
