//! Counts what was sent recently, and what a transaction sends.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Ruling, Velocity};
use crate::timing::Micros;

/// The messages that one rule counts together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Counter {
    /// The number of the recipient, or the prefix.
    pub(crate) who: String,
    /// What is counted: `recipient 86400s marketing`.
    pub(crate) rule: String,
    /// Whose messages: `all`, `tenant blue-door`.
    pub(crate) scope: String,
}

/// The messages of a counter that count until the same time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Count {
    pub(crate) counter: Counter,
    pub(crate) until: Micros,
}

/// What one rule says about one message.
#[derive(Debug)]
pub(crate) struct Limit<'p> {
    pub(super) velocity: &'p Velocity,
    pub(crate) counter: Counter,
    /// Until when the message counts, if it is sent.
    pub(crate) until: Micros,
}

/// A message is beyond a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Exceeded {
    /// It may be sent at this time.
    Later {
        until: Micros,
        because: Ruling,
        /// So many messages can wait for this that only the first wait of each is logged.
        is_crowded: bool,
    },
    Never(Ruling),
}

/// What is stored of some counters: until when messages count, and how many.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recent(Arc<HashMap<Counter, Vec<(Micros, i64)>>>);

/// What a transaction counts, and what it gives back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counting(BTreeMap<Count, i64>);

impl Limit<'_> {
    pub(crate) const fn most(&self) -> i64 {
        self.velocity.most
    }

    /// The answer to a message that may be sent at a time at the earliest.
    pub(crate) fn exceeded(&self, until: Micros) -> Exceeded {
        let because = self.velocity.exceeded();
        if self.velocity.blocks {
            return Exceeded::Never(because);
        }
        let is_crowded = !matches!(self.velocity.each, super::Each::Recipient);
        Exceeded::Later { until, because, is_crowded }
    }

    pub(crate) fn count(self) -> Count {
        Count { counter: self.counter, until: self.until }
    }
}

impl FromIterator<(Counter, Micros, i64)> for Recent {
    fn from_iter<I: IntoIterator<Item = (Counter, Micros, i64)>>(rows: I) -> Self {
        let mut recent: HashMap<Counter, Vec<(Micros, i64)>> = HashMap::new();
        for (counter, until, count) in rows {
            recent.entry(counter).or_default().push((until, count));
        }
        Self(Arc::new(recent))
    }
}

impl Exceeded {
    /// Of several, a refusal counts, or else the longest wait.
    fn or_later(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Never(_), _) => self,
            (_, Self::Never(_)) => other,
            (Self::Later { until: one, .. }, Self::Later { until: two, .. }) => {
                if two > one {
                    other
                } else {
                    self
                }
            }
        }
    }
}

impl Counting {
    /// Is a message beyond one of its limits?
    pub(crate) fn exceeds(&self, limits: &[Limit<'_>], recent: &Recent, at: Micros) -> Option<Exceeded> {
        let exceeded =
            limits.iter().filter_map(|limit| Some(limit.exceeded(self.free_at(limit, recent, at)?)));
        exceeded.reduce(Exceeded::or_later)
    }

    /// When a further message may be sent; `None` if it may be sent now.
    fn free_at(&self, limit: &Limit<'_>, recent: &Recent, at: Micros) -> Option<Micros> {
        let counter = &limit.counter;
        let stored = recent.0.get(counter).into_iter().flatten().copied();
        let from = Count { counter: counter.clone(), until: at };
        let changes = self.0.range(from..).take_while(|(count, _)| count.counter == *counter);
        let mut counts: BTreeMap<Micros, i64> = BTreeMap::new();
        for (until, count) in stored.chain(changes.map(|(count, by)| (count.until, *by))) {
            if until > at {
                *counts.entry(until).or_default() += count;
            }
        }
        let mut left: i64 = counts.values().map(|count| (*count).max(0)).sum();
        if left < limit.most() {
            return None;
        }
        for (until, count) in counts {
            left -= count.max(0);
            if left < limit.most() {
                return Some(until);
            }
        }
        None
    }

    /// Counts a message that is marked. Returns what it counts for.
    pub(crate) fn count(&mut self, limits: Vec<Limit<'_>>) -> Vec<Count> {
        let counts: Vec<Count> = limits.into_iter().map(Limit::count).collect();
        self.add(&counts, 1);
        counts
    }

    /// Gives back what a message counted for that surely was not sent.
    pub(crate) fn give_back(&mut self, counts: &[Count]) {
        self.add(counts, -1);
    }

    fn add(&mut self, counts: &[Count], by: i64) {
        for count in counts {
            *self.0.entry(count.clone()).or_default() += by;
        }
    }

    /// What is to be written: how many more, or fewer, messages count until a time.
    pub(crate) fn changes(self) -> impl Iterator<Item = (Count, i64)> {
        self.0.into_iter().filter(|(_, by)| *by != 0)
    }
}
