//! Alerts: `/v1/Alerts`.

use http::StatusCode;
use serde_json::{Value, json};

use crate::engine::alerts::Alert;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::filter::Dates;
use crate::engine::page::{self, ListFormat};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[Route::get("/v1/Alerts", list), Route::get("/v1/Alerts/{Sid}", fetch)];

const LEVELS: &[&str] = &["error", "warning", "notice", "debug"];

fn list(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let level = request.query.get("LogLevel");
    if let Some(unknown) = level.filter(|level| !LEVELS.contains(level)) {
        return Err(Refusal::bad_request(
            20001,
            format!("The LogLevel {unknown} is none of {}", LEVELS.join(", ")),
        ));
    }
    let dates = Dates::between(&request.query, "StartDate", "EndDate")?;
    let keep =
        |alert: &Alert| level.is_none_or(|level| alert.level == level) && dates.contain(Some(alert.created));
    let account = tenant.core.account_sid();
    page::list(request, ListFormat::Meta, "alerts", &tenant.core.alerts, keep, |sid, alert| {
        alert.view(request, account, sid)
    })
}

/// A single alert has more fields than the alerts of a list.
fn fetch(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = request.param("Sid");
    let alert = tenant.core.alerts.get(sid).ok_or_else(|| request.not_found())?;
    let mut view = alert.view(request, tenant.core.account_sid(), sid);
    if let Some(fields) = view.as_object_mut() {
        let body = alert.request.as_ref().map(|(.., body)| body);
        fields.insert("request_variables".to_owned(), json!(""));
        fields.insert("request_headers".to_owned(), Value::Null);
        fields.insert("response_body".to_owned(), json!(body));
        fields.insert("response_headers".to_owned(), Value::Null);
    }
    Ok(FakeReply::json(StatusCode::OK, &view))
}
