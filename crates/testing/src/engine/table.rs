//! Rows of one resource in the order of their creation, found by SID.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Rows by position and by SID. The position of a deleted row is kept, so that paging can continue from it.
#[derive(Debug)]
pub(super) struct Table<T> {
    rows: BTreeMap<u64, (String, T)>,
    positions: HashMap<String, u64>,
    /// The positions of the rows of each group, and of deleted ones.
    groups: HashMap<String, BTreeSet<u64>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), positions: HashMap::new(), groups: HashMap::new() }
    }
}

impl<T> Table<T> {
    /// Adds a row as the newest.
    pub(super) fn insert(&mut self, sid: &str, row: T) {
        let position = self.positions.len() as u64;
        self.positions.insert(sid.to_owned(), position);
        self.rows.insert(position, (sid.to_owned(), row));
    }

    /// Adds a row as the newest, and as one of a group. A list of the group is read without a walk over the others.
    pub(super) fn insert_in(&mut self, group: &str, sid: &str, row: T) {
        self.insert(sid, row);
        if let Some(position) = self.position(sid) {
            self.groups.entry(group.to_owned()).or_default().insert(position);
        }
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

    /// Iterates over the rows, of a group or all, that are older than `position`, newest first.
    pub(super) fn older_than<'a>(&'a self, position: u64, group: Option<&str>) -> Iter<'a, T> {
        match group {
            None => Box::new(self.rows.range(..position).rev().map(named)),
            Some(group) => {
                let positions = self.groups.get(group).into_iter();
                Box::new(self.rows_at(positions.flat_map(move |all| all.range(..position).rev())))
            }
        }
    }

    /// Iterates over the rows, of a group or all, that are newer than `position`, oldest first.
    pub(super) fn newer_than<'a>(&'a self, position: u64, group: Option<&str>) -> Iter<'a, T> {
        let after = position.saturating_add(1);
        match group {
            None => Box::new(self.rows.range(after..).map(named)),
            Some(group) => {
                let positions = self.groups.get(group).into_iter();
                Box::new(self.rows_at(positions.flat_map(move |all| all.range(after..))))
            }
        }
    }

    fn rows_at<'a>(
        &'a self,
        positions: impl Iterator<Item = &'a u64>,
    ) -> impl Iterator<Item = (&'a str, &'a T)> {
        positions.filter_map(|position| self.rows.get_key_value(position)).map(named)
    }
}

type Iter<'a, T> = Box<dyn Iterator<Item = (&'a str, &'a T)> + 'a>;

fn named<'a, T>((_, (sid, row)): (&'a u64, &'a (String, T))) -> (&'a str, &'a T) {
    (sid.as_str(), row)
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
        assert_eq!(table.older_than(position, None).map(|(sid, _)| sid).collect::<Vec<_>>(), ["a"]);
        assert_eq!(table.newer_than(position, None).map(|(sid, _)| sid).collect::<Vec<_>>(), ["c"]);
        assert_eq!((table.get("b"), table.iter().count()), (None, 2));
    }

    #[test]
    fn a_group_has_its_own_rows_in_the_same_order() {
        let mut table = Table::default();
        for (group, sid) in [("even", "0"), ("odd", "1"), ("even", "2"), ("odd", "3"), ("even", "4")] {
            table.insert_in(group, sid, ());
        }
        table.remove("2");
        let sids = |rows: Iter<'_, ()>| rows.map(|(sid, ())| sid.to_owned()).collect::<Vec<_>>();
        assert_eq!(sids(table.older_than(u64::MAX, Some("even"))), ["4", "0"]);
        assert_eq!(sids(table.older_than(3, Some("odd"))), ["1"]);
        assert_eq!(sids(table.newer_than(0, Some("even"))), ["4"]);
        assert_eq!(sids(table.newer_than(0, Some("none"))), [""; 0]);
    }
}
