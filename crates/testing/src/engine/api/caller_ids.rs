//! Verified caller IDs: `/2010-04-01/Accounts/{AccountSid}/OutgoingCallerIds`.

use http::StatusCode;
use serde_json::{Value, json};

use super::plain::{self, Filter, Resource};
use crate::engine::caller_ids::{CallerId, Validation, default_name};
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::form::Pairs;
use crate::engine::numbers::is_e164;
use crate::engine::page::ListFormat;
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::webhook::{Endpoint, is_callback_url};
use crate::engine::wire::FakeReply;

const ALL: &str = "/2010-04-01/Accounts/{AccountSid}/OutgoingCallerIds.json";
const ONE: &str = "/2010-04-01/Accounts/{AccountSid}/OutgoingCallerIds/{Sid}.json";

pub(super) const ROUTES: &[Route] = &[
    Route::get(ALL, plain::list::<CallerId>),
    Route::post(ALL, verify),
    Route::get(ONE, plain::fetch::<CallerId>),
    Route::post(ONE, rename),
    Route::delete(ONE, delete),
];

const MAX_NAME: usize = 64;
/// The longest delay of the call, in seconds.
const MAX_DELAY: u64 = 60;

impl Resource for CallerId {
    const KEY: &'static str = "outgoing_caller_ids";
    const FORMAT: ListFormat = ListFormat::Classic;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.senders.caller_ids.rows
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.senders.caller_ids.rows
    }

    fn view(&self, _: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        self.view(account, sid)
    }

    fn filter<'a>(request: &'a RoutedRequest<'_>) -> Result<Filter<'a, Self>, Refusal> {
        let (number, name) = (request.query.get("PhoneNumber"), request.query.get("FriendlyName"));
        Ok(Box::new(move |row| {
            number.is_none_or(|number| row.number == number) && name.is_none_or(|name| row.name == name)
        }))
    }
}

/// Starts the validation of a number: its owner must enter the code of the answer.
fn verify(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let form = &request.form;
    let number =
        form.get("PhoneNumber").ok_or_else(|| Refusal::bad_request(20001, "The PhoneNumber is required"))?;
    if !is_e164(number) {
        return Err(Refusal::bad_request(21401, format!("The PhoneNumber {number} is not valid")));
    }
    if tenant.senders.caller_ids.sid_of(number).is_some() {
        return Err(Refusal::bad_request(21450, format!("The number {number} is verified already")));
    }
    let name = name(form)?.map_or_else(|| default_name(number), str::to_owned);
    check_delay(form)?;
    let (account, core) = (tenant.core.account_sid().to_owned(), &mut tenant.core);
    let code: String = core.sids.token().bytes().filter(u8::is_ascii_digit).map(char::from).take(6).collect();
    let validation = Validation {
        code: format!("{code:0>6}"),
        name,
        call: core.sids.next("CA"),
        endpoint: endpoint(form)?,
    };
    let view = json!({
        "account_sid": account,
        "call_sid": validation.call,
        "friendly_name": validation.name,
        "phone_number": number,
        "validation_code": validation.code,
    });
    tenant.senders.caller_ids.wait_for_code(number, validation);
    Ok(FakeReply::json(StatusCode::OK, &view))
}

fn rename(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let (sid, now) = (request.param("Sid"), tenant.core.now());
    let row = tenant.senders.caller_ids.rows.get_mut(sid).ok_or_else(|| request.not_found())?;
    if let Some(name) = name(&request.form)? {
        name.clone_into(&mut row.name);
    }
    row.updated = now;
    plain::show::<CallerId>(tenant, request, sid, StatusCode::OK)
}

fn delete(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let deleted = tenant.senders.delete_caller_id(request.param("Sid"));
    deleted.map(|()| FakeReply::empty(StatusCode::NO_CONTENT)).ok_or_else(|| request.not_found())
}

fn name(form: &Pairs) -> Result<Option<&str>, Refusal> {
    match form.get("FriendlyName") {
        Some(name) if name.chars().count() > MAX_NAME => {
            Err(Refusal::bad_request(20001, format!("The FriendlyName is longer than {MAX_NAME} characters")))
        }
        name => Ok(name),
    }
}

fn check_delay(form: &Pairs) -> Result<(), Refusal> {
    let Some(delay) = form.get("CallDelay") else { return Ok(()) };
    let fits = delay.parse::<u64>().is_ok_and(|seconds| seconds <= MAX_DELAY);
    let refusal = || {
        Refusal::bad_request(20001, format!("The CallDelay {delay} is not a number from 0 to {MAX_DELAY}"))
    };
    fits.then_some(()).ok_or_else(refusal)
}

fn endpoint(form: &Pairs) -> Result<Option<Endpoint>, Refusal> {
    let Some(url) = form.get("StatusCallback") else { return Ok(None) };
    if !is_callback_url(url) {
        return Err(Refusal::bad_request(20001, format!("The StatusCallback URL {url} is not valid")));
    }
    Ok(Some(Endpoint { url: url.to_owned(), get: form.is_get("StatusCallbackMethod") }))
}
