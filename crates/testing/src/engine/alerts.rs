//! Alerts of the monitor: `/v1/Alerts`. A callback that failed leaves one by itself.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::iso8601;
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::filter::Dates;
use super::hook::{Hook, Trouble};
use super::page;
use super::route::{Asked, Route};
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[Route::get("/v1/Alerts", list), Route::get("/v1/Alerts/{Sid}", fetch)];

/// A webhook could not be told of something.
const CALLBACK_FAILED: u32 = 11200;
const LEVELS: &[&str] = &["error", "warning", "notice", "debug"];

/// One alert.
pub(super) struct Alert {
    code: u32,
    level: &'static str,
    resource: Option<String>,
    /// What was asked, if it was a request: its method, its URL and its answer's body.
    request: Option<(&'static str, String, String)>,
    created: Timestamp,
}

fn list(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let level = asked.query.get("LogLevel");
    if let Some(unknown) = level.filter(|level| !LEVELS.contains(level)) {
        return Err(Refusal::bad(20001, format!("The LogLevel {unknown} is none of {}", LEVELS.join(", "))));
    }
    let dates = Dates::between(&asked.query, "StartDate", "EndDate")?;
    let keep =
        |alert: &Alert| level.is_none_or(|level| alert.level == level) && dates.contain(Some(alert.created));
    let account = tenant.account_sid();
    page::meta(asked, "alerts", &tenant.alerts, keep, |sid, alert| alert.view(asked, account, sid))
}

/// A single one says more than a list does.
fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    let alert = tenant.alerts.get(sid).ok_or_else(|| asked.not_found())?;
    let mut view = alert.view(asked, tenant.account_sid(), sid);
    if let Some(fields) = view.as_object_mut() {
        let body = alert.request.as_ref().map(|(.., body)| body);
        fields.insert("request_variables".to_owned(), json!(""));
        fields.insert("request_headers".to_owned(), Value::Null);
        fields.insert("response_body".to_owned(), json!(body));
        fields.insert("response_headers".to_owned(), Value::Null);
    }
    Ok(FakeReply::json(StatusCode::OK, &view))
}

impl Alert {
    fn view(&self, asked: &Asked<'_>, account: &str, sid: &str) -> Value {
        let created = iso8601(self.created);
        json!({
            "sid": sid,
            "account_sid": account,
            "api_version": "2010-04-01",
            "error_code": self.code.to_string(),
            "log_level": self.level,
            "alert_text": format!("ErrorCode={}", self.code),
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "request_method": self.request.as_ref().map(|(method, ..)| method),
            "request_url": self.request.as_ref().map(|(_, url, _)| url),
            "resource_sid": self.resource,
            "service_sid": null,
            "date_created": created,
            "date_generated": created,
            "date_updated": created,
            "url": asked.url(&format!("/v1/Alerts/{sid}")),
        })
    }
}

impl Tenant {
    /// Adds an error.
    pub(crate) fn add_alert(&mut self, code: u32) -> String {
        self.raise(code, "error", None, None)
    }

    /// Notes that a callback was not taken.
    pub(crate) fn callback_failed(&mut self, resource: &str, method: &'static str, url: &str, answer: &str) {
        let request = (method, url.to_owned(), answer.to_owned());
        self.raise(CALLBACK_FAILED, "error", Some(resource.to_owned()), Some(request));
    }

    /// Notes what was wrong with a document, or that none came.
    pub(super) fn webhook_failed(&mut self, resource: &str, hook: Option<&Hook>, trouble: &Trouble) {
        let request = hook.map(|hook| (hook.method(), hook.target().to_owned(), trouble.body.clone()));
        self.raise(trouble.code, "error", Some(resource.to_owned()), request);
    }

    /// Notes what of a document was passed over.
    pub(super) fn warn(&mut self, resource: &str, code: u32) {
        self.raise(code, "warning", Some(resource.to_owned()), None);
    }

    fn raise(
        &mut self,
        code: u32,
        level: &'static str,
        resource: Option<String>,
        request: Option<(&'static str, String, String)>,
    ) -> String {
        let sid = self.sids.next("NO");
        let alert = Alert { code, level, resource, request, created: self.clock.now() };
        self.alerts.insert(&sid, alert);
        sid
    }
}
