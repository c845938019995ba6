//! Lists messages, and reads those with given ids.

use switchboard_store::Connection;

use super::column::{self, get};
use super::work::Shared;
use super::{Row as SqlRow, ToSql, read};
use crate::error::OutboxError;
use crate::rows::list::{Floor, List, Listed};

pub(super) async fn page(
    connection: &Connection,
    shared: &Shared,
    list: &List,
) -> Result<Listed, OutboxError> {
    let floor = floor(connection, shared, list).await?;
    let tenant = column::text(&list.tenant);
    let recipient = list.recipient.as_deref().map(column::text);
    let prefix = list.key_prefix.as_deref().map(column::text);
    let (states, most) = (list.words(), i64::from(list.limit) + 1);
    let mut values: Vec<&(dyn ToSql + Sync)> =
        vec![&tenant, &list.before, &floor.id, &recipient, &prefix, &states, &most];
    let sql = match (list.unsettled, &list.campaign) {
        (false, None) => &shared.sql.list_of_tenant,
        (is_unsettled, campaign) => {
            values.push(campaign);
            if is_unsettled { &shared.sql.list_unsettled } else { &shared.sql.list_of_campaign }
        }
    };
    let found = connection.query(sql, &values).await?;
    let (ids, next) = floor.page(ids(&found)?, list.limit);
    let mut rows = read::rows(connection, shared, &ids).await?;
    rows.reverse();
    Ok(Listed { rows, next })
}

async fn floor(connection: &Connection, shared: &Shared, list: &List) -> Result<Floor, OutboxError> {
    if !list.has_floor() {
        return Ok(Floor::default());
    }
    let (tenant, offset) = (column::text(&list.tenant), i64::from(list.reach) - 1);
    let last = match &list.campaign {
        None => connection.query(&shared.sql.floor_of_tenant, &[&tenant, &list.before, &offset]).await?,
        Some(campaign) => {
            let values: [&(dyn ToSql + Sync); 4] = [&tenant, &list.before, &offset, campaign];
            connection.query(&shared.sql.floor_of_campaign, &values).await?
        }
    };
    Ok(Floor::of(&ids(&last)?))
}

fn ids(rows: &[SqlRow]) -> Result<Vec<i64>, OutboxError> {
    rows.iter().map(|row| get(row, 0)).collect()
}

pub(super) async fn requests(
    connection: &Connection,
    shared: &Shared,
    ids: &[i64],
) -> Result<Vec<(i64, String)>, OutboxError> {
    let rows = connection.query(&shared.sql.requests, &[&ids]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}
