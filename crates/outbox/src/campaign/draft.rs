//! A campaign that has not begun: what is sent to each person of a list, and how.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard::phone::Address;
use switchboard::provider::{KeyInput, OutgoingCall, SendKind, Sender};
use switchboard::sms::Text;
use switchboard::sms::{PriceList, Templates};

use super::{Campaign, CampaignError, CampaignPlan, Import, Recipients, import, plan};
use crate::enqueue::{Priority, check_keys};
use crate::error::OutboxError;
use crate::policy::Purpose;

/// What a campaign sends to each person of a list, and how. See [`Campaign::text`].
///
/// By default its messages are [marketing](Purpose::Marketing) and sent after all others ([`Priority::Bulk`]), by the
/// account's own sender.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until it is started"]
pub struct Draft {
    pub(super) campaign: Campaign,
    pub(super) kind: SendKind,
    pub(super) templates: Templates,
    pub(super) template: String,
    pub(super) from: Option<Sender>,
    pub(super) purpose: Purpose,
    pub(super) priority: Priority,
    pub(super) due: Option<Timestamp>,
    pub(super) expires: Option<Timestamp>,
    pub(super) keys: Option<KeyInput>,
    pub(super) detects_machine: bool,
    pub(super) rejects: Option<PathBuf>,
    pub(super) prices: Option<PriceList>,
    pub(super) heeds_consents: bool,
    pub(super) paused: bool,
    pub(super) by: Option<String>,
}

impl Draft {
    pub(super) fn new(
        campaign: Campaign,
        kind: SendKind,
        templates: &Templates,
        template: &str,
    ) -> Result<Self, CampaignError> {
        let Ok(only) = templates.only(template) else {
            return Err(CampaignError::NoTemplate { template: template.to_owned() });
        };
        campaign.check()?;
        Ok(Self {
            campaign,
            kind,
            templates: only.allow_extra(),
            template: template.to_owned(),
            from: None,
            purpose: Purpose::Marketing,
            priority: Priority::Bulk,
            due: None,
            expires: None,
            keys: None,
            detects_machine: false,
            rejects: None,
            prices: None,
            heeds_consents: false,
            paused: false,
            by: None,
        })
    }

    /// Sets the sender: a number, or for texts a pool of numbers. A call needs a number.
    pub fn from(mut self, sender: impl Into<Sender>) -> Self {
        self.from = Some(sender.into());
        self
    }

    /// Sets what the messages are for.
    pub const fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Sets the priority.
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Sets the earliest time to send a message. It may be another one when the campaign is continued, and then counts for
    /// the messages that are new.
    pub const fn due(mut self, at: Timestamp) -> Self {
        self.due = Some(at);
        self
    }

    /// Sets the time at which messages that were not sent expire. As for [`due`](Self::due), it counts for those that are new.
    pub const fn expires(mut self, at: Timestamp) -> Self {
        self.expires = Some(at);
        self
    }

    /// Lets each call wait for keys after its text: "press 1 to confirm". The keys that a person pressed are in
    /// [`Message::pressed`](crate::Message::pressed), and counted in the [report](crate::Outbox::report). The worker needs
    /// [`key_callbacks`](crate::WorkerBuilder::key_callbacks).
    pub fn ask(mut self, keys: KeyInput) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Lets the provider find out whether a person or a machine picks up a call: see
    /// [`OutgoingCall::detect_machine`](switchboard::provider::OutgoingCall::detect_machine).
    pub const fn detect_machine(mut self) -> Self {
        self.detects_machine = true;
        self
    }

    /// Refuses texts of more segments.
    pub fn max_segments(mut self, segments: usize) -> Self {
        self.templates = self.templates.max_segments(segments);
        self
    }

    /// Writes the rows of the list that cannot be used into a CSV file, each with its line and the reason. Each import writes
    /// it anew, because each reads the whole list. See [`Rejects`](super::Rejects). Only one import may write it at a time.
    pub fn rejects(mut self, path: impl Into<PathBuf>) -> Self {
        self.rejects = Some(path.into());
        self
    }

    /// Sets the prices for the estimate of the [plan](Self::plan).
    pub fn prices(mut self, prices: PriceList) -> Self {
        self.prices = Some(prices);
        self
    }

    /// Lets the [plan](Self::plan) look up what each recipient said: who has opted out is among the rejected rows, as when the
    /// campaign is started. This reads the database once for each row.
    pub const fn heed_consents(mut self) -> Self {
        self.heeds_consents = true;
        self
    }

    /// Creates the campaign paused: nothing is sent until it is [resumed](Campaign::resume). A campaign that has messages is not
    /// paused by this.
    pub const fn paused(mut self) -> Self {
        self.paused = true;
        self
    }

    /// Sets who starts the campaign, for the log.
    pub fn by(mut self, name: impl Into<String>) -> Self {
        self.by = Some(name.into());
        self
    }

    /// Reads a whole list, fills the template for each row, and counts what would be sent. Nothing is enqueued.
    ///
    /// Rows that the outbox's policy would refuse for their text or country are counted as rejected. Opt-outs are looked up
    /// only if [asked for](Self::heed_consents), and what was enqueued before is counted again. The memory used does not depend on the list, except for 8
    /// bytes a row to find duplicates.
    ///
    /// # Errors
    /// [`CampaignError`] if the list cannot be read.
    pub async fn plan(&self, list: Recipients) -> Result<CampaignPlan, CampaignError> {
        plan::plan(self, list).await
    }

    /// Starts the campaign: reads the list in the background, and enqueues a message for each row. The workers begin to send
    /// immediately.
    ///
    /// If the campaign exists, it is continued: rows that were enqueued before are not enqueued again, and rows that are new
    /// are. So after a crash, start it again with the same list. A row that was enqueued with other values is rejected.
    ///
    /// The list is read from the beginning each time. Reading goes on if the [`Import`] is dropped, and ends with the
    /// process.
    ///
    /// # Errors
    /// [`CampaignError`] if the list or its header cannot be read. [`OutboxError::CampaignChanged`] if the campaign exists
    /// with another text, sender or option; [`OutboxError::CampaignOver`] if it was stopped, or ended so long ago that its
    /// messages were deleted.
    ///
    /// [`OutboxError::CampaignChanged`]: crate::OutboxError::CampaignChanged
    /// [`OutboxError::CampaignOver`]: crate::OutboxError::CampaignOver
    pub async fn start(&self, list: Recipients) -> Result<Import, CampaignError> {
        import::start(self, list).await
    }

    /// What identifies the campaign besides its name, as JSON.
    pub(super) fn definition(&self, list: &Recipients) -> Value {
        json!({
            "kind": self.kind,
            "template": self.templates.source(&self.template),
            "sender": self.from,
            "purpose": self.purpose,
            "priority": self.priority,
            "key": list.key_name(),
            "ask": self.keys,
            "detectMachine": self.detects_machine,
        })
    }

    /// Refuses a stored definition that differs.
    pub(super) fn same(&self, stored: &str, own: &Value) -> Result<(), OutboxError> {
        self.difference(stored, own).map_or(Ok(()), |what| Err(OutboxError::CampaignChanged { what }))
    }

    /// The field that differs from a stored definition.
    fn difference(&self, stored: &str, own: &Value) -> Option<&'static str> {
        let stored = serde_json::from_str::<Value>(stored).unwrap_or_default();
        let fields = ["kind", "template", "sender", "purpose", "priority", "key", "ask", "detectMachine"];
        fields.into_iter().find(|field| stored.get(field) != own.get(field))
    }

    /// Refuses what no message of the campaign could have.
    pub(super) fn check(&self) -> Result<(), CampaignError> {
        if self.kind == SendKind::Call {
            self.caller()?;
            return Ok(self.keys.as_ref().map_or(Ok(()), check_keys)?);
        }
        match (&self.keys, self.detects_machine) {
            (None, false) => Ok(()),
            _ => Err(CampaignError::NotCalls),
        }
    }

    /// The call to one person.
    pub(super) fn outgoing_call(&self, to: Address, text: Text) -> OutgoingCall {
        let mut call = match &self.keys {
            Some(keys) => OutgoingCall::ask(to, text, keys.clone()),
            None => OutgoingCall::say(to, text),
        };
        (call.from, call.detect_machine) = (self.caller().ok().flatten(), self.detects_machine);
        call
    }

    /// The number that calls.
    pub(super) fn caller(&self) -> Result<Option<Address>, CampaignError> {
        match &self.from {
            None => Ok(None),
            Some(Sender::Number(number)) => Ok(Some(number.clone())),
            Some(_) => Err(CampaignError::NoCaller),
        }
    }
}
