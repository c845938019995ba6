//! A code that came back.

use http::StatusCode;
use serde_json::json;

use super::{MAX_CHECKS, Status};
use crate::engine::Engine;
use crate::engine::error::{Answer, Refusal};
use crate::engine::exchange::FakeReply;
use crate::engine::router::Asked;
use crate::engine::verify_services::INVALID;

pub(super) fn check(engine: &mut Engine, asked: &Asked<'_>) -> Answer {
    engine.verify.get(asked.name("ServiceSid")).ok_or_else(|| asked.not_found())?;
    let invalid = |param: &str| Refusal::bad(INVALID, format!("Invalid parameter: {param}"));
    let code = asked.form.get("Code").ok_or_else(|| invalid("Code"))?;
    let sid = find(engine, asked).ok_or_else(|| invalid("To"))??;
    let verification = engine.verifications.get_mut(&sid).ok_or_else(|| asked.not_found())?;
    if verification.wrong >= MAX_CHECKS {
        engine.settle_verification(&sid, Status::MaxAttemptsReached);
        return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, 60202, "Max check attempts reached"));
    }
    if verification.code == code {
        engine.settle_verification(&sid, Status::Approved);
    } else {
        verification.wrong += 1;
    }
    answer(engine, asked, &sid)
}

/// Finds the open verification by its SID or by its address; neither given is `None`.
fn find(engine: &Engine, asked: &Asked<'_>) -> Option<Result<String, Refusal>> {
    let service = asked.name("ServiceSid");
    let open = |sid: &str| {
        let row = engine.verifications.get(sid)?;
        (row.service == service && row.is_open(engine.now())).then(|| sid.to_owned())
    };
    let found = match (asked.form.get("VerificationSid"), asked.form.get("To")) {
        (Some(sid), _) => open(sid),
        (None, Some(to)) => engine.open_verification(service, to),
        (None, None) => return None,
    };
    Some(found.ok_or_else(|| asked.not_found()))
}

fn answer(engine: &Engine, asked: &Asked<'_>, sid: &str) -> Answer {
    let verification = engine.verifications.get(sid).ok_or_else(|| asked.not_found())?;
    let mut view = verification.view(engine.account_sid(), sid);
    if let Some(fields) = view.as_object_mut() {
        fields.insert("sna_attempts_error_codes".to_owned(), json!([]));
    }
    Ok(FakeReply::json(StatusCode::CREATED, &view))
}
