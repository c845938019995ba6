//! A recording while its call is live: started, paused, resumed, stopped.

use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;

use super::{MINUTE_PRICE, Plan, Recording, Status, answer, find};
use crate::engine::clock::{Event, rfc2822};
use crate::engine::error::{Answer, Refusal};
use crate::engine::ledger::Item;
use crate::engine::route::Asked;
use crate::engine::tenant::Tenant;

/// The name of the recording under way.
const CURRENT: &str = "Twilio.CURRENT";
/// From the end of a recording that was stopped to the moment it can be heard.
const PROCESSING: Duration = Duration::from_secs(1);

pub(super) fn start(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let call_sid = asked.name("CallSid");
    let call = tenant.calls.get(call_sid).ok_or_else(|| asked.not_found())?;
    if !call.is_answered() {
        return Err(Refusal::bad(21220, "The call is not in progress and cannot be recorded"));
    }
    check(asked)?;
    let sid = tenant.record(call_sid, Plan::read(&asked.form, "StartCallRecordingAPI"));
    answer(tenant, asked, &sid, StatusCode::CREATED)
}

fn check(asked: &Asked<'_>) -> Result<(), Refusal> {
    let words: [(&str, &[&str]); 3] = [
        ("RecordingChannels", &["mono", "dual"]),
        ("RecordingTrack", &["inbound", "outbound", "both"]),
        ("Trim", &["trim-silence", "do-not-trim"]),
    ];
    for (param, known) in words {
        if let Some(word) = asked.form.get(param).filter(|word| !known.contains(word)) {
            return Err(Refusal::bad(20001, format!("The {param} {word} is none of {}", known.join(", "))));
        }
    }
    Ok(())
}

pub(super) fn update(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = if asked.name("Sid") == CURRENT { current(tenant, asked)? } else { find(tenant, asked)? };
    let now = tenant.clock.now();
    let wanted = match asked.form.get("Status") {
        Some("paused") => Status::Paused,
        Some("in-progress") => Status::InProgress,
        Some("stopped") => Status::Stopped,
        _ => return Err(Refusal::bad(20001, "The Status is none of paused, in-progress, stopped")),
    };
    let silence = match asked.form.get("PauseBehavior") {
        None | Some("silence") => true,
        Some("skip") => false,
        Some(_) => return Err(Refusal::bad(20001, "The PauseBehavior is neither skip nor silence")),
    };
    let recording = tenant.recordings.get_mut(&sid).ok_or_else(|| asked.not_found())?;
    if !recording.status.is_live() {
        return Err(Refusal::bad(21220, "The recording is over and cannot be changed"));
    }
    recording.turn(wanted, silence, now);
    if wanted == Status::Stopped {
        tenant.clock.plan(tenant.clock.after(PROCESSING), Event::Recording(sid.clone()));
    }
    answer(tenant, asked, &sid, StatusCode::OK)
}

fn current(tenant: &Tenant, asked: &Asked<'_>) -> Result<String, Refusal> {
    let live = |(_, recording): &(&str, &Recording)| {
        recording.call == asked.name("CallSid") && recording.status.is_live()
    };
    let newest = tenant.recordings.iter().rev().find(live);
    newest.map(|(sid, _)| sid.to_owned()).ok_or_else(|| asked.not_found())
}

impl Recording {
    /// Goes to another status; a pause that leaves no silence behind makes the recording shorter.
    fn turn(&mut self, wanted: Status, silence: bool, now: Timestamp) {
        if let Some(since) = self.skipping.take() {
            self.skipped += now.as_second() - since.as_second();
        }
        if wanted == Status::Paused && !silence {
            self.skipping = Some(now);
        }
        (self.status, self.updated) = (wanted, now);
        if wanted == Status::Stopped {
            self.measure(now);
        }
    }

    fn measure(&mut self, now: Timestamp) {
        let seconds = now.as_second() - self.started.as_second() - self.skipped;
        self.duration = Some(seconds.max(0).unsigned_abs());
    }

    fn finish(&mut self, now: Timestamp) {
        if self.status.is_live() {
            self.turn(Status::Stopped, true, now);
        }
        (self.status, self.updated) = (Status::Completed, now);
    }
}

impl Tenant {
    /// Starts a recording of a call.
    pub(in crate::engine) fn record(&mut self, call_sid: &str, plan: Plan) -> String {
        let sid = self.sids.next("RE");
        let recording = Recording::begin(call_sid, plan, self.clock.now());
        self.recordings.insert(&sid, recording);
        sid
    }

    /// Makes a recording that is over already; returns its SID.
    pub(in crate::engine) fn record_whole(&mut self, call_sid: &str, plan: Plan, seconds: u32) -> String {
        let sid = self.record(call_sid, plan);
        if let Some(recording) = self.recordings.get_mut(&sid) {
            (recording.status, recording.duration) = (Status::Stopped, Some(seconds.into()));
        }
        self.finish_recording(&sid);
        sid
    }

    /// Where a recording can be heard.
    pub(in crate::engine) fn recording_url(&self, sid: &str) -> String {
        format!("https://api.twilio.com/2010-04-01/Accounts/{}/Recordings/{sid}", self.account.sid)
    }

    /// A call is over, and what was recorded of it too.
    pub(in crate::engine) fn finish_recordings(&mut self, call_sid: &str) {
        let live = self.recordings.iter().rev().filter(|(_, recording)| {
            recording.call == call_sid && !recording.deleted && recording.status != Status::Completed
        });
        let mut sids: Vec<String> = live.map(|(sid, _)| sid.to_owned()).collect();
        while let Some(sid) = sids.pop() {
            self.finish_recording(&sid);
        }
    }

    /// Makes a recording ready to be heard, bills it and tells its listener.
    pub(in crate::engine) fn finish_recording(&mut self, sid: &str) {
        let now = self.clock.now();
        let Some(recording) = self.recordings.get_mut(sid) else { return };
        if recording.deleted || recording.status == Status::Completed {
            return;
        }
        recording.finish(now);
        let minutes = recording.price().unwrap_or_default() / MINUTE_PRICE;
        self.ledger.bill(now, Item::Recording, minutes, minutes * MINUTE_PRICE);
        self.report_recording(sid);
    }

    fn report_recording(&mut self, sid: &str) {
        let Some(recording) = self.recordings.get(sid) else { return };
        let Some(listener) = recording.plan.listener.clone() else { return };
        let account = &self.account.sid;
        let status = recording.status.word();
        let params = [
            ("AccountSid", account.clone()),
            ("CallSid", recording.call.clone()),
            ("RecordingSid", sid.to_owned()),
            ("RecordingUrl", self.recording_url(sid)),
            ("RecordingStatus", status.to_owned()),
            ("RecordingDuration", recording.duration.unwrap_or_default().to_string()),
            ("RecordingChannels", recording.plan.channels.to_string()),
            ("RecordingStartTime", rfc2822(recording.started)),
            ("RecordingSource", recording.plan.source.to_owned()),
            ("RecordingTrack", recording.plan.track.clone()),
        ];
        self.call_back(&listener, sid, status, &params);
    }
}
