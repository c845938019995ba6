//! Consents: what people said about the messages that they want.

use std::collections::{BTreeSet, HashMap, HashSet};

use switchboard_store::{Connection, Transaction};

use super::column::{self, get, kind_word};
use super::enqueue::Batch;
use super::work::{Shared, Work};
use super::{Row, ToSql};
use crate::error::OutboxError;
use crate::policy::Known;
use crate::rows::NewMessage;
use crate::rows::consent::{ConsentRow, Consented, Consents, KnownSender, ListConsents};
use crate::rows::record::Entry;
use crate::timing::Micros;

/// Stores consents, each if it is newer than what is stored.
///
/// Waits until no transaction marks messages: those that begin later see the consents.
pub(super) async fn store(mut work: Work<'_>, consents: &Consents) -> Result<Consented, OutboxError> {
    if consents.rows.iter().any(|row| row.opted_out) {
        work.transaction.query(&work.shared.sql.consent_write, &[]).await?;
    }
    let rows = consents.once_each();
    let changed = write(&work, consents.recorded, &rows).await?;
    let mut consented = Consented { changed: changed.len() as u64, open: 0 };
    if consents.many {
        let entry = Entry::consents(consents, consented.changed);
        work.log(consents.recorded, None, consents.actor.as_deref(), entry);
        work.commit().await?;
        return Ok(consented);
    }
    for row in rows.iter().filter(|row| changed.contains(&name(row))) {
        work.log(consents.recorded, None, consents.actor.as_deref(), Entry::consent(row));
    }
    let recipients: BTreeSet<String> = rows.iter().map(|row| column::text(&row.recipient)).collect();
    for recipient in recipients {
        let open: i64 = get(&work.transaction.one(&work.shared.sql.open_to, &[&recipient]).await?, 0)?;
        consented.open += u64::try_from(open).unwrap_or_default();
    }
    work.commit().await?;
    Ok(consented)
}

type Name = (String, String, String);

fn name(row: &ConsentRow) -> Name {
    (column::text(&row.recipient), column::text(&row.scope), row.purpose.clone())
}

/// Returns the names of the rows that changed.
async fn write(
    work: &Work<'_>,
    recorded: Micros,
    rows: &[&ConsentRow],
) -> Result<HashSet<Name>, OutboxError> {
    let texts =
        |of: fn(&ConsentRow) -> &str| rows.iter().map(|row| column::text(of(row))).collect::<Vec<_>>();
    let proofs: Vec<Option<String>> = rows.iter().map(|row| row.proof.as_deref().map(column::text)).collect();
    let values: [&(dyn ToSql + Sync); 8] = [
        &texts(|row| &row.recipient),
        &texts(|row| &row.scope),
        &texts(|row| &row.purpose),
        &texts(ConsentRow::word),
        &texts(|row| &row.source),
        &rows.iter().map(|row| row.at).collect::<Vec<i64>>(),
        &proofs,
        &recorded,
    ];
    let changed = work.transaction.query(&work.shared.sql.consent_set, &values).await?;
    changed.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?, get(row, 2)?))).collect()
}

/// Reads what a person said, by scope and purpose.
pub(super) async fn of_recipient(
    connection: &Connection,
    shared: &Shared,
    recipient: &str,
) -> Result<Vec<ConsentRow>, OutboxError> {
    let recipient = column::text(recipient);
    let rows = connection.query(&shared.sql.consents, &[&recipient]).await?;
    rows.iter().map(|row| row_of(recipient.clone(), row)).collect()
}

pub(super) async fn list(
    connection: &Connection,
    shared: &Shared,
    list: &ListConsents,
) -> Result<Vec<ConsentRow>, OutboxError> {
    let ListConsents { scopes, after, limit } = list;
    let scopes: Vec<String> = scopes.iter().map(|scope| column::text(scope)).collect();
    let [recipient, purpose, scope] =
        [&after.recipient, &after.purpose, &after.scope].map(|text| column::text(text));
    let values: [&(dyn ToSql + Sync); 6] =
        [&scopes, &after.at, &recipient, &purpose, &scope, &i64::from(*limit)];
    let rows = connection.query(&shared.sql.consents_of, &values).await?;
    rows.iter().map(|row| row_of(get(row, 6)?, row)).collect()
}

fn row_of(recipient: String, row: &Row) -> Result<ConsentRow, OutboxError> {
    Ok(ConsentRow {
        recipient,
        scope: get(row, 0)?,
        purpose: get(row, 1)?,
        opted_out: get::<&str>(row, 2)? == "out",
        source: get(row, 3)?,
        at: get(row, 4)?,
        proof: get(row, 5)?,
    })
}

/// Reads what decides about new messages, by their place among the messages of all callers.
pub(super) async fn known(
    transaction: &Transaction<'_>,
    shared: &Shared,
    batches: &[Batch],
) -> Result<HashMap<usize, Known>, OutboxError> {
    let messages: Vec<&NewMessage> = batches.iter().flat_map(|batch| batch.new.iter()).collect();
    let texts = |of: fn(&NewMessage) -> &str| messages.iter().map(|one| of(one)).collect::<Vec<&str>>();
    let senders: Vec<Option<String>> = messages.iter().map(|message| message.sender_address()).collect();
    let pools: Vec<Option<String>> = messages.iter().map(|message| message.pool()).collect();
    let values: [&(dyn ToSql + Sync); 6] = [
        &texts(|message| &message.prepared.recipient),
        &texts(|message| &message.tenant),
        &texts(|message| message.purpose.as_str()),
        &texts(|message| kind_word(message.prepared.kind)),
        &senders,
        &pools,
    ];
    let mut known = HashMap::new();
    for row in transaction.query(&shared.sql.consent_known, &values).await? {
        let place: i64 = get(&row, 0)?;
        known.insert(usize::try_from(place - 1).unwrap_or(usize::MAX), Known::new(get(&row, 1)?));
    }
    Ok(known)
}

/// The provider refused a message because its recipient has opted out. What they said after the message was marked
/// counts more. If only the message's tenant says so (`of_tenant`), it does not count for a sender that another
/// tenant has on another account.
pub(super) async fn refused(
    work: &mut Work<'_>,
    at: Micros,
    id: i64,
    of_tenant: bool,
) -> Result<(), OutboxError> {
    let rows = work.transaction.query(&work.shared.sql.consent_refused, &[&id, &at, &of_tenant]).await?;
    for row in &rows {
        let row = row_of(get(row, 6)?, row)?;
        work.log(at, Some(id), None, Entry::consent(&row));
    }
    Ok(())
}

/// Returns the senders with these addresses, once for each tenant that has a queue of theirs.
pub(super) async fn senders_of(
    connection: &Connection,
    shared: &Shared,
    addresses: Vec<String>,
) -> Result<Vec<KnownSender>, OutboxError> {
    let addresses: Vec<String> = addresses.iter().map(|address| column::text(address)).collect();
    let rows = connection.query(&shared.sql.senders_of, &[&addresses]).await?;
    let read =
        |row: &Row| Ok(KnownSender { address: get(row, 0)?, account: get(row, 1)?, tenant: get(row, 2)? });
    rows.iter().map(read).collect()
}
