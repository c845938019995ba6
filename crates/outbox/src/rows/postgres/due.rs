//! Reads when the first message of each queue is due.

use std::collections::{BTreeMap, HashMap};

use super::column::get;
use super::seek::{Lane, Place};
use super::work::Work;
use crate::enqueue::Priority;
use crate::error::OutboxError;
use crate::timing::Micros;

/// When the first message of each lane is due; one statement reads this for all queues.
pub(super) struct Dues(BTreeMap<Lane, Option<Micros>>);

pub(super) fn number(priority: Priority) -> i32 {
    i32::try_from(priority.number()).unwrap_or_default()
}

impl Dues {
    pub(super) async fn read(
        work: &Work<'_>,
        queues: impl IntoIterator<Item = i64>,
    ) -> Result<Self, OutboxError> {
        Self::read_after(work, queues, &HashMap::new()).await
    }

    /// Reads the rows after `taken`, if that is later than where the lane is read from otherwise.
    pub(super) async fn read_after(
        work: &Work<'_>,
        queues: impl IntoIterator<Item = i64>,
        taken: &HashMap<Lane, Place>,
    ) -> Result<Self, OutboxError> {
        let lanes =
            queues.into_iter().flat_map(|queue| Priority::ALL.map(|priority| (queue, number(priority))));
        let lanes: Vec<Lane> = lanes.collect();
        if lanes.is_empty() {
            return Ok(Self(BTreeMap::new()));
        }
        let (due, id): (Vec<i64>, Vec<i64>) =
            lanes.iter().map(|lane| work.after(*lane, taken.get(lane).copied())).unzip();
        let (queues, priorities): (Vec<i64>, Vec<i32>) = lanes.into_iter().unzip();
        let values: [&(dyn super::ToSql + Sync); 4] = [&queues, &priorities, &due, &id];
        let rows = work.transaction.query(&work.shared.sql.lanes_due, &values).await?;
        let lane = |row: &super::Row| Ok(((get(row, 0)?, get(row, 1)?), get(row, 2)?));
        Ok(Self(rows.iter().map(lane).collect::<Result<_, OutboxError>>()?))
    }

    /// Returns the queues that have a due message, by its priority.
    pub(super) fn due_lanes(&self, queues: &[i64], at: Micros) -> [Vec<i64>; 3] {
        Priority::ALL.map(|priority| {
            let due = |queue: &&i64| {
                let first = self.0.get(&(**queue, number(priority))).copied().flatten();
                first.is_some_and(|due| due <= at)
            };
            queues.iter().filter(due).copied().collect()
        })
    }

    /// Returns when the next message is due, for each queue.
    pub(super) fn next(&self) -> Vec<(i64, Option<Micros>)> {
        let mut next: BTreeMap<i64, Option<Micros>> = BTreeMap::new();
        for ((queue, _), due) in &self.0 {
            let first = next.entry(*queue).or_default();
            *first = [*first, *due].into_iter().flatten().min();
        }
        next.into_iter().collect()
    }
}
