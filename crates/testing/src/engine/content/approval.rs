//! What WhatsApp thinks of a template.

use http::StatusCode;
use serde_json::{Value, json};

use crate::engine::error::{Answer, Refusal};
use crate::engine::exchange::FakeReply;
use crate::engine::route::Asked;
use crate::engine::tenant::Tenant;

const CATEGORIES: &[&str] = &["UTILITY", "MARKETING", "AUTHENTICATION"];

/// The state of a template at WhatsApp.
#[derive(Debug)]
pub(super) struct Approval {
    name: String,
    category: String,
    status: &'static str,
    reason: String,
}

impl Default for Approval {
    fn default() -> Self {
        Self { name: String::new(), category: String::new(), status: "unsubmitted", reason: String::new() }
    }
}

pub(super) fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    let content = tenant.content.get(sid).ok_or_else(|| asked.not_found())?;
    let body = json!({
        "sid": sid,
        "account_sid": tenant.account_sid(),
        "whatsapp": content.approval.view(content.content_type()),
        "url": asked.url(&format!("/v1/Content/{sid}/ApprovalRequests")),
    });
    Ok(FakeReply::json(StatusCode::OK, &body))
}

pub(super) fn request(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let content = tenant.content.get_mut(asked.name("Sid")).ok_or_else(|| asked.not_found())?;
    let body = asked.json().unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let (name, category) = (text("name"), text("category"));
    let named =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !named {
        return Err(Refusal::bad(20001, "The name is not made of small letters, digits and underscores"));
    }
    if !CATEGORIES.contains(&category) {
        return Err(Refusal::bad(20001, format!("The category is none of {}", CATEGORIES.join(", "))));
    }
    content.approval = Approval {
        name: name.to_owned(),
        category: category.to_owned(),
        status: "received",
        reason: String::new(),
    };
    let mut view = content.approval.view(content.content_type());
    if let Some(fields) = view.as_object_mut() {
        fields.remove("type");
    }
    Ok(FakeReply::json(StatusCode::CREATED, &view))
}

impl Approval {
    pub(super) fn is_given(&self) -> bool {
        self.status == "approved"
    }

    pub(super) fn approve(&mut self) {
        (self.status, self.reason) = ("approved", String::new());
    }

    pub(super) fn reject(&mut self, reason: &str) {
        (self.status, self.reason) = ("rejected", reason.to_owned());
    }

    pub(super) fn view(&self, content_type: &str) -> Value {
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
