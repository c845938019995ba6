//! Content templates and their approval: `/v1/Content`, in JSON.

mod approval;
mod render;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use self::approval::Approval;
use super::clock::iso8601;
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::page;
use super::route::{Asked, Route};
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/v1/Content", list),
    Route::post("/v1/Content", create),
    Route::get("/v1/Content/{Sid}", fetch),
    Route::delete("/v1/Content/{Sid}", delete),
    Route::get("/v1/ContentAndApprovals", list_with_approvals),
    Route::get("/v1/Content/{Sid}/ApprovalRequests", approval::fetch),
    Route::post("/v1/Content/{Sid}/ApprovalRequests/whatsapp", approval::request),
];

/// A template as the fake keeps it.
pub(super) struct Content {
    friendly_name: String,
    language: String,
    variables: Map<String, Value>,
    types: Map<String, Value>,
    approval: Approval,
    created: Timestamp,
}

fn list(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let account = tenant.account_sid();
    page::meta(asked, "contents", &tenant.content, |_| true, |sid, content| content.view(asked, account, sid))
}

fn list_with_approvals(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let account = tenant.account_sid();
    let view = |sid: &str, content: &Content| {
        let mut view = content.view(asked, account, sid);
        if let Some(fields) = view.as_object_mut() {
            fields.remove("links");
            fields.remove("url");
            fields.insert("approval_requests".to_owned(), content.approval.view(content.content_type()));
        }
        view
    };
    page::meta(asked, "contents", &tenant.content, |_| true, view)
}

fn create(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let bad = |what: &str| Refusal::bad(20001, what);
    let Some(Value::Object(mut body)) = asked.json() else {
        return Err(bad("The body is not a JSON object"));
    };
    let types = types(body.remove("types")).ok_or_else(|| bad("The types are required"))?;
    if let Some(unknown) =
        types.keys().find(|name| !name.starts_with("twilio/") && !name.starts_with("whatsapp/"))
    {
        return Err(bad(&format!("The type {unknown} is not known")));
    }
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let content = Content {
        language: text("language").ok_or_else(|| bad("The language is required"))?.to_owned(),
        friendly_name: text("friendly_name").unwrap_or_default().to_owned(),
        variables: body.get("variables").and_then(Value::as_object).cloned().unwrap_or_default(),
        types,
        approval: Approval::default(),
        created: tenant.clock.now(),
    };
    let sid = tenant.sids.next("HX");
    tenant.content.insert(&sid, content);
    answer(tenant, asked, &sid, StatusCode::CREATED)
}

/// Twilio's clients name the types they do not use too, as `null`.
fn types(given: Option<Value>) -> Option<Map<String, Value>> {
    let Some(Value::Object(mut types)) = given else { return None };
    types.retain(|_, fields| !fields.is_null());
    (!types.is_empty()).then_some(types)
}

fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    answer(tenant, asked, asked.name("Sid"), StatusCode::OK)
}

fn delete(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    tenant.content.remove(asked.name("Sid")).ok_or_else(|| asked.not_found())?;
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

fn answer(tenant: &Tenant, asked: &Asked<'_>, sid: &str, status: StatusCode) -> Answer {
    let content = tenant.content.get(sid).ok_or_else(|| asked.not_found())?;
    Ok(FakeReply::json(status, &content.view(asked, tenant.account_sid(), sid)))
}

impl Content {
    /// The word of its first type.
    fn content_type(&self) -> &str {
        self.types.keys().next().map_or("", String::as_str)
    }

    fn view(&self, asked: &Asked<'_>, account: &str, sid: &str) -> Value {
        let url = asked.url(&format!("/v1/Content/{sid}"));
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

impl Tenant {
    /// Lets WhatsApp approve a template. Is there such a template?
    pub(crate) fn approve_content(&mut self, sid: &str) -> bool {
        self.content.get_mut(sid).map(|content| content.approval.approve()).is_some()
    }

    /// Lets WhatsApp reject a template. Is there such a template?
    pub(crate) fn reject_content(&mut self, sid: &str, reason: &str) -> bool {
        self.content.get_mut(sid).map(|content| content.approval.reject(reason)).is_some()
    }
}
