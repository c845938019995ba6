//! What a worker has reserved of each budget, and what it spends of it.

use std::collections::BTreeMap;

use super::budget::{Bucket, Charge};
use super::{Counting, Ruling};
use crate::timing::Micros;

/// When a spent budget is asked about again, by this worker.
const SPENT: Micros = 30_000_000;

/// The maximum number of parts of budgets of which a worker keeps something.
const MOST: usize = 50_000;

/// What a worker has reserved. It is never written by a transaction: what one spends counts when it is committed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Purse {
    left: BTreeMap<Bucket, i64>,
    /// The buckets of which nothing could be reserved, and when that is tried again.
    spent: BTreeMap<Bucket, Micros>,
}

/// What a transaction spends, and what must be reserved before it can spend more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) charged: BTreeMap<Bucket, i64>,
    pub(crate) wanted: BTreeMap<Bucket, Want>,
    /// What it counts towards limits.
    pub(crate) counting: Counting,
}

/// A part of a budget to reserve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Want {
    /// The limit.
    pub(crate) most: i64,
    /// Less is of no use.
    pub(crate) least: i64,
    pub(crate) amount: i64,
}

/// May a message be sent within its budgets?
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Paid {
    Yes,
    /// Something must be reserved first.
    Later,
    /// A budget is spent.
    Spent {
        until: Micros,
        because: Ruling,
    },
}

impl Purse {
    /// Pays all charges of a message, or none.
    pub(crate) fn pay(&self, spent: &mut Spent, charges: &[Charge], at: Micros) -> Paid {
        let mut later = false;
        for charge in charges {
            let left = self.left.get(&charge.bucket).copied().unwrap_or_default();
            let charged = spent.charged.get(&charge.bucket).copied().unwrap_or_default();
            if left.saturating_sub(charged) >= charge.amount {
                continue;
            }
            if self.spent.get(&charge.bucket).is_some_and(|until| *until > at) {
                return Paid::Spent { until: charge.again, because: charge.spent() };
            }
            let want = Want { most: charge.most, least: charge.amount, amount: charge.slice };
            spent.wanted.insert(charge.bucket.clone(), want);
            later = true;
        }
        if later {
            return Paid::Later;
        }
        for charge in charges {
            *spent.charged.entry(charge.bucket.clone()).or_default() += charge.amount;
        }
        Paid::Yes
    }

    /// A transaction that spent this was committed.
    pub(crate) fn committed(&mut self, charged: &BTreeMap<Bucket, i64>) {
        for (bucket, amount) in charged {
            *self.left.entry(bucket.clone()).or_default() -= amount;
        }
        self.left.retain(|_, left| *left != 0);
        if self.left.len() > MOST {
            // Parts of days that are over, most of them. What is left of the others counts as used.
            self.left.retain(|bucket, _| charged.contains_key(bucket));
        }
    }

    /// Takes back what a message used that surely was not sent.
    pub(crate) fn refund(&mut self, charges: &[(Bucket, i64)]) {
        for (bucket, amount) in charges {
            *self.left.entry(bucket.clone()).or_default() += amount;
        }
    }

    /// Takes what was reserved; 0 if the budget is spent.
    pub(crate) fn reserved(&mut self, bucket: Bucket, granted: i64, at: Micros) {
        self.spent.retain(|_, until| *until > at);
        if granted > 0 {
            self.spent.remove(&bucket);
            *self.left.entry(bucket).or_default() += granted;
        } else {
            self.spent.insert(bucket, at.saturating_add(SPENT));
        }
    }

    /// Returns what is left, to give it back.
    pub(crate) fn empty(&mut self) -> Vec<(Bucket, i64)> {
        std::mem::take(&mut self.left).into_iter().filter(|(_, left)| *left > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(part: &str, amount: i64) -> Charge {
        let bucket = Bucket { budget: "b".into(), part: part.into() };
        Charge { bucket, amount, most: 100, slice: 10, again: 77 }
    }

    #[test]
    fn all_charges_are_paid_or_none() {
        let mut purse = Purse::default();
        let both = [charge("x", 2), charge("y", 3)];
        let mut spent = Spent::default();
        assert_eq!(purse.pay(&mut spent, &both, 0), Paid::Later);
        assert_eq!(spent.wanted.len(), 2);
        purse.reserved(both[0].bucket.clone(), 10, 0);
        let mut spent = Spent::default();
        assert_eq!(purse.pay(&mut spent, &both, 0), Paid::Later);
        assert!(spent.charged.is_empty() && spent.wanted.len() == 1);
        purse.reserved(both[1].bucket.clone(), 4, 0);
        let mut spent = Spent::default();
        assert_eq!(purse.pay(&mut spent, &both, 0), Paid::Yes);
        assert_eq!(purse.pay(&mut spent, &both, 0), Paid::Later, "1 is left of y");
        purse.committed(&spent.charged);
        assert_eq!(purse.empty(), [(both[0].bucket.clone(), 8), (both[1].bucket.clone(), 1)]);
    }

    #[test]
    fn a_spent_budget_is_asked_about_again_after_a_while() {
        let mut purse = Purse::default();
        let one = [charge("x", 1)];
        purse.reserved(one[0].bucket.clone(), 0, 0);
        assert!(matches!(purse.pay(&mut Spent::default(), &one, SPENT - 1), Paid::Spent { until: 77, .. }));
        assert_eq!(purse.pay(&mut Spent::default(), &one, SPENT), Paid::Later);
        purse.refund(&[(one[0].bucket.clone(), 1)]);
        assert_eq!(purse.pay(&mut Spent::default(), &one, 0), Paid::Yes);
    }
}
