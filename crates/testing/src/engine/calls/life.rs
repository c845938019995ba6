//! How a call goes from status to status.

use std::time::Duration;

use super::check::Change;
use super::{Call, MINUTE_PRICE};
use crate::engine::clock::{Event, rfc2822};
use crate::engine::hook::Params;
use crate::engine::ledger::Item;
use crate::engine::tenant::Tenant;

/// Between two statuses before the call is answered.
const STEP: Duration = Duration::from_secs(1);
/// How long people talk when nobody ends the call.
const TALK: u64 = 10;

/// The statuses of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Status {
    Queued,
    Ringing,
    InProgress,
    Completed,
    Busy,
    Failed,
    NoAnswer,
    Canceled,
}

impl Status {
    /// Returns Twilio's word.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
        }
    }

    /// Reads the word of a status that ends a call.
    fn ending(word: &str) -> Option<Self> {
        [Self::Completed, Self::Busy, Self::Failed, Self::NoAnswer, Self::Canceled]
            .into_iter()
            .find(|status| status.word() == word)
    }

    const fn next(self) -> Option<Self> {
        match self {
            Self::Queued => Some(Self::Ringing),
            Self::Ringing => Some(Self::InProgress),
            Self::InProgress => Some(Self::Completed),
            _ => None,
        }
    }

    /// Has it not been answered yet?
    pub(super) const fn is_waiting(self) -> bool {
        matches!(self, Self::Queued | Self::Ringing)
    }

    /// Is it not over yet?
    pub(super) const fn is_live(self) -> bool {
        self.next().is_some()
    }
}

impl Tenant {
    /// Notes when a call goes on by itself.
    pub(super) fn plan_call(&mut self, sid: &str) {
        let Some(call) = self.calls.get_mut(sid) else { return };
        let wait = match call.status {
            Status::InProgress => Duration::from_secs(call.time_limit.map_or(TALK, |limit| limit.min(TALK))),
            _ => STEP,
        };
        let own = !call.driven || (call.status == Status::InProgress && call.time_limit.is_some());
        let wait = match call.time_limit {
            Some(limit) if call.driven => Duration::from_secs(limit),
            _ => wait,
        };
        call.due = call.status.next().filter(|_| own).map(|_| self.clock.after(wait));
        if let Some(due) = call.due {
            self.clock.plan(due, Event::Call(sid.to_owned()));
        }
    }

    /// Takes a call one status further, unless it went there in another way meanwhile.
    pub(in crate::engine) fn call_due(&mut self, sid: &str) {
        let now = self.clock.now();
        let due = self.calls.get(sid).filter(|call| call.due == Some(now));
        if let Some(next) = due.and_then(|call| call.status.next()) {
            self.set_call_status(sid, next);
        }
    }

    pub(in crate::engine) fn set_call_status(&mut self, sid: &str, status: Status) {
        let now = self.clock.now();
        let Some(call) = self.calls.get_mut(sid) else { return };
        call.status = status;
        call.updated = now;
        match status {
            Status::InProgress => call.started = Some(now),
            status if !status.is_live() => {
                call.ended = Some(now);
                if let Some(minutes) = call.minutes() {
                    self.ledger.bill(now, Item::Call, minutes, minutes * MINUTE_PRICE);
                }
            }
            _ => {}
        }
        let recording = call.recording.take_if(|_| status == Status::InProgress);
        if let Some(plan) = recording {
            self.record(sid, plan);
        }
        if !status.is_live() {
            self.finish_recordings(sid);
            self.end_legs(sid);
            if let Some(phone) = self.phones.get_mut(sid) {
                phone.end();
            }
        }
        self.plan_call(sid);
        match status {
            Status::Ringing => {
                self.report_call(sid, "initiated", "initiated");
                self.report_call(sid, "ringing", "ringing");
            }
            Status::InProgress => self.report_call(sid, "answered", status.word()),
            _ => self.report_call(sid, "completed", status.word()),
        }
    }

    fn report_call(&mut self, sid: &str, event: &str, status: &str) {
        let (account, time) = (self.account.sid.clone(), rfc2822(self.clock.now()));
        let Some(call) = self.calls.get_mut(sid).filter(|call| call.events.iter().any(|e| e == event)) else {
            return;
        };
        let Some(listener) = call.listener.clone() else { return };
        let mut params = call.params(sid, status);
        params.extend([("AccountSid".to_owned(), account), ("Timestamp".to_owned(), time)]);
        call.sequence += 1;
        self.call_back(&listener, sid, status, &params);
    }

    /// Carries out a change that was found good.
    pub(super) fn change_call(&mut self, sid: &str, change: Change) {
        match change {
            Change::End(status) => self.set_call_status(sid, status),
            Change::Redirect { url, get, twiml, fallback } => {
                let now = self.clock.now();
                if let Some(call) = self.calls.get_mut(sid) {
                    (call.url, call.get, call.twiml, call.updated) = (url, get, twiml, now);
                    call.fallback = fallback.or(call.fallback.take());
                }
                self.phone_redirected(sid);
            }
            Change::Nothing => {}
        }
    }

    /// Takes a call through all that is left to `completed`. Is there such a call?
    pub(crate) fn complete_call(&mut self, sid: &str) -> bool {
        while let Some(call) = self.calls.get(sid) {
            let Some(next) = call.status.next() else { return true };
            self.set_call_status(sid, next);
        }
        false
    }

    /// Answers a call that waits. Is there such a call?
    pub(crate) fn answer_call(&mut self, sid: &str) -> bool {
        while let Some(call) = self.calls.get(sid) {
            match call.status.next().filter(|_| call.status.is_waiting()) {
                Some(next) => self.set_call_status(sid, next),
                None => return true,
            }
        }
        false
    }

    /// Ends a live call with a status of its own. Are there such a call and such a status?
    pub(crate) fn end_call(&mut self, sid: &str, status: &str) -> bool {
        let (Some(call), Some(end)) = (self.calls.get(sid), Status::ending(status)) else { return false };
        if call.status.is_live() {
            self.set_call_status(sid, end);
        }
        true
    }
}

impl Call {
    fn params(&self, sid: &str, status: &str) -> Params {
        let mut params = vec![
            ("CallSid", sid.to_owned()),
            ("From", self.from.clone()),
            ("To", self.to.clone()),
            ("Caller", self.from.clone()),
            ("Called", self.to.clone()),
            ("CallStatus", status.to_owned()),
            ("Direction", self.direction.to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("CallbackSource", "call-progress-events".to_owned()),
            ("SequenceNumber", self.sequence.to_string()),
        ];
        if let Some(seconds) = self.duration() {
            params.push(("CallDuration", seconds.to_string()));
            // Minutes that were begun.
            params.push(("Duration", seconds.unsigned_abs().div_ceil(60).to_string()));
        }
        let mut params: Params = params.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        params.extend(self.circumstances());
        params
    }
}
