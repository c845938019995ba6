//! Verify services: `/v2/Services`.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::plain::{self, Editable, Resource, fetch, list, show, update};
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::page::ListFormat;
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::settings::Settings;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::verify_services::{FIELDS, INVALID, VerifyService};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/v2/Services", list::<VerifyService>),
    Route::post("/v2/Services", create),
    Route::get("/v2/Services/{Sid}", fetch::<VerifyService>),
    Route::post("/v2/Services/{Sid}", update::<VerifyService>),
    Route::delete("/v2/Services/{Sid}", delete),
];

impl Resource for VerifyService {
    const KEY: &'static str = "services";
    const FORMAT: ListFormat = ListFormat::Meta;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.verify.services
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.verify.services
    }

    fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        self.view(request, account, sid)
    }
}

impl Editable for VerifyService {
    const INVALID: u32 = INVALID;

    fn settings(&mut self) -> (&mut Settings, &mut Timestamp) {
        (&mut self.settings, &mut self.updated)
    }

    /// Refuses a name with five digits in a row, which people could mistake for a code.
    fn check(request: &RoutedRequest<'_>) -> Result<(), Refusal> {
        let name = request.form.get("FriendlyName").unwrap_or_default();
        let digits = name.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        if digits > Some(4) {
            return Err(Refusal::bad_request(
                INVALID,
                "Invalid parameter: FriendlyName has too many digits in a row",
            ));
        }
        Ok(())
    }
}

fn create(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    if request.form.get("FriendlyName").is_none() {
        return Err(Refusal::bad_request(INVALID, "Invalid parameter: FriendlyName"));
    }
    VerifyService::check(request)?;
    let mut settings = Settings::with_defaults(FIELDS);
    settings.apply(&request.form, INVALID)?;
    let now = tenant.core.now();
    let sid = tenant.core.sids.next("VA");
    tenant.verify.services.insert(&sid, VerifyService { settings, created: now, updated: now });
    show::<VerifyService>(tenant, request, &sid, StatusCode::CREATED)
}

fn delete(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let reply = plain::delete::<VerifyService>(tenant, request)?;
    tenant.verify.verifications.retain(|verification| verification.service != request.param("Sid"));
    Ok(reply)
}
