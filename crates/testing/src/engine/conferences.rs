//! Conferences: rooms that calls join, and who is in them.

mod conference;
mod participant;

pub(super) use self::conference::{Conference, ConferenceStatus};
pub(super) use self::participant::Participant;

use super::core::Core;
use super::table::Table;
use super::twiml::Verb;

/// The reasons why a conference ends, as Twilio writes them.
const BY_API: &str = "conference-ended-via-api";

/// The conferences of an account.
#[derive(Default)]
pub(crate) struct Conferences {
    pub(super) rows: Table<Conference>,
}

/// How a participant left: by itself, or because the API removed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    Left,
    Removed,
}

impl Exit {
    const fn of_the_last(self) -> &'static str {
        match self {
            Self::Left => "last-participant-left",
            Self::Removed => "last-participant-kicked",
        }
    }

    const fn of_a_moderator(self) -> &'static str {
        match self {
            Self::Left => "participant-with-end-conference-on-exit-left",
            Self::Removed => "participant-with-end-conference-on-exit-kicked",
        }
    }
}

impl Conferences {
    /// Lets a call join a room; `noun` has the settings of the `Conference` in its document. The room is made if it is not
    /// open. Returns the SID of the conference.
    pub(super) fn join(&mut self, core: &mut Core, room: &str, call: &str, noun: Option<&Verb>) -> String {
        let sid = self.open(core, room);
        self.enter(core, &sid, call, noun);
        sid
    }

    /// Finds the open conference of a room, or makes one.
    fn open(&mut self, core: &mut Core, room: &str) -> String {
        let is_open = |conference: &Conference| conference.room == room && conference.is_open();
        if let Some((sid, _)) = self.rows.iter().find(|(_, conference)| is_open(conference)) {
            return sid.to_owned();
        }
        let sid = core.sids.next("CF");
        self.rows.insert(&sid, Conference::new(room, core.now()));
        sid
    }

    fn enter(&mut self, core: &Core, sid: &str, call: &str, noun: Option<&Verb>) {
        if let Some(conference) = self.rows.get_mut(sid) {
            conference.participants.push((call.to_owned(), Participant::new(noun, core.now())));
            conference.begin_if_complete(core.now());
        }
    }

    /// Adds a conference in a room of its own, which these calls join.
    pub(crate) fn add(&mut self, core: &mut Core, room: &str, calls: &[&str]) -> String {
        let sid = core.sids.next("CF");
        self.rows.insert(&sid, Conference::new(room, core.now()));
        for call in calls {
            self.enter(core, &sid, call, None);
        }
        sid
    }

    /// Returns whether a call is in a conference.
    pub(super) fn has(&self, sid: &str, call: &str) -> bool {
        self.rows.get(sid).is_some_and(|conference| conference.participant(call).is_some())
    }

    /// Lets a call leave every conference that it is in.
    pub(super) fn leave(&mut self, core: &Core, call: &str, exit: Exit) {
        let now = core.now();
        self.rows.each_mut(|conference| {
            if let Some(participant) = conference.remove(call) {
                conference.updated = now;
                if participant.ends_conference {
                    conference.end(exit.of_a_moderator(), Some(call), now);
                } else if conference.participants.is_empty() {
                    conference.end(exit.of_the_last(), Some(call), now);
                }
            }
        });
    }

    /// Ends a conference over the API. Ending it again changes nothing.
    pub(super) fn end(&mut self, core: &Core, sid: &str) {
        if let Some(conference) = self.rows.get_mut(sid).filter(|conference| conference.is_open()) {
            conference.end(BY_API, None, core.now());
        }
    }
}
