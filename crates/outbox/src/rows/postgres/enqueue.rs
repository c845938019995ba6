//! Inserts the messages of several callers in one transaction. Each caller gets all of its messages or none.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use switchboard_store::{Connection, NewEvent, Transaction};

use super::ToSql;
use super::campaign;
use super::column::{get, integer};
use super::consent;
use super::due::number;
use super::work::Shared;
use crate::crash::{self, Point};
use crate::error::OutboxError;
use crate::policy::{Known, Passes, Ruling};
use crate::rows::candidate::{Columns, hex};
use crate::rows::record::Entry;
use crate::rows::{Each, Enqueued, NewMessage};
use crate::timing::Micros;

/// How long it waits for a transaction that has inserted one of the keys and not ended yet. Then the caller gets `Busy`.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '300ms'";
/// The same for what follows, which other transactions hold until their commit, and never longer.
const LONG_LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '10s'";
/// How often it begins again after others inserted one of the keys at the same time.
const TRIES: usize = 3;

/// The messages of one caller.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) at: Micros,
    pub(super) new: Arc<[NewMessage]>,
    /// The campaign that they belong to. Each of them is inserted that may be; otherwise, all or none.
    pub(super) campaign: Option<i64>,
}

/// The answer to each caller.
pub(super) type Answers = Vec<Result<Vec<Each>, OutboxError>>;

/// A message that has a key already: its id and hash. The id of a message of this transaction is not known yet.
struct Taken {
    id: Which,
    hash: String,
}

#[derive(Clone, Copy)]
enum Which {
    Stored(i64),
    /// The place among the new messages.
    New(usize),
    /// The place among the messages of the same caller, which are not inserted.
    Refused(usize),
}

impl Which {
    /// Returns which message it is if those from `before` on are not inserted.
    fn of_batch(self, before: usize) -> Self {
        match self {
            Self::New(place) if place >= before => Self::Refused(place - before),
            other => other,
        }
    }
}

/// Inserts the messages. An error means that nothing was inserted for any caller, or, if the connection was lost, that
/// this is not known.
pub(super) async fn enqueue(
    connection: &mut Connection,
    shared: &Shared,
    batches: &[Batch],
) -> Result<Answers, OutboxError> {
    for _ in 0..TRIES {
        let transaction = connection.begin().await?;
        transaction.start(LOCK_TIMEOUT, Vec::new()).await?;
        if let Some(answers) = attempt(transaction, shared, batches).await? {
            return Ok(answers);
        }
    }
    Err(OutboxError::Store(switchboard_store::StoreError::Busy { waited: None }))
}

/// Returns `None` if another transaction has committed one of the keys since they were read.
async fn attempt(
    transaction: Transaction<'_>,
    shared: &Shared,
    batches: &[Batch],
) -> Result<Option<Answers>, OutboxError> {
    // Locked first, so that nothing is added once it is stopped, and its queues are held if it is paused.
    for campaign in batches.iter().filter_map(|batch| batch.campaign) {
        campaign::share(&transaction, shared, campaign).await?.check_open()?;
    }
    let mut new: Vec<(Micros, &NewMessage)> = Vec::new();
    let (known, forgotten, consents) = tokio::join!(
        known(&transaction, shared, batches),
        forgotten(&transaction, shared, batches),
        consent::known(&transaction, shared, batches),
    );
    let (mut known, refusing) = (known?, Refusing { forgotten: forgotten?, consents: consents? });
    let mut decided: Vec<Decided> = Vec::new();
    let mut first = 0;
    for batch in batches {
        decided.push(decide(batch, first, &refusing, &mut known, &mut new));
        first += batch.new.len();
    }
    let mut made = HashMap::new();
    let messages: Vec<&NewMessage> = new.iter().map(|(_, message)| *message).collect();
    let queues = shared.queues.of(&transaction, &shared.sql, &messages, &mut made).await?;
    let ids = insert(&transaction, shared, &new, &queues).await?;
    if ids.len() < new.len() {
        transaction.rollback().await?;
        return Ok(None);
    }
    let next_id = next_id(&transaction, shared, &decided).await?;
    crash::at(Point::Inserted);
    transaction.start(LONG_LOCK_TIMEOUT, Vec::new()).await?;
    campaign::grow(&transaction, shared, &new).await?;
    log(&transaction, shared, &ids, &new).await?;
    let committed = transaction.commit().await;
    let rows: Vec<(i64, i64, Micros)> = (ids.iter().zip(&queues).zip(&new))
        .map(|((id, queue), (at, message))| (*id, *queue, message.due.unwrap_or(*at)))
        .collect();
    // Even if the answer was lost, the rows may be there.
    for ((id, queue, due), (_, message)) in rows.iter().zip(&new) {
        shared.seeks.put((*queue, number(message.priority)), (*due, *id));
    }
    committed?;
    shared.queues.keep(made);
    let answer = |one: Which, is_new: bool| match one {
        Which::Stored(id) => Enqueued::Existing { id },
        Which::Refused(place) => {
            Enqueued::Existing { id: next_id.saturating_add(i64::try_from(place).unwrap_or_default()) }
        }
        Which::New(place) => {
            let (id, queue, due) = rows.get(place).copied().unwrap_or_default();
            if is_new { Enqueued::New { id, queue, due } } else { Enqueued::Existing { id } }
        }
    };
    let error = |refused: Refused| match refused {
        Refused::Forgotten(place) => OutboxError::Forgotten { place },
        Refused::Blocked(place, because) => OutboxError::Blocked { place, because },
        Refused::Conflict(place, one) => {
            let (Enqueued::Existing { id } | Enqueued::New { id, .. }) = answer(one, false);
            OutboxError::KeyConflict { place, id }
        }
    };
    let each = |one: One| one.map(|(one, is_new)| answer(one, is_new)).map_err(error);
    let answers = decided.into_iter().map(|decided| match decided {
        Err(refused) => Err(error(refused)),
        Ok(all) => Ok(all.into_iter().map(each).collect()),
    });
    Ok(Some(answers.collect()))
}

/// Logs emergencies and warnings, last in the transaction.
async fn log(
    transaction: &Transaction<'_>,
    shared: &Shared,
    ids: &[i64],
    new: &[(Micros, &NewMessage)],
) -> Result<(), OutboxError> {
    let mut entries: Vec<(i64, Micros, Option<&str>, Entry)> = Vec::new();
    for (id, (at, message)) in ids.iter().zip(new) {
        entries.extend(message.entries().map(|(by, entry)| (*id, *at, by, entry)));
    }
    let mut events: Vec<NewEvent<'_>> = Vec::with_capacity(entries.len());
    for (id, at, by, entry) in &entries {
        events.push(NewEvent {
            at_micros: *at,
            topic: entry.topic,
            subject: Some(*id),
            actor: *by,
            detail: Some(&entry.detail),
        });
    }
    if !events.is_empty() {
        shared.log.append(transaction, &events).await?;
    }
    Ok(())
}

/// Returns the id that the first message of a refused caller would have got, if one of them is to be named.
async fn next_id(
    transaction: &Transaction<'_>,
    shared: &Shared,
    decided: &[Decided],
) -> Result<i64, OutboxError> {
    if !decided.iter().any(|one| matches!(one, Err(Refused::Conflict(_, Which::Refused(_))))) {
        return Ok(0);
    }
    get(&transaction.one(&shared.sql.message_next, &[]).await?, 0)
}

type Name<'m> = (&'m str, &'m str);
/// Which message it is, and whether it is new.
type One = Result<(Which, bool), Refused>;
/// What was decided for each message of a caller; an error if none of them is inserted.
type Decided = Result<Vec<One>, Refused>;

/// Why the messages of a caller are not inserted: the place of one of them, and the message that has its key.
enum Refused {
    Conflict(usize, Which),
    Forgotten(usize),
    Blocked(usize, Ruling),
}

/// The recipients that want no messages.
struct Refusing {
    /// By the hashes of those that wanted to be forgotten.
    forgotten: HashSet<String>,
    /// By the place of the message among those of all callers.
    consents: HashMap<usize, Known>,
}

fn name(message: &NewMessage) -> Name<'_> {
    (&message.tenant, &message.key)
}

/// Reads which keys are taken.
async fn known<'m>(
    transaction: &Transaction<'_>,
    shared: &Shared,
    batches: &'m [Batch],
) -> Result<HashMap<Name<'m>, Taken>, OutboxError> {
    let names: Vec<Name<'m>> = batches.iter().flat_map(|batch| batch.new.iter()).map(name).collect();
    let (tenants, keys): (Vec<&str>, Vec<&str>) = names.iter().copied().unzip();
    let mut known = HashMap::new();
    for row in transaction.query(&shared.sql.messages_known, &[&tenants, &keys]).await? {
        let place: i64 = get(&row, 0)?;
        let hash: Option<String> = get(&row, 2)?;
        let request: Option<&str> = get(&row, 3)?;
        // A row that was inserted by plain SQL has no hash. One that cannot be read equals no message.
        let hash = hash.or_else(|| Columns::of_request(request?).map(|columns| columns.hash));
        if let Some(name) = usize::try_from(place - 1).ok().and_then(|place| names.get(place)) {
            known.insert(*name, Taken { id: Which::Stored(get(&row, 1)?), hash: hash.unwrap_or_default() });
        }
    }
    Ok(known)
}

/// Decides about the messages of one caller, the first of which has this place among those of all callers.
fn decide<'m>(
    batch: &'m Batch,
    first: usize,
    refusing: &Refusing,
    known: &mut HashMap<Name<'m>, Taken>,
    new: &mut Vec<(Micros, &'m NewMessage)>,
) -> Decided {
    let before = new.len();
    let decided = batch.new.iter().enumerate().map(|(place, message)| {
        if message.hashes.iter().any(|hash| refusing.forgotten.contains(hash)) {
            return Err(Refused::Forgotten(place));
        }
        let hash = hex(&message.prepared.hash);
        match known.get(&name(message)) {
            Some(taken) if taken.hash == hash => Ok((taken.id, false)),
            Some(taken) if batch.campaign.is_some() => Err(Refused::Conflict(place, taken.id)),
            Some(taken) => Err(Refused::Conflict(place, taken.id.of_batch(before))),
            None => {
                let consent = refusing.consents.get(&(first + place));
                if let Some(because) = message.refused_by(consent) {
                    return Err(Refused::Blocked(place, because));
                }
                let id = Which::New(new.len());
                known.insert(name(message), Taken { id, hash });
                new.push((batch.at, message));
                Ok((id, true))
            }
        }
    });
    if batch.campaign.is_some() {
        return Ok(decided.collect());
    }
    let decided: Result<Vec<(Which, bool)>, Refused> = decided.collect();
    if decided.is_err() {
        new.truncate(before);
        known.retain(|_, known| !matches!(known.id, Which::New(place) if place >= before));
    }
    Ok(decided?.into_iter().map(Ok).collect())
}

/// Returns the hashes of the recipients that wanted to be forgotten.
pub(super) async fn forgotten(
    transaction: &Transaction<'_>,
    shared: &Shared,
    batches: &[Batch],
) -> Result<HashSet<String>, OutboxError> {
    let messages = batches.iter().flat_map(|batch| batch.new.iter());
    let hashes: Vec<&str> = messages.flat_map(|message| &message.hashes).map(String::as_str).collect();
    let found = transaction.query(&shared.sql.forgotten, &[&hashes]).await?;
    found.iter().map(|row| get(row, 0)).collect()
}

/// Returns the ids of the new messages, in order. Fewer, if one of the keys is taken.
async fn insert(
    transaction: &Transaction<'_>,
    shared: &Shared,
    new: &[(Micros, &NewMessage)],
    queues: &[i64],
) -> Result<Vec<i64>, OutboxError> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let (many, queues) = (i32::try_from(new.len()).unwrap_or(i32::MAX), queues.to_vec());
    let texts =
        |of: fn(&NewMessage) -> &str| new.iter().map(|(_, message)| of(message)).collect::<Vec<&str>>();
    let priorities: Vec<i32> = new.iter().map(|(_, message)| number(message.priority)).collect();
    let weights: Vec<i32> = new.iter().map(|(_, message)| integer(message.prepared.weight)).collect();
    let fingerprints: Vec<String> =
        new.iter().map(|(_, message)| hex(&message.prepared.fingerprint)).collect();
    let hashes: Vec<String> = new.iter().map(|(_, message)| hex(&message.prepared.hash)).collect();
    let zones: Vec<Option<&str>> = new.iter().map(|(_, message)| message.zone.as_deref()).collect();
    let rules: Vec<Option<&str>> = new.iter().map(|(_, message)| message.text_rules.as_deref()).collect();
    let passes: Vec<Option<&str>> =
        new.iter().map(|(_, message)| message.passes().map(Passes::word)).collect();
    let pools: Vec<Option<String>> = new.iter().map(|(_, message)| message.pool()).collect();
    let campaigns: Vec<i64> = new.iter().map(|(_, message)| message.campaign).collect();
    let values: [&(dyn ToSql + Sync); 19] = [
        &many,
        &new.iter().map(|(at, _)| *at).collect::<Vec<i64>>(),
        &texts(|message| &message.tenant),
        &texts(|message| &message.key),
        &queues,
        &texts(|message| &message.prepared.recipient),
        &priorities,
        &weights,
        &fingerprints,
        &hashes,
        &texts(|message| &message.prepared.request),
        &new.iter().map(|(_, message)| message.expires).collect::<Vec<_>>(),
        &new.iter().map(|(at, message)| message.due.unwrap_or(*at)).collect::<Vec<i64>>(),
        &texts(|message| message.purpose.as_str()),
        &zones,
        &rules,
        &passes,
        &pools,
        &campaigns,
    ];
    let rows = transaction.query(&shared.sql.messages_new, &values).await?;
    let mut ids = rows.iter().map(|row| get(row, 0)).collect::<Result<Vec<i64>, _>>()?;
    // The ids were given in the order of the messages.
    ids.sort_unstable();
    Ok(ids)
}
