//! Checks of codes: `/v2/Services/{ServiceSid}/VerificationCheck`.

use http::StatusCode;
use serde_json::json;

use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::request::RoutedRequest;
use crate::engine::tenant::Tenant;
use crate::engine::verify::VerificationStatus;
use crate::engine::verify_services::INVALID;
use crate::engine::wire::FakeReply;

/// The most checks of one verification.
const MAX_CHECKS: u32 = 5;

pub(super) fn check(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    tenant.verify.services.get(request.param("ServiceSid")).ok_or_else(|| request.not_found())?;
    let invalid = |param: &str| Refusal::bad_request(INVALID, format!("Invalid parameter: {param}"));
    let code = request.form.get("Code").ok_or_else(|| invalid("Code"))?;
    let sid = find(tenant, request).ok_or_else(|| invalid("To"))??;
    let now = tenant.core.now();
    let verification = tenant.verify.verifications.get_mut(&sid).ok_or_else(|| request.not_found())?;
    if verification.wrong >= MAX_CHECKS {
        tenant.verify.settle(now, &sid, VerificationStatus::MaxAttemptsReached);
        return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, 60202, "Max check attempts reached"));
    }
    if verification.code == code {
        tenant.verify.settle(now, &sid, VerificationStatus::Approved);
    } else {
        verification.wrong += 1;
    }
    answer(tenant, request, &sid)
}

/// Finds the open verification by its SID or by its address. `None` where the request has neither.
fn find(tenant: &Tenant, request: &RoutedRequest<'_>) -> Option<Result<String, Refusal>> {
    let service = request.param("ServiceSid");
    let now = tenant.core.now();
    let open = |sid: &str| {
        let row = tenant.verify.verifications.get(sid)?;
        (row.service == service && row.is_open(now)).then(|| sid.to_owned())
    };
    let found = match (request.form.get("VerificationSid"), request.form.get("To")) {
        (Some(sid), _) => open(sid),
        (None, Some(to)) => tenant.verify.open(now, service, to),
        (None, None) => return None,
    };
    Some(found.ok_or_else(|| request.not_found()))
}

fn answer(tenant: &Tenant, request: &RoutedRequest<'_>, sid: &str) -> HandlerResult {
    let verification = tenant.verify.verifications.get(sid).ok_or_else(|| request.not_found())?;
    let mut view = verification.view(tenant.core.account_sid(), sid);
    if let Some(fields) = view.as_object_mut() {
        fields.insert("sna_attempts_error_codes".to_owned(), json!([]));
    }
    Ok(FakeReply::json(StatusCode::CREATED, &view))
}
