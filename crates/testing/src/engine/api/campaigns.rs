//! Campaigns of messaging services: `/v1/Services/{ServiceSid}/Compliance/Usa2p`.

use http::StatusCode;
use serde_json::{Value, json};

use crate::engine::campaigns::{Campaign, SOLE_PROPRIETOR, USECASES};
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::messaging_services::MessagingService;
use crate::engine::page::{self, ListFormat};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/v1/Services/{ServiceSid}/Compliance/Usa2p", list),
    Route::post("/v1/Services/{ServiceSid}/Compliance/Usa2p", create),
    Route::get("/v1/Services/{ServiceSid}/Compliance/Usa2p/Usecases", usecases),
    Route::get("/v1/Services/{ServiceSid}/Compliance/Usa2p/{Sid}", fetch),
    Route::post("/v1/Services/{ServiceSid}/Compliance/Usa2p/{Sid}", update),
    Route::delete("/v1/Services/{ServiceSid}/Compliance/Usa2p/{Sid}", delete),
];

fn list(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let account = tenant.core.account_sid();
    let rows = &service(tenant, request)?.campaigns;
    page::list(
        request,
        ListFormat::Meta,
        "compliance",
        rows,
        |_| true,
        |sid, row| row.view(request, account, sid),
    )
}

fn create(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    if service(tenant, request)?.campaigns.iter().next().is_some() {
        return Err(bad("The messaging service has a campaign already".to_owned()));
    }
    let form = &request.form;
    let brand = tenant.brands.rows.get(form.get("BrandRegistrationSid").unwrap_or_default());
    let mut campaign = Campaign::new(form, false, tenant.core.now())?;
    let brand = brand.ok_or_else(|| bad("The BrandRegistrationSid is none of the account's".to_owned()))?;
    if !brand.is_approved() {
        return Err(bad(format!("The brand is not approved, it is {}", brand.status)));
    }
    let usecase = form.get("UsAppToPersonUsecase").unwrap_or_default();
    if !allowed(brand.sole_proprietor).any(|(code, ..)| *code == usecase) {
        return Err(bad(format!("The UsAppToPersonUsecase {usecase} is not one of this brand")));
    }
    campaign.mock = brand.mock;
    let sid = tenant.core.sids.next("QE");
    service_mut(tenant, request)?.campaigns.insert(&sid, campaign);
    show(tenant, request, &sid, StatusCode::CREATED)
}

fn fetch(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    show(tenant, request, request.param("Sid"), StatusCode::OK)
}

fn update(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let (sid, now) = (request.param("Sid"), tenant.core.now());
    let campaigns = &mut service_mut(tenant, request)?.campaigns;
    campaigns.get_mut(sid).ok_or_else(|| request.not_found())?.update(&request.form, now)?;
    show(tenant, request, sid, StatusCode::OK)
}

fn delete(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let removed = service_mut(tenant, request)?.campaigns.remove(request.param("Sid"));
    removed.map(|_| FakeReply::empty(StatusCode::NO_CONTENT)).ok_or_else(|| request.not_found())
}

/// Answers with the use cases; with a brand, only those of that brand.
fn usecases(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    service(tenant, request)?;
    let brand = match request.query.get("BrandRegistrationSid") {
        Some(sid) => Some(tenant.brands.rows.get(sid).ok_or_else(|| request.not_found())?),
        None => None,
    };
    let of_one_person = brand.is_some_and(|brand| brand.sole_proprietor);
    let view = |(code, name, approval): &(&str, &str, bool)| json!({ "code": code, "name": name, "description": name, "post_approval_required": approval });
    let all: Vec<Value> = allowed(of_one_person).map(view).collect();
    Ok(FakeReply::json(StatusCode::OK, &json!({ "us_app_to_person_usecases": all })))
}

fn allowed(sole_proprietor: bool) -> impl Iterator<Item = &'static (&'static str, &'static str, bool)> {
    const OF_ONE_PERSON: &[(&str, &str, bool)] = &[SOLE_PROPRIETOR];
    if sole_proprietor { OF_ONE_PERSON.iter() } else { USECASES.iter() }
}

fn show(tenant: &Tenant, request: &RoutedRequest<'_>, sid: &str, status: StatusCode) -> HandlerResult {
    let row = service(tenant, request)?.campaigns.get(sid).ok_or_else(|| request.not_found())?;
    Ok(FakeReply::json(status, &row.view(request, tenant.core.account_sid(), sid)))
}

fn service<'t>(tenant: &'t Tenant, request: &RoutedRequest<'_>) -> Result<&'t MessagingService, Refusal> {
    tenant.senders.services.get(request.param("ServiceSid")).ok_or_else(|| request.not_found())
}

fn service_mut<'t>(
    tenant: &'t mut Tenant,
    request: &RoutedRequest<'_>,
) -> Result<&'t mut MessagingService, Refusal> {
    tenant.senders.services.get_mut(request.param("ServiceSid")).ok_or_else(|| request.not_found())
}

fn bad(message: String) -> Refusal {
    Refusal::bad_request(20001, message)
}
