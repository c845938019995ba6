//! Alerts: errors and warnings of an account, as Twilio's debugger shows them.

use jiff::Timestamp;

use crate::provider::{ApiRequest, ProviderError};
use crate::sms::Text;
use crate::twilio::calls::HttpMethod;
use crate::twilio::error::{CatalogueEntry, lookup};
use crate::twilio::page::{DateOrTime, Pages};
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::{Parameters as _, answer, request, wire_enum};

wire_enum! {
    /// Its severity.
    AlertLevel {
        /// An error: something failed.
        Error = "error",
        /// A warning: something may fail, or Twilio corrected it.
        Warning = "warning",
        /// Information.
        Notice = "notice",
        /// The most detailed level.
        Debug = "debug",
    }
}

answer! {
    /// An alert as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/usage/monitor-alert#alert-properties>
    Alert always {
        /// Its SID, `NO…`.
        sid: String = "sid",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// Twilio's error code; see [`meaning`](Alert::meaning).
        error_code: u32 = "error_code",
        /// Its severity.
        level: AlertLevel = "log_level",
        /// Its text: name and value pairs, encoded like a query.
        text: Text = "alert_text",
        /// The SID of the resource that it is about, such as a message or a call.
        resource_sid: String = "resource_sid",
        /// The SID of the service that caused it.
        service_sid: String = "service_sid",
        /// The page that explains it.
        more_info: String = "more_info",
        /// The HTTP method of Twilio's request.
        request_method: HttpMethod = "request_method",
        /// The URL of Twilio's request.
        request_url: Text = "request_url",
        /// The parameters of Twilio's request; only when one alert is fetched.
        request_variables: Text = "request_variables",
        /// The headers of Twilio's request; only when one alert is fetched.
        request_headers: Text = "request_headers",
        /// The body of the answer; only when one alert is fetched.
        response_body: Text = "response_body",
        /// The headers of the answer; only when one alert is fetched.
        response_headers: Text = "response_headers",
        /// The version of the API.
        api_version: String = "api_version",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it happened.
        date_generated: Timestamp = "date_generated",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its address.
        url: String = "url",
    }
}

impl Alert {
    /// Returns what the catalogue knows about its error code: meaning, cause, fix, and where to look in the Console.
    #[must_use]
    pub fn meaning(&self) -> Option<&'static CatalogueEntry> {
        self.error_code.and_then(lookup)
    }
}

request! {
    /// Which alerts to list. Without a filter, all of the last 30 days, which is as long as Twilio keeps them.
    ListAlerts {
        /// Only alerts of this severity.
        level: Option<AlertLevel> = "LogLevel",
        /// Only alerts of this day or time and later, in UTC.
        since: Option<DateOrTime> = "StartDate",
        /// Only alerts of this day or time and earlier, in UTC.
        until: Option<DateOrTime> = "EndDate",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListAlerts {
    /// Lists all alerts of the last 30 days.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(in crate::twilio) fn request(&self) -> ApiRequest {
        self.in_query(ApiRequest::get("/v1/Alerts").on("monitor"))
    }
}

/// The alerts of an account.
///
/// <https://www.twilio.com/docs/usage/monitor-alert>
#[derive(Debug, Clone)]
pub struct Alerts {
    session: Session,
}

impl Alerts {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Lists alerts, the newest first. Errors are items of the list.
    ///
    /// <https://www.twilio.com/docs/usage/monitor-alert#read-multiple-alert-resources>
    pub fn list(&self, filter: &ListAlerts) -> Pages<Alert> {
        Pages::new(&self.session, filter.request(), "alerts")
    }

    /// Reads an alert, with the request that Twilio made and the answer that it got.
    ///
    /// <https://www.twilio.com/docs/usage/monitor-alert#fetch-an-alert-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<Alert, ProviderError> {
        sid::check(sid, "alert", &["NO"])?;
        self.session.json(ApiRequest::get("/v1/Alerts/{sid}").on("monitor").segment(sid)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_comes_as_a_text_and_has_a_meaning() {
        let read: Alert = serde_json::from_str(
            r#"{"sid": "NO0123456789abcdef0123456789abcdef", "error_code": "11200", "log_level": "error",
                "alert_text": "planted", "date_generated": "2010-08-20T13:28:24Z", "request_method": "POST"}"#,
        )
        .unwrap();
        assert_eq!(read.meaning().unwrap().code, 11200);
        assert_eq!(read.level, Some(AlertLevel::Error));
        assert!(!format!("{read:?}").contains("planted"));
    }

    #[test]
    fn filters_have_twilios_names() {
        let day: jiff::civil::Date = "2026-01-05".parse().unwrap();
        let request = ListAlerts::new().level(AlertLevel::Warning).since(day).request();
        assert_eq!(
            (request.product(), request.query_string()),
            (Some("monitor"), "LogLevel=warning&StartDate=2026-01-05")
        );
    }
}
