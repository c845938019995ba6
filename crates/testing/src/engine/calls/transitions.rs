//! The status transitions of a call, by the clock, over the API, or by a test.

use std::time::Duration;

use super::call::{Call, MINUTE_PRICE};
use super::calling::Calling;
use super::check::Change;
use super::machine::MachineReport;
use super::status::CallStatus;
use crate::engine::clock::{ScheduledEvent, rfc2822};
use crate::engine::conferences::Exit;
use crate::engine::ledger::Item;
use crate::placed::PickedUpBy;

/// The time between two statuses before the call is answered.
const STEP: Duration = Duration::from_secs(1);
/// Seconds from the answer until a call ends by itself.
const CALL_SECONDS: u64 = 10;

impl Calling<'_> {
    /// Schedules the next status of a call, if the clock changes it.
    pub(in crate::engine) fn schedule_next(&mut self, sid: &str) {
        let Some(call) = self.calls.rows.get_mut(sid) else { return };
        let wait = match call.status {
            CallStatus::InProgress => {
                Duration::from_secs(call.time_limit.map_or(CALL_SECONDS, |limit| limit.min(CALL_SECONDS)))
            }
            _ => STEP,
        };
        let by_clock = !call.manual || (call.status == CallStatus::InProgress && call.time_limit.is_some());
        let wait = match call.time_limit {
            Some(limit) if call.manual => Duration::from_secs(limit),
            _ => wait,
        };
        call.due = call.status.next().filter(|_| by_clock).map(|_| self.core.clock.after(wait));
        if let Some(due) = call.due {
            self.core.clock.schedule(due, ScheduledEvent::Call(sid.to_owned()));
        }
    }

    /// Moves a call to its next status, unless the status changed after this was scheduled.
    pub(in crate::engine) fn advance_if_due(&mut self, sid: &str) {
        let now = self.core.now();
        let due = self.calls.rows.get(sid).filter(|call| call.due == Some(now));
        if let Some(next) = due.and_then(|call| call.status.next()) {
            self.set_status(sid, next);
        }
    }

    pub(in crate::engine) fn set_status(&mut self, sid: &str, status: CallStatus) {
        let now = self.core.now();
        let Some(call) = self.calls.rows.get_mut(sid) else { return };
        call.status = status;
        call.updated = now;
        match status {
            CallStatus::InProgress => call.started = Some(now),
            status if !status.is_live() => {
                call.ended = Some(now);
                if let Some(minutes) = call.minutes() {
                    self.core.ledger.bill(now, Item::Call, minutes, minutes * MINUTE_PRICE);
                }
            }
            _ => {}
        }
        let recording = call.recording.take_if(|_| status == CallStatus::InProgress);
        if let Some(options) = recording {
            self.recordings.start(self.core, sid, options);
        }
        if !status.is_live() {
            self.recordings.finish_of_call(self.core, sid);
            self.conferences.leave(self.core, sid, Exit::Left);
            self.end_legs(sid);
        }
        self.schedule_next(sid);
        match status {
            CallStatus::Ringing => {
                self.report(sid, "initiated", "initiated");
                self.report(sid, "ringing", "ringing");
            }
            CallStatus::InProgress => self.report(sid, "answered", status.word()),
            _ => self.report(sid, "completed", status.word()),
        }
    }

    fn report(&mut self, sid: &str, event: &str, status: &str) {
        let (account, time) = (self.core.account.sid.clone(), rfc2822(self.core.now()));
        let Some(call) = self.calls.rows.get_mut(sid).filter(|call| call.events.iter().any(|e| e == event))
        else {
            return;
        };
        let Some(endpoint) = call.endpoint.clone() else { return };
        let mut params = call.params(sid, status);
        params.extend([("AccountSid".to_owned(), account), ("Timestamp".to_owned(), time)]);
        call.sequence += 1;
        self.core.call_back(&endpoint, sid, status, &params);
    }

    /// Carries out a change that was checked.
    pub(in crate::engine) fn change(&mut self, sid: &str, change: Change) {
        match change {
            Change::End(status) => self.set_status(sid, status),
            Change::Redirect { url, get, twiml, fallback } => {
                let now = self.core.now();
                if let Some(call) = self.calls.rows.get_mut(sid) {
                    (call.url, call.get, call.twiml, call.updated) = (url, get, twiml, now);
                    call.fallback = fallback.or(call.fallback.take());
                    call.redirects += 1;
                }
                self.end_legs(sid);
                self.conferences.leave(self.core, sid, Exit::Left);
            }
            Change::Nothing => {}
        }
    }

    /// Moves a call through all remaining statuses to `completed`. Returns false when there is no such call.
    pub(crate) fn complete(&mut self, sid: &str) -> bool {
        while let Some(call) = self.calls.rows.get(sid) {
            let Some(next) = call.status.next() else { return true };
            self.set_status(sid, next);
        }
        false
    }

    /// Answers a call that was not answered yet. Returns false when there is no such call.
    pub(crate) fn answer(&mut self, sid: &str) -> bool {
        while let Some(call) = self.calls.rows.get(sid) {
            match call.status.next().filter(|_| call.status.is_unanswered()) {
                Some(next) => self.set_status(sid, next),
                None => return true,
            }
        }
        false
    }

    /// Ends a live call with a status. Returns false when there is no such call or status.
    pub(crate) fn end(&mut self, sid: &str, status: &str) -> bool {
        let (Some(call), Some(end)) = (self.calls.rows.get(sid), CallStatus::ending(status)) else {
            return false;
        };
        if call.status.is_live() {
            self.set_status(sid, end);
        }
        true
    }

    /// Stores who answered a call and reports it, if the call asked for machine detection.
    pub(in crate::engine) fn report_machine_detection(&mut self, sid: &str, by: PickedUpBy) {
        let Some(call) = self.calls.rows.get_mut(sid) else { return };
        let Some(detection) = call.machine.clone() else { return };
        let word = match (by, detection.waits_for_beep) {
            (PickedUpBy::Person, _) => "human",
            (PickedUpBy::Machine, false) => "machine_start",
            (PickedUpBy::Machine, true) => "machine_end_beep",
            (PickedUpBy::Fax, _) => "fax",
            (PickedUpBy::Unknown, _) => "unknown",
        };
        call.answered_by = Some(word);
        match detection.report {
            MachineReport::WithDocument => call.extra.push(("AnsweredBy".to_owned(), word.to_owned())),
            MachineReport::Async(None) => {}
            MachineReport::Async(Some(endpoint)) => {
                let params = [
                    ("CallSid", sid.to_owned()),
                    ("AccountSid", self.core.account.sid.clone()),
                    ("AnsweredBy", word.to_owned()),
                    ("MachineDetectionDuration", "2500".to_owned()),
                ];
                self.core.call_back(&endpoint, sid, word, &params);
            }
        }
    }

    /// Answers a call if it was not answered yet.
    pub(in crate::engine) fn answer_if_unanswered(&mut self, sid: &str) {
        if self.calls.rows.get(sid).is_some_and(Call::is_unanswered) {
            self.set_status(sid, CallStatus::InProgress);
        }
    }
}
