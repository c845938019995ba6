//! Rows of one resource in the order of their creation, found by SID.

use std::collections::{BTreeMap, HashMap};

/// Rows by position and by SID. The position of a deleted row is kept, so that paging can continue from it.
#[derive(Debug)]
pub(super) struct Table<T> {
    rows: BTreeMap<u64, (String, T)>,
    positions: HashMap<String, u64>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), positions: HashMap::new() }
    }
}

impl<T> Table<T> {
    /// Adds a row as the newest.
    pub(super) fn insert(&mut self, sid: &str, row: T) {
        let position = self.positions.len() as u64;
        self.positions.insert(sid.to_owned(), position);
        self.rows.insert(position, (sid.to_owned(), row));
    }

    /// Finds a row.
    pub(super) fn get(&self, sid: &str) -> Option<&T> {
        self.rows.get(self.positions.get(sid)?).map(|(_, row)| row)
    }

    /// Finds a row, for changes.
    pub(super) fn get_mut(&mut self, sid: &str) -> Option<&mut T> {
        self.rows.get_mut(self.positions.get(sid)?).map(|(_, row)| row)
    }

    /// Removes a row.
    pub(super) fn remove(&mut self, sid: &str) -> Option<T> {
        self.rows.remove(self.positions.get(sid)?).map(|(_, row)| row)
    }

    /// Removes all rows except those that are kept.
    pub(super) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.rows.retain(|_, (_, row)| keep(row));
    }

    /// Calls a function for every row.
    pub(super) fn each_mut(&mut self, change: impl FnMut(&mut T)) {
        self.rows.values_mut().map(|(_, row)| row).for_each(change);
    }

    /// Returns the position of a row, also of a deleted one.
    pub(super) fn position(&self, sid: &str) -> Option<u64> {
        self.positions.get(sid).copied()
    }

    /// Iterates from the oldest to the newest row.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &T)> {
        self.rows.values().map(|(sid, row)| (sid.as_str(), row))
    }

    /// Iterates over the rows older than `position`, newest first.
    pub(super) fn older_than(&self, position: u64) -> impl Iterator<Item = (&str, &T)> {
        self.rows.range(..position).rev().map(|(_, (sid, row))| (sid.as_str(), row))
    }

    /// Iterates over the rows newer than `position`, oldest first.
    pub(super) fn newer_than(&self, position: u64) -> impl Iterator<Item = (&str, &T)> {
        self.rows.range(position.saturating_add(1)..).map(|(_, (sid, row))| (sid.as_str(), row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_of_a_deleted_row_is_kept() {
        let mut table = Table::default();
        for sid in ["a", "b", "c"] {
            table.insert(sid, sid.to_uppercase());
        }
        assert_eq!(table.remove("b").as_deref(), Some("B"));
        let position = table.position("b").unwrap();
        assert_eq!(table.older_than(position).map(|(sid, _)| sid).collect::<Vec<_>>(), ["a"]);
        assert_eq!(table.newer_than(position).map(|(sid, _)| sid).collect::<Vec<_>>(), ["c"]);
        assert_eq!((table.get("b"), table.iter().count()), (None, 2));
    }
}
