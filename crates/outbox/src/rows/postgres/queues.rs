//! The ids of queues, which never change.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use switchboard::provider::SendKind;
use switchboard_store::Transaction;

use super::column::{get, kind_word};
use super::sql::Sql;
use crate::error::OutboxError;
use crate::rows::NewMessage;

/// The number of queues that are remembered. Beyond that, all are forgotten and read again.
const MOST: usize = 10_000;

/// With the campaign, 0 for none.
type Name = (String, SendKind, String, i64);

/// Queues that were read from committed transactions.
#[derive(Debug, Default)]
pub(super) struct QueueIds(Mutex<HashMap<Name, i64>>);

impl QueueIds {
    /// Returns the queue of each message. Those in `new` did not exist before: pass them to [`keep`](Self::keep) after
    /// the commit.
    pub(super) async fn of(
        &self,
        transaction: &Transaction<'_>,
        sql: &Sql,
        messages: &[&NewMessage],
        new: &mut HashMap<Name, i64>,
    ) -> Result<Vec<i64>, OutboxError> {
        let mut queues = Vec::with_capacity(messages.len());
        for message in messages {
            let (kind, sender) = (message.prepared.kind, message.prepared.sender.clone());
            let name = (message.tenant.clone(), kind, sender, message.campaign);
            let known = new.get(&name).copied().or_else(|| self.lock().get(&name).copied());
            let queue = match known {
                Some(queue) => queue,
                None => read(transaction, sql, &name).await?,
            };
            new.insert(name, queue);
            queues.push(queue);
        }
        Ok(queues)
    }

    pub(super) fn keep(&self, new: HashMap<Name, i64>) {
        let mut known = self.lock();
        if known.len() + new.len() > MOST {
            known.clear();
        }
        known.extend(new);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Name, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(transaction: &Transaction<'_>, sql: &Sql, name: &Name) -> Result<i64, OutboxError> {
    let (tenant, kind, sender, campaign) = name;
    let kind = kind_word(*kind);
    let found = transaction.query(&sql.queue_find, &[tenant, &kind, sender, campaign]).await?;
    match found.first() {
        Some(row) => get(row, 0),
        None => get(&transaction.one(&sql.queue_new, &[tenant, &kind, sender, campaign]).await?, 0),
    }
}
