//! What the database says about a message that is not stored.

use std::sync::Arc;

use super::column::get;
use super::enqueue::{Batch, forgotten};
use super::work::Work;
use super::{consent, recent};
use crate::error::OutboxError;
use crate::rows::standing::{Question, Standing};

pub(super) async fn standing(work: Work<'_>, question: Question) -> Result<Standing, OutboxError> {
    let Question { at, message, buckets, counters } = question;
    let batch = [Batch { at, new: Arc::new([message]), campaign: None }];
    let (transaction, shared) = (&work.transaction, work.shared);
    let mut standing = Standing {
        is_forgotten: !forgotten(transaction, shared, &batch).await?.is_empty(),
        known: consent::known(transaction, shared, &batch).await?.remove(&0),
        recent: recent::of(&work, counters.into_iter().collect(), at).await?,
        ..Standing::default()
    };
    for bucket in buckets {
        let values: [&(dyn super::ToSql + Sync); 2] = [&bucket.budget, &bucket.part];
        let rows = transaction.query(&shared.sql.budget_used, &values).await?;
        let used = rows.first().map(|row| get(row, 0)).transpose()?.unwrap_or(0);
        standing.used.insert(bucket, used);
    }
    work.transaction.rollback().await?;
    Ok(standing)
}
