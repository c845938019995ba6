//! Evidence about unknown messages: proofs of callbacks, claims, and the results of checks.

use rusqlite::params;
use switchboard::provider::SendKind;

use super::transaction::Transaction;
use super::{column, consent, erase};
use crate::error::OutboxError;
use crate::rows::check::{Bound, Canary, Checked, Claim, Identity, Proof, Reported, Seen, Unknown};
use crate::rows::record::Entry;
use crate::rows::{Applied, Finished, Source};
use crate::state::{Event, State, Unchanged};
use crate::timing::Micros;

pub(super) fn identity(transaction: &Transaction<'_>) -> Result<Identity, OutboxError> {
    let read = |row: &rusqlite::Row<'_>| Ok(Identity { store: row.get(0)?, key: row.get(1)? });
    let found = transaction.first(&transaction.sql.identity, [], read)?;
    found.ok_or(OutboxError::BadRow("the table of the outbox itself is empty"))
}

pub(super) fn prove(
    transaction: &Transaction<'_>,
    at: Micros,
    proof: &Proof,
) -> Result<Applied, OutboxError> {
    let Proof { id, attempt, reported } = proof;
    if let Some(tenant) = &reported.tenant {
        let values = params![id, reported.sid, tenant];
        if transaction.first(&transaction.sql.of_another, values, |_| Ok(()))?.is_some() {
            return Ok(Applied::OfAnother);
        }
    }
    if reported.opted_out {
        consent::refused(transaction, at, *id, reported.tenant.is_some())?;
    }
    let applied = transaction.tell(at, &proof.told(at), None)?;
    if applied == Applied::Missing && *id <= erase::newest(transaction)? {
        return Ok(Applied::Deleted);
    }
    if applied.is_stale_copy() {
        transaction.log(at, Some(*id), None, &Entry::stale_copy(*attempt, &reported.sid))?;
    }
    Ok(applied)
}

pub(super) fn reported(
    transaction: &Transaction<'_>,
    at: Micros,
    reported: &Reported,
) -> Result<Applied, OutboxError> {
    let owner = match &reported.tenant {
        Some(tenant) => {
            let values = params![reported.sid, tenant];
            transaction.first(&transaction.sql.by_sid_of, values, |row| Ok(row.get(0)?))?
        }
        None => by_sid(transaction, &reported.sid)?,
    };
    let Some(id) = owner else { return Ok(Applied::Missing) };
    if reported.opted_out {
        consent::refused(transaction, at, id, reported.tenant.is_some())?;
    }
    transaction.tell(at, &reported.told(at, id), None)
}

fn by_sid(transaction: &Transaction<'_>, sid: &str) -> Result<Option<i64>, OutboxError> {
    transaction.first(&transaction.sql.by_sid, [sid], |row| Ok(row.get(0)?))
}

pub(super) fn claim(transaction: &Transaction<'_>, claim: &Claim) -> Result<Vec<Unknown>, OutboxError> {
    let except = serde_json::to_string(&claim.except).unwrap_or_default();
    let values = params![claim.at, claim.unknown_since, except, claim.limit];
    let claimed = transaction.all(&transaction.sql.claimable, values, unknown)?;
    for row in &claimed {
        transaction.execute(&transaction.sql.claim, params![row.id, claim.until])?;
    }
    Ok(claimed)
}

fn unknown(row: &rusqlite::Row<'_>) -> Result<Unknown, OutboxError> {
    Ok(Unknown {
        id: row.get(0)?,
        attempt: row.get(1)?,
        marked: row.get(2)?,
        checks: row.get(3)?,
        seen: Seen::read(row.get::<_, Option<String>>(4)?.as_deref()),
        account: row.get(5)?,
        address: row.get(6)?,
        tenant: column::text(row, 7)?,
        kind: column::kind(&row.get::<_, String>(8)?)?,
        recipient: column::text(row, 9)?,
        request: column::text(row, 10)?,
    })
}

pub(super) fn checked(
    transaction: &Transaction<'_>,
    at: Micros,
    checked: &Checked,
) -> Result<Applied, OutboxError> {
    let Checked { id, attempt, event, why, seen, next } = checked;
    let Some(record) = transaction.record(*id)? else { return Ok(Applied::Missing) };
    let progress = record.progress.clone();
    let is_unknown = progress.state == State::Unknown && progress.attempt == *attempt;
    let taken = match event {
        Some(Event::Accepted { sid: Some(sid), .. }) => {
            by_sid(transaction, sid)?.is_some_and(|owner| owner != *id)
        }
        _ => false,
    };
    if taken || !is_unknown {
        return Ok(Applied::Unchanged(progress, Unchanged::Stale));
    }
    match event {
        Some(event) => {
            let source = Source::List(seen.clone());
            let told = Finished { id: *id, why: *why, source, ..Finished::from_outside(at, event.clone()) };
            transaction.tell(at, &told, None)
        }
        None => {
            transaction.note_check(*id, &record.checked(*next, seen.clone()))?;
            Ok(Applied::Unchanged(progress, Unchanged::Known))
        }
    }
}

pub(super) fn bound(
    transaction: &Transaction<'_>,
    id: i64,
    sids: &[String],
    since: Micros,
) -> Result<Bound, OutboxError> {
    let mut bound = Bound::default();
    for sid in sids {
        if by_sid(transaction, sid)?.is_some_and(|owner| owner != id) {
            bound.sids.push(sid.clone());
        }
    }
    let sql = transaction.sql;
    let parked = transaction.first(&sql.rival_parked, [id], |_| Ok(()))?;
    let ended = transaction.first(&sql.rival_ended, params![id, since], |_| Ok(()))?;
    bound.rival = parked.or(ended).is_some();
    Ok(bound)
}

pub(super) fn canaries(
    transaction: &Transaction<'_>,
    account: &str,
    kind: SendKind,
    limit: u32,
) -> Result<Vec<Canary>, OutboxError> {
    let values = params![account, column::kind_word(kind), limit];
    transaction.all(&transaction.sql.canaries, values, |row| {
        Ok(Canary { sid: row.get(0)?, recipient: column::text(row, 1)? })
    })
}
