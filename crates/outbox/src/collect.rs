//! Reads from the provider's list what became of messages and what they cost, and stores it.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard::ProviderError;
use switchboard::provider::{DeliveryStatus, FoundRow, PageToken, Search, SendKind};

use crate::account::Account;
use crate::error::OutboxError;
use crate::outbox::Outbox;
use crate::rows::Applied;
use crate::rows::check::Reported;
use crate::timing::Micros;

/// Messages on a page.
const PAGE: u32 = 1_000;
/// The time between two requests.
const PAUSE: Duration = Duration::from_millis(500);
/// By how much the provider's clock may differ from ours.
const MARGIN: Micros = 300_000_000;

impl Outbox {
    /// Prepares the reading of what an account sent since a time: `outbox.collect(account, since).run().await?`.
    ///
    /// It stores the delivery status, the reason of a failure, the billed segments and the price of this outbox's
    /// messages. Only the provider knows prices, often some time after the delivery. It also makes up for
    /// lost callbacks. Run it before a [report](Self::report), or every hour with a `since` of two days ago. Reading the
    /// same messages again changes nothing.
    pub fn collect(&self, account: Account, since: Timestamp) -> Collect {
        let mut kinds = vec![SendKind::Text];
        if account.messenger().abilities().calls {
            kinds.push(SendKind::Call);
        }
        let position = CollectPosition { since, kinds, next: None };
        let collected = Collected::default();
        Collect { outbox: self.clone(), account, position, pause: PAUSE, page_size: PAGE, collected }
    }
}

/// Reads the provider's list, the newest message first, page by page. Made by [`Outbox::collect`].
///
/// After an error it may be continued with the same page. A program that may be stopped meanwhile stores the
/// [`position`](Self::position), and continues [`at`](Self::at) it.
#[derive(Debug, Clone)]
pub struct Collect {
    outbox: Outbox,
    account: Account,
    position: CollectPosition,
    pause: Duration,
    page_size: u32,
    collected: Collected,
}

/// How far the list was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectPosition {
    since: Timestamp,
    /// What is left to read, in this order.
    kinds: Vec<SendKind>,
    next: Option<PageToken>,
}

/// What was read so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Collected {
    /// Pages of the list.
    pub pages: u64,
    /// Messages on them, also those of other programs.
    pub read: u64,
    /// Those of this outbox.
    pub ours: u64,
    /// Those of which something was not known before.
    pub changed: u64,
    /// Those of this outbox whose price the provider does not say yet. Read them again later.
    pub unpriced: u64,
    /// Those of this outbox without a final status. Read them again later.
    pub unfinished: u64,
}

impl Collect {
    /// Sets the time between two requests: half a second by default.
    #[must_use]
    pub const fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Sets how many messages a page may have: 1,000 by default.
    #[must_use]
    pub const fn page_size(mut self, messages: u32) -> Self {
        self.page_size = messages;
        self
    }

    /// Continues at a position that was stored.
    #[must_use]
    pub fn at(mut self, position: CollectPosition) -> Self {
        self.position = position;
        self
    }

    /// Returns how far the list was read.
    #[must_use]
    pub const fn position(&self) -> &CollectPosition {
        &self.position
    }

    /// Reads all pages.
    ///
    /// # Errors
    /// [`OutboxError::Unlisted`] or [`OutboxError::Store`]. What was read before is stored; call it again to go on.
    pub async fn run(&mut self) -> Result<Collected, OutboxError> {
        while self.page().await?.is_some() {
            tokio::time::sleep(self.pause).await;
        }
        Ok(self.collected)
    }

    /// Reads one page. Returns what was read so far, or `None` if there is nothing left to read.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn page(&mut self) -> Result<Option<Collected>, OutboxError> {
        let Some(kind) = self.position.kinds.first().copied() else { return Ok(None) };
        let (messenger, credentials) = (self.account.messenger(), self.account.credentials());
        let unlisted = |why: &str| OutboxError::Unlisted(ProviderError::invalid_request(why));
        if !messenger.abilities().list {
            return Err(unlisted("the provider does not list what was sent"));
        }
        let search = Search::new(kind).page_size(self.page_size);
        let page = self.position.next.as_ref();
        let found = messenger.list(credentials, &search, page).await.map_err(OutboxError::Unlisted)?;
        if found.next.is_some() && found.next == self.position.next {
            return Err(unlisted("the page of the provider's list is followed by itself"));
        }
        self.store(&found.rows).await?;
        self.collected.pages += 1;
        let since = self.position.since.as_microsecond() - MARGIN;
        let created = |row: &FoundRow| row.created.map(|at| at.as_microsecond());
        let is_older = found.rows.last().and_then(created).is_some_and(|created| created < since);
        self.position.next = found.next.filter(|_| !is_older);
        if self.position.next.is_none() {
            self.position.kinds.remove(0);
        }
        Ok(Some(self.collected))
    }

    async fn store(&mut self, rows: &[FoundRow]) -> Result<(), OutboxError> {
        let reported = rows.iter().map(|row| Reported::of(&row.delivery).listed()).collect();
        let applied = self.outbox.rows().reported(self.outbox.clock().now(), reported).await?;
        self.collected.read += rows.len() as u64;
        for (row, applied) in rows.iter().zip(&applied) {
            if matches!(applied, Applied::Missing | Applied::Deleted) {
                continue;
            }
            let delivery = &row.delivery;
            self.collected.ours += 1;
            self.collected.changed += u64::from(matches!(applied, Applied::Moved(_)));
            self.collected.unfinished += u64::from(!delivery.status.is_final());
            let unpriced = delivery.price.is_none() && may_cost(&delivery.status);
            self.collected.unpriced += u64::from(unpriced);
        }
        Ok(())
    }
}

/// May the provider still bill it? What failed before it was sent, or was not picked up, usually gets no price.
pub(crate) const fn may_cost(status: &DeliveryStatus) -> bool {
    !matches!(
        status,
        DeliveryStatus::Failed | DeliveryStatus::Canceled | DeliveryStatus::Busy | DeliveryStatus::NoAnswer
    )
}
