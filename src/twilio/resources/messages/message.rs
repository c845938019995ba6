//! A message as Twilio describes it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::MessageStatus;
use crate::phone::Address;
use crate::sms::{Segmentation, Text};
use crate::twilio::wire::{Amount, answer, wire_enum};

wire_enum! {
    /// The direction of a message.
    MessageDirection {
        /// A received message.
        Inbound = "inbound",
        /// A message sent over the REST API.
        OutboundApi = "outbound-api",
        /// A message sent during a call.
        OutboundCall = "outbound-call",
        /// A message sent as a reply to a received message.
        OutboundReply = "outbound-reply",
    }
}

answer! {
    /// A message as Twilio describes it.
    ///
    /// Any field may be missing. Fields that Twilio adds, and values that could not be read, are kept in `extra`.
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#message-properties>
    Message always {
        /// Its SID: `SM…`, or `MM…` for media and channels.
        sid: String = "sid",
        /// Its status.
        status: MessageStatus = "status",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The messaging service that sends it.
        messaging_service_sid: String = "messaging_service_sid",
        /// The recipient.
        to: Address = "to",
        /// The sender; with a messaging service, missing until the service has chosen one.
        from: Address = "from",
        /// The text; empty once it was redacted.
        body: Text = "body",
        /// Its direction.
        direction: MessageDirection = "direction",
        /// The number of billed segments; 0 until a messaging service has chosen a sender. See [`segments`](Message::segments).
        num_segments: u32 = "num_segments",
        /// The number of pictures and files.
        num_media: u32 = "num_media",
        /// Its price, a negative amount; `None` until it is billed.
        price: Amount = "price",
        /// The currency of the price, ISO 4217, in upper or lower case.
        price_unit: String = "price_unit",
        /// Twilio's error code, if it failed or did not arrive. See [`lookup`](crate::twilio::error::lookup).
        error_code: u32 = "error_code",
        /// That error as a sentence. Twilio may change its text, so match on the code.
        error_message: Text = "error_message",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// When it was sent or received.
        date_sent: Timestamp = "date_sent",
        /// The version of the API.
        api_version: String = "api_version",
        /// Its path.
        uri: String = "uri",
        /// The paths of related resources.
        subresource_uris: BTreeMap<String, String> = "subresource_uris",
    }
}

impl Message {
    /// Returns the number of billed segments; each costs as much as one text.
    ///
    /// This is Twilio's count if there is one, and otherwise a count of the text by this crate, such as before a messaging
    /// service has chosen a sender. 0 if there is neither a count nor a text.
    #[must_use]
    pub fn segments(&self) -> u32 {
        match self.num_segments {
            Some(count) if count > 0 => count,
            _ => {
                let text = self.body.as_ref().filter(|body| !body.is_empty()).map(Text::as_str);
                text.map_or(0, |text| u32::try_from(Segmentation::of(text).segments()).unwrap_or(u32::MAX))
            }
        }
    }

    /// Returns a note for the user if the message is billed as more than one text.
    ///
    /// ```
    /// # let json = format!(r#"{{"num_segments": "3", "sid": "SM1"}}"#);
    /// # let message: switchboard::twilio::Message = serde_json::from_str(&json).unwrap();
    /// assert_eq!(message.cost_note().as_deref(), Some("billed as 3 texts, because of its length or its characters"));
    /// ```
    #[must_use]
    pub fn cost_note(&self) -> Option<String> {
        let count = self.segments();
        (count > 1).then(|| format!("billed as {count} texts, because of its length or its characters"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{
        "account_sid": "AC0123456789abcdef0123456789abcdef", "api_version": "2010-04-01", "body": "planted",
        "date_created": "Thu, 24 Aug 2023 05:01:45 +0000", "date_sent": null,
        "date_updated": "Thu, 24 Aug 2023 05:01:45 +0000", "direction": "outbound-api", "error_code": null,
        "error_message": null, "from": null, "messaging_service_sid": "MG0123456789abcdef0123456789abcdef",
        "num_media": "0", "num_segments": "0", "price": null, "price_unit": null,
        "sid": "SM0123456789abcdef0123456789abcdef", "status": "accepted",
        "subresource_uris": {"media": "/2010-04-01/x.json"}, "to": "+14155551234", "uri": "/2010-04-01/y.json"}"#;

    #[test]
    fn the_answer_of_a_messaging_service_is_read_with_its_nulls() {
        let message: Message = serde_json::from_str(ANSWER).unwrap();
        assert_eq!(message.status, MessageStatus::Accepted);
        assert_eq!((message.from.as_ref(), message.num_segments, message.segments()), (None, Some(0), 1));
        assert_eq!(message.date_created.unwrap().to_string(), "2023-08-24T05:01:45Z");
        assert!(message.extra.is_empty() && message.cost_note().is_none());
        let shown = format!("{message:?}");
        assert!(!shown.contains("planted") && !shown.contains("5551234"), "{shown}");
    }

    #[test]
    fn a_message_without_a_sid_was_made_and_cannot_be_read_and_one_without_a_status_can() {
        use crate::provider::{ApiResponse, Outcome};
        let answer =
            |body: &str| ApiResponse::new(http::StatusCode::CREATED, Default::default(), body.to_owned());
        for body in [r#"{"status": "queued"}"#, r#"{"sid": null}"#, r#"{"sid": ""}"#, r#"{"sid": ["SM1"]}"#] {
            let error = answer(body).json::<Message>().unwrap_err();
            assert_eq!(error.outcome(), Outcome::Applied, "{body}");
            assert!(error.to_string().contains("a required field is missing"), "{error}");
        }
        for body in [r#"{"sid": "SM1"}"#, r#"{"sid": "SM1", "status": null}"#] {
            let message: Message = answer(body).json().unwrap();
            assert_eq!(message.status, MessageStatus::Unknown(String::new()));
            assert_eq!(serde_json::to_string(&message).unwrap(), r#"{"sid":"SM1"}"#);
        }
        let odd: Message = answer(r#"{"sid": "SM1", "status": [7]}"#).json().unwrap();
        assert_eq!(serde_json::to_string(&odd).unwrap(), r#"{"sid":"SM1","status":[7]}"#);
    }

    #[test]
    fn json_is_camel_case_and_is_read_back() {
        let message: Message = serde_json::from_str(ANSWER).unwrap();
        let json = serde_json::to_value(&message).unwrap();
        let names = ["accountSid", "dateCreated", "messagingServiceSid", "numSegments", "subresourceUris"];
        assert!(names.iter().all(|name| json.get(name).is_some()), "{json}");
        assert!(json.as_object().unwrap().keys().all(|name| !name.contains('_')), "{json}");
        assert_eq!(serde_json::from_value::<Message>(json).unwrap(), message);
    }
}
