//! Reads when the first message of each queue is due.

use std::collections::BTreeMap;

use rusqlite::Row;

use super::transaction::Transaction;
use crate::error::OutboxError;
use crate::timing::Micros;

/// When the first message of each queue is due, by priority.
///
/// One query reads this for all queues, because most queues have no due message or no turn in this transaction.
pub(super) struct Dues(BTreeMap<i64, ByPriority>);

type ByPriority = [Option<Micros>; 3];

impl Dues {
    pub(super) fn read(
        transaction: &Transaction<'_>,
        queues: impl IntoIterator<Item = i64>,
    ) -> Result<Self, OutboxError> {
        let mut dues = Self(BTreeMap::new());
        dues.update(transaction, queues)?;
        Ok(dues)
    }

    /// Reads the times of some queues again.
    pub(super) fn update(
        &mut self,
        transaction: &Transaction<'_>,
        queues: impl IntoIterator<Item = i64>,
    ) -> Result<(), OutboxError> {
        let queues: Vec<String> = queues.into_iter().map(|queue| queue.to_string()).collect();
        if queues.is_empty() {
            return Ok(());
        }
        let list = format!("[{}]", queues.join(","));
        let read = |row: &Row<'_>| Ok((row.get(0)?, by_priority(row, 1)?));
        self.0.extend(transaction.all(&transaction.sql.queues_due, [list], read)?);
        Ok(())
    }

    /// Returns the queues that have a due message, by its priority.
    pub(super) fn due_lanes(&self, queues: &[i64], at: Micros) -> [Vec<i64>; 3] {
        [0, 1, 2].map(|priority: usize| {
            let due = |queue: &&i64| {
                let first = self.0.get(queue).and_then(|dues| *dues.get(priority)?);
                first.is_some_and(|due| due <= at)
            };
            queues.iter().filter(due).copied().collect()
        })
    }

    /// Returns when the next message is due, for each queue.
    pub(super) fn next(&self) -> Vec<(i64, Option<Micros>)> {
        self.0.iter().map(|(queue, dues)| (*queue, earliest(*dues))).collect()
    }
}

/// Reads three columns, one for each priority.
pub(super) fn by_priority(row: &Row<'_>, column: usize) -> Result<ByPriority, OutboxError> {
    Ok([row.get(column)?, row.get(column + 1)?, row.get(column + 2)?])
}

pub(super) fn earliest(dues: ByPriority) -> Option<Micros> {
    dues.into_iter().flatten().min()
}
