//! Recordings of an account, of a call and of a conference; starting and stopping one on a live call.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use super::plain::{self, Filter, Resource, fetch, list, show};
use super::recording_files;
use crate::engine::clock::ScheduledEvent;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::filter::Dates;
use crate::engine::page::ListFormat;
use crate::engine::recording::{Recording, RecordingOptions, RecordingStatus};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/Recordings.json", list::<Recording>),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Recordings/{Sid}.json", fetch::<Recording>),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/Recordings/{Sid}.json", delete),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Recordings/{Sid}", recording_files::wav),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Recordings/{Sid}.wav", recording_files::wav),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Recordings/{Sid}.mp3", recording_files::mp3),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings.json", list::<Recording>),
    Route::post("/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings.json", start),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings/{Sid}.json", fetch::<Recording>),
    Route::post("/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings/{Sid}.json", update),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings/{Sid}.json", delete),
    Route::get(
        "/2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Recordings.json",
        list::<Recording>,
    ),
    Route::get(
        "/2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Recordings/{Sid}.json",
        fetch::<Recording>,
    ),
    Route::delete(
        "/2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Recordings/{Sid}.json",
        delete,
    ),
    Route::storage("/_storage/{AccountSid}/recordings/{Sid}.wav", recording_files::stored_wav),
    Route::storage("/_storage/{AccountSid}/recordings/{Sid}.mp3", recording_files::stored_mp3),
];

/// The SID that stands for the live recording of a call.
const CURRENT: &str = "Twilio.CURRENT";
/// The time from the end of a recording until it is completed.
const PROCESSING: Duration = Duration::from_secs(1);

impl Resource for Recording {
    const KEY: &'static str = "recordings";
    const FORMAT: ListFormat = ListFormat::Classic;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.recordings.rows
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.recordings.rows
    }

    fn view(&self, request: &RoutedRequest<'_>, _: &str, sid: &str) -> Value {
        self.view(request, sid)
    }

    fn is_under(&self, request: &RoutedRequest<'_>) -> bool {
        let parent = |name| Some(request.param(name)).filter(|sid| !sid.is_empty());
        parent("CallSid").is_none_or(|call| self.call == call)
            && parent("ConferenceSid").is_none_or(|sid| self.conference.as_deref() == Some(sid))
            && (!self.deleted || request.query.flag("IncludeSoftDeleted"))
    }

    fn filter<'a>(request: &'a RoutedRequest<'_>) -> Result<Filter<'a, Self>, Refusal> {
        let dates = Dates::read(&request.query, "DateCreated")?;
        let (call, conference) = (request.query.get("CallSid"), request.query.get("ConferenceSid"));
        Ok(Box::new(move |recording| {
            call.is_none_or(|call| recording.call == call)
                && conference.is_none_or(|sid| recording.conference.as_deref() == Some(sid))
                && dates.contain(Some(recording.started))
        }))
    }
}

/// Deletes a recording. Its metadata can still be read with `IncludeSoftDeleted`.
fn delete(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    plain::find::<Recording>(tenant, request)?;
    let (sid, now) = (request.param("Sid"), tenant.core.now());
    let recording = tenant.recordings.rows.get_mut(sid).filter(|recording| !recording.deleted);
    let recording = recording.ok_or_else(|| request.not_found())?;
    if recording.status.is_live() {
        return Err(Refusal::unfinished("recording"));
    }
    (recording.deleted, recording.updated) = (true, now);
    tenant.recordings.transcriptions.retain(|transcription| transcription.recording != sid);
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

fn start(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let call_sid = request.param("CallSid");
    let call = tenant.calls.rows.get(call_sid).ok_or_else(|| request.not_found())?;
    if !call.is_answered() {
        return Err(Refusal::bad_request(21220, "The call is not in progress and cannot be recorded"));
    }
    check(request)?;
    let sid = tenant.recordings.start(
        &mut tenant.core,
        call_sid,
        RecordingOptions::read(&request.form, "StartCallRecordingAPI"),
    );
    show::<Recording>(tenant, request, &sid, StatusCode::CREATED)
}

fn check(request: &RoutedRequest<'_>) -> Result<(), Refusal> {
    let words: [(&str, &[&str]); 3] = [
        ("RecordingChannels", &["mono", "dual"]),
        ("RecordingTrack", &["inbound", "outbound", "both"]),
        ("Trim", &["trim-silence", "do-not-trim"]),
    ];
    for (param, known) in words {
        if let Some(word) = request.form.get(param).filter(|word| !known.contains(word)) {
            return Err(Refusal::bad_request(
                20001,
                format!("The {param} {word} is none of {}", known.join(", ")),
            ));
        }
    }
    Ok(())
}

fn update(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = if request.param("Sid") == CURRENT {
        current(tenant, request)?
    } else {
        plain::find::<Recording>(tenant, request)?;
        request.param("Sid").to_owned()
    };
    let now = tenant.core.now();
    let wanted = match request.form.get("Status") {
        Some("paused") => RecordingStatus::Paused,
        Some("in-progress") => RecordingStatus::InProgress,
        Some("stopped") => RecordingStatus::Stopped,
        _ => {
            return Err(Refusal::bad_request(
                20001,
                "The RecordingStatus is none of paused, in-progress, stopped",
            ));
        }
    };
    let silence = match request.form.get("PauseBehavior") {
        None | Some("silence") => true,
        Some("skip") => false,
        Some(_) => return Err(Refusal::bad_request(20001, "The PauseBehavior is neither skip nor silence")),
    };
    let recording = tenant.recordings.rows.get_mut(&sid).ok_or_else(|| request.not_found())?;
    if !recording.status.is_live() {
        return Err(Refusal::bad_request(21220, "The recording is over and cannot be changed"));
    }
    recording.change_status(wanted, silence, now);
    if wanted == RecordingStatus::Stopped {
        tenant
            .core
            .clock
            .schedule(tenant.core.clock.after(PROCESSING), ScheduledEvent::Recording(sid.clone()));
    }
    show::<Recording>(tenant, request, &sid, StatusCode::OK)
}

fn current(tenant: &Tenant, request: &RoutedRequest<'_>) -> Result<String, Refusal> {
    let live = |(_, recording): &(&str, &Recording)| {
        recording.call == request.param("CallSid") && recording.status.is_live()
    };
    let newest = tenant.recordings.rows.iter().rev().find(live);
    newest.map(|(sid, _)| sid.to_owned()).ok_or_else(|| request.not_found())
}
