//! Campaigns.

use std::collections::BTreeMap;

use switchboard_store::{Connection, Transaction};

use super::Row;
use super::column::get;
use super::work::{Shared, Work};
use crate::error::OutboxError;
use crate::rows::campaign::{CampaignChange, CampaignRow, NewCampaign, Stage, Stopped, Tally};
use crate::rows::record::Entry;
use crate::rows::{Finished, NewMessage};
use crate::state::Event;
use crate::timing::Micros;

/// So many rows of the tally are read before they are put together.
const FRESH: i64 = 2_000;

/// Creates a campaign, unless it exists.
pub(super) async fn open(
    mut work: Work<'_>,
    at: Micros,
    new: &NewCampaign,
    actor: Option<&str>,
) -> Result<CampaignRow, OutboxError> {
    let NewCampaign { tenant, name, definition } = new;
    let sql = &work.shared.sql;
    let made = work.transaction.query(&sql.campaign_new, &[tenant, name, &at, definition]).await?;
    if !made.is_empty() {
        work.log(at, None, actor, Entry::new_campaign(name));
    }
    let found = work.transaction.query(&sql.campaign, &[tenant, name]).await?;
    let row = found.first().map(row).transpose()?.ok_or(OutboxError::NotFound)?;
    work.commit().await?;
    Ok(row)
}

pub(super) async fn with_tally(
    connection: &Connection,
    shared: &Shared,
    tenant: &str,
    name: &str,
) -> Result<Option<(CampaignRow, Tally)>, OutboxError> {
    let found = connection.query(&shared.sql.campaign_and_tally, &[&tenant, &name]).await?;
    let Some(found) = found.first() else { return Ok(None) };
    let both = (row(found)?, Tally::of_json(get(found, 10)?)?);
    // Where no worker puts the rows together, reading them would take longer and longer.
    if get::<i64>(found, 11)? > FRESH {
        connection.execute(&shared.sql.campaign_compact, &[]).await?;
    }
    Ok(Some(both))
}

pub(super) async fn list(
    connection: &Connection,
    shared: &Shared,
    tenant: &str,
    before: i64,
    limit: u32,
) -> Result<Vec<CampaignRow>, OutboxError> {
    let found = connection.query(&shared.sql.campaigns, &[&tenant, &before, &i64::from(limit)]).await?;
    found.iter().map(row).collect()
}

fn row(row: &Row) -> Result<CampaignRow, OutboxError> {
    Ok(CampaignRow {
        id: get(row, 0)?,
        tenant: get(row, 1)?,
        name: get(row, 2)?,
        created: get(row, 3)?,
        definition: get(row, 4)?,
        stage: Stage::of_word(get(row, 5)?)?,
        paused: get(row, 6)?,
        messages: get(row, 7)?,
        segments: get(row, 8)?,
        imported: get(row, 9)?,
    })
}

fn tally(rows: &[Row]) -> Result<Tally, OutboxError> {
    let counts = rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?)));
    let counts = counts.collect::<Result<Vec<(String, i64)>, OutboxError>>()?;
    Ok(Tally(counts.into_iter().filter(|(_, rows)| *rows != 0).collect()))
}

/// Reads a campaign, and keeps others from changing it until the end of the transaction. Several transactions may do so
/// at the same time.
pub(super) async fn share(
    transaction: &Transaction<'_>,
    shared: &Shared,
    id: i64,
) -> Result<CampaignRow, OutboxError> {
    locked(transaction, shared, &shared.sql.campaign_share, id).await
}

/// Reads a campaign, and keeps others from changing it and from adding messages to it until the end of the transaction.
async fn lock(transaction: &Transaction<'_>, shared: &Shared, id: i64) -> Result<CampaignRow, OutboxError> {
    locked(transaction, shared, &shared.sql.campaign_lock, id).await
}

/// The row is read by a statement of its own: one that waited for the lock would see it as it was before.
async fn locked(
    transaction: &Transaction<'_>,
    shared: &Shared,
    lock: &str,
    id: i64,
) -> Result<CampaignRow, OutboxError> {
    transaction.start(lock, vec![Box::new(id)]).await?;
    let found = transaction.query(&shared.sql.campaign_row, &[&id]).await?;
    found.first().map(row).transpose()?.ok_or(OutboxError::NotFound)
}

/// Counts new messages for their campaigns.
pub(super) async fn grow(
    transaction: &Transaction<'_>,
    shared: &Shared,
    new: &[(Micros, &NewMessage)],
) -> Result<(), OutboxError> {
    let mut grown: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (_, message) in new.iter().filter(|(_, message)| message.campaign != 0) {
        let (messages, segments) = grown.entry(message.campaign).or_default();
        *messages += 1;
        *segments = segments.saturating_add(i64::from(message.prepared.weight));
    }
    for (id, (messages, segments)) in grown {
        transaction.execute(&shared.sql.campaign_grow, &[&id, &messages, &segments]).await?;
    }
    Ok(())
}

pub(super) async fn change(
    mut work: Work<'_>,
    at: Micros,
    id: i64,
    change: &CampaignChange,
    actor: Option<&str>,
) -> Result<CampaignRow, OutboxError> {
    let sql = &work.shared.sql;
    if matches!(change, CampaignChange::Pause | CampaignChange::Stop) {
        // Transactions that mark hold this lock. After this one, none of them marks a message of the campaign.
        work.transaction.query(&sql.consent_write, &[]).await?;
    }
    let before = lock(&work.transaction, work.shared, id).await?;
    let Some(after) = before.change(change)? else { return Ok(before) };
    let stage = after.stage.word();
    work.transaction.execute(&sql.campaign_change, &[&id, &stage, &after.paused, &after.imported]).await?;
    if after.is_held() != before.is_held() {
        work.transaction.execute(&sql.campaign_hold, &[&id, &after.is_held()]).await?;
    }
    work.log(at, None, actor, Entry::campaign(&after, change));
    work.commit().await?;
    Ok(after)
}

/// Cancels messages of a campaign.
pub(super) async fn cancel(
    mut work: Work<'_>,
    at: Micros,
    id: i64,
    limit: u32,
    actor: Option<&str>,
) -> Result<Stopped, OutboxError> {
    let sql = &work.shared.sql;
    let mut found = work.transaction.query(&sql.campaign_ready, &[&id, &i64::from(limit)]).await?;
    let more = !found.is_empty();
    if !more {
        found = work.transaction.query(&sql.campaign_open, &[&id]).await?;
    }
    let mut ids = found.iter().map(|row| get(row, 0)).collect::<Result<Vec<i64>, _>>()?;
    ids.sort_unstable();
    work.load(ids.iter().copied()).await?;
    let mut cancelled = 0;
    for id in ids {
        let told = Finished { id, ..Finished::from_outside(at, Event::Cancel) };
        cancelled += u32::from(work.tell(at, &told, actor).is_cancelled());
    }
    work.commit().await?;
    Ok(Stopped { cancelled, more })
}

/// Returns those of these campaigns that have ended, so that their messages may be deleted, and closes them: their keys
/// will not be known any more.
pub(super) async fn close(work: &Work<'_>, ids: impl Iterator<Item = i64>) -> Result<Vec<i64>, OutboxError> {
    let mut ended = Vec::new();
    for id in ids {
        let row = lock(&work.transaction, work.shared, id).await?;
        let rows = work.transaction.query(&work.shared.sql.campaign_tally, &[&id]).await?;
        if row.has_ended(&tally(&rows)?) {
            if !row.stage.is_over() {
                work.transaction.execute(&work.shared.sql.campaign_close, &[&id]).await?;
            }
            ended.push(id);
        }
    }
    Ok(ended)
}
