//! What the reference model says about a message that is not stored.

use super::Model;
use crate::rows::standing::{Question, Standing};

impl Model {
    pub(super) fn standing(&self, question: Question) -> Standing {
        let Question { at, message, buckets, counters } = question;
        let used = |bucket| self.budgets.get(bucket).map_or(0, |used| used.used);
        let recent = counters.iter().flat_map(|counter| {
            self.untils(counter, at).into_iter().map(|until| (counter.clone(), until, 1))
        });
        Standing {
            is_forgotten: message.hashes.iter().any(|hash| self.forgotten.contains(hash)),
            known: self.known_new(&message),
            used: buckets.iter().map(|bucket| (bucket.clone(), used(bucket))).collect(),
            recent: recent.collect(),
        }
    }
}
