//! Budgets as they are stored: how much of each part is reserved.

use serde::Serialize;

use super::record::Entry;
use crate::policy::{Bucket, Want};
use crate::timing::Micros;

/// The shares of a budget whose reservation is logged, in per cent.
const ALERTS: [i64; 3] = [50, 80, 100];

/// A part of a budget to reserve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reserve {
    pub(crate) at: Micros,
    pub(crate) bucket: Bucket,
    pub(crate) want: Want,
}

/// What is stored of a bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) used: i64,
    /// The highest share that was logged.
    pub(crate) alerted: i64,
    /// The limit then.
    pub(crate) most: i64,
}

/// From this share on, a budget of which nothing can be reserved counts as spent.
const NEARLY: i64 = 80;

/// In per cent.
fn share(used: i64, most: i64) -> i64 {
    if used >= most {
        return 100;
    }
    i64::try_from(i128::from(used) * 100 / i128::from(most.max(1))).unwrap_or(100)
}

#[derive(Serialize)]
struct Detail<'a> {
    budget: &'a str,
    part: &'a str,
    percent: i64,
    used: i64,
    most: i64,
}

impl Reserve {
    /// Returns how much is granted, what is stored afterwards, and the entries for the event log.
    pub(crate) fn of(&self, before: Used) -> (i64, Used, Vec<Entry>) {
        let Want { most, least, amount } = self.want;
        let free = most.saturating_sub(before.used).max(0);
        let granted = if free < least { 0 } else { amount.min(free) };
        let used = before.used.saturating_add(granted);
        let share = share(used, most);
        // If the rest is too small for a message, the budget is as good as spent.
        let share = if granted == 0 && share >= NEARLY { 100 } else { share };
        // Another limit has shares of its own.
        let known = if before.most == most {
            before.alerted
        } else {
            before.alerted.min(self::share(before.used, most))
        };
        let alerts = ALERTS.into_iter().filter(|alert| *alert > known && *alert <= share);
        let alerts: Vec<i64> = alerts.collect();
        let alerted = alerts.last().copied().unwrap_or(known);
        let entries = alerts.into_iter().map(|percent| self.entry(percent, used)).collect();
        (granted, Used { used, alerted, most }, entries)
    }

    fn entry(&self, percent: i64, used: i64) -> Entry {
        let Bucket { budget, part } = &self.bucket;
        let detail = Detail { budget, part, percent, used, most: self.want.most };
        Entry { topic: "budget", detail: serde_json::to_string(&detail).unwrap_or_default() }
    }
}
