//! Numbers of the account: `/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers`.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::buy_number;
use super::plain::{Editable, Filter, Resource, fetch, list, update};
use crate::engine::available_numbers::NumberType;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::incoming_numbers::{self, IncomingNumber};
use crate::engine::page::ListFormat;
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::settings::Settings;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json", list::<IncomingNumber>),
    Route::post("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json", buy_number::buy),
    // The last segment is a SID or one of `Local`, `Mobile` and `TollFree`; the handlers check which.
    Route::get("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json", fetch_or_list),
    Route::post("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json", update_or_buy),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json", release),
];

impl Resource for IncomingNumber {
    const KEY: &'static str = "incoming_phone_numbers";
    const FORMAT: ListFormat = ListFormat::Classic;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.senders.incoming
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.senders.incoming
    }

    fn view(&self, _: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        self.view(account, sid)
    }

    fn filter<'a>(request: &'a RoutedRequest<'_>) -> Result<Filter<'a, Self>, Refusal> {
        let kind = NumberType::of_path(request.param("Sid"));
        let query = &request.query;
        Ok(Box::new(move |row| {
            kind.is_none_or(|kind| row.kind == kind)
                && query.get("PhoneNumber").is_none_or(|pattern| contains(&row.number, pattern))
                && query.get("FriendlyName").is_none_or(|name| row.settings.text("friendly_name") == Some(name))
                // All numbers are bought from Twilio, and none is a beta number.
                && query.get("Origin").is_none_or(|origin| origin == "twilio")
        }))
    }
}

impl Editable for IncomingNumber {
    fn settings(&mut self) -> (&mut Settings, &mut Timestamp) {
        (&mut self.settings, &mut self.updated)
    }

    fn reconcile(settings: &mut Settings, request: &RoutedRequest<'_>) {
        incoming_numbers::reconcile(settings, &request.form);
    }
}

fn fetch_or_list(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let of_a_type = NumberType::of_path(request.param("Sid")).is_some();
    if of_a_type { list::<IncomingNumber>(tenant, request) } else { fetch::<IncomingNumber>(tenant, request) }
}

fn update_or_buy(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let of_a_type = NumberType::of_path(request.param("Sid")).is_some();
    if of_a_type { buy_number::buy(tenant, request) } else { update::<IncomingNumber>(tenant, request) }
}

fn release(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    tenant.senders.release(request.param("Sid")).ok_or_else(|| request.not_found())?;
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

/// Returns whether a number contains a pattern, in which `*` stands for one digit.
fn contains(number: &str, pattern: &str) -> bool {
    let (number, pattern) = (number.as_bytes(), pattern.as_bytes());
    let fits =
        |window: &[u8]| window.iter().zip(pattern).all(|(given, wanted)| *wanted == b'*' || given == wanted);
    pattern.is_empty() || number.windows(pattern.len()).any(fits)
}
