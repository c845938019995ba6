//! Reads what became of messages, for reports.

use switchboard::provider::DeliveryStatus;
use switchboard_store::Connection;

use super::column::{self, get};
use super::work::Shared;
use super::{Row, ToSql};
use crate::error::OutboxError;
use crate::rows::history::{CAUSED_WITHIN, Histories, History, Select};

pub(super) async fn page(
    connection: &Connection,
    shared: &Shared,
    select: &Select,
) -> Result<Histories, OutboxError> {
    let Select { after, since, until, tenant, with_request, limit } = select;
    let last = i64::from(limit.saturating_sub(1));
    let end = connection.query(&shared.sql.history_end, &[after, &last]).await?;
    let next: Option<i64> = end.first().map(|row| get(row, 0)).transpose()?;
    let tenant = tenant.as_deref().map(column::text);
    let end = next.unwrap_or(i64::MAX);
    let values: [&(dyn ToSql + Sync); 7] = [after, &end, since, until, &tenant, with_request, &CAUSED_WITHIN];
    let rows = connection.query(&shared.sql.histories, &values).await?;
    Ok(Histories { rows: rows.iter().map(history).collect::<Result<_, _>>()?, next })
}

fn history(row: &Row) -> Result<History, OutboxError> {
    let count = |column| -> Result<Option<u32>, OutboxError> {
        Ok(get::<Option<i32>>(row, column)?.and_then(|count| u32::try_from(count).ok()))
    };
    Ok(History {
        id: get(row, 0)?,
        created: get(row, 1)?,
        kind: column::kind(get(row, 2)?)?,
        sender: get(row, 3)?,
        recipient: get(row, 4)?,
        weight: count(5)?,
        request: get(row, 6)?,
        state: get(row, 7)?,
        status: get::<Option<&str>>(row, 8)?.map(DeliveryStatus::from),
        error: get(row, 9)?,
        segments: count(10)?,
        delivered: column::delivered(row, 11)?,
        opted_out: get(row, 16)?,
    })
}
