//! Messages: `/2010-04-01/Accounts/{AccountSid}/Messages`.

mod check;
mod inbound;
mod life;
mod reply;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use self::check::Draft;
pub(crate) use self::inbound::Arrived;
pub(super) use self::life::Status;
pub(crate) use self::reply::Reading;
use super::callbacks::Listener;
use super::clock::rfc2822;
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::filter::Dates;
use super::ledger;
use super::page;
use super::route::{Asked, Route};
use super::tenant::Tenant;
use crate::sent::SentMessage;
use switchboard::sms::Segmentation;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/2010-04-01/Accounts/{AccountSid}/Messages.json", create),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Messages.json", list),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json", fetch),
    Route::post("/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json", update),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json", delete),
    Route::post("/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}/Feedback.json", feedback),
];

/// The direction of what people write to the account.
const INBOUND: &str = "inbound";

/// A message as the fake keeps it.
#[derive(Clone)]
pub(super) struct Message {
    /// `outbound-api`, `outbound-reply` or `inbound`.
    direction: &'static str,
    to: String,
    from: Option<String>,
    service: Option<String>,
    content_sid: Option<String>,
    body: String,
    media: Vec<String>,
    /// Known once a sender is.
    segments: usize,
    status: Status,
    /// When it goes to its next status by itself.
    due: Option<Timestamp>,
    send_at: Option<Timestamp>,
    listener: Option<Listener>,
    feedback: bool,
    created: Timestamp,
    updated: Timestamp,
    sent: Option<Timestamp>,
    /// In 1/100000 of a dollar.
    price: Option<u64>,
    error: Option<u32>,
}

fn create(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let draft = check::draft(tenant, &asked.form)?;
    let sid = tenant.send(draft, "outbound-api");
    answer(tenant, asked, &sid, StatusCode::CREATED)
}

fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    answer(tenant, asked, asked.name("Sid"), StatusCode::OK)
}

fn list(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let dates = Dates::read(&asked.query, "DateSent")?;
    let (to, from) = (asked.query.get("To"), asked.query.get("From"));
    let keep = |message: &Message| {
        to.is_none_or(|to| message.to == to)
            && from.is_none_or(|from| message.from.as_deref() == Some(from))
            // What has not been sent yet is found by the day it was made.
            && dates.contain(message.sent.or(Some(message.created)))
    };
    let account = asked.name("AccountSid");
    page::list(asked, "messages", &tenant.messages, keep, |sid, message| message.view(account, sid))
}

fn update(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    let now = tenant.clock.now();
    let message = tenant.messages.get_mut(sid).ok_or_else(|| Refusal::not_found(&asked.request.path))?;
    match asked.form.get("Status") {
        Some("canceled") if message.status == Status::Scheduled => {
            tenant.set_message_status(sid, Status::Canceled)
        }
        Some("canceled") => {
            return Err(Refusal::bad(30409, "The message is not scheduled and cannot be canceled"));
        }
        Some(other) => return Err(Refusal::bad(20001, format!("The status {other} cannot be set"))),
        None => {}
    }
    match asked.form.given("Body") {
        Some("") => tenant.redact(sid, now),
        Some(_) => {
            return Err(Refusal::bad(20001, "The body can be replaced by nothing else than an empty one"));
        }
        None => {}
    }
    answer(tenant, asked, sid, StatusCode::OK)
}

fn delete(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    let message = tenant.messages.get(sid).ok_or_else(|| Refusal::not_found(&asked.request.path))?;
    if !message.status.is_settled() {
        return Err(Refusal::unfinished("message"));
    }
    tenant.messages.remove(sid);
    tenant.media.retain(|media| media.parent() != sid);
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

fn feedback(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    tenant.messages.get(sid).ok_or_else(|| Refusal::not_found(&asked.request.path))?;
    let outcome = asked.form.get("Outcome").unwrap_or("confirmed");
    if !matches!(outcome, "confirmed" | "unconfirmed") {
        return Err(Refusal::bad(
            20001,
            format!("The outcome {outcome} is neither confirmed nor unconfirmed"),
        ));
    }
    let now = rfc2822(tenant.clock.now());
    let body = json!({
        "account_sid": asked.name("AccountSid"),
        "message_sid": sid,
        "outcome": outcome,
        "date_created": now,
        "date_updated": now,
        "uri": asked.request.path,
    });
    Ok(FakeReply::json(StatusCode::OK, &body))
}

fn answer(tenant: &Tenant, asked: &Asked<'_>, sid: &str, status: StatusCode) -> Answer {
    let message = tenant.messages.get(sid).ok_or_else(|| Refusal::not_found(&asked.request.path))?;
    Ok(FakeReply::json(status, &message.view(asked.name("AccountSid"), sid)))
}

impl Message {
    fn begin(draft: Draft, now: Timestamp) -> Self {
        let status = match (draft.send_at, &draft.from) {
            (Some(_), _) => Status::Scheduled,
            (None, None) => Status::Accepted,
            (None, Some(_)) => Status::Queued,
        };
        let segments = if draft.from.is_some() { count(&draft.body, &draft.media) } else { 0 };
        Self {
            direction: "outbound-api",
            to: draft.to,
            from: draft.from,
            service: draft.service,
            content_sid: draft.content_sid,
            body: draft.body,
            media: draft.media,
            segments,
            status,
            due: None,
            send_at: draft.send_at,
            listener: draft.listener,
            feedback: draft.feedback,
            created: now,
            updated: now,
            sent: None,
            price: None,
            error: None,
        }
    }

    fn view(&self, account: &str, sid: &str) -> Value {
        let uri = format!("/2010-04-01/Accounts/{account}/Messages/{sid}");
        let mut subresources = Map::new();
        subresources.insert("media".to_owned(), json!(format!("{uri}/Media.json")));
        if self.feedback {
            subresources.insert("feedback".to_owned(), json!(format!("{uri}/Feedback.json")));
        }
        json!({
            "sid": sid,
            "account_sid": account,
            "messaging_service_sid": self.service,
            "to": self.to,
            "from": self.from,
            "body": self.body,
            "num_segments": self.segments.to_string(),
            "num_media": self.media.len().to_string(),
            "status": self.status.word(),
            "direction": self.direction,
            "price": self.price.map(ledger::charge),
            "price_unit": "USD",
            "error_code": self.error,
            "error_message": self.error.map(life::error_message),
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "date_sent": self.sent.map(rfc2822),
            "api_version": "2010-04-01",
            "uri": format!("{uri}.json"),
            "subresource_uris": subresources,
        })
    }

    fn record(&self, sid: &str) -> SentMessage {
        SentMessage {
            sid: sid.to_owned(),
            to: self.to.clone(),
            from: self.from.clone(),
            body: self.body.clone(),
            media: self.media.clone(),
            status: self.status.word().to_owned(),
            segments: u32::try_from(self.segments).unwrap_or(u32::MAX),
            messaging_service_sid: self.service.clone(),
            content_sid: self.content_sid.clone(),
            status_callback: self.listener.as_ref().map(|listener| listener.url.clone()),
            send_at: self.send_at,
            error_code: self.error,
        }
    }
}

/// Segments of a text; a message with media is billed as one.
fn count(body: &str, media: &[String]) -> usize {
    if media.is_empty() { Segmentation::of(body).segments() } else { 1 }
}

impl Tenant {
    /// Takes a message that was found good.
    fn send(&mut self, draft: Draft, direction: &'static str) -> String {
        let sid = self.sids.next(if draft.media.is_empty() { "SM" } else { "MM" });
        for url in &draft.media {
            self.attach(&sid, url);
        }
        let message = Message { direction, ..Message::begin(draft, self.clock.now()) };
        self.messages.insert(&sid, message);
        self.plan_message(&sid);
        sid
    }

    fn redact(&mut self, sid: &str, now: Timestamp) {
        if let Some(message) = self.messages.get_mut(sid) {
            message.body.clear();
            message.updated = now;
        }
    }

    /// Returns what was sent, oldest first.
    pub(crate) fn sent(&self) -> Vec<SentMessage> {
        let sent = self.messages.iter().filter(|(_, message)| message.direction != INBOUND);
        sent.map(|(sid, message)| message.record(sid)).collect()
    }

    /// Returns one message, as it stands now.
    pub(crate) fn sent_as(&self, sid: &str) -> Option<SentMessage> {
        self.messages.get(sid).map(|message| message.record(sid))
    }
}
