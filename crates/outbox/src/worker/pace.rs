//! The pace of a sender: how many segments a second it may begin.
//!
//! It implements the generic cell rate algorithm, with one stored value: the time at which the next message may begin.
//! The value is stored with the marks, so a restart does not cause a burst. For a fast sender it is stored at most once
//! per [`Pace::STEP`], as its row would otherwise be written in each transaction.

use std::time::Duration;

use crate::timing::{Micros, micros};

/// The pace of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    /// When the next message may begin.
    pub(crate) next_free: Micros,
    /// Segments in 1,000 seconds.
    pub(crate) milli_per_second: u32,
}

impl Pace {
    /// How far a sender may catch up on missed time, so that a late timer does not make it slower than its rate. In any
    /// window of T seconds, at most rate × (T + 0.25) segments begin, plus those of the largest message.
    pub(crate) const CREDIT: Duration = Duration::from_millis(250);

    /// After a restart, a sender waits at least this long.
    pub(crate) const RESTART: Micros = 50_000;
    /// How far the stored time of a fast sender may be behind.
    pub(crate) const STEP: Micros = 1_000_000;
    /// The number of segments of the largest message.
    const LARGEST: u32 = 48;

    /// Returns the pace with which a worker continues for a sender that another worker or an earlier process had.
    ///
    /// The stored time is computed from the times at which messages were allowed to begin. The earlier worker may have
    /// begun them up to `late` afterwards, because it waited for answers or for the disk, and may have been killed
    /// before it stored that. So a sender that was busy right before waits as if its last message had begun at the
    /// latest allowed time.
    pub(crate) fn restarted(self, now: Micros, late: Micros) -> Self {
        let soonest = now.saturating_add(Self::RESTART);
        let wait = if self.is_fast() { Self::STEP } else { late };
        let paid = if self.next_free > 0 { self.next_free.saturating_add(wait) } else { 0 };
        Self { next_free: paid.max(soonest), ..self }
    }

    /// Returns the pace with which a worker continues for a sender that it takes from another one before that one's
    /// lease is over. The messages that the other one has marked may still begin, however fast the sender is.
    #[cfg(any(test, feature = "postgres"))]
    pub(crate) fn taken_over(self, now: Micros, late: Micros) -> Self {
        let soonest = now.saturating_add(Self::RESTART);
        let next_free = self.next_free.saturating_add(self.step()).saturating_add(late);
        Self { next_free: next_free.max(soonest), ..self }
    }

    /// Is a message of any size over within [`RESTART`](Self::RESTART)?
    fn is_fast(self) -> bool {
        self.time_of(Self::LARGEST) <= Self::RESTART
    }

    /// How far the stored time may be behind.
    pub(crate) fn step(self) -> Micros {
        if self.is_fast() { Self::STEP } else { 0 }
    }

    /// Is the pace after a transaction stored?
    #[cfg(any(test, feature = "postgres"))]
    pub(crate) fn is_stored(self, stored: Micros) -> bool {
        self.next_free >= stored.saturating_add(self.step())
    }

    /// Reserves the time for a message, and returns when it may begin; `None` if that is later than `until`.
    pub(crate) fn take(&mut self, now: Micros, until: Micros, weight: u32) -> Option<Micros> {
        let slot = self.next_free.max(now.saturating_sub(micros(Self::CREDIT)));
        if slot > until {
            return None;
        }
        self.next_free = slot.saturating_add(self.time_of(weight));
        Some(slot.max(now))
    }

    /// Returns how much time of the sender's rate a message uses.
    pub(crate) fn time_of(self, weight: u32) -> Micros {
        let needed = i64::from(weight).saturating_mul(1_000_000_000);
        needed / i64::from(self.milli_per_second.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Micros = 1_000_000;

    fn begun(pace: &mut Pace, ticks: impl Iterator<Item = Micros>, weight: u32) -> Vec<Micros> {
        let mut begun = Vec::new();
        for now in ticks {
            while let Some(at) = pace.take(now, now + 250_000, weight) {
                begun.push(at);
            }
        }
        begun
    }

    #[test]
    fn ten_minutes_of_irregular_ticks_keep_the_rate_to_one_per_cent() {
        for (rate, weight) in [(1_000, 1), (1_000, 3), (3_000, 2), (100_000, 1), (333, 1)] {
            let mut random = fastrand::Rng::with_seed(u64::from(rate));
            let mut pace = Pace { next_free: 0, milli_per_second: rate };
            let mut now = 0;
            let ticks = std::iter::from_fn(|| {
                now += random.i64(1_000..240_000);
                (now < 600 * SECOND).then_some(now)
            });
            let count = begun(&mut pace, ticks, weight).len() as f64 * f64::from(weight);
            let planned = f64::from(rate) / 1000.0 * 600.0;
            assert!(
                (count - planned).abs() <= planned * 0.01 + f64::from(weight),
                "{rate}: {count} of {planned}"
            );
        }
    }

    #[test]
    fn what_is_stored_is_never_so_old_that_another_worker_begins_too_early() {
        let late = SECOND;
        for milli_per_second in [1_000, 100_000, 960_000, 2_000_000, 50_000_000] {
            let mut random = fastrand::Rng::with_seed(u64::from(milli_per_second));
            let mut pace = Pace { next_free: 0, milli_per_second };
            let (mut stored, start, mut writes) = (0, 3600 * SECOND, 0);
            let mut now = start;
            for _ in 0..2_000 {
                now += random.i64(1_000..40_000);
                let before = pace;
                while pace.take(now, now + 250_000, random.u32(1..48)).is_some() {}
                if pace != before && pace.is_stored(stored) {
                    (stored, writes) = (pace.next_free, writes + 1);
                }
                let other = Pace { next_free: stored, ..pace };
                assert!(other.restarted(now, late).next_free >= pace.next_free);
                assert!(other.taken_over(now, late).next_free >= pace.next_free + late);
            }
            let seconds = (now - start) / SECOND;
            assert!(!pace.is_fast() || writes <= seconds + 1, "{writes} times in {seconds} s");
        }
    }

    #[test]
    fn a_message_beyond_the_rate_of_a_second_waits_and_is_not_refused() {
        let mut pace = Pace { next_free: 0, milli_per_second: 1_000 };
        assert_eq!(pace.take(0, 250_000, 5), Some(0));
        assert_eq!(pace.take(0, 250_000, 1), None);
        assert_eq!(pace.take(5 * SECOND, 5 * SECOND, 1), Some(5 * SECOND));
    }

    #[test]
    fn what_was_missed_is_caught_up_for_a_quarter_of_a_second_at_most() {
        let mut pace = Pace { next_free: 0, milli_per_second: 100_000 };
        let now = 3600 * SECOND;
        let at_once = std::iter::from_fn(|| pace.take(now, now, 1)).count();
        assert_eq!(at_once, 26);
    }
}
