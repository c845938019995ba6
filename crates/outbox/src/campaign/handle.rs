//! A campaign by its name: what can be asked of it and done with it at any time, by any process.

use std::time::Duration;

use switchboard::provider::SendKind;
use switchboard::sms::Templates;

use super::progress::{CampaignProgress, Watch};
use super::{CampaignError, Draft};
use crate::error::OutboxError;
use crate::outbox::Outbox;
use crate::report::{Report, ReportOptions};
use crate::rows::campaign::{CampaignChange, CampaignRow, Tally};

/// How many messages are cancelled in one transaction.
const CANCELLED_AT_ONCE: u32 = 1_000;

/// The maximum length of a campaign's name, in bytes.
const MAX_NAME: usize = 100;

/// A campaign by its name, which may or may not exist yet. See [`Outbox::campaign`].
#[derive(Debug, Clone)]
pub struct Campaign {
    pub(super) outbox: Outbox,
    pub(super) tenant: String,
    pub(super) name: String,
}

impl Outbox {
    /// Names a campaign: a list of people to whom one text is sent, or whom one call is made to. It is created when it is
    /// [started](Draft::start).
    pub fn campaign(&self, name: impl Into<String>) -> Campaign {
        Campaign { outbox: self.clone(), tenant: String::new(), name: name.into() }
    }

    /// Lists the campaigns of a tenant, the newest first; those before a number, if one is given.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn campaigns(
        &self,
        tenant: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<CampaignProgress>, OutboxError> {
        let before = before.unwrap_or(i64::MAX);
        let mut campaigns = Vec::new();
        for row in self.rows().campaigns(tenant.to_owned(), before, limit).await? {
            let found = self.rows().campaign(row.tenant, row.name).await?;
            campaigns.extend(found.map(|(row, tally)| CampaignProgress::of(&row, &tally)));
        }
        Ok(campaigns)
    }
}

impl Campaign {
    /// Sets the tenant, whose account sends the messages. A name is unique within its tenant.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = tenant.into();
        self
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Drafts a campaign of texts. The template is filled with the values of each row of the list.
    ///
    /// Columns that the template does not use are ignored. In CSV, a variable is the column of that name, in any case. An
    /// empty cell is a missing value: the row is rejected, unless the template has a `default` for it.
    ///
    /// # Errors
    /// [`CampaignError::NoTemplate`], [`CampaignError::Name`].
    pub fn text(&self, templates: &Templates, template: &str) -> Result<Draft, CampaignError> {
        Draft::new(self.clone(), SendKind::Text, templates, template)
    }

    /// Drafts a campaign of calls, in which the filled template is read out.
    ///
    /// # Errors
    /// [`CampaignError::NoTemplate`], [`CampaignError::Name`].
    pub fn call(&self, templates: &Templates, template: &str) -> Result<Draft, CampaignError> {
        Draft::new(self.clone(), SendKind::Call, templates, template)
    }

    pub(super) fn check(&self) -> Result<(), CampaignError> {
        let allowed = |c: char| c != '/' && !c.is_control();
        if self.name.trim().is_empty() || self.name.len() > MAX_NAME || !self.name.chars().all(allowed) {
            return Err(CampaignError::Name { max: MAX_NAME });
        }
        Ok(())
    }

    /// The key of a message is this and the key of its row.
    pub(super) fn key_prefix(&self) -> String {
        format!("{}/", self.name)
    }

    /// Reads how far the campaign is. This takes the same time for every size of a campaign.
    ///
    /// # Errors
    /// [`OutboxError::NotFound`] if there is no such campaign.
    pub async fn progress(&self) -> Result<CampaignProgress, OutboxError> {
        let (row, tally) = self.find().await?;
        Ok(CampaignProgress::of(&row, &tally))
    }

    /// Reports what became of its messages, and what they cost. See [`Outbox::report`].
    ///
    /// # Errors
    /// [`OutboxError::NotFound`] if there is no such campaign.
    pub async fn report(&self, options: ReportOptions) -> Result<Report, OutboxError> {
        self.outbox.report(&options.tenant(&self.tenant).campaign(&self.name)).await
    }

    /// Watches the campaign: yields how far it is now, and then once a second, until all its messages were sent or refused,
    /// or it is stopped.
    #[must_use]
    pub fn watch(&self) -> Watch {
        self.watch_every(Duration::from_secs(1))
    }

    /// Watches the campaign at another interval.
    #[must_use]
    pub fn watch_every(&self, interval: Duration) -> Watch {
        Watch::new(self.clone(), interval)
    }

    /// Pauses the campaign: its messages wait, and an import goes on. Requests that have begun are not taken back. Workers of
    /// other processes notice it within a second: until then, each of them may begin the messages that it has marked, 256
    /// at most.
    ///
    /// # Errors
    /// [`OutboxError::NotFound`], [`OutboxError::CampaignOver`].
    pub async fn pause(&self, by: &str) -> Result<(), OutboxError> {
        self.change(CampaignChange::Pause, by).await.map(drop)
    }

    /// Ends a pause.
    ///
    /// # Errors
    /// [`OutboxError::NotFound`], [`OutboxError::CampaignOver`].
    pub async fn resume(&self, by: &str) -> Result<(), OutboxError> {
        self.change(CampaignChange::Resume, by).await.map(drop)
    }

    /// Stops the campaign for good: an import of it ends, and the messages that wait are cancelled. Returns how many this
    /// call cancelled.
    ///
    /// As for [`pause`](Self::pause), what is being sent may still arrive; but it is not sent again if it turns out that it did
    /// not. Messages that were marked are cancelled by their worker a moment later. If this process ends before all messages
    /// are cancelled, a worker cancels the others.
    ///
    /// # Errors
    /// [`OutboxError::NotFound`], [`OutboxError::Invalid`] if `by` is empty.
    pub async fn stop(&self, by: &str) -> Result<u64, OutboxError> {
        let row = self.change(CampaignChange::Stop, by).await?;
        let mut cancelled = 0;
        loop {
            let (now, actor) = (self.outbox.now(), Some(by.to_owned()));
            let part = self.outbox.rows().cancel_campaign(now, row.id, CANCELLED_AT_ONCE, actor).await?;
            cancelled += u64::from(part.cancelled);
            if !part.more {
                self.outbox.hints().look();
                return Ok(cancelled);
            }
        }
    }

    async fn change(&self, change: CampaignChange, by: &str) -> Result<CampaignRow, OutboxError> {
        if by.trim().is_empty() {
            return Err(OutboxError::invalid("say who does it: the log keeps the name"));
        }
        let (row, _) = self.find().await?;
        let now = self.outbox.now();
        let changed = self.outbox.rows().change_campaign(now, row.id, change, Some(by.to_owned())).await;
        self.outbox.hints().look();
        changed
    }

    pub(super) async fn find(&self) -> Result<(CampaignRow, Tally), OutboxError> {
        let found = self.outbox.rows().campaign(self.tenant.clone(), self.name.clone()).await?;
        found.ok_or(OutboxError::NotFound)
    }
}
