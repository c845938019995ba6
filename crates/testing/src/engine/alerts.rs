//! Alerts: errors and warnings, with the request that caused them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::iso8601;
use super::request::RoutedRequest;

/// One alert.
pub(super) struct Alert {
    pub(super) code: u32,
    pub(super) level: &'static str,
    pub(super) resource: Option<String>,
    /// The request that caused it, if there was one: method, URL, and the body of the answer.
    pub(super) request: Option<(&'static str, String, String)>,
    pub(super) created: Timestamp,
}

impl Alert {
    pub(super) fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
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
            "url": request.url(&format!("/v1/Alerts/{sid}")),
        })
    }
}
