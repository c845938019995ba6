//! A queue of items that are due at a time.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// Items in the order of their times. Items of the same time keep the order in which they were added.
#[derive(Debug)]
pub(super) struct Schedule<T> {
    due: BTreeMap<(Timestamp, u64), T>,
    added: u64,
}

impl<T> Default for Schedule<T> {
    fn default() -> Self {
        Self { due: BTreeMap::new(), added: 0 }
    }
}

impl<T> Schedule<T> {
    pub(super) fn add(&mut self, at: Timestamp, item: T) {
        self.added += 1;
        self.due.insert((at, self.added), item);
    }

    /// Returns the time of the first item.
    pub(super) fn first_time(&self) -> Option<Timestamp> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// Removes the first item if it is due by `limit`, and returns it with its time.
    pub(super) fn take_due(&mut self, limit: Timestamp) -> Option<(Timestamp, T)> {
        let first = self.due.first_entry().filter(|entry| entry.key().0 <= limit)?;
        let ((at, _), item) = first.remove_entry();
        Some((at, item))
    }
}
