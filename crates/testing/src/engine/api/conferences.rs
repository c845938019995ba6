//! Conferences and who takes part in them: `/2010-04-01/Accounts/{AccountSid}/Conferences`.

use http::StatusCode;

use super::plain::{self, Filter, Resource};
use crate::engine::conferences::{Conference, ConferenceStatus, Exit, Participant};
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::filter::Dates;
use crate::engine::page::{self, ListFormat};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::sid::is_sid;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::webhook::web_url;
use crate::engine::wire::FakeReply;

const ONE: &str = "/2010-04-01/Accounts/{AccountSid}/Conferences/{Sid}.json";
const PARTICIPANTS: &str = "/2010-04-01/Accounts/{AccountSid}/Conferences/{Sid}/Participants.json";
// The last segment is the SID of a call, or the label of the participant.
const PARTICIPANT: &str = "/2010-04-01/Accounts/{AccountSid}/Conferences/{Sid}/Participants/{Call}.json";

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/Conferences.json", plain::list::<Conference>),
    Route::get(ONE, plain::fetch::<Conference>),
    Route::post(ONE, update),
    Route::get(PARTICIPANTS, list_participants),
    Route::get(PARTICIPANT, fetch_participant),
    Route::post(PARTICIPANT, update_participant),
    Route::delete(PARTICIPANT, remove_participant),
];

/// The URLs of an update.
const URLS: &[&str] = &["HoldUrl", "AnnounceUrl", "WaitUrl"];

impl Resource for Conference {
    const KEY: &'static str = "conferences";
    const FORMAT: ListFormat = ListFormat::Classic;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.conferences.rows
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.conferences.rows
    }

    fn view(&self, _: &RoutedRequest<'_>, account: &str, sid: &str) -> serde_json::Value {
        self.view(account, sid)
    }

    fn filter<'a>(request: &'a RoutedRequest<'_>) -> Result<Filter<'a, Self>, Refusal> {
        let query = &request.query;
        let (created, updated) = (Dates::read(query, "DateCreated")?, Dates::read(query, "DateUpdated")?);
        let refusal = |word| Refusal::bad_request(20001, format!("The Status {word} is not valid"));
        let status =
            query.get("Status").map(|word| ConferenceStatus::read(word).ok_or_else(|| refusal(word)));
        let (status, room) = (status.transpose()?, query.get("FriendlyName"));
        Ok(Box::new(move |conference| {
            created.contain(Some(conference.created))
                && updated.contain(Some(conference.updated))
                && status.is_none_or(|status| conference.status == status)
                && room.is_none_or(|room| conference.room == room)
        }))
    }
}

/// Ends a conference, or makes an announcement, which nobody hears.
fn update(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = request.param("Sid");
    plain::find::<Conference>(tenant, request)?;
    check_urls(request)?;
    match request.form.get("Status").map(ConferenceStatus::read) {
        None => {}
        Some(Some(ConferenceStatus::Completed)) => tenant.conferences.end(&tenant.core, sid),
        Some(_) => {
            return Err(Refusal::bad_request(20001, "The Status of a conference can be set to completed"));
        }
    }
    plain::show::<Conference>(tenant, request, sid, StatusCode::OK)
}

/// Lists who is in the conference now.
fn list_participants(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let (account, sid) = (tenant.core.account_sid(), request.param("Sid"));
    let mut rows = Table::default();
    for (call, participant) in &plain::find::<Conference>(tenant, request)?.participants {
        rows.insert(call, participant);
    }
    let keep = |participant: &&Participant| participant.matches(&request.query);
    page::list(request, ListFormat::Classic, "participants", &rows, keep, |call, participant| {
        participant.view(account, sid, call)
    })
}

fn fetch_participant(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    show_participant(tenant, request, &call(tenant, request)?)
}

fn update_participant(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let (call, now) = (call(tenant, request)?, tenant.core.now());
    check_urls(request)?;
    if request.form.flag("Coaching")
        && !request.form.get("CallSidToCoach").is_some_and(|sid| is_sid(sid, &["CA"]))
    {
        return Err(Refusal::bad_request(20001, "Coaching needs a CallSidToCoach"));
    }
    let conference = tenant.conferences.rows.get_mut(request.param("Sid"));
    if let Some(participant) = conference.and_then(|conference| conference.participant_mut(&call)) {
        participant.change(&request.form, now);
    }
    show_participant(tenant, request, &call)
}

fn remove_participant(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let call = call(tenant, request)?;
    tenant.conferences.leave(&tenant.core, &call, Exit::Removed);
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

/// Finds the call of the participant in the path.
fn call(tenant: &Tenant, request: &RoutedRequest<'_>) -> Result<String, Refusal> {
    let named = request.param("Call");
    let participants = &plain::find::<Conference>(tenant, request)?.participants;
    let found =
        participants.iter().find(|(call, participant)| call == named || participant.is_labelled(named));
    found.map(|(call, _)| call.clone()).ok_or_else(|| request.not_found())
}

fn show_participant(tenant: &Tenant, request: &RoutedRequest<'_>, call: &str) -> HandlerResult {
    let conference = plain::find::<Conference>(tenant, request)?;
    let participant = conference.participant(call).ok_or_else(|| request.not_found())?;
    let view = participant.view(tenant.core.account_sid(), request.param("Sid"), call);
    Ok(FakeReply::json(StatusCode::OK, &view))
}

fn check_urls(request: &RoutedRequest<'_>) -> Result<(), Refusal> {
    match URLS.iter().find(|key| request.form.get(key).is_some_and(|url| web_url(url).is_none())) {
        Some(key) => Err(Refusal::bad_request(20001, format!("The {key} is not a valid URL"))),
        None => Ok(()),
    }
}
