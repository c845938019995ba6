//! Reads what became of messages, for reports.

use rusqlite::{Row, params};
use switchboard::provider::DeliveryStatus;

use super::column;
use super::transaction::Transaction;
use crate::error::OutboxError;
use crate::rows::history::{CAUSED_WITHIN, Histories, History, Select};

pub(super) fn page(transaction: &Transaction<'_>, select: &Select) -> Result<Histories, OutboxError> {
    let Select { after, since, until, tenant, campaign, with_request, limit } = select;
    let sql = transaction.sql;
    let id = |row: &Row<'_>| Ok(row.get(0)?);
    let ids: Vec<i64> = match campaign {
        Some(campaign) => transaction.all(&sql.history_ids_of, params![after, limit, campaign], id)?,
        None => transaction.all(&sql.history_ids, params![after, limit], id)?,
    };
    let next = ids.last().copied().filter(|_| ids.len() >= usize::try_from(*limit).unwrap_or(usize::MAX));
    let ids = serde_json::to_string(&ids).unwrap_or_default();
    let values = params![ids, since, until, tenant, with_request, CAUSED_WITHIN];
    Ok(Histories { rows: transaction.all(&sql.histories, values, history)?, next })
}

fn history(row: &Row<'_>) -> Result<History, OutboxError> {
    let status: Option<String> = row.get(8)?;
    Ok(History {
        id: row.get(0)?,
        created: row.get(1)?,
        kind: column::kind(&row.get::<_, String>(2)?)?,
        sender: column::text(row, 3)?,
        recipient: column::text(row, 4)?,
        weight: row.get(5)?,
        request: row.get(6)?,
        state: row.get(7)?,
        status: status.as_deref().map(DeliveryStatus::from),
        error: row.get(9)?,
        segments: row.get(10)?,
        delivered: column::delivered(row, 11)?,
        opted_out: row.get(17)?,
        campaign: row.get::<_, Option<String>>(18)?.zip(row.get(19)?),
    })
}
