//! Budgets, in the reference model.

use super::Model;
use crate::policy::Bucket;
use crate::rows::budget::Reserve;

impl Model {
    pub(super) fn reserve(&mut self, reserve: &Reserve) -> i64 {
        let before = self.budgets.get(&reserve.bucket).copied().unwrap_or_default();
        let (granted, after, entries) = reserve.of(before);
        self.budgets.insert(reserve.bucket.clone(), after);
        entries.into_iter().for_each(|entry| self.log(reserve.at, None, None, entry));
        granted
    }

    pub(super) fn give_back(&mut self, left: &[(Bucket, i64)]) {
        for (bucket, amount) in left {
            if let Some(used) = self.budgets.get_mut(bucket) {
                used.used = (used.used - amount).max(0);
            }
        }
    }
}
