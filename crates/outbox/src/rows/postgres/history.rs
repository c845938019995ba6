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
    let Select { after, since, until, tenant, campaign, with_request, limit } = select;
    let (sql, most) = (&shared.sql, i64::from(*limit));
    let page = match campaign {
        Some(campaign) => connection.query(&sql.history_ids_of, &[after, &most, campaign]).await?,
        None => connection.query(&sql.history_ids, &[after, &most]).await?,
    };
    let ids = page.iter().map(|row| get(row, 0)).collect::<Result<Vec<i64>, _>>()?;
    let next = ids.last().copied().filter(|_| ids.len() >= usize::try_from(*limit).unwrap_or(usize::MAX));
    let tenant = tenant.as_deref().map(column::text);
    let values: [&(dyn ToSql + Sync); 6] = [&ids, since, until, &tenant, with_request, &CAUSED_WITHIN];
    let rows = connection.query(&sql.histories, &values).await?;
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
        opted_out: get(row, 17)?,
        campaign: get::<Option<String>>(row, 18)?.zip(get(row, 19)?),
    })
}
