//! The approval of a template by WhatsApp.

use serde_json::{Value, json};

/// The state of a template at WhatsApp.
#[derive(Debug)]
pub(in crate::engine) struct Approval {
    pub(in crate::engine) name: String,
    pub(in crate::engine) category: String,
    pub(in crate::engine) status: &'static str,
    pub(in crate::engine) reason: String,
}

impl Default for Approval {
    fn default() -> Self {
        Self { name: String::new(), category: String::new(), status: "unsubmitted", reason: String::new() }
    }
}

impl Approval {
    pub(super) fn is_approved(&self) -> bool {
        self.status == "approved"
    }

    pub(super) fn approve(&mut self) {
        (self.status, self.reason) = ("approved", String::new());
    }

    pub(super) fn reject(&mut self, reason: &str) {
        (self.status, self.reason) = ("rejected", reason.to_owned());
    }

    pub(in crate::engine) fn view(&self, content_type: &str) -> Value {
        json!({
            "type": "whatsapp",
            "name": self.name,
            "category": self.category,
            "content_type": content_type,
            "status": self.status,
            "rejection_reason": self.reason,
            "allow_category_change": true,
        })
    }
}
