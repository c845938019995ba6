//! One participant of a conference: its data and its JSON.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::engine::clock::rfc2822;
use crate::engine::form::Pairs;
use crate::engine::twiml::Verb;

/// A call in a conference.
pub(in crate::engine) struct Participant {
    label: Option<String>,
    muted: bool,
    hold: bool,
    /// The call that it coaches.
    coached: Option<String>,
    pub(super) begins_conference: bool,
    pub(super) ends_conference: bool,
    joined: Timestamp,
    updated: Timestamp,
}

impl Participant {
    /// Makes a participant with the settings of a `Conference`, or with Twilio's defaults.
    pub(super) fn new(noun: Option<&Verb>, now: Timestamp) -> Self {
        let text = |name: &str| noun.and_then(|noun| noun.get(name)).map(str::to_owned);
        let flag = |name: &str| noun.is_some_and(|noun| noun.flag(name));
        Self {
            label: text("participantLabel"),
            muted: flag("muted"),
            hold: false,
            coached: text("coach"),
            begins_conference: text("startConferenceOnEnter").is_none() || flag("startConferenceOnEnter"),
            ends_conference: flag("endConferenceOnExit"),
            joined: now,
            updated: now,
        }
    }

    /// Returns whether a path may name it like this, beside the SID of its call.
    pub(in crate::engine) fn is_labelled(&self, label: &str) -> bool {
        self.label.as_deref() == Some(label)
    }

    /// Returns whether it is among those that the filters ask for.
    pub(in crate::engine) fn matches(&self, filters: &Pairs) -> bool {
        let fits = |key: &str, is: bool| filters.get(key).is_none_or(|_| filters.flag(key) == is);
        fits("Muted", self.muted) && fits("Hold", self.hold) && fits("Coaching", self.coached.is_some())
    }

    /// Applies an update that was checked. As at Twilio, every value but `true` is false.
    pub(in crate::engine) fn change(&mut self, form: &Pairs, now: Timestamp) {
        for (key, field) in [
            ("Muted", &mut self.muted),
            ("Hold", &mut self.hold),
            ("EndConferenceOnExit", &mut self.ends_conference),
        ] {
            if form.get(key).is_some() {
                *field = form.flag(key);
            }
        }
        if form.get("Coaching").is_some() {
            self.coached = form.owned("CallSidToCoach").filter(|_| form.flag("Coaching"));
        }
        self.updated = now;
    }

    pub(in crate::engine) fn view(&self, account: &str, conference: &str, call: &str) -> Value {
        let uri = format!("/2010-04-01/Accounts/{account}/Conferences/{conference}/Participants/{call}.json");
        json!({
            "account_sid": account,
            "call_sid": call,
            "conference_sid": conference,
            "label": self.label,
            "muted": self.muted,
            "hold": self.hold,
            "coaching": self.coached.is_some(),
            "call_sid_to_coach": self.coached,
            "start_conference_on_enter": self.begins_conference,
            "end_conference_on_exit": self.ends_conference,
            "status": "connected",
            "queue_time": null,
            "date_created": rfc2822(self.joined),
            "date_updated": rfc2822(self.updated),
            "uri": uri,
        })
    }
}
