//! Budgets: how much of each part is reserved.

use super::column::get;
use super::work::Work;
use crate::error::OutboxError;
use crate::policy::Bucket;
use crate::rows::budget::{Reserve, Used};

/// Reserves a part of a budget, and returns how much is granted. The row is locked until the end of the transaction.
pub(super) async fn reserve(mut work: Work<'_>, reserve: &Reserve) -> Result<i64, OutboxError> {
    let Bucket { budget, part } = &reserve.bucket;
    let sql = &work.shared.sql;
    work.transaction.execute(&sql.budget_new, &[budget, part]).await?;
    let row = work.transaction.one(&sql.budget, &[budget, part]).await?;
    let before = Used { used: get(&row, 0)?, alerted: get(&row, 1)?, most: get(&row, 2)? };
    let (granted, after, entries) = reserve.of(before);
    if after != before {
        work.transaction
            .execute(&sql.budget_set, &[budget, part, &after.used, &after.alerted, &after.most])
            .await?;
    }
    for entry in entries {
        work.log(reserve.at, None, None, entry);
    }
    work.commit().await?;
    Ok(granted)
}

/// Gives back what was reserved and not used, in the order in which the rows are locked.
pub(super) async fn give_back(work: Work<'_>, left: &[(Bucket, i64)]) -> Result<(), OutboxError> {
    for (Bucket { budget, part }, amount) in left {
        work.transaction.execute(&work.shared.sql.budget_give_back, &[budget, part, amount]).await?;
    }
    work.commit().await
}
