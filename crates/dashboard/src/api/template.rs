//! Texts with places to fill.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard::sms::Templates;

use super::message::audit;
use crate::answer::{Problem, json as answer, page as list_page};
use crate::dashboard::Dashboard;
use crate::records::Template;
use crate::request::{AnyRole, By, Fields, Id, Manage, Paging};

/// The longest name, in bytes.
const MAX_NAME: usize = 100;

fn template_json(template: &Template) -> Value {
    let templates = Templates::new().add("text", template.body.as_str());
    let variables = templates
        .and_then(|templates| Ok(templates.variables("text")?.map(str::to_owned).collect::<Vec<String>>()));
    json!({
        "id": template.id, "name": template.name, "body": template.body,
        "variables": variables.unwrap_or_default(),
        "updatedAt": Timestamp::from_microsecond(template.updated).ok(),
    })
}

fn nothing() -> Problem {
    Problem::not_found("there is no such template")
}

fn taken() -> Problem {
    Problem::conflict("another template has this name, or there are 1,000 already")
}

/// The name and the text of a template that can be filled.
fn checked(fields: &Fields) -> Result<[&str; 2], Problem> {
    let [name, body] = fields.required(["name", "body"])?;
    if name.len() > MAX_NAME || name.chars().any(char::is_control) || name.trim().is_empty() {
        let said = format!("the name must have 1 to {MAX_NAME} bytes, and no control characters");
        return Err(Problem::bad_request(said));
    }
    Templates::new().add("text", body).map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok([name, body])
}

/// `GET /api/templates`.
pub(crate) async fn list(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<AnyRole>,
    paging: Paging,
) -> Result<Response, Problem> {
    let page = dashboard.records().templates(&login.tenant, paging.before(), paging.limit).await?;
    let items: Vec<Value> = page.items.iter().map(template_json).collect();
    Ok(list_page(items, page.next))
}

/// `POST /api/templates` with `{name, body}`.
pub(crate) async fn add(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    fields: Fields,
) -> Result<Response, Problem> {
    let [name, body] = checked(&fields)?;
    let added = dashboard.records().add_template(&login.tenant, name, body).await?;
    let template = added.map_err(|_| taken())?;
    audit(&dashboard, &login, "template.add", Some(template.id), &json!({"name": name})).await;
    Ok(answer(StatusCode::CREATED, &template_json(&template)))
}

/// `PUT /api/templates/{id}` with `{name, body}`.
pub(crate) async fn change(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    Id(id): Id,
    fields: Fields,
) -> Result<Response, Problem> {
    let [name, body] = checked(&fields)?;
    let changed = dashboard.records().change_template(&login.tenant, id, name, body).await?;
    let template = changed.ok_or_else(nothing)?.map_err(|_| taken())?;
    audit(&dashboard, &login, "template.change", Some(id), &json!({"name": name})).await;
    Ok(answer(StatusCode::OK, &template_json(&template)))
}

/// `DELETE /api/templates/{id}`.
pub(crate) async fn delete(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    Id(id): Id,
) -> Result<Response, Problem> {
    if !dashboard.records().delete_template(&login.tenant, id).await? {
        return Err(nothing());
    }
    audit(&dashboard, &login, "template.delete", Some(id), &json!({})).await;
    Ok(StatusCode::NO_CONTENT.into_response())
}
