//! Messaging services and their numbers: `/v1/Services`.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::plain::{Editable, Resource, delete, fetch, list, show, update};
use crate::engine::clock::iso8601;
use crate::engine::countries;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::messaging_services::{FIELDS, MessagingService};
use crate::engine::page::{self, ListFormat};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::settings::Settings;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/v1/Services", list::<MessagingService>),
    Route::post("/v1/Services", create),
    Route::get("/v1/Services/{Sid}", fetch::<MessagingService>),
    Route::post("/v1/Services/{Sid}", update::<MessagingService>),
    Route::delete("/v1/Services/{Sid}", delete::<MessagingService>),
    Route::get("/v1/Services/{ServiceSid}/PhoneNumbers", list_numbers),
    Route::post("/v1/Services/{ServiceSid}/PhoneNumbers", add_number),
    Route::get("/v1/Services/{ServiceSid}/PhoneNumbers/{Sid}", fetch_number),
    Route::delete("/v1/Services/{ServiceSid}/PhoneNumbers/{Sid}", remove_number),
];

impl Resource for MessagingService {
    const KEY: &'static str = "services";
    const FORMAT: ListFormat = ListFormat::Meta;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.senders.services
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.senders.services
    }

    fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        self.view(request, account, sid)
    }
}

impl Editable for MessagingService {
    fn settings(&mut self) -> (&mut Settings, &mut Timestamp) {
        (&mut self.settings, &mut self.updated)
    }
}

fn create(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    if request.form.get("FriendlyName").is_none() {
        return Err(Refusal::bad_request(20001, "A FriendlyName is required"));
    }
    let mut settings = Settings::with_defaults(FIELDS);
    settings.apply(&request.form, 20001)?;
    let now = tenant.core.now();
    let sid = tenant.core.sids.next("MG");
    tenant.senders.services.insert(&sid, MessagingService::new(settings, now));
    show::<MessagingService>(tenant, request, &sid, StatusCode::CREATED)
}

fn list_numbers(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let mut rows = Table::default();
    for (sid, added) in &service(tenant, request)?.numbers {
        rows.insert(sid, *added);
    }
    page::list(
        request,
        ListFormat::Meta,
        "phone_numbers",
        &rows,
        |_| true,
        |sid, added| view_number(tenant, request, sid, *added),
    )
}

fn add_number(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    service(tenant, request)?;
    let sid = request.form.get("PhoneNumberSid");
    let sid = sid.ok_or_else(|| Refusal::bad_request(20001, "A PhoneNumberSid is required"))?;
    if tenant.senders.incoming.get(sid).is_none() {
        let message = format!("The PhoneNumberSid {sid} is none of the account's");
        return Err(Refusal::new(StatusCode::NOT_FOUND, 20404, message));
    }
    let taken =
        tenant.senders.services.iter().find(|(_, other)| other.has(sid)).map(|(sid, _)| sid.to_owned());
    match taken {
        Some(other) if other == request.param("ServiceSid") => {
            return Err(Refusal::new(StatusCode::CONFLICT, 21710, "The number is in the service already"));
        }
        Some(_) => {
            return Err(Refusal::new(StatusCode::CONFLICT, 21712, "The number is in another service"));
        }
        None => {}
    }
    let now = tenant.core.now();
    if let Some(service) = tenant.senders.services.get_mut(request.param("ServiceSid")) {
        service.numbers.push((sid.to_owned(), now));
    }
    Ok(FakeReply::json(StatusCode::CREATED, &view_number(tenant, request, sid, now)))
}

fn fetch_number(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = request.param("Sid");
    let found = service(tenant, request)?.numbers.iter().find(|(number, _)| number == sid);
    let (_, added) = found.ok_or_else(|| request.not_found())?;
    Ok(FakeReply::json(StatusCode::OK, &view_number(tenant, request, sid, *added)))
}

fn remove_number(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = request.param("Sid");
    if !service(tenant, request)?.has(sid) {
        return Err(request.not_found());
    }
    if let Some(service) = tenant.senders.services.get_mut(request.param("ServiceSid")) {
        service.numbers.retain(|(number, _)| number != sid);
    }
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

fn service<'e>(tenant: &'e Tenant, request: &RoutedRequest<'_>) -> Result<&'e MessagingService, Refusal> {
    tenant.senders.services.get(request.param("ServiceSid")).ok_or_else(|| request.not_found())
}

fn view_number(tenant: &Tenant, request: &RoutedRequest<'_>, sid: &str, added: Timestamp) -> Value {
    let service = request.param("ServiceSid");
    let row = tenant.senders.incoming.get(sid);
    let number = row.map_or("", |row| row.number.as_str());
    json!({
        "sid": sid,
        "account_sid": tenant.core.account_sid(),
        "service_sid": service,
        "phone_number": number,
        "country_code": countries::of_digits(number.trim_start_matches('+')).map(|country| country.iso),
        "capabilities": row.map(|row| row.abilities()).unwrap_or_default(),
        "date_created": iso8601(added),
        "date_updated": iso8601(added),
        "url": request.url(&format!("/v1/Services/{service}/PhoneNumbers/{sid}")),
    })
}
