//! A template as Twilio describes it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{ContentApproval, ContentTypes};
use crate::sms::Text;
use crate::twilio::wire::{Field, Found, answer};

/// The values for a template's placeholders, by name.
pub type ContentVariables = BTreeMap<String, Text>;

impl Field for ContentVariables {
    fn read(value: Found<'_>) -> Option<Self> {
        let Found::Other(Value::Object(variables)) = value else { return None };
        let text = |(name, value): (&String, &Value)| Some((name.clone(), Text::from(value.as_str()?)));
        variables.iter().map(text).collect()
    }
}

answer! {
    /// A template as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/content/content-api-resources#content-properties>
    Content always {
        /// Its SID, `HX…`.
        sid: String = "sid",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// Its name, which recipients do not see.
        friendly_name: String = "friendly_name",
        /// Its language, such as `en` or `pt_BR`.
        language: String = "language",
        /// Default values for its placeholders, for messages that give none.
        variables: ContentVariables = "variables",
        /// Its content, in one or several variants.
        types: ContentTypes = "types",
        /// Its approval; only in [`list_with_approvals`](super::Contents::list_with_approvals).
        approval_requests: ContentApproval = "approval_requests",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its URL.
        url: String = "url",
        /// The URLs of related resources.
        links: BTreeMap<String, String> = "links",
    }
}

#[cfg(test)]
mod tests {
    use super::super::ContentType;
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::json;

    fn body() -> Value {
        json!({
            "sid": "HXaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "friendly_name": "Some content", "language": "en", "variables": {"name": "planted"},
            "types": {
                "twilio/text": {"body": "planted, Foo Bar Co is located at 39.7392, 104.9903"},
                "twilio/location": {"longitude": 104.9903, "latitude": 39.7392, "label": "planted"},
                "twilio/media": {"body": "planted", "media": ["http://example.com/planted/{{3}}"]},
                "twilio/quick-reply": {"body": "x", "actions": [{"type": "QUICK_REPLY", "title": "planted", "id": "y"}]},
                "twilio/list-picker": {
                    "body": "x", "button": "open", "items": [{"id": "1", "item": "planted", "description": "z"}]
                },
                "twilio/call-to-action": {"body": "x", "actions": [
                    {"type": "URL", "title": "t", "url": "https://e.com/planted"},
                    {"type": "PHONE_NUMBER", "title": "t", "phone": "+14155551234"},
                    {"type": "COPY_CODE", "title": "t", "code": "planted"}
                ]},
                "twilio/card": {
                    "title": "x", "subtitle": "planted", "media": ["https://e.com/planted"],
                    "actions": [{"type": "VOICE_CALL", "title": "t", "webview_size": "TALL"}]
                }
            },
            "approval_requests": {
                "name": "", "category": "MARKETING", "content_type": "", "status": "unsubmitted",
                "rejection_reason": "", "allow_category_change": true
            },
            "url": "https://content.twilio.com/v1/Content/HXaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "date_created": "2015-07-30T19:00:00Z", "date_updated": "2015-07-30T19:00:00Z",
            "links": {"approval_fetch": "https://content.twilio.com/v1/Content/HXaa/ApprovalRequests"}
        })
    }

    #[test]
    fn twilios_own_example_is_read_whole() {
        let content: Content = read_whole(&body());
        let types = content.types.clone().unwrap();
        assert_eq!(types.iter().filter(|kind| !matches!(kind, ContentType::Other { .. })).count(), 6);
        assert!(types.get("twilio/text").and_then(ContentType::body).unwrap().contains("Foo Bar"));
        assert!(
            matches!(types.get("twilio/location"), Some(ContentType::Other { body, .. }) if body["latitude"] == 39.7392)
        );
        let written = serde_json::to_value(&content).unwrap();
        assert_eq!(written["approvalRequests"]["contentType"], body()["approval_requests"]["content_type"]);
        // The bodies are sent to Twilio, too, so they keep Twilio's names.
        assert_eq!(written["types"], body()["types"]);
        let shown = format!("{content:?}");
        assert!(!shown.contains("planted") && !shown.contains("5551234"), "{shown}");
    }

    #[test]
    fn answers_survive_growth() {
        survives::<Content>(&body());
    }
}
