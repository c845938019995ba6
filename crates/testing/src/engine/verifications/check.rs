//! A code that came back.

use http::StatusCode;
use serde_json::json;

use super::{MAX_CHECKS, Status};
use crate::engine::error::{Answer, Refusal};
use crate::engine::exchange::FakeReply;
use crate::engine::route::Asked;
use crate::engine::tenant::Tenant;
use crate::engine::verify_services::INVALID;

pub(super) fn check(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    tenant.verify.get(asked.name("ServiceSid")).ok_or_else(|| asked.not_found())?;
    let invalid = |param: &str| Refusal::bad(INVALID, format!("Invalid parameter: {param}"));
    let code = asked.form.get("Code").ok_or_else(|| invalid("Code"))?;
    let sid = find(tenant, asked).ok_or_else(|| invalid("To"))??;
    let verification = tenant.verifications.get_mut(&sid).ok_or_else(|| asked.not_found())?;
    if verification.wrong >= MAX_CHECKS {
        tenant.settle_verification(&sid, Status::MaxAttemptsReached);
        return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, 60202, "Max check attempts reached"));
    }
    if verification.code == code {
        tenant.settle_verification(&sid, Status::Approved);
    } else {
        verification.wrong += 1;
    }
    answer(tenant, asked, &sid)
}

/// Finds the open verification by its SID or by its address; neither given is `None`.
fn find(tenant: &Tenant, asked: &Asked<'_>) -> Option<Result<String, Refusal>> {
    let service = asked.name("ServiceSid");
    let open = |sid: &str| {
        let row = tenant.verifications.get(sid)?;
        (row.service == service && row.is_open(tenant.now())).then(|| sid.to_owned())
    };
    let found = match (asked.form.get("VerificationSid"), asked.form.get("To")) {
        (Some(sid), _) => open(sid),
        (None, Some(to)) => tenant.open_verification(service, to),
        (None, None) => return None,
    };
    Some(found.ok_or_else(|| asked.not_found()))
}

fn answer(tenant: &Tenant, asked: &Asked<'_>, sid: &str) -> Answer {
    let verification = tenant.verifications.get(sid).ok_or_else(|| asked.not_found())?;
    let mut view = verification.view(tenant.account_sid(), sid);
    if let Some(fields) = view.as_object_mut() {
        fields.insert("sna_attempts_error_codes".to_owned(), json!([]));
    }
    Ok(FakeReply::json(StatusCode::CREATED, &view))
}
