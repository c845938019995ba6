//! What the worker has reserved of budgets, and what it must reserve next.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::policy::{Bucket, Purse, Want};
use crate::rows::{Marked, Ticked};
use crate::timing::Micros;

/// If a reservation fails, nothing is marked for this long.
const HOLD: Micros = 1_000_000;

#[derive(Debug, Default)]
pub(super) struct Budgets {
    purse: Arc<Purse>,
    wanted: BTreeMap<Bucket, Want>,
    is_reserving: bool,
    held_until: Micros,
}

impl Budgets {
    /// What the next transaction may spend.
    pub(super) fn purse(&self) -> Arc<Purse> {
        Arc::clone(&self.purse)
    }

    /// Must a reservation end before more messages are marked?
    pub(super) fn must_wait(&self, now: Micros) -> bool {
        self.is_reserving || !self.wanted.is_empty() || now < self.held_until
    }

    /// Nothing is marked before this time.
    pub(super) const fn held(&self) -> Micros {
        self.held_until
    }

    /// A transaction was committed.
    pub(super) fn ticked(&mut self, ticked: &Ticked) {
        let mut charged: BTreeMap<Bucket, i64> = BTreeMap::new();
        for (bucket, amount) in ticked.marked.iter().flat_map(|marked| &marked.charges) {
            *charged.entry(bucket.clone()).or_default() += amount;
        }
        if !charged.is_empty() {
            Arc::make_mut(&mut self.purse).committed(&charged);
        }
        self.wanted.extend(ticked.wanted.clone());
    }

    /// Takes back what a message used that surely was not sent.
    pub(super) fn refund(&mut self, marked: &Marked) {
        if !marked.charges.is_empty() {
            Arc::make_mut(&mut self.purse).refund(&marked.charges);
        }
    }

    pub(super) fn wants(&mut self) -> Vec<(Bucket, Want)> {
        if self.is_reserving || self.wanted.is_empty() {
            return Vec::new();
        }
        self.is_reserving = true;
        std::mem::take(&mut self.wanted).into_iter().collect()
    }

    pub(super) fn reserved(&mut self, now: Micros, granted: Vec<(Bucket, Option<i64>)>) {
        self.is_reserving = false;
        for (bucket, granted) in granted {
            match granted {
                Some(granted) => Arc::make_mut(&mut self.purse).reserved(bucket, granted, now),
                None => self.held_until = now.saturating_add(HOLD),
            }
        }
    }

    pub(super) fn left(&mut self) -> Vec<(Bucket, i64)> {
        Arc::make_mut(&mut self.purse).empty()
    }
}
