//! Campaigns.

use rusqlite::{Row, ToSql, params};

use super::enqueue;
use super::transaction::Transaction;
use crate::error::OutboxError;
use crate::rows::campaign::{CampaignChange, CampaignRow, NewCampaign, Stage, Stopped, Tally};
use crate::rows::record::Entry;
use crate::rows::{Each, Enqueued, Finished, NewMessage};
use crate::state::Event;
use crate::timing::Micros;

/// Creates a campaign, unless it exists.
pub(super) fn open(
    transaction: &Transaction<'_>,
    at: Micros,
    new: &NewCampaign,
    actor: Option<&str>,
) -> Result<CampaignRow, OutboxError> {
    let NewCampaign { tenant, name, definition } = new;
    let values = params![tenant, name, at, definition];
    if transaction.execute(&transaction.sql.campaign_new, values)? > 0 {
        transaction.log(at, None, actor, &Entry::new_campaign(name))?;
    }
    find(transaction, tenant, name)?.ok_or(OutboxError::NotFound)
}

pub(super) fn find(
    transaction: &Transaction<'_>,
    tenant: &str,
    name: &str,
) -> Result<Option<CampaignRow>, OutboxError> {
    transaction.first(&transaction.sql.campaign, [tenant, name], row)
}

pub(super) fn with_tally(
    transaction: &Transaction<'_>,
    tenant: &str,
    name: &str,
) -> Result<Option<(CampaignRow, Tally)>, OutboxError> {
    let both = |found: &Row<'_>| Ok((row(found)?, Tally::of_json(&found.get::<_, String>(10)?)?));
    transaction.first(&transaction.sql.campaign_and_tally, [tenant, name], both)
}

pub(super) fn list(
    transaction: &Transaction<'_>,
    tenant: &str,
    before: i64,
    limit: u32,
) -> Result<Vec<CampaignRow>, OutboxError> {
    transaction.all(&transaction.sql.campaigns, params![tenant, before, limit], row)
}

fn row(row: &Row<'_>) -> Result<CampaignRow, OutboxError> {
    Ok(CampaignRow {
        id: row.get(0)?,
        tenant: row.get(1)?,
        name: row.get(2)?,
        created: row.get(3)?,
        definition: row.get(4)?,
        stage: Stage::of_word(row.get_ref(5)?.as_str().unwrap_or_default())?,
        paused: row.get(6)?,
        messages: row.get(7)?,
        segments: row.get(8)?,
        imported: row.get(9)?,
    })
}

fn by_id(transaction: &Transaction<'_>, id: i64) -> Result<CampaignRow, OutboxError> {
    transaction.first(&transaction.sql.campaign_of, [id], row)?.ok_or(OutboxError::NotFound)
}

fn tally(transaction: &Transaction<'_>, id: i64) -> Result<Tally, OutboxError> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    Ok(Tally(transaction.all(&transaction.sql.campaign_tally, [id], read)?.into_iter().collect()))
}

pub(super) fn change(
    transaction: &Transaction<'_>,
    at: Micros,
    id: i64,
    change: &CampaignChange,
    actor: Option<&str>,
) -> Result<CampaignRow, OutboxError> {
    let before = by_id(transaction, id)?;
    let Some(after) = before.change(change)? else { return Ok(before) };
    let values = params![id, after.stage.word(), after.paused, after.imported];
    transaction.execute(&transaction.sql.campaign_change, values)?;
    if after.is_held() != before.is_held() {
        transaction.execute(&transaction.sql.campaign_hold, params![id, after.is_held()])?;
    }
    transaction.log(at, None, actor, &Entry::campaign(&after, change))?;
    Ok(after)
}

/// Cancels messages of a campaign.
pub(super) fn cancel(
    transaction: &Transaction<'_>,
    at: Micros,
    id: i64,
    limit: u32,
    actor: Option<&str>,
) -> Result<Stopped, OutboxError> {
    let ids = |sql: &str, values: &[&dyn ToSql]| -> Result<Vec<i64>, OutboxError> {
        transaction.all(sql, values, |row| Ok(row.get(0)?))
    };
    let sql = transaction.sql;
    let mut all = ids(&sql.campaign_ready, &[&id, &limit])?;
    all.sort_unstable();
    let more = !all.is_empty();
    if !more {
        all = ids(&sql.campaign_open, &[&id])?;
    }
    let mut cancelled = 0;
    for id in all {
        let told = Finished { id, ..Finished::from_outside(at, Event::Cancel) };
        cancelled += u32::from(transaction.tell(at, &told, actor)?.is_cancelled());
    }
    Ok(Stopped { cancelled, more })
}

/// Enqueues messages of a campaign, each that may be enqueued.
pub(super) fn enqueue_each(
    transaction: &Transaction<'_>,
    at: Micros,
    id: i64,
    new: &[NewMessage],
) -> Result<Vec<Each>, OutboxError> {
    by_id(transaction, id)?.check_open()?;
    let each = enqueue::each(transaction, at, new)?;
    let (mut messages, mut segments) = (0_i64, 0_i64);
    for (one, message) in each.iter().zip(new) {
        if matches!(one, Ok(Enqueued::New { .. })) {
            messages += 1;
            segments = segments.saturating_add(i64::from(message.prepared.weight));
        }
    }
    transaction.execute(&transaction.sql.campaign_grow, params![id, messages, segments])?;
    Ok(each)
}

/// Has this campaign ended, so that its messages may be deleted? Then it is closed: its keys will not be known any more.
pub(super) fn close(transaction: &Transaction<'_>, id: i64) -> Result<bool, OutboxError> {
    let row = by_id(transaction, id)?;
    let has_ended = row.has_ended(&tally(transaction, id)?);
    if has_ended && !row.stage.is_over() {
        transaction.execute(&transaction.sql.campaign_close, [id])?;
    }
    Ok(has_ended)
}
