//! Rows of one resource in the order of their creation, found by SID.

use std::collections::{BTreeMap, HashMap};

/// Rows by place and by SID. The place of a deleted row stays known, so that paging can continue from it.
#[derive(Debug)]
pub(super) struct Table<T> {
    rows: BTreeMap<u64, (String, T)>,
    places: HashMap<String, u64>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), places: HashMap::new() }
    }
}

impl<T> Table<T> {
    /// Adds a row as the newest.
    pub(super) fn insert(&mut self, sid: &str, row: T) {
        let place = self.places.len() as u64;
        self.places.insert(sid.to_owned(), place);
        self.rows.insert(place, (sid.to_owned(), row));
    }

    /// Finds a row.
    pub(super) fn get(&self, sid: &str) -> Option<&T> {
        self.rows.get(self.places.get(sid)?).map(|(_, row)| row)
    }

    /// Finds a row, for changes.
    pub(super) fn get_mut(&mut self, sid: &str) -> Option<&mut T> {
        self.rows.get_mut(self.places.get(sid)?).map(|(_, row)| row)
    }

    /// Removes a row.
    pub(super) fn remove(&mut self, sid: &str) -> Option<T> {
        self.rows.remove(self.places.get(sid)?).map(|(_, row)| row)
    }

    /// Removes all rows except those that are kept.
    pub(super) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.rows.retain(|_, (_, row)| keep(row));
    }

    /// Calls a function for every row.
    pub(super) fn each_mut(&mut self, change: impl FnMut(&mut T)) {
        self.rows.values_mut().map(|(_, row)| row).for_each(change);
    }

    /// Returns the place of a row, also of a deleted one.
    pub(super) fn place(&self, sid: &str) -> Option<u64> {
        self.places.get(sid).copied()
    }

    /// Iterates from the oldest to the newest row.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &T)> {
        self.rows.values().map(|(sid, row)| (sid.as_str(), row))
    }

    /// Iterates over the rows older than `place`, newest first.
    pub(super) fn older_than(&self, place: u64) -> impl Iterator<Item = (&str, &T)> {
        self.rows.range(..place).rev().map(|(_, (sid, row))| (sid.as_str(), row))
    }

    /// Iterates over the rows newer than `place`, oldest first.
    pub(super) fn newer_than(&self, place: u64) -> impl Iterator<Item = (&str, &T)> {
        self.rows.range(place.saturating_add(1)..).map(|(_, (sid, row))| (sid.as_str(), row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_outlives_its_row() {
        let mut table = Table::default();
        for sid in ["a", "b", "c"] {
            table.insert(sid, sid.to_uppercase());
        }
        assert_eq!(table.remove("b").as_deref(), Some("B"));
        let place = table.place("b").unwrap();
        assert_eq!(table.older_than(place).map(|(sid, _)| sid).collect::<Vec<_>>(), ["a"]);
        assert_eq!(table.newer_than(place).map(|(sid, _)| sid).collect::<Vec<_>>(), ["c"]);
        assert_eq!((table.get("b"), table.iter().count()), (None, 2));
    }
}
