//! Decides whether a request is sent: either the connection takes its body, or the sender withdraws it.
//!
//! A limit can run out on one thread while the connection's task, on another, is about to write the request. Reading a
//! flag first and deciding afterwards would sometimes report "not sent" for a request that leaves a moment later. So
//! there is one atomic word with three states, and both sides change it with one compare-exchange: the first one wins,
//! and the other sees that it lost.
//!
//! `tests/it/mark_model.rs` compiles this file with loom's atomics instead of `super::atomic`, and checks every order of
//! the two sides.

use super::atomic::{AtomicU64, Ordering};

const WAITING: u64 = 0;
const REVOKED: u64 = u64::MAX;

/// The state: first waiting, then permanently either taken or revoked.
#[derive(Debug)]
pub(crate) struct Mark(AtomicU64);

impl Mark {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(WAITING))
    }

    /// Takes the request, to send it, and stores the time `at`. False if it was revoked: then no byte may be sent.
    ///
    /// Taking it again returns true, too, because a body is polled more than once.
    pub(crate) fn take(&self, at: u64) -> bool {
        self.decide(at.clamp(WAITING + 1, REVOKED - 1)) != REVOKED
    }

    /// Withdraws the request. True if no connection took it: then none ever will. False if one did: it may have been
    /// sent.
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

    /// Changes the state from waiting to `wanted`, and returns the new or the existing state.
    fn decide(&self, wanted: u64) -> u64 {
        match self.0.compare_exchange(WAITING, wanted, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => wanted,
            Err(decided) => decided,
        }
    }
}
