//! Content templates: their texts, and their approval by WhatsApp.

mod approval;
mod render;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub(super) use self::approval::Approval;
use self::render::render;
use super::clock::iso8601;
use super::request::RoutedRequest;
use super::table::Table;

/// A template as the fake keeps it.
pub(crate) struct Content {
    pub(super) friendly_name: String,
    pub(super) language: String,
    pub(super) variables: Map<String, Value>,
    pub(super) types: Map<String, Value>,
    pub(super) approval: Approval,
    pub(super) created: Timestamp,
}

impl Content {
    /// Returns the name of its first type.
    pub(super) fn content_type(&self) -> &str {
        self.types.keys().next().map_or("", String::as_str)
    }

    pub(super) fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        let url = request.url(&format!("/v1/Content/{sid}"));
        let created = iso8601(self.created);
        json!({
            "sid": sid,
            "account_sid": account,
            "friendly_name": self.friendly_name,
            "language": self.language,
            "variables": self.variables,
            "types": self.types,
            "date_created": created,
            "date_updated": created,
            "links": {
                "approval_create": format!("{url}/ApprovalRequests/whatsapp"),
                "approval_fetch": format!("{url}/ApprovalRequests"),
            },
            "url": url,
        })
    }
}

/// The templates of an account.
#[derive(Default)]
pub(crate) struct Contents {
    pub(super) rows: Table<Content>,
}

impl Contents {
    /// Approves a template. Returns false when there is no such template.
    pub(crate) fn approve(&mut self, sid: &str) -> bool {
        self.rows.get_mut(sid).map(|content| content.approval.approve()).is_some()
    }

    /// Rejects a template. Returns false when there is no such template.
    pub(crate) fn reject(&mut self, sid: &str, reason: &str) -> bool {
        self.rows.get_mut(sid).map(|content| content.approval.reject(reason)).is_some()
    }

    /// Returns the text of a template; empty for a template that the fake does not know.
    pub(super) fn render(&self, content_sid: &str, variables: Option<&str>) -> Option<String> {
        let given = variables.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        self.rows.get(content_sid).map(|content| render(&content.types, &content.variables, &given))
    }

    /// Returns whether a template is approved. An unknown one counts as approved.
    pub(super) fn is_approved(&self, content_sid: &str) -> bool {
        self.rows.get(content_sid).is_none_or(|content| content.approval.is_approved())
    }
}
