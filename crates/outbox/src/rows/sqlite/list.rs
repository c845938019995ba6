//! Lists messages, and reads those with given ids.

use rusqlite::{ToSql, params};

use super::transaction::Transaction;
use super::{column, read};
use crate::error::OutboxError;
use crate::rows::Row;
use crate::rows::list::{Floor, List, Listed};

pub(super) fn page(transaction: &Transaction<'_>, list: &List) -> Result<Listed, OutboxError> {
    let List { tenant, campaign, unsettled, recipient, key_prefix, before, limit, .. } = list;
    let floor = floor(transaction, list)?;
    let states = list.words().map(|words| serde_json::to_string(words).unwrap_or_default());
    let most = i64::from(*limit) + 1;
    let mut values: Vec<&dyn ToSql> = vec![tenant, before, &floor.id, recipient, key_prefix, &states, &most];
    let sql = match (unsettled, campaign) {
        (false, None) => &transaction.sql.list_of_tenant,
        (is_unsettled, campaign) => {
            values.push(campaign);
            if *is_unsettled { &transaction.sql.list_unsettled } else { &transaction.sql.list_of_campaign }
        }
    };
    let found = transaction.all(sql, values.as_slice(), |row| Ok(row.get(0)?))?;
    let (ids, next) = floor.page(found, *limit);
    Ok(Listed { rows: read::rows(transaction, &ids)?, next })
}

fn floor(transaction: &Transaction<'_>, list: &List) -> Result<Floor, OutboxError> {
    if !list.has_floor() {
        return Ok(Floor::default());
    }
    let List { tenant, campaign, before, reach, .. } = list;
    let (sql, offset, id) =
        (transaction.sql, i64::from(*reach) - 1, |row: &rusqlite::Row<'_>| Ok(row.get(0)?));
    let last: Vec<i64> = match campaign {
        None => transaction.all(&sql.floor_of_tenant, params![tenant, before, offset], id)?,
        Some(of) => transaction.all(&sql.floor_of_campaign, params![tenant, before, offset, of], id)?,
    };
    Ok(Floor::of(&last))
}

pub(super) fn messages(transaction: &Transaction<'_>, mut ids: Vec<i64>) -> Result<Vec<Row>, OutboxError> {
    ids.sort_unstable();
    ids.dedup();
    read::rows(transaction, &ids)
}

pub(super) fn requests(
    transaction: &Transaction<'_>,
    ids: &[i64],
) -> Result<Vec<(i64, String)>, OutboxError> {
    let ids = serde_json::to_string(ids).unwrap_or_default();
    transaction.all(&transaction.sql.requests, [ids], |row| Ok((row.get(0)?, column::text(row, 1)?)))
}
