//! Messages: `/2010-04-01/Accounts/{AccountSid}/Messages`.

use http::StatusCode;
use serde_json::{Value, json};

use super::plain::{Filter, Resource, fetch, list, show};
use crate::engine::clock::rfc2822;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::filter::Dates;
use crate::engine::messages::{Message, MessageStatus, check};
use crate::engine::page::ListFormat;
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/2010-04-01/Accounts/{AccountSid}/Messages.json", create),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Messages.json", list::<Message>),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json", fetch::<Message>),
    Route::post("/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json", update),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json", delete),
    Route::post("/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}/Feedback.json", feedback),
];

impl Resource for Message {
    const KEY: &'static str = "messages";
    const FORMAT: ListFormat = ListFormat::Classic;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.messages.rows
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.messages.rows
    }

    fn view(&self, _: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        self.view(account, sid)
    }

    /// The messages to each recipient are a group.
    fn group<'a>(request: &'a RoutedRequest<'_>) -> Option<&'a str> {
        request.query.get("To")
    }

    fn filter<'a>(request: &'a RoutedRequest<'_>) -> Result<Filter<'a, Self>, Refusal> {
        let dates = Dates::read(&request.query, "DateSent")?;
        let (to, from) = (request.query.get("To"), request.query.get("From"));
        Ok(Box::new(move |message| {
            message.listed_from <= request.now
                && to.is_none_or(|to| message.to == to)
                && from.is_none_or(|from| message.from.as_deref() == Some(from))
                // A message that was not sent yet is found by the day on which it was created.
                && dates.contain(message.sent.or(Some(message.created)))
        }))
    }
}

fn create(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let mut messaging = tenant.messaging();
    let message = check(&messaging, &request.form)?;
    let sid = messaging.send(message, "outbound-api");
    show::<Message>(tenant, request, &sid, StatusCode::CREATED)
}

fn update(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = request.param("Sid");
    let now = tenant.core.now();
    let message = tenant.messages.rows.get_mut(sid).ok_or_else(|| request.not_found())?;
    match request.form.get("Status") {
        Some("canceled") if message.status == MessageStatus::Scheduled => {
            tenant.messaging().set_status(sid, MessageStatus::Canceled)
        }
        Some("canceled") => {
            return Err(Refusal::bad_request(30409, "The message is not scheduled and cannot be canceled"));
        }
        Some(other) => return Err(Refusal::bad_request(20001, format!("The status {other} cannot be set"))),
        None => {}
    }
    match request.form.given("Body") {
        Some("") => tenant.messaging().redact(sid, now),
        Some(_) => {
            return Err(Refusal::bad_request(
                20001,
                "The body can be replaced by nothing else than an empty one",
            ));
        }
        None => {}
    }
    show::<Message>(tenant, request, sid, StatusCode::OK)
}

fn delete(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = request.param("Sid");
    let message = tenant.messages.rows.get(sid).ok_or_else(|| request.not_found())?;
    if !message.status.is_settled() {
        return Err(Refusal::unfinished("message"));
    }
    tenant.messages.rows.remove(sid);
    tenant.media.rows.retain(|media| media.parent != sid);
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

fn feedback(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = request.param("Sid");
    tenant.messages.rows.get(sid).ok_or_else(|| request.not_found())?;
    let outcome = request.form.get("Outcome").unwrap_or("confirmed");
    if !matches!(outcome, "confirmed" | "unconfirmed") {
        return Err(Refusal::bad_request(
            20001,
            format!("The outcome {outcome} is neither confirmed nor unconfirmed"),
        ));
    }
    let now = rfc2822(tenant.core.now());
    let body = json!({
        "account_sid": request.param("AccountSid"),
        "message_sid": sid,
        "outcome": outcome,
        "date_created": now,
        "date_updated": now,
        "uri": request.raw.path,
    });
    Ok(FakeReply::json(StatusCode::OK, &body))
}
