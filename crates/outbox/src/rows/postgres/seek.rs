//! From where the ready rows of a lane are read.
//!
//! While a transaction somewhere keeps an old snapshot, the server cannot remove the rows that were taken, and whoever
//! reads from the beginning walks over all of them. So a worker continues where it stopped. Rows that other processes
//! put before that place are found by [`look`](crate::rows::Rows::look), which reads from the beginning, and less often
//! the longer that takes.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::timing::Micros;

/// A queue and a priority.
pub(super) type Lane = (i64, i32);

/// The place of a row in its lane: when it is due, and its id.
pub(super) type Place = (Micros, i64);

/// Before the first row.
const START: Place = (Micros::MIN, i64::MIN);

#[derive(Debug, Default)]
pub(super) struct Seeks(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// No row of the lane is at this place or before it.
    after: HashMap<Lane, Place>,
    /// Rows that were put into a lane while a transaction of the worker, or a look, was running.
    during_tick: HashMap<Lane, Place>,
    during_look: HashMap<Lane, Place>,
}

impl Seeks {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rows after this place are read.
    pub(super) fn after(&self, lane: Lane) -> Place {
        self.lock().after.get(&lane).copied().unwrap_or(START)
    }

    pub(super) fn tick_begins(&self) {
        self.lock().during_tick.clear();
    }

    pub(super) fn look_begins(&self) {
        self.lock().during_look.clear();
    }

    /// A row was put into a lane.
    pub(super) fn put(&self, lane: Lane, row: Place) {
        let before = before(row);
        let mut inner = self.lock();
        let Inner { after, during_tick, during_look } = &mut *inner;
        if let Some(after) = after.get_mut(&lane) {
            *after = before.min(*after);
        }
        for during in [during_tick, during_look] {
            during.entry(lane).and_modify(|first| *first = before.min(*first)).or_insert(before);
        }
    }

    /// A committed transaction of the worker has taken every row up to this place.
    pub(super) fn taken(&self, lane: Lane, last: Place) {
        let mut inner = self.lock();
        let put = inner.during_tick.get(&lane).copied();
        inner.after.insert(lane, put.map_or(last, |put| put.min(last)));
    }

    /// A look, which reads from the beginning, has found this row first.
    pub(super) fn found(&self, lane: Lane, first: Place) {
        let mut inner = self.lock();
        let put = inner.during_look.get(&lane).copied();
        let first = put.map_or(before(first), |put| put.min(before(first)));
        if inner.after.get(&lane).is_some_and(|after| first < *after) {
            // A transaction that runs at this moment must not set it back.
            let during = inner.during_tick.entry(lane).or_insert(first);
            *during = first.min(*during);
        }
        inner.after.insert(lane, first);
    }
}

const fn before((due, id): Place) -> Place {
    (due, id.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANE: Lane = (1, 1);

    #[test]
    fn a_lane_is_read_from_where_it_was_left() {
        let seeks = Seeks::default();
        assert_eq!(seeks.after(LANE), START);
        seeks.tick_begins();
        seeks.taken(LANE, (10, 7));
        assert_eq!(seeks.after(LANE), (10, 7));
        assert_eq!(seeks.after((1, 2)), START);
    }

    #[test]
    fn a_row_that_goes_back_is_read_again() {
        let seeks = Seeks::default();
        seeks.taken(LANE, (10, 7));
        seeks.put(LANE, (5, 3));
        seeks.put(LANE, (6, 1));
        assert_eq!(seeks.after(LANE), (5, 2));
    }

    #[test]
    fn a_row_put_during_a_transaction_is_not_skipped_by_it() {
        let seeks = Seeks::default();
        seeks.tick_begins();
        seeks.put(LANE, (5, 3));
        seeks.taken(LANE, (10, 7));
        assert_eq!(seeks.after(LANE), (5, 2));
        seeks.tick_begins();
        seeks.taken(LANE, (10, 7));
        assert_eq!(seeks.after(LANE), (10, 7));
    }

    #[test]
    fn what_a_look_finds_is_read_even_by_a_transaction_that_runs() {
        let seeks = Seeks::default();
        seeks.taken(LANE, (10, 7));
        seeks.look_begins();
        seeks.tick_begins();
        seeks.found(LANE, (4, 1));
        assert_eq!(seeks.after(LANE), (4, 0));
        seeks.taken(LANE, (12, 9));
        assert_eq!(seeks.after(LANE), (4, 0));
    }

    #[test]
    fn a_look_does_not_skip_a_row_put_since_it_began() {
        let seeks = Seeks::default();
        seeks.look_begins();
        seeks.put(LANE, (5, 3));
        seeks.found(LANE, (8, 1));
        assert_eq!(seeks.after(LANE), (5, 2));
    }
}
