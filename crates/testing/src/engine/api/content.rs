//! Content templates and their approval: `/v1/Content`, in JSON.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::plain::{Resource, delete, fetch, list, show};
use crate::engine::content::{Approval, Content};
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::page::{self, ListFormat};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/v1/Content", list::<Content>),
    Route::post("/v1/Content", create),
    Route::get("/v1/Content/{Sid}", fetch::<Content>),
    Route::delete("/v1/Content/{Sid}", delete::<Content>),
    Route::get("/v1/ContentAndApprovals", list_with_approvals),
    Route::get("/v1/Content/{Sid}/ApprovalRequests", approval),
    Route::post("/v1/Content/{Sid}/ApprovalRequests/whatsapp", request_approval),
];

const CATEGORIES: &[&str] = &["UTILITY", "MARKETING", "AUTHENTICATION"];

impl Resource for Content {
    const KEY: &'static str = "contents";
    const FORMAT: ListFormat = ListFormat::Meta;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.contents.rows
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.contents.rows
    }

    fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        self.view(request, account, sid)
    }
}

fn list_with_approvals(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let account = tenant.core.account_sid();
    let view = |sid: &str, content: &Content| {
        let mut view = content.view(request, account, sid);
        if let Some(fields) = view.as_object_mut() {
            fields.remove("links");
            fields.remove("url");
            fields.insert("approval_requests".to_owned(), content.approval.view(content.content_type()));
        }
        view
    };
    page::list(request, ListFormat::Meta, Content::KEY, &tenant.contents.rows, |_| true, view)
}

fn create(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let bad = |what: &str| Refusal::bad_request(20001, what);
    let Some(Value::Object(mut body)) = request.json() else {
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
        created: tenant.core.now(),
    };
    let sid = tenant.core.sids.next("HX");
    tenant.contents.rows.insert(&sid, content);
    show::<Content>(tenant, request, &sid, StatusCode::CREATED)
}

/// Returns the types. Twilio's clients also send the types that they do not use, as `null`.
fn types(given: Option<Value>) -> Option<Map<String, Value>> {
    let Some(Value::Object(mut types)) = given else { return None };
    types.retain(|_, fields| !fields.is_null());
    (!types.is_empty()).then_some(types)
}

fn approval(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = request.param("Sid");
    let content = tenant.contents.rows.get(sid).ok_or_else(|| request.not_found())?;
    let body = json!({
        "sid": sid,
        "account_sid": tenant.core.account_sid(),
        "whatsapp": content.approval.view(content.content_type()),
        "url": request.url(&format!("/v1/Content/{sid}/ApprovalRequests")),
    });
    Ok(FakeReply::json(StatusCode::OK, &body))
}

fn request_approval(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let content = tenant.contents.rows.get_mut(request.param("Sid")).ok_or_else(|| request.not_found())?;
    let body = request.json().unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let (name, category) = (text("name"), text("category"));
    let named =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !named {
        return Err(Refusal::bad_request(
            20001,
            "The name is not made of small letters, digits and underscores",
        ));
    }
    if !CATEGORIES.contains(&category) {
        return Err(Refusal::bad_request(
            20001,
            format!("The category is none of {}", CATEGORIES.join(", ")),
        ));
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
