//! Enqueues the messages of a list: reading, filling and inserting at the same time, in the order of the list.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use switchboard_store::StoreError;
use tokio::task::{JoinHandle, spawn_blocking};

use super::fill::Filler;
use super::read::{self, Opened, Part, Parts};
use super::{CampaignError, Draft, Recipients, RejectReason, Rejected, Rejects, Row};
use crate::error::OutboxError;
use crate::outbox::Outbox;
use crate::policy::Ruling;
use crate::rows::campaign::{CampaignChange, NewCampaign};
use crate::rows::record::Entry;
use crate::rows::{Each, Enqueued, NewMessage};
use crate::timing::Micros;

/// How many parts are enqueued at the same time: while one waits for the disk, the other one is inserted.
const INSERTS: usize = 2;
/// How often a part is tried again if the database is busy or cannot be reached.
const TRIES: u32 = 8;
/// The first wait before that. It doubles each time.
const WAIT: Duration = Duration::from_millis(100);

/// A list that is being read in the background. It goes on if this is dropped.
#[derive(Debug)]
#[must_use = "only `finished` tells whether the whole list was read"]
pub struct Import(JoinHandle<Result<Imported, CampaignError>>);

impl Import {
    /// Waits until the list was read to its end, and all its messages are on disk.
    ///
    /// # Errors
    /// [`CampaignError`]. What was enqueued before stays enqueued: start the campaign again with the same list to continue.
    pub async fn finished(self) -> Result<Imported, CampaignError> {
        self.0.await.unwrap_or_else(|error| Err(CampaignError::of_join(&error)))
    }
}

/// What an import found in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Imported {
    /// The rows of the list, without blank ones.
    pub rows: u64,
    /// The rows whose message was enqueued by this import.
    pub new: u64,
    /// The rows whose message was there already: from an earlier import, or because the list has the key twice.
    pub existing: u64,
    /// The rows that cannot be used.
    pub rejected: u64,
    /// How many there are for each reason: see [`RejectReason::word`].
    pub reasons: BTreeMap<String, u64>,
    /// How many messages each text rule warns of.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub warnings: BTreeMap<String, u64>,
}

impl std::fmt::Display for Imported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rows, new, existing, rejected, .. } = self;
        write!(f, "{rows} rows: {new} enqueued, {existing} were there already, {rejected} rejected")
    }
}

pub(super) async fn start(draft: &Draft, list: Recipients) -> Result<Import, CampaignError> {
    draft.check()?;
    let definition = draft.definition(&list);
    // Before the file of rejected rows is written anew.
    if let Ok((row, _)) = draft.campaign.find().await {
        draft.same(&row.definition, &definition)?;
    }
    let Opened { rows, rejects } = read::open(list, draft.rejects.clone()).await?;
    // The template and the columns are checked before anything is stored.
    let filler = Filler::new(draft, rows.columns())?;
    let (outbox, campaign) = (&draft.campaign.outbox, &draft.campaign);
    let new = NewCampaign {
        tenant: campaign.tenant.clone(),
        name: campaign.name.clone(),
        definition: definition.to_string(),
    };
    let row = outbox.rows().open_campaign(outbox.now(), new, draft.by.clone()).await?;
    draft.same(&row.definition, &definition)?;
    let change = CampaignChange::Import;
    let row = outbox.rows().change_campaign(outbox.now(), row.id, change, draft.by.clone()).await?;
    if draft.paused && row.messages == 0 {
        let change = CampaignChange::Pause;
        outbox.rows().change_campaign(outbox.now(), row.id, change, draft.by.clone()).await?;
    }
    let importer = Importer {
        outbox: outbox.clone(),
        id: row.id,
        name: row.name,
        rejects,
        imported: Imported::default(),
        by: draft.by.clone(),
        hasher: RandomState::new(),
    };
    let filler = Arc::new(filler.of(row.id));
    Ok(Import(tokio::spawn(importer.run_and_note(filler, read::parts(rows)))))
}

/// A part whose messages were made.
struct Filled {
    /// A message for each row that is not rejected.
    messages: Vec<NewMessage>,
    /// Kept for the case that a message is refused.
    rows: Vec<Result<Row, Rejected>>,
    /// The hashes of the messages' keys.
    keys: HashSet<u64>,
    /// What rules warn of in them.
    warned: Vec<Ruling>,
}

impl Filled {
    fn of(part: Vec<Result<(Row, NewMessage), Rejected>>, hasher: &RandomState) -> Self {
        let (mut messages, mut warned) = (Vec::with_capacity(part.len()), Vec::new());
        let mut split = |(row, mut message): (Row, NewMessage)| {
            let own = std::mem::take(&mut message.warned);
            if message.refused.is_none() {
                warned.extend(own);
            }
            messages.push(message);
            row
        };
        let rows = part.into_iter().map(|row| row.map(&mut split)).collect();
        let keys = messages.iter().map(|message: &NewMessage| hasher.hash_one(&message.key)).collect();
        Self { messages, rows, keys, warned }
    }

    fn shares_a_key(&self, insert: &Insert) -> bool {
        !self.keys.is_disjoint(&insert.keys)
    }
}

/// A part that is being enqueued.
struct Insert {
    rows: Vec<Result<Row, Rejected>>,
    keys: HashSet<u64>,
    each: JoinHandle<Result<Vec<Each>, CampaignError>>,
}

impl Insert {
    fn start(part: Filled, outbox: &Outbox, campaign: i64) -> Self {
        let Filled { messages, rows, keys, .. } = part;
        Self { rows, keys, each: tokio::spawn(insert(outbox.clone(), campaign, messages.into())) }
    }
}

/// Enqueuing a part a second time changes nothing, so it is tried again if nobody knows whether it was enqueued.
async fn insert(
    outbox: Outbox,
    campaign: i64,
    messages: Arc<[NewMessage]>,
) -> Result<Vec<Each>, CampaignError> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let mut wait = WAIT;
    for _ in 1..TRIES {
        match outbox.rows().enqueue_each(outbox.now(), campaign, Arc::clone(&messages)).await {
            Err(OutboxError::Store(
                StoreError::Busy { .. } | StoreError::ConnectionLost | StoreError::CannotConnect { .. },
            )) => {
                tokio::time::sleep(wait).await;
                wait = wait.saturating_mul(2);
            }
            other => return Ok(other?),
        }
    }
    Ok(outbox.rows().enqueue_each(outbox.now(), campaign, messages).await?)
}

struct Importer {
    outbox: Outbox,
    id: i64,
    name: String,
    rejects: Option<Rejects>,
    imported: Imported,
    by: Option<String>,
    hasher: RandomState,
}

impl Importer {
    /// If it fails, the campaign says so, even if nobody waits for the import.
    async fn run_and_note(mut self, filler: Arc<Filler>, parts: Parts) -> Result<Imported, CampaignError> {
        let done = AssertUnwindSafe(self.run(filler, parts)).catch_unwind().await;
        let done = done.unwrap_or(Err(CampaignError::Panicked));
        if let Err(error) = &done {
            tracing::warn!(%error, campaign = self.id, "a campaign could not be imported to the end");
            let (rows, change) = (self.outbox.rows(), CampaignChange::Interrupted);
            // If this fails, it stays `importing`.
            drop(rows.change_campaign(self.outbox.now(), self.id, change, self.by.take()).await);
        }
        done
    }

    async fn run(&mut self, filler: Arc<Filler>, parts: Parts) -> Result<Imported, CampaignError> {
        let mut inserts = VecDeque::new();
        let inserted = self.insert_all(filler, parts, &mut inserts).await;
        // After an error, nothing is added later than the note that says so.
        for insert in inserts {
            drop(insert.each.await);
        }
        inserted?;
        if let Some(rejects) = self.rejects.take() {
            let synced = spawn_blocking(move || rejects.sync()).await;
            synced.map_err(|error| CampaignError::of_join(&error))??;
        }
        let found = serde_json::to_string(&self.imported).unwrap_or_default();
        let change = CampaignChange::Imported(found);
        self.outbox.rows().change_campaign(self.outbox.now(), self.id, change, self.by.clone()).await?;
        Ok(self.imported.clone())
    }

    async fn insert_all(
        &mut self,
        filler: Arc<Filler>,
        parts: Parts,
        inserts: &mut VecDeque<Insert>,
    ) -> Result<(), CampaignError> {
        let outbox = self.outbox.clone();
        let filled =
            parts.into_stream().map(|part| fill(Arc::clone(&filler), part, outbox.now())).buffered(at_once());
        let mut filled = std::pin::pin!(filled);
        while let Some(part) = filled.next().await {
            let part = Filled::of(part?, &self.hasher);
            self.warn(&part.warned).await;
            // Of two rows with the same key, the first one counts.
            // The first part makes the queue, so that all messages are in one.
            let most = if self.imported.rows == 0 { 1 } else { INSERTS };
            while inserts.len() >= most || inserts.iter().any(|insert| part.shares_a_key(insert)) {
                self.note_first(inserts).await?;
            }
            inserts.push_back(Insert::start(part, &self.outbox, self.id));
        }
        while !inserts.is_empty() {
            self.note_first(inserts).await?;
        }
        Ok(())
    }

    /// Counts warnings, and logs the first one of each rule.
    async fn warn(&mut self, warned: &[Ruling]) {
        for because in warned {
            let count = self.imported.warnings.entry(because.rule.clone()).or_default();
            *count += 1;
            if *count == 1 {
                let entry = Entry::campaign_warned(&self.name, because);
                // The import does not end for it, and its result counts the warnings.
                if let Err(error) = self.outbox.rows().note(self.outbox.now(), vec![entry]).await {
                    tracing::warn!(%error, "a warning of a campaign could not be logged");
                }
            }
        }
    }

    /// Waits until the first of these parts is on disk, and takes it from them.
    async fn note_first(&mut self, inserts: &mut VecDeque<Insert>) -> Result<(), CampaignError> {
        let Some(insert) = inserts.front_mut() else { return Ok(()) };
        let each = (&mut insert.each).await;
        let Some(insert) = inserts.pop_front() else { return Ok(()) };
        self.note(insert.rows, each.unwrap_or_else(|error| Err(CampaignError::of_join(&error)))?).await
    }

    /// Counts the rows of a part, and writes those that are rejected into their file.
    async fn note(&mut self, rows: Vec<Result<Row, Rejected>>, each: Vec<Each>) -> Result<(), CampaignError> {
        self.imported.rows += rows.len() as u64;
        let mut each = each.into_iter();
        let mut rejected: Vec<Rejected> = Vec::new();
        for row in rows {
            match row {
                Err(row) => rejected.push(row),
                Ok(row) => match each.next() {
                    Some(Ok(Enqueued::New { queue, due, .. })) => {
                        self.imported.new += 1;
                        self.outbox.hints().put(queue, due);
                    }
                    Some(Ok(Enqueued::Existing { .. })) => self.imported.existing += 1,
                    Some(Err(error)) => rejected.push(row.reject(RejectReason::of(&error))),
                    None => return Err(OutboxError::BadRow("a message was not answered").into()),
                },
            }
        }
        self.outbox.hints().wake();
        self.imported.rejected += rejected.len() as u64;
        for one in &rejected {
            *self.imported.reasons.entry(one.reason.word()).or_default() += 1;
        }
        self.reject(rejected).await
    }

    /// Writes rejected rows into their file, after the messages of their part are on disk.
    async fn reject(&mut self, rejected: Vec<Rejected>) -> Result<(), CampaignError> {
        if rejected.is_empty() {
            return Ok(());
        }
        let Some(mut rejects) = self.rejects.take() else { return Ok(()) };
        let written = spawn_blocking(move || {
            rejected.iter().try_for_each(|one| rejects.write(one).map(drop))?;
            Ok(rejects)
        });
        self.rejects = Some(written.await.unwrap_or_else(|error| Err(CampaignError::of_join(&error)))?);
        Ok(())
    }
}

/// How many parts are filled at the same time.
pub(super) fn at_once() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(2, 8)
}

async fn fill(
    filler: Arc<Filler>,
    part: Result<Part, CampaignError>,
    at: Micros,
) -> Result<Vec<Result<(Row, NewMessage), Rejected>>, CampaignError> {
    let part = part?;
    let filled = spawn_blocking(move || part.into_iter().map(|row| filler.message(row?, at)).collect());
    filled.await.map_err(|error| CampaignError::of_join(&error))
}
