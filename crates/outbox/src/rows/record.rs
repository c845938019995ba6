//! Applies an event to a stored message. This is the same for every database, which only stores the result.

use std::mem::discriminant;

use serde::{Deserialize, Serialize};

use switchboard::phone::Address;
use switchboard::provider::{Outcome, PickedUpBy};
use switchboard::{ErrorCode, ProviderError};

use super::check::Seen;
use super::delivered::{Delivered, Facts};
use super::{Finished, Source};
use crate::policy::{Emergency, RuleInForce, Ruling};
use crate::state::{Anomaly, Event, ParkReason, Progress, Settlement, State, Step, Unchanged, step};
use crate::timing::Micros;

/// The changeable part of a stored message, for every table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    pub(crate) progress: Progress,
    /// When it is due, in `ready`; when it was marked, in `open`; when it was moved there, in `outcome`.
    pub(crate) at: Micros,
    /// When it is or was due. Not stored in `outcome`.
    pub(crate) due: Micros,
    /// The number of failures that lengthen its next wait. Not stored in `outcome`.
    pub(crate) tries: u32,
    /// The worker and the tick that marked it, in `open`.
    pub(crate) mark: Option<Mark>,
    /// Why it is parked.
    pub(crate) why: Option<ParkReason>,
    /// The last error, as JSON.
    pub(crate) error: Option<String>,
    /// The segments that the provider bills, in `outcome`.
    pub(crate) segments: Option<u32>,
    /// What else is known of its delivery, in `outcome`.
    pub(crate) delivered: Delivered,
    /// When it is checked next, while it is unknown.
    pub(crate) next_check: Option<Micros>,
    /// How often it was checked since it is unknown.
    pub(crate) checks: u32,
    /// What the checks showed, in `open`.
    pub(crate) seen: Seen,
    /// The campaign it belongs to; 0 for none. It never changes.
    pub(crate) campaign: i64,
}

/// The mark of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) sender: i64,
    pub(crate) epoch: i64,
    pub(crate) batch: i64,
    pub(crate) deadline: Micros,
}

/// The table that a state is stored in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Ready,
    Open,
    Outcome,
}

impl Place {
    pub(crate) const fn of(state: &State) -> Self {
        match state {
            State::Ready => Self::Ready,
            state if state.is_open() => Self::Open,
            _ => Self::Outcome,
        }
    }
}

/// The effect of an event: the new record, and the entries for the event log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) after: Record,
    pub(crate) entries: Vec<Entry>,
    /// A further id at the provider, because the message was sent twice.
    pub(crate) second_sid: Option<String>,
}

/// An event of the log. It holds no text and no number of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) topic: &'static str,
    /// JSON.
    pub(crate) detail: String,
}

/// The most keys of a call that the log shows: those of a choice.
const LOGGED_KEYS: usize = 2;

/// The optional fields of a log entry's detail.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    /// The id of the message that was accepted before.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_micros: Option<Micros>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_code: Option<u32>,
    /// The kind of evidence that the event comes from, if it is not the answer to the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'static str>,
    /// The ids of messages at the provider that may be this one.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    sids: &'a [String],
    /// The rule that refuses the message.
    #[serde(flatten)]
    because: Option<&'a Ruling>,
}

/// Who or what answered a call, and what was pressed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answered<'a> {
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picked_up_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pressed: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'static str>,
}

/// A person's decision.
#[derive(Debug, Serialize)]
struct Settled<'a> {
    settlement: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
}

/// A message that a rule puts off.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Deferred<'a> {
    due_micros: Micros,
    #[serde(flatten)]
    because: &'a Ruling,
}

/// A message that a rule refuses, with the last digits of its recipient.
#[derive(Debug, Serialize)]
struct RefusedAtOnce<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    tenant: &'a str,
    to: String,
    #[serde(flatten)]
    because: &'a Ruling,
}

/// A rule, and the campaign that it is about.
#[cfg(feature = "campaign")]
#[derive(Debug, Serialize)]
struct OfCampaign<'a> {
    campaign: &'a str,
    #[serde(flatten)]
    because: &'a Ruling,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OfEmergency<'a> {
    reason: &'a str,
    despite_opt_out: bool,
}

/// The fields of a stored error that are copied into the log.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Code {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    provider_code: Option<u32>,
}

impl Record {
    /// A message that waits to be sent.
    pub(crate) fn ready(attempt: u32, due: Micros, tries: u32, error: Option<String>) -> Self {
        Self {
            progress: Progress { attempt, no_repeat: false, state: State::Ready },
            at: due,
            due,
            tries,
            mark: None,
            why: None,
            error,
            segments: None,
            delivered: Delivered::default(),
            next_check: None,
            checks: 0,
            seen: Seen::default(),
            campaign: 0,
        }
    }

    /// The word under which a campaign counts it; `None` if it belongs to none, is ready or is being sent.
    pub(crate) fn campaign_word(&self) -> Option<&'static str> {
        let word = match &self.progress.state {
            State::Ready | State::Sending => return None,
            State::Accepted { status, .. } if status.is_success() => "delivered",
            State::Accepted { status, .. } if status.is_failure() => "undelivered",
            state => state.as_str(),
        };
        (self.campaign != 0).then_some(word)
    }

    /// Returns the effect of an event on this record, or the reason why nothing changes.
    ///
    /// Marks are not made here, but in the worker's transaction.
    pub(crate) fn change(&self, at: Micros, told: &Finished) -> Result<Change, Unchanged> {
        if matches!(told.event, Event::Mark) {
            return Err(Unchanged::NotNow);
        }
        match step(&self.progress, &told.event) {
            Step::Unchanged(why) => self.learned(at, told).ok_or(why),
            Step::Moved(progress) => {
                let after = self.after(at, progress, told);
                let mut entries = told.settled();
                entries.extend(self.entry(&after, told));
                entries.extend(told.answered(&self.delivered, &after.delivered));
                Ok(Change { after, entries, second_sid: None })
            }
            Step::Anomaly(progress, anomaly) => {
                if anomaly == Anomaly::Doubled {
                    // What is told is about the second one.
                    let second_sid = told.sid().map(ToOwned::to_owned);
                    let mut entries = vec![self.anomaly(anomaly, told)];
                    entries.extend(told.answered(&Delivered::default(), &Delivered::of_call(&told.facts)));
                    return Ok(Change { after: self.clone(), entries, second_sid });
                }
                let after = self.after(at, progress, told);
                let mut entries: Vec<Entry> = self.entry(&after, told).into_iter().collect();
                entries.push(self.anomaly(anomaly, told));
                entries.extend(told.answered(&self.delivered, &after.delivered));
                Ok(Change { after, entries, second_sid: None })
            }
        }
    }

    /// Returns what a report adds to a message whose status it does not change, such as its price.
    fn learned(&self, at: Micros, told: &Finished) -> Option<Change> {
        let (State::Accepted { sid: Some(own), .. }, Some(sid)) = (&self.progress.state, told.sid()) else {
            return None;
        };
        let after = (own == sid).then(|| self.after(at, self.progress.clone(), told))?;
        let entries = told.answered(&self.delivered, &after.delivered).into_iter().collect();
        (after != *self).then_some(Change { after, entries, second_sid: None })
    }

    /// Returns the record after a check that decided nothing.
    pub(crate) fn checked(&self, next: Micros, seen: Seen) -> Self {
        Self { next_check: Some(next), checks: self.checks.saturating_add(1), seen, ..self.clone() }
    }

    fn after(&self, at: Micros, progress: Progress, told: &Finished) -> Self {
        let moved = discriminant(&self.progress.state) != discriminant(&progress.state);
        let accepted = moved && matches!(progress.state, State::Accepted { .. });
        let known = if accepted { None } else { self.error.clone() };
        let arrived = matches!(&progress.state, State::Accepted { status, .. } if status.is_success());
        let error = told.error.clone().or(known).filter(|_| !arrived);
        let place = Place::of(&progress.state);
        let parked = matches!(progress.state, State::Parked);
        match place {
            Place::Ready => {
                let tries = self.tries.saturating_add(u32::from(told.counted));
                let ready = Self::ready(progress.attempt, told.due, tries, error);
                Self { campaign: self.campaign, ..ready }
            }
            Place::Open => Self {
                at: if matches!(self.progress.state, State::Ready) { at } else { self.at },
                why: parked.then(|| self.why.or(told.why).unwrap_or(ParkReason::Undecided)),
                next_check: match progress.state {
                    State::Unknown if moved => Some(at),
                    State::Unknown => self.next_check,
                    _ => None,
                },
                seen: match &told.source {
                    Source::List(seen) => seen.clone(),
                    _ => self.seen.clone(),
                },
                progress,
                error,
                ..self.clone()
            },
            Place::Outcome => Self {
                at: if moved { at } else { self.at },
                delivered: Delivered::after(self, at, &progress.state, &told.facts),
                progress,
                error,
                segments: told.segments.or(self.segments),
                mark: None,
                why: None,
                next_check: None,
                checks: 0,
                seen: Seen::default(),
                ..self.clone()
            },
        }
    }

    /// Returns the log entry for a change of state. Making a mark adds no entry, so taking a mark back adds none
    /// either.
    fn entry(&self, after: &Self, told: &Finished) -> Option<Entry> {
        let error = told.code();
        let mut detail = Detail { attempt: after.progress.attempt, ..Detail::default() };
        (detail.code, detail.provider_code) = (error.code.as_deref(), error.provider_code);
        (detail.evidence, detail.because) = (told.source.word(), told.because.as_ref());
        let topic = match &after.progress.state {
            State::Ready if self.is_sending() && matches!(told.event, Event::Unmark { .. }) => return None,
            State::Ready => {
                detail.due_micros = Some(after.due);
                "retry"
            }
            State::Accepted { attempt, sid, status } => {
                (detail.attempt, detail.sid, detail.status) =
                    (*attempt, sid.as_deref(), Some(status.as_str()));
                if matches!(self.progress.state, State::Accepted { .. }) { "status" } else { "accepted" }
            }
            state if discriminant(state) == discriminant(&self.progress.state) => "cancel_requested",
            State::Parked => {
                detail.why = after.why.map(ParkReason::as_str);
                detail.sids = &after.seen.sids;
                "parked"
            }
            state => state.as_str(),
        };
        Some(Entry::new(topic, &detail))
    }

    fn is_sending(&self) -> bool {
        matches!(self.progress.state, State::Sending)
    }

    fn anomaly(&self, anomaly: Anomaly, told: &Finished) -> Entry {
        let mut detail = Detail { evidence: told.source.word(), ..Detail::default() };
        if let Event::Accepted { attempt, sid, .. } = &told.event {
            (detail.attempt, detail.sid) = (*attempt, sid.as_deref());
        }
        if let State::Accepted { sid, .. } = &self.progress.state {
            detail.first_sid = sid.as_deref();
        }
        Entry::new(anomaly.as_str(), &detail)
    }
}

impl Entry {
    fn new(topic: &'static str, detail: &Detail<'_>) -> Self {
        Self { topic, detail: serde_json::to_string(detail).unwrap_or_default() }
    }

    /// The log entry of a reference that is ours and names an attempt that this database does not have.
    pub(crate) fn stale_copy(attempt: u32, sid: &str) -> Self {
        let detail = Detail { attempt, sid: Some(sid), ..Detail::default() };
        Self::new("stale_copy", &detail)
    }

    /// The log entry of a message that a rule puts off.
    pub(crate) fn deferred(until: Micros, because: &Ruling) -> Self {
        let detail = Deferred { due_micros: until, because };
        Self { topic: "deferred", detail: serde_json::to_string(&detail).unwrap_or_default() }
    }

    /// The log entry of a message that was not enqueued, because a rule refuses it.
    pub(crate) fn refused(tenant: &str, to: &Address, because: &Ruling) -> Self {
        let detail = RefusedAtOnce { tenant, to: to.masked().to_string(), because };
        Self { topic: "refused", detail: serde_json::to_string(&detail).unwrap_or_default() }
    }

    /// The log entry of a message that is enqueued although a rule warns of it.
    pub(crate) fn warned(because: &Ruling) -> Self {
        Self { topic: "warned", detail: serde_json::to_string(because).unwrap_or_default() }
    }

    /// The log entry of a campaign with messages of which a rule warns.
    #[cfg(feature = "campaign")]
    pub(crate) fn campaign_warned(name: &str, because: &Ruling) -> Self {
        let detail = OfCampaign { campaign: name, because };
        Self { topic: "warned", detail: serde_json::to_string(&detail).unwrap_or_default() }
    }

    /// The log entry of a message that passes rules because it is an emergency.
    pub(crate) fn emergency(emergency: &Emergency) -> Self {
        let detail = OfEmergency { reason: &emergency.reason, despite_opt_out: emergency.despite_opt_out };
        Self { topic: "emergency", detail: serde_json::to_string(&detail).unwrap_or_default() }
    }

    /// The log entry of the rules that a worker asks about every message from now on.
    pub(crate) fn policy(rules: &[RuleInForce]) -> Self {
        Self { topic: "policy", detail: serde_json::json!({ "rules": rules }).to_string() }
    }

    /// The log entry of a message that waits because it cannot be told apart from an open one.
    pub(crate) fn waits_for(other: i64) -> Self {
        Self { topic: "waits_for", detail: serde_json::json!({ "message": other }).to_string() }
    }
}

impl Finished {
    /// An event from outside this worker. A message that it moves back to `ready` is due at `at`.
    pub(crate) const fn from_outside(at: Micros, event: Event) -> Self {
        let source = Source::Direct;
        Self {
            id: 0,
            event,
            due: at,
            counted: false,
            why: None,
            error: None,
            segments: None,
            facts: Facts { at: None, price: None, picked_up_by: None, pressed: None },
            source,
            because: None,
            opted_out: false,
            not_sent: Vec::new(),
        }
    }

    /// A rule refuses a message.
    pub(crate) fn blocked(at: Micros, id: i64, because: &Ruling) -> Self {
        let error = ProviderError::new(ErrorCode::Blocked, Outcome::NotApplied).with_message(&because.reason);
        Self {
            id,
            error: serde_json::to_string(&error).ok(),
            because: Some(because.clone()),
            ..Self::from_outside(at, Event::Block)
        }
    }

    fn sid(&self) -> Option<&str> {
        match &self.event {
            Event::Accepted { sid, .. } => sid.as_deref(),
            Event::Report { sid, .. } => Some(sid),
            _ => None,
        }
    }

    /// Returns the log entry of who or what answered a call, and what was pressed.
    fn answered(&self, before: &Delivered, after: &Delivered) -> Option<Entry> {
        let detail = Answered {
            sid: self.sid(),
            picked_up_by: after.picked_up_by.map(PickedUpBy::as_str),
            // Entries stay when the message is deleted, and a longer input may be personal.
            pressed: after.pressed.as_deref().filter(|keys| keys.len() <= LOGGED_KEYS),
            evidence: self.source.word(),
        };
        let entry =
            || Entry { topic: "answered", detail: serde_json::to_string(&detail).unwrap_or_default() };
        after.says_more(before).then(entry)
    }

    fn code(&self) -> Code {
        let error = self.error.as_deref().map(serde_json::from_str);
        error.and_then(Result::ok).unwrap_or_default()
    }

    /// Returns the log entry of a person's decision. The change of state has its own entry.
    fn settled(&self) -> Vec<Entry> {
        let Event::Settle(settlement) = &self.event else { return Vec::new() };
        let (word, sid) = match settlement {
            Settlement::WasSent(sid) => ("was_sent", sid.as_deref()),
            Settlement::WasNotSent => ("was_not_sent", None),
            Settlement::GiveUp => ("give_up", None),
        };
        let detail = Settled { settlement: word, sid };
        vec![Entry { topic: "settled", detail: serde_json::to_string(&detail).unwrap_or_default() }]
    }
}

impl Source {
    const fn word(&self) -> Option<&'static str> {
        match self {
            Self::Direct => None,
            Self::Callback => Some("callback"),
            Self::List(_) => Some("list"),
        }
    }
}
