//! Campaigns as they are stored.

use std::collections::BTreeMap;

use serde_json::json;

use super::record::Entry;
use crate::error::OutboxError;
use crate::timing::Micros;

/// A campaign to create, or to continue if it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewCampaign {
    pub(crate) tenant: String,
    pub(crate) name: String,
    /// What is sent, as JSON.
    pub(crate) definition: String,
}

/// How far a campaign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Its list is being read, or reading it was interrupted.
    Importing,
    /// Its list was read to the end.
    Imported,
    /// Its list could not be read to the end.
    Interrupted,
    /// A person has stopped it.
    Stopped,
    /// Its oldest messages were deleted, so that its keys are not known any more.
    Closed,
}

impl Stage {
    const ALL: [Self; 5] = [Self::Importing, Self::Imported, Self::Interrupted, Self::Stopped, Self::Closed];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Importing => "importing",
            Self::Imported => "imported",
            Self::Interrupted => "interrupted",
            Self::Stopped => "stopped",
            Self::Closed => "closed",
        }
    }

    /// Can nothing be added to it any more?
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Stopped | Self::Closed)
    }

    pub(crate) fn of_word(word: &str) -> Result<Self, OutboxError> {
        let stage = Self::ALL.into_iter().find(|stage| stage.word() == word);
        stage.ok_or(OutboxError::BadRow("a campaign is in a state that is not known"))
    }
}

/// A campaign as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CampaignRow {
    pub(crate) id: i64,
    pub(crate) tenant: String,
    pub(crate) name: String,
    pub(crate) created: Micros,
    /// What is sent, as JSON.
    pub(crate) definition: String,
    pub(crate) stage: Stage,
    pub(crate) paused: bool,
    /// The messages that were enqueued.
    pub(crate) messages: i64,
    /// Their segments.
    pub(crate) segments: i64,
    /// What the last import found, as JSON.
    pub(crate) imported: Option<String>,
}

/// How many messages of a campaign are neither ready nor being sent, by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally(pub(crate) BTreeMap<String, i64>);

impl Tally {
    /// Reads an object of JSON.
    pub(crate) fn of_json(text: &str) -> Result<Self, OutboxError> {
        let read = serde_json::from_str(text).map(Self);
        read.map_err(|_| OutboxError::BadRow("the tally of a campaign cannot be read"))
    }
}

/// What was cancelled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stopped {
    /// The messages that will certainly not be sent.
    pub(crate) cancelled: u32,
    /// There may be more that wait.
    pub(crate) more: bool,
}

/// A change of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CampaignChange {
    /// Its list is read, perhaps again.
    Import,
    /// Its list was read to the end; with what was found, as JSON.
    Imported(String),
    /// Its list could not be read to the end.
    Interrupted,
    Pause,
    Resume,
    Stop,
}

impl CampaignRow {
    /// Returns the campaign after a change, or `None` if nothing changes.
    ///
    /// # Errors
    /// [`OutboxError::CampaignOver`] if the change is not possible any more.
    pub(crate) fn change(&self, change: &CampaignChange) -> Result<Option<Self>, OutboxError> {
        let mut after = self.clone();
        match change {
            CampaignChange::Import => {
                self.check_open()?;
                after.stage = Stage::Importing;
            }
            CampaignChange::Imported(found) => {
                if self.stage == Stage::Importing {
                    after.stage = Stage::Imported;
                }
                after.imported = Some(found.clone());
            }
            CampaignChange::Interrupted if self.stage == Stage::Importing => after.stage = Stage::Interrupted,
            CampaignChange::Interrupted => {}
            CampaignChange::Pause => {
                self.check_open()?;
                after.paused = true;
            }
            CampaignChange::Resume => {
                self.check_open()?;
                after.paused = false;
            }
            CampaignChange::Stop if self.stage == Stage::Closed => {}
            CampaignChange::Stop => after.stage = Stage::Stopped,
        }
        Ok((after != *self).then_some(after))
    }

    /// Fails if nothing can be added to it any more.
    pub(crate) fn check_open(&self) -> Result<(), OutboxError> {
        match self.stage {
            Stage::Importing | Stage::Imported | Stage::Interrupted => Ok(()),
            Stage::Stopped => Err(OutboxError::CampaignOver { how: "was stopped" }),
            Stage::Closed => {
                Err(OutboxError::CampaignOver { how: "has ended, and its messages were deleted" })
            }
        }
    }

    /// None of its messages is sent.
    pub(crate) const fn is_held(&self) -> bool {
        self.paused || matches!(self.stage, Stage::Stopped)
    }

    /// Nothing is left to be sent, and nothing is added. A campaign whose import never ended does not end, unless it is
    /// stopped.
    pub(crate) fn has_ended(&self, tally: &Tally) -> bool {
        let tally = &tally.0;
        let open = ["unknown", "parked"].iter().any(|word| tally.get(*word).is_some_and(|rows| *rows > 0));
        !matches!(self.stage, Stage::Importing | Stage::Interrupted)
            && !open
            && tally.values().sum::<i64>() == self.messages
    }
}

impl CampaignChange {
    /// The topic of the log entry.
    pub(crate) const fn topic(&self) -> &'static str {
        match self {
            Self::Import => "campaign_importing",
            Self::Imported(_) => "campaign_imported",
            Self::Interrupted => "campaign_interrupted",
            Self::Pause => "campaign_paused",
            Self::Resume => "campaign_resumed",
            Self::Stop => "campaign_stopped",
        }
    }
}

impl Entry {
    /// The log entry of a new campaign.
    pub(crate) fn new_campaign(name: &str) -> Self {
        Self { topic: "campaign_created", detail: json!({ "campaign": name }).to_string() }
    }

    /// The log entry of a change.
    pub(crate) fn campaign(row: &CampaignRow, change: &CampaignChange) -> Self {
        let mut detail = json!({ "campaign": row.name, "messages": row.messages });
        if let (CampaignChange::Imported(found), Some(detail)) = (change, detail.as_object_mut()) {
            detail.insert("found".to_owned(), serde_json::from_str(found).unwrap_or_default());
        }
        Self { topic: change.topic(), detail: detail.to_string() }
    }
}
