//! Errors and warnings of Twilio's debugger.

use jiff::Timestamp;
use serde_json::Value;

use super::content::Payload;
use super::read::event;
use crate::twilio::alerts::AlertLevel;
use crate::twilio::error::{CatalogueEntry, lookup};

event! {
    /// An error or a warning in your account, as Twilio's debugger reports it.
    ///
    /// <https://www.twilio.com/docs/usage/troubleshooting/debugging-event-webhooks>
    DebuggerEvent {
        /// Its SID, `NO…`.
        sid: String = "Sid",
        /// The account it happened in.
        account_sid: String = "AccountSid",
        /// The parent of that account.
        parent_account_sid: String = "ParentAccountSid",
        /// Its severity, in upper or lower case; see [`level`](DebuggerEvent::level).
        level: String = "Level",
        /// When it happened.
        timestamp: Timestamp = "Timestamp",
        /// The media type of the payload: `application/json`.
        payload_type: String = "PayloadType",
        /// The details: `resource_sid`, `service_sid`, `error_code`, `more_info`, `webhook`.
        payload: Payload = "Payload",
    }
}

impl DebuggerEvent {
    /// Returns its severity.
    #[must_use]
    pub fn level(&self) -> Option<AlertLevel> {
        self.level.as_deref().map(|word| AlertLevel::from(word.to_ascii_lowercase().as_str()))
    }

    /// Returns the Twilio error code.
    #[must_use]
    pub fn error_code(&self) -> Option<u32> {
        match self.in_payload("error_code")? {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64()?.try_into().ok(),
        }
    }

    /// Returns the SID of the message, call or other resource that it concerns.
    #[must_use]
    pub fn resource_sid(&self) -> Option<&str> {
        self.in_payload("resource_sid")?.as_str()
    }

    /// Returns what is known about the error code: meaning, cause, fix, documentation.
    #[must_use]
    pub fn meaning(&self) -> Option<&'static CatalogueEntry> {
        self.error_code().and_then(lookup)
    }

    fn in_payload(&self, name: &str) -> Option<&Value> {
        self.payload.as_ref()?.value().get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::super::mutation::{read_whole, survives};
    use super::*;
    use crate::twilio::webhook::Params;

    #[test]
    fn an_alert_is_read_whole() {
        let event: DebuggerEvent = read_whole(fixtures::DEBUGGER);
        assert_eq!((event.level(), event.error_code()), (Some(AlertLevel::Error), Some(11200)));
        assert_eq!(event.resource_sid(), Some("CA0123456789abcdef0123456789abcdef"));
        assert_eq!(event.meaning().unwrap().code, 11200);
        survives::<DebuggerEvent>(fixtures::DEBUGGER);
    }

    #[test]
    fn a_number_in_the_payload_is_read_in_both_forms() {
        for (payload, code) in [
            (r#"{"error_code": 11200}"#, Some(11200)),
            (r#"{"error_code": "x"}"#, None),
            (r#"{"error_code": -1}"#, None),
            ("[]", None),
            ("not json", None),
        ] {
            let event = DebuggerEvent::read(&Params::from_pairs([("Payload", payload)]));
            assert_eq!(event.error_code(), code, "{payload}");
        }
    }
}
