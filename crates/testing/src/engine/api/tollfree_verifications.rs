//! Verifications of toll-free numbers: `/v1/Tollfree/Verifications`.

use http::StatusCode;
use serde_json::Value;

use super::plain::{Filter, Resource, delete, fetch, list, show};
use crate::engine::available_numbers::NumberType;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::page::ListFormat;
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::tollfree_verifications::TollfreeVerification;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/v1/Tollfree/Verifications", list::<TollfreeVerification>),
    Route::post("/v1/Tollfree/Verifications", create),
    Route::get("/v1/Tollfree/Verifications/{Sid}", fetch::<TollfreeVerification>),
    Route::post("/v1/Tollfree/Verifications/{Sid}", update),
    Route::delete("/v1/Tollfree/Verifications/{Sid}", delete::<TollfreeVerification>),
];

const STATUSES: &[&str] = &["PENDING_REVIEW", "IN_REVIEW", "TWILIO_APPROVED", "TWILIO_REJECTED"];

impl Resource for TollfreeVerification {
    const KEY: &'static str = "verifications";
    const FORMAT: ListFormat = ListFormat::Meta;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.tollfree.rows
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.tollfree.rows
    }

    fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        self.view(request, account, sid)
    }

    fn filter<'a>(request: &'a RoutedRequest<'_>) -> Result<Filter<'a, Self>, Refusal> {
        let query = &request.query;
        if let Some(unknown) = query.get("Status").filter(|status| !STATUSES.contains(status)) {
            return Err(bad(format!("The Status {unknown} is none of {}", STATUSES.join(", "))));
        }
        Ok(Box::new(move |row| {
            query.get("Status").is_none_or(|status| row.status == status)
                && query.get("TollfreePhoneNumberSid").is_none_or(|sid| row.number_sid == sid)
                && query.get("ExternalReferenceId").is_none_or(|id| row.reference.as_deref() == Some(id))
        }))
    }
}

fn create(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let number_sid = request.form.get("TollfreePhoneNumberSid").unwrap_or_default();
    let number = tenant.senders.incoming.get(number_sid).filter(|row| row.kind == NumberType::TollFree);
    let number = number.map(|row| row.number.clone()).filter(|number| number.starts_with("+1"));
    let number = number.ok_or_else(|| {
        bad("The TollfreePhoneNumberSid is not a toll-free number of the account".to_owned())
    })?;
    if tenant.tollfree.rows.iter().any(|(_, row)| row.number_sid == number_sid) {
        return Err(bad("The number has a verification already".to_owned()));
    }
    let row = TollfreeVerification::new(&request.form, number_sid, &number, tenant.core.now())?;
    let sid = tenant.core.sids.next("HH");
    tenant.tollfree.rows.insert(&sid, row);
    show::<TollfreeVerification>(tenant, request, &sid, StatusCode::CREATED)
}

fn update(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let (sid, now) = (request.param("Sid"), tenant.core.now());
    let row = tenant.tollfree.rows.get_mut(sid).ok_or_else(|| request.not_found())?;
    row.update(&request.form, now)?;
    show::<TollfreeVerification>(tenant, request, sid, StatusCode::ACCEPTED)
}

fn bad(message: String) -> Refusal {
    Refusal::bad_request(20001, message)
}
