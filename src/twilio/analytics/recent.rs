//! What was counted last, so that a row that comes twice is counted once.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};

/// Ten of Twilio's largest pages.
const KEPT: usize = 10_000;

/// The SIDs of the last 10,000 rows, as hashes.
///
/// While a list is read, new rows come in at its beginning, and move the others on. A row at the end of a page may then come
/// again at the beginning of the next one. It is never far away, so the last rows are enough to know it.
#[derive(Debug, Default)]
pub(super) struct Recent {
    order: VecDeque<u64>,
    known: HashSet<u64>,
    hasher: RandomState,
}

impl Recent {
    /// Remembers a SID; returns false where it was there already.
    pub(super) fn insert(&mut self, sid: &str) -> bool {
        let hash = self.hasher.hash_one(sid);
        if !self.known.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        if self.order.len() > KEPT {
            let oldest = self.order.pop_front();
            oldest.map(|oldest| self.known.remove(&oldest));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_new_once_and_the_memory_is_bounded() {
        let mut recent = Recent::default();
        assert!(recent.insert("SM1") && !recent.insert("SM1"));
        for sid in 2..=KEPT + 1 {
            assert!(recent.insert(&format!("SM{sid}")));
        }
        assert!(!recent.insert("SM2") && recent.insert("SM1"));
        assert_eq!((recent.order.len(), recent.known.len()), (KEPT, KEPT));
    }
}
