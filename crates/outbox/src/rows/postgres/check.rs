//! Evidence about unknown messages: proofs of callbacks, claims, and the results of checks.

use switchboard::provider::SendKind;
use switchboard_store::Connection;

use super::column::{self, count, get};
use super::work::{Shared, Work};
use super::{Row, ToSql, consent, erase};
use crate::error::OutboxError;
use crate::rows::check::{Bound, Canary, Checked, Claim, Identity, Proof, Reported, Seen, Unknown};
use crate::rows::record::Entry;
use crate::rows::{Applied, Finished, Source};
use crate::state::{Event, State, Unchanged};
use crate::timing::Micros;

pub(super) async fn identity(connection: &Connection, shared: &Shared) -> Result<Identity, OutboxError> {
    let row = connection.one(&shared.sql.identity, &[]).await?;
    Ok(Identity { store: get(&row, 0)?, key: get(&row, 1)? })
}

pub(super) async fn prove(mut work: Work<'_>, at: Micros, proof: Proof) -> Result<Applied, OutboxError> {
    let (told, Proof { id, attempt, reported }) = (proof.told(at), proof);
    if let Some(tenant) = &reported.tenant {
        let (sid, tenant) = (column::text(&reported.sid), column::text(tenant));
        let of_another = work.transaction.one(&work.shared.sql.of_another, &[&id, &sid, &tenant]).await?;
        if get(&of_another, 0)? {
            return Ok(Applied::OfAnother);
        }
    }
    if reported.opted_out {
        // Before any row, as in a transaction that stores consents.
        work.transaction.query(&work.shared.sql.consent_write, &[]).await?;
    }
    work.load([id]).await?;
    if reported.opted_out {
        consent::refused(&mut work, at, id, reported.tenant.is_some()).await?;
    }
    let applied = work.tell(at, &told, None);
    if applied == Applied::Missing && id <= erase::newest(&work).await? {
        return Ok(Applied::Deleted);
    }
    if applied.is_stale_copy() {
        work.log(at, Some(id), None, Entry::stale_copy(attempt, &reported.sid));
    }
    work.commit().await?;
    Ok(applied)
}

pub(super) async fn reported(
    mut work: Work<'_>,
    at: Micros,
    reported: &[Reported],
) -> Result<Vec<Applied>, OutboxError> {
    let owners = owners(&work, reported).await?;
    if owners.iter().all(Option::is_none) {
        return Ok(vec![Applied::Missing; reported.len()]);
    }
    if reported.iter().any(|one| one.opted_out) {
        // Before any row, as in a transaction that stores consents.
        work.transaction.query(&work.shared.sql.consent_write, &[]).await?;
    }
    work.load(owners.iter().flatten().copied()).await?;
    let mut applied = Vec::with_capacity(reported.len());
    for (one, owner) in reported.iter().zip(owners) {
        let Some(id) = owner else {
            applied.push(Applied::Missing);
            continue;
        };
        if one.opted_out {
            consent::refused(&mut work, at, id, one.tenant.is_some()).await?;
        }
        applied.push(work.tell(at, &one.told(at, id), None));
    }
    work.commit().await?;
    Ok(applied)
}

/// Returns the message that each report is about.
async fn owners(work: &Work<'_>, reported: &[Reported]) -> Result<Vec<Option<i64>>, OutboxError> {
    let sids: Vec<String> = reported.iter().map(|one| column::text(&one.sid)).collect();
    let tenants: Vec<Option<String>> =
        reported.iter().map(|one| one.tenant.as_deref().map(column::text)).collect();
    let rows = work.transaction.query(&work.shared.sql.owners, &[&sids, &tenants]).await?;
    rows.iter().map(|row| get(row, 0)).collect()
}

/// Returns the message with this id at the provider.
async fn owner(work: &Work<'_>, sid: &str) -> Result<Option<i64>, OutboxError> {
    let row = work.transaction.one(&work.shared.sql.by_sid, &[&vec![column::text(sid)]]).await?;
    get(&row, 1)
}

pub(super) async fn claim(work: Work<'_>, claim: &Claim) -> Result<Vec<Unknown>, OutboxError> {
    let sql = &work.shared.sql;
    let values: [&(dyn ToSql + Sync); 4] =
        [&claim.at, &claim.unknown_since, &claim.except, &i64::from(claim.limit)];
    let rows = work.transaction.query(&sql.claimable, &values).await?;
    let claimed = rows.iter().map(unknown).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<i64> = claimed.iter().map(|row| row.id).collect();
    work.transaction.execute(&sql.claim, &[&ids, &claim.until]).await?;
    work.commit().await?;
    Ok(claimed)
}

fn unknown(row: &Row) -> Result<Unknown, OutboxError> {
    Ok(Unknown {
        id: get(row, 0)?,
        attempt: count(row, 1)?,
        marked: get(row, 2)?,
        checks: count(row, 3)?,
        seen: Seen::read(get(row, 4)?),
        account: get(row, 5)?,
        address: get(row, 6)?,
        tenant: get(row, 7)?,
        kind: column::kind(get(row, 8)?)?,
        recipient: get(row, 9)?,
        request: get(row, 10)?,
    })
}

pub(super) async fn checked(
    mut work: Work<'_>,
    at: Micros,
    checked: Checked,
) -> Result<Applied, OutboxError> {
    let Checked { id, attempt, event, why, seen, next } = checked;
    work.load([id]).await?;
    let Some(record) = work.record(id).cloned() else { return Ok(Applied::Missing) };
    let progress = record.progress.clone();
    let is_unknown = progress.state == State::Unknown && progress.attempt == attempt;
    let taken = match &event {
        Some(Event::Accepted { sid: Some(sid), .. }) => {
            owner(&work, sid).await?.is_some_and(|owner| owner != id)
        }
        _ => false,
    };
    if taken || !is_unknown {
        return Ok(Applied::Unchanged(progress, Unchanged::Stale));
    }
    let applied = match event {
        Some(event) => {
            let source = Source::List(seen);
            work.tell(at, &Finished { id, why, source, ..Finished::from_outside(at, event) }, None)
        }
        None => {
            work.replace(id, record.checked(next, seen));
            Applied::Unchanged(progress, Unchanged::Known)
        }
    };
    work.commit().await?;
    Ok(applied)
}

pub(super) async fn bound(
    connection: &Connection,
    shared: &Shared,
    id: i64,
    sids: Vec<String>,
    since: Micros,
) -> Result<Bound, OutboxError> {
    let sids: Vec<String> = sids.iter().map(|sid| column::text(sid)).collect();
    let mut bound = Bound::default();
    for row in connection.query(&shared.sql.by_sid, &[&sids]).await? {
        if get::<Option<i64>>(&row, 1)?.is_some_and(|owner| owner != id) {
            bound.sids.push(get(&row, 0)?);
        }
    }
    bound.rival = get(&connection.one(&shared.sql.rival, &[&id, &since]).await?, 0)?;
    Ok(bound)
}

pub(super) async fn canaries(
    connection: &Connection,
    shared: &Shared,
    account: &str,
    kind: SendKind,
    limit: u32,
) -> Result<Vec<Canary>, OutboxError> {
    let values: [&(dyn ToSql + Sync); 3] = [&account, &column::kind_word(kind), &i64::from(limit)];
    let rows = connection.query(&shared.sql.canaries, &values).await?;
    rows.iter().map(|row| Ok(Canary { sid: get(row, 0)?, recipient: get(row, 1)? })).collect()
}
