//! Recordings: of an account, of a call, of a conference; made on a live call, or by a test.

mod audio;
mod live;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) use self::audio::Audio;
use super::callbacks::Listener;
use super::clock::rfc2822;
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::filter::Dates;
use super::form::Pairs;
use super::ledger;
use super::page;
use super::route::{Asked, Route};
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/Recordings.json", list),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Recordings/{Sid}.json", fetch),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/Recordings/{Sid}.json", delete),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Recordings/{Sid}", audio::wav),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Recordings/{Sid}.wav", audio::wav),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Recordings/{Sid}.mp3", audio::mp3),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings.json", list),
    Route::post("/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings.json", live::start),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings/{Sid}.json", fetch),
    Route::post("/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings/{Sid}.json", live::update),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings/{Sid}.json", delete),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Recordings.json", list),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Recordings/{Sid}.json", fetch),
    Route::delete(
        "/2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Recordings/{Sid}.json",
        delete,
    ),
    Route::storage("/_storage/{AccountSid}/recordings/{Sid}.wav", audio::stored_wav),
    Route::storage("/_storage/{AccountSid}/recordings/{Sid}.mp3", audio::stored_mp3),
];

/// In 1/100000 of a dollar, for each minute begun.
const MINUTE_PRICE: u64 = 250;
/// Seconds of a recording that a test adds.
const ADDED: u64 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    InProgress,
    Paused,
    Stopped,
    Completed,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::InProgress => "in-progress",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Completed => "completed",
        }
    }

    /// Can more of the call be recorded?
    const fn is_live(self) -> bool {
        matches!(self, Self::InProgress | Self::Paused)
    }
}

/// How a recording is to be made.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    channels: u8,
    track: String,
    source: &'static str,
    listener: Option<Listener>,
}

impl Plan {
    /// Plans the recording of a verb.
    pub(super) fn new(channels: u8, source: &'static str, listener: Option<Listener>) -> Self {
        Self { channels, track: "both".to_owned(), source, listener }
    }

    /// Reads the parameters of a recording, those of a call among them.
    pub(super) fn read(form: &Pairs, source: &'static str) -> Self {
        let get = form.get("RecordingStatusCallbackMethod").is_some_and(|m| m.eq_ignore_ascii_case("GET"));
        Self {
            channels: if form.get("RecordingChannels") == Some("dual") { 2 } else { 1 },
            track: form.get("RecordingTrack").unwrap_or("both").to_owned(),
            source,
            listener: form.owned("RecordingStatusCallback").map(|url| Listener { url, get }),
        }
    }
}

/// A recording as the fake keeps it.
pub(super) struct Recording {
    call: String,
    conference: Option<String>,
    plan: Plan,
    status: Status,
    started: Timestamp,
    updated: Timestamp,
    /// Since when it pauses, if the pause is left out.
    skipping: Option<Timestamp>,
    /// Seconds that were left out.
    skipped: i64,
    /// In seconds, once it is over.
    duration: Option<u64>,
    /// The bytes of its file, if a test set them.
    length: Option<u64>,
    /// What is left of it is found for a while by those who ask for deleted ones.
    deleted: bool,
}

fn list(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let dates = Dates::read(&asked.query, "DateCreated")?;
    let deleted_too = asked.query.flag("IncludeSoftDeleted");
    let parent = |name| Some(asked.name(name)).filter(|sid| !sid.is_empty()).or(asked.query.get(name));
    let (call, conference) = (parent("CallSid"), parent("ConferenceSid"));
    let keep = |recording: &Recording| {
        call.is_none_or(|call| recording.call == call)
            && conference.is_none_or(|sid| recording.conference.as_deref() == Some(sid))
            && (deleted_too || !recording.deleted)
            && dates.contain(Some(recording.started))
    };
    page::list(asked, "recordings", &tenant.recordings, keep, |sid, recording| recording.view(asked, sid))
}

fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = find(tenant, asked)?;
    answer(tenant, asked, &sid, StatusCode::OK)
}

fn delete(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = find(tenant, asked)?;
    let now = tenant.clock.now();
    let recording = tenant.recordings.get_mut(&sid).filter(|recording| !recording.deleted);
    let recording = recording.ok_or_else(|| asked.not_found())?;
    if recording.status.is_live() {
        return Err(Refusal::unfinished("recording"));
    }
    (recording.deleted, recording.updated) = (true, now);
    tenant.transcriptions.retain(|transcription| transcription.recording() != sid);
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

fn answer(tenant: &Tenant, asked: &Asked<'_>, sid: &str, status: StatusCode) -> Answer {
    let recording = tenant.recordings.get(sid).ok_or_else(|| asked.not_found())?;
    Ok(FakeReply::json(status, &recording.view(asked, sid)))
}

/// Finds the recording that the path names, under the call or the conference that it names.
fn find(tenant: &Tenant, asked: &Asked<'_>) -> Result<String, Refusal> {
    let parent = |name| Some(asked.name(name)).filter(|sid| !sid.is_empty());
    let (call, conference) = (parent("CallSid"), parent("ConferenceSid"));
    let fits = |recording: &&Recording| {
        call.is_none_or(|call| recording.call == call)
            && conference.is_none_or(|sid| recording.conference.as_deref() == Some(sid))
            && (!recording.deleted || asked.query.flag("IncludeSoftDeleted"))
    };
    let sid = asked.name("Sid");
    let found = tenant.recordings.get(sid).filter(fits);
    found.map(|_| sid.to_owned()).ok_or_else(|| asked.not_found())
}

impl Recording {
    fn begin(call: &str, plan: Plan, now: Timestamp) -> Self {
        Self {
            call: call.to_owned(),
            conference: None,
            plan,
            status: Status::InProgress,
            started: now,
            updated: now,
            skipping: None,
            skipped: 0,
            duration: None,
            length: None,
            deleted: false,
        }
    }

    fn price(&self) -> Option<u64> {
        self.duration.map(|seconds| seconds.div_ceil(60).max(1) * MINUTE_PRICE)
    }

    fn view(&self, asked: &Asked<'_>, sid: &str) -> Value {
        let account = asked.name("AccountSid");
        let own = format!("/2010-04-01/Accounts/{account}/Recordings/{sid}");
        let mut view = json!({
            "sid": sid,
            "account_sid": account,
            "api_version": "2010-04-01",
            "call_sid": self.call,
            "conference_sid": self.conference,
            "channels": self.plan.channels,
            "source": self.plan.source,
            "status": if self.deleted { "deleted" } else { self.status.word() },
            "duration": self.duration.map(|seconds| seconds.to_string()),
            "price": self.price().map(ledger::charge),
            "price_unit": "USD",
            "error_code": null,
            "encryption_details": null,
            "start_time": rfc2822(self.started),
            "date_created": rfc2822(self.started),
            "date_updated": rfc2822(self.updated),
            "uri": format!("{own}.json"),
        });
        let of_call = !asked.name("CallSid").is_empty();
        if let Some(fields) = view.as_object_mut() {
            if of_call {
                let uri = format!("/2010-04-01/Accounts/{account}/Calls/{}/Recordings/{sid}.json", self.call);
                fields.insert("track".to_owned(), json!(self.plan.track));
                fields.insert("uri".to_owned(), json!(uri));
            } else {
                let subresources = json!({
                    "add_on_results": format!("{own}/AddOnResults.json"),
                    "transcriptions": format!("{own}/Transcriptions.json"),
                });
                fields.insert("media_url".to_owned(), json!(asked.url(&own)));
                fields.insert("subresource_uris".to_owned(), subresources);
            }
        }
        view
    }
}

impl Tenant {
    /// Adds a finished recording of ten seconds to a call. Is there such a call?
    pub(crate) fn add_recording(&mut self, call_sid: &str) -> Option<String> {
        self.calls.get(call_sid)?;
        let plan = Plan::read(&Pairs::default(), "OutboundAPI");
        let mut recording = Recording::begin(call_sid, plan, self.clock.now());
        (recording.status, recording.duration) = (Status::Completed, Some(ADDED));
        let sid = self.sids.next("RE");
        self.recordings.insert(&sid, recording);
        Some(sid)
    }

    /// Adds a finished recording of ten seconds to a conference, and to the call that took part in it.
    pub(crate) fn add_conference_recording(
        &mut self,
        conference_sid: &str,
        call_sid: &str,
    ) -> Option<String> {
        let sid = self.add_recording(call_sid)?;
        if let Some(recording) = self.recordings.get_mut(&sid) {
            recording.conference = Some(conference_sid.to_owned());
            recording.plan.source = "StartConferenceRecordingAPI";
        }
        Some(sid)
    }

    /// Makes the file of a recording this many bytes long. Is there such a recording?
    pub(crate) fn set_recording_length(&mut self, sid: &str, bytes: u64) -> bool {
        self.recordings.get_mut(sid).map(|recording| recording.length = Some(bytes)).is_some()
    }

    /// Makes a recording one of two channels. Is there such a recording?
    pub(crate) fn set_recording_channels(&mut self, sid: &str, channels: u8) -> bool {
        self.recordings.get_mut(sid).map(|recording| recording.plan.channels = channels).is_some()
    }
}
