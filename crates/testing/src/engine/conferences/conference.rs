//! One conference: its data and its JSON.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::participant::Participant;
use crate::engine::clock::rfc2822;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum ConferenceStatus {
    Init,
    InProgress,
    Completed,
}

impl ConferenceStatus {
    const ALL: &[Self] = &[Self::Init, Self::InProgress, Self::Completed];

    pub(in crate::engine) const fn word(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
        }
    }

    pub(in crate::engine) fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.word() == word)
    }
}

/// A conference as the fake keeps it.
pub(in crate::engine) struct Conference {
    pub(in crate::engine) room: String,
    pub(in crate::engine) status: ConferenceStatus,
    /// Who is in it now, in the order of joining, each with the SID of its call. A call may leave and join again.
    pub(in crate::engine) participants: Vec<(String, Participant)>,
    /// Why it ended, and the call whose leaving ended it.
    end: Option<(&'static str, Option<String>)>,
    pub(in crate::engine) created: Timestamp,
    pub(in crate::engine) updated: Timestamp,
}

impl Conference {
    pub(super) fn new(room: &str, now: Timestamp) -> Self {
        Self {
            room: room.to_owned(),
            status: ConferenceStatus::Init,
            participants: Vec::new(),
            end: None,
            created: now,
            updated: now,
        }
    }

    /// Returns whether calls can join it.
    pub(super) fn is_open(&self) -> bool {
        self.status != ConferenceStatus::Completed
    }

    /// Begins when there are two participants, and one of them begins it.
    pub(super) fn begin_if_complete(&mut self, now: Timestamp) {
        let begins = self.participants.iter().any(|(_, participant)| participant.begins_conference);
        if self.status == ConferenceStatus::Init && begins && self.participants.len() >= 2 {
            self.status = ConferenceStatus::InProgress;
        }
        self.updated = now;
    }

    pub(super) fn end(&mut self, reason: &'static str, call: Option<&str>, now: Timestamp) {
        self.status = ConferenceStatus::Completed;
        self.end = Some((reason, call.map(str::to_owned)));
        self.participants.clear();
        self.updated = now;
    }

    /// Finds a participant by its call.
    pub(in crate::engine) fn participant(&self, call: &str) -> Option<&Participant> {
        self.participants.iter().find(|(sid, _)| sid == call).map(|(_, participant)| participant)
    }

    /// Finds a participant by its call, for changes.
    pub(in crate::engine) fn participant_mut(&mut self, call: &str) -> Option<&mut Participant> {
        self.participants.iter_mut().find(|(sid, _)| sid == call).map(|(_, participant)| participant)
    }

    /// Removes a participant.
    pub(super) fn remove(&mut self, call: &str) -> Option<Participant> {
        let place = self.participants.iter().position(|(sid, _)| sid == call)?;
        Some(self.participants.remove(place).1)
    }

    pub(in crate::engine) fn view(&self, account: &str, sid: &str) -> Value {
        let uri = format!("/2010-04-01/Accounts/{account}/Conferences/{sid}");
        let end = self.end.as_ref();
        json!({
            "sid": sid,
            "account_sid": account,
            "api_version": "2010-04-01",
            "friendly_name": self.room,
            "region": "us1",
            "status": self.status.word(),
            "reason_conference_ended": end.map(|(reason, _)| reason),
            "call_sid_ending_conference": end.and_then(|(_, call)| call.as_ref()),
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "uri": format!("{uri}.json"),
            "subresource_uris": {
                "participants": format!("{uri}/Participants.json"),
                "recordings": format!("{uri}/Recordings.json"),
            },
        })
    }
}
