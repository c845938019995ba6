//! Calls: `/2010-04-01/Accounts/{AccountSid}/Calls`.

mod amd;
mod check;
mod driven;
mod legs;
mod life;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use self::amd::Machine;
use self::check::Draft;
pub(super) use self::legs::Leg;
pub(super) use self::life::Status;
use super::callbacks::Listener;
use super::clock::rfc2822;
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::filter::Dates;
use super::hook::Params;
use super::ledger;
use super::page;
use super::recordings::Plan;
use super::route::{Asked, Route};
use super::tenant::Tenant;
use crate::placed::PlacedCall;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/2010-04-01/Accounts/{AccountSid}/Calls.json", create),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Calls.json", list),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json", fetch),
    Route::post("/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json", update),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json", delete),
];

/// In 1/100000 of a dollar.
const MINUTE_PRICE: u64 = 1400;

/// A call as the fake keeps it.
pub(super) struct Call {
    /// `outbound-api`, `inbound` or `outbound-dial`.
    direction: &'static str,
    /// The call that dialled this one.
    parent: Option<String>,
    /// The calls that this one dialled.
    legs: Vec<String>,
    to: String,
    from: String,
    url: Option<String>,
    /// Is the document had with a GET?
    get: bool,
    /// Where to ask when the document fails.
    fallback: Option<Listener>,
    twiml: Option<String>,
    status: Status,
    /// When it goes to its next status by itself.
    due: Option<Timestamp>,
    time_limit: Option<u64>,
    /// How it is to be recorded once it is answered.
    recording: Option<Plan>,
    listener: Option<Listener>,
    events: Vec<String>,
    /// Callbacks so far.
    sequence: u32,
    created: Timestamp,
    updated: Timestamp,
    /// When it was answered.
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
    /// How to find out who answers.
    machine: Option<Machine>,
    answered_by: Option<&'static str>,
    /// Does a test, or another call, say how it goes on?
    driven: bool,
    /// Seconds that passed in the call while the clock stood still.
    talked: i64,
    /// What its webhooks are told beyond the rest.
    extra: Params,
}

fn create(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let draft = check::draft(tenant, &asked.form)?;
    let sid = tenant.sids.next("CA");
    let call = Call::begin(draft, tenant.clock.now());
    tenant.calls.insert(&sid, call);
    tenant.plan_call(&sid);
    answer(tenant, asked, &sid, StatusCode::CREATED)
}

fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    answer(tenant, asked, asked.name("Sid"), StatusCode::OK)
}

fn list(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let started = Dates::read(&asked.query, "StartTime")?;
    let ended = Dates::read(&asked.query, "EndTime")?;
    let query = &asked.query;
    let keep = |call: &Call| {
        query.get("To").is_none_or(|to| call.to == to)
            && query.get("From").is_none_or(|from| call.from == from)
            && query.get("Status").is_none_or(|status| call.status.word() == status)
            && query.get("ParentCallSid").is_none_or(|sid| call.parent.as_deref() == Some(sid))
            && started.contain(call.started.or(Some(call.created)))
            && ended.contain(call.ended)
    };
    let account = asked.name("AccountSid");
    page::list(asked, "calls", &tenant.calls, keep, |sid, call| call.view(account, sid))
}

fn update(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    let status = tenant.calls.get(sid).ok_or_else(|| Refusal::not_found(&asked.request.path))?.status;
    let change = check::change(&asked.form, status)?;
    tenant.change_call(sid, change);
    answer(tenant, asked, sid, StatusCode::OK)
}

fn delete(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    let call = tenant.calls.get(sid).ok_or_else(|| Refusal::not_found(&asked.request.path))?;
    if call.status.is_live() {
        return Err(Refusal::unfinished("call"));
    }
    tenant.calls.remove(sid);
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

fn answer(tenant: &Tenant, asked: &Asked<'_>, sid: &str, status: StatusCode) -> Answer {
    let call = tenant.calls.get(sid).ok_or_else(|| Refusal::not_found(&asked.request.path))?;
    Ok(FakeReply::json(status, &call.view(asked.name("AccountSid"), sid)))
}

impl Call {
    fn begin(draft: Draft, now: Timestamp) -> Self {
        Self {
            direction: "outbound-api",
            parent: None,
            legs: Vec::new(),
            to: draft.to,
            from: draft.from,
            url: draft.url,
            get: draft.get,
            fallback: draft.fallback,
            twiml: draft.twiml,
            status: Status::Queued,
            due: None,
            time_limit: draft.time_limit,
            recording: draft.recording,
            listener: draft.listener,
            events: draft.events,
            sequence: 0,
            created: now,
            updated: now,
            started: None,
            ended: None,
            machine: draft.machine,
            answered_by: None,
            driven: false,
            talked: 0,
            extra: Params::new(),
        }
    }

    /// Do people talk just now?
    pub(super) fn is_answered(&self) -> bool {
        self.status == Status::InProgress
    }

    /// Seconds from the answer to the end.
    fn duration(&self) -> Option<i64> {
        let ended = self.ended?;
        Some(self.started.map_or(0, |started| (ended.as_second() - started.as_second()).max(self.talked)))
    }

    /// Minutes begun, when it is over and was answered.
    fn minutes(&self) -> Option<u64> {
        self.started?;
        self.duration().map(|seconds| seconds.unsigned_abs().div_ceil(60).max(1))
    }

    fn view(&self, account: &str, sid: &str) -> Value {
        let uri = format!("/2010-04-01/Accounts/{account}/Calls/{sid}");
        json!({
            "sid": sid,
            "account_sid": account,
            "parent_call_sid": self.parent,
            "phone_number_sid": null,
            "group_sid": null,
            "trunk_sid": null,
            "to": self.to,
            "to_formatted": self.to,
            "from": self.from,
            "from_formatted": self.from,
            "status": self.status.word(),
            "direction": self.direction,
            "start_time": self.started.map(rfc2822),
            "end_time": self.ended.map(rfc2822),
            "duration": self.duration().map(|seconds| seconds.to_string()),
            "price": self.minutes().map(|minutes| ledger::charge(minutes * MINUTE_PRICE)),
            "price_unit": "USD",
            "answered_by": self.answered_by,
            "forwarded_from": null,
            "caller_name": null,
            "queue_time": "0",
            "api_version": "2010-04-01",
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "uri": format!("{uri}.json"),
            "subresource_uris": subresources(&uri),
        })
    }

    fn record(&self, sid: &str) -> PlacedCall {
        PlacedCall {
            sid: sid.to_owned(),
            to: self.to.clone(),
            from: self.from.clone(),
            url: self.url.clone(),
            twiml: self.twiml.clone(),
            status: self.status.word().to_owned(),
            duration: self.duration().and_then(|seconds| u32::try_from(seconds).ok()),
            status_callback: self.listener.as_ref().map(|listener| listener.url.clone()),
        }
    }
}

fn subresources(uri: &str) -> Map<String, Value> {
    [("recordings", "Recordings"), ("notifications", "Notifications"), ("events", "Events")]
        .into_iter()
        .map(|(key, name)| (key.to_owned(), json!(format!("{uri}/{name}.json"))))
        .collect()
}

impl Tenant {
    /// Returns the calls that were placed over the API, oldest first.
    pub(crate) fn placed(&self) -> Vec<PlacedCall> {
        let placed = self.calls.iter().filter(|(_, call)| call.direction == "outbound-api");
        placed.map(|(sid, call)| call.record(sid)).collect()
    }
}
