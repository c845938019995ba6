//! What went wrong, as Twilio's debugger tells it.

use jiff::Timestamp;
use serde_json::Value;

use super::payload::Payload;
use super::read::event;
use crate::twilio::AlertLevel;
use crate::twilio::error::{CatalogueEntry, lookup};

event! {
    /// What went wrong in your account, as Twilio's debugger tells it.
    ///
    /// <https://www.twilio.com/docs/usage/troubleshooting/debugging-event-webhooks>
    DebuggerEvent {
        /// Its SID, `NO…`.
        sid: String = "Sid",
        /// The account it happened in.
        account_sid: String = "AccountSid",
        /// The account above that one.
        parent_account_sid: String = "ParentAccountSid",
        /// How bad it is, in upper or lower case; see [`level`](DebuggerEvent::level).
        level: String = "Level",
        /// When it happened.
        timestamp: Timestamp = "Timestamp",
        /// What the payload is: `application/json`.
        payload_type: String = "PayloadType",
        /// What went wrong: `resource_sid`, `service_sid`, `error_code`, `more_info`, `webhook`.
        payload: Payload = "Payload",
    }
}

impl DebuggerEvent {
    /// Returns how bad it is.
    #[must_use]
    pub fn level(&self) -> Option<AlertLevel> {
        self.level.as_deref().map(|word| AlertLevel::from(word.to_ascii_lowercase().as_str()))
    }

    /// Returns Twilio's number for what went wrong.
    #[must_use]
    pub fn error_code(&self) -> Option<u32> {
        match self.in_payload("error_code")? {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64()?.try_into().ok(),
        }
    }

    /// Returns what it is about: the SID of a message, a call, or another thing.
    #[must_use]
    pub fn resource_sid(&self) -> Option<&str> {
        self.in_payload("resource_sid")?.as_str()
    }

    /// Returns what is known about its number: meaning, cause, fix, where to look.
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
