//! The check that this database is not an old copy: a restored backup, or a standby that lags behind.
//!
//! In an old copy, messages wait that were sent meanwhile. So before a worker marks the first message of a sender after
//! a long break, it asks the provider what that sender sent since, and compares what this database does not know with
//! the messages that wait.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use switchboard::ProviderError;
use switchboard::provider::{FoundRow, Likeness, PageToken, Search, SendKind};
use tokio::sync::OnceCell;

use crate::account::Account;
use crate::clock::Clock;
use crate::enqueue::Payload;
use crate::error::OutboxError;
use crate::rows::copy::Alike;
use crate::rows::{NewSender, Rows};
use crate::timing::{Micros, micros};

/// Rows of a page of the provider's list.
const PAGE: u32 = 1_000;
/// How far clocks may differ, in addition to the difference that the provider's answers show.
const MARGIN: Micros = 2 * 60 * 1_000_000;
/// The number of ids that an error or an event names.
const NAMED: usize = 10;

/// Compares the database with what the provider sent since a time.
#[derive(Debug)]
pub(super) struct Guard {
    /// By the clock of the outbox, which may be the database's.
    since: Micros,
    clock: Clock,
    limit: Duration,
    /// What each sender sent since, as far as this database does not know it.
    unknown: Mutex<HashMap<i64, Arc<OnceCell<Vec<FoundRow>>>>>,
}

/// Why a sender may not send yet.
#[derive(Debug)]
pub(super) enum Refused {
    /// The provider did not answer, or the database failed. It is tried again.
    NotChecked(String),
    /// The provider has sent messages that wait here.
    AlreadySent { sids: Vec<String> },
}

impl From<OutboxError> for Refused {
    fn from(error: OutboxError) -> Self {
        Self::NotChecked(error.to_string())
    }
}

impl From<ProviderError> for Refused {
    fn from(error: ProviderError) -> Self {
        Self::NotChecked(error.to_string())
    }
}

impl Guard {
    pub(super) fn new(since: Micros, clock: Clock, limit: Duration) -> Self {
        Self { since, clock, limit, unknown: Mutex::default() }
    }

    /// Checks the messages of one queue against what its sender sent.
    pub(super) async fn check(
        &self,
        rows: &dyn Rows,
        account: &Account,
        queue: i64,
        (sender, named): (i64, &NewSender),
    ) -> Result<(), Refused> {
        // Calls have no text to compare, and a provider that does not list cannot be asked.
        if named.address.is_empty() || named.kind == SendKind::Call || !account.messenger().abilities().list {
            return Ok(());
        }
        let unknown = self.of_sender(sender);
        let unknown = unknown.get_or_try_init(|| self.unknown(rows, account, named)).await?;
        if unknown.is_empty() {
            return Ok(());
        }
        let recipients: HashSet<String> =
            unknown.iter().filter_map(|row| Some(row.to.as_ref()?.as_str().to_owned())).collect();
        let alike = rows.alike(queue, sender, recipients.into_iter().collect()).await?;
        let is_same = |payload: &Payload, row: &FoundRow| is_same(account, payload, row);
        let suspects = already_sent(unknown, alike, is_same);
        if suspects.is_empty() {
            return Ok(());
        }
        // Another worker may have recorded an answer since the provider was asked.
        let mut sids = rows.unknown_sids(suspects).await?;
        sids.truncate(NAMED);
        if sids.is_empty() { Ok(()) } else { Err(Refused::AlreadySent { sids }) }
    }

    fn of_sender(&self, sender: i64) -> Arc<OnceCell<Vec<FoundRow>>> {
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(unknown.entry(sender).or_default())
    }

    /// Lists what a sender sent since the time, and returns what this database does not know.
    async fn unknown(
        &self,
        rows: &dyn Rows,
        account: &Account,
        sender: &NewSender,
    ) -> Result<Vec<FoundRow>, Refused> {
        let sent = self.sent(account, sender).await?;
        let sids = sent.iter().map(|row| row.delivery.id.id.clone()).collect();
        let unknown: HashSet<String> = rows.unknown_sids(sids).await?.into_iter().collect();
        Ok(sent.into_iter().filter(|row| unknown.contains(&row.delivery.id.id)).collect())
    }

    async fn sent(&self, account: &Account, sender: &NewSender) -> Result<Vec<FoundRow>, Refused> {
        // A message of a pool has no number yet while it waits, and later the number that the pool chose.
        let is_pool = !sender.address.starts_with('+') && !sender.address.contains(':');
        let search = Search::new(sender.kind).page_size(PAGE);
        let search = if is_pool { search } else { search.from(sender.address.as_str()) };
        let ours = |row: &FoundRow| !is_pool || row.pool.as_deref() == Some(&sender.address);
        let (mut sent, mut page) = (Vec::new(), None::<PageToken>);
        loop {
            let asked = account.messenger().list(account.credentials(), &search, page.as_ref());
            let found = tokio::time::timeout(self.limit, asked).await;
            let found =
                found.map_err(|_| Refused::NotChecked("the provider did not answer in time".into()))??;
            let skew = found.server_time.map_or(0, |time| time.as_microsecond() - self.clock.now());
            let since = self.since.saturating_add(skew).saturating_sub(MARGIN);
            let created = |row: &FoundRow| row.created.map_or(Micros::MAX, |time| time.as_microsecond());
            let complete = found.rows.iter().any(|row| created(row) < since);
            let new = found.rows.into_iter().filter(|row| row.by_api && created(row) >= since && ours(row));
            sent.extend(new);
            match found.next {
                Some(next) if !complete => page = Some(next),
                _ => return Ok(sent),
            }
        }
    }
}

/// Returns the ids of messages at the provider that wait here. A message that may have been sent, and whose id is not
/// known, explains one id first.
fn already_sent(
    unknown: &[FoundRow],
    alike: Vec<Alike>,
    is_same: impl Fn(&Payload, &FoundRow) -> bool,
) -> Vec<String> {
    let read = |one: Alike| Some((one.perhaps_sent, serde_json::from_str::<Payload>(&one.request).ok()?));
    let (mut open, ready): (Vec<_>, Vec<_>) = alike.into_iter().filter_map(read).partition(|(sent, _)| *sent);
    let mut sids = Vec::new();
    for row in unknown {
        if let Some(explained) = open.iter().position(|(_, payload)| is_same(payload, row)) {
            open.swap_remove(explained);
        } else if ready.iter().any(|(_, payload)| is_same(payload, row)) {
            sids.push(row.delivery.id.id.clone());
        }
    }
    sids
}

fn is_same(account: &Account, payload: &Payload, row: &FoundRow) -> bool {
    let Payload::Text(text) = payload else { return false };
    row.to.as_ref() == Some(&text.to) && account.messenger().likeness(text, row) == Likeness::Same
}

/// Was the database out of use for so long that it may be an old copy?
pub(super) fn was_away(now: Micros, alive: Micros, after: Duration) -> bool {
    now.saturating_sub(alive) > micros(after)
}

#[cfg(test)]
mod tests;
