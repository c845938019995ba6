//! Who decides whether a request goes out: the connection that takes its body, or the sender that withdraws it.
//!
//! A limit can run out on one thread while the connection's task, on another, is about to write the request. Reading a
//! flag first and deciding afterwards would sometimes report "not sent" for a request that leaves a moment later. So
//! there is one atomic word with three states, and both sides change it with one compare-exchange: the first one wins,
//! and the other is told so.
//!
//! `tests/it/mark_model.rs` includes this file with loom's atomics in the place of `super::atomic`, and checks every
//! order of the two sides.

use super::atomic::{AtomicU64, Ordering};

const WAITING: u64 = 0;
const REVOKED: u64 = u64::MAX;

/// Waiting, then either taken or revoked, for ever.
#[derive(Debug)]
pub(crate) struct Mark(AtomicU64);

impl Mark {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(WAITING))
    }

    /// Takes the request, to send it; `at` is kept as the time. False where it was revoked: then no byte may leave.
    ///
    /// To take it again is no error: a body is polled more than once.
    pub(crate) fn take(&self, at: u64) -> bool {
        self.decide(at.clamp(WAITING + 1, REVOKED - 1)) != REVOKED
    }

    /// Withdraws the request. True where no connection took it: then none ever will. False where one did: it may
    /// have been sent.
    pub(crate) fn revoke(&self) -> bool {
        self.decide(REVOKED) == REVOKED
    }

    /// Was it revoked?
    pub(crate) fn is_revoked(&self) -> bool {
        self.0.load(Ordering::Acquire) == REVOKED
    }

    /// Returns when it was taken.
    pub(crate) fn taken_at(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Acquire)).filter(|state| *state != WAITING && *state != REVOKED)
    }

    /// Changes what is waiting into `wanted`, and returns what it is then.
    fn decide(&self, wanted: u64) -> u64 {
        match self.0.compare_exchange(WAITING, wanted, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => wanted,
            Err(decided) => decided,
        }
    }
}
