//! The credentials of a tenant.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};
use switchboard::provider::Connection;
use switchboard::{Credentials, ErrorCode};
use switchboard_store::{CredentialName, CredentialStatus, ShownCredential};

use super::message::audit;
use crate::answer::{self, Problem};
use crate::dashboard::{Dashboard, TWILIO};
use crate::request::{By, Fields, Manage};

fn name(tenant: &str) -> CredentialName<'_> {
    CredentialName::new(tenant, TWILIO)
}

/// `GET /api/credentials/twilio`: whether there are some, and what may be shown of them.
pub(crate) async fn show(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
) -> Result<Response, Problem> {
    shown_credentials(&dashboard, &login.tenant).await
}

async fn shown_credentials(dashboard: &Dashboard, tenant: &str) -> Result<Response, Problem> {
    let all = dashboard.users().list(tenant).await?;
    let found = all.into_iter().find(|shown| shown.provider == TWILIO && shown.label.is_empty());
    Ok(answer::json(StatusCode::OK, &found.map_or_else(nothing, |shown| shown_json(&shown))))
}

fn nothing() -> Value {
    json!({ "provider": TWILIO, "connected": false, "status": null, "statusDetail": null, "shown": {} })
}

fn shown_json(shown: &ShownCredential) -> Value {
    let status = match shown.status {
        CredentialStatus::Verified => "connected",
        CredentialStatus::Failed => "failed",
        _ => "untested",
    };
    json!({
        "provider": TWILIO,
        "connected": shown.status == CredentialStatus::Verified,
        "status": status,
        "statusDetail": shown.status_detail,
        "shown": shown.shown,
    })
}

/// `PUT /api/credentials/twilio`: saves them, and tests them with the provider.
pub(crate) async fn save(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    fields: Fields,
) -> Result<Response, Problem> {
    let adapter = dashboard.adapter()?;
    let credentials =
        Credentials::from_json(&Value::Object(fields.0)).map_err(|error| Problem::of(&error))?;
    if credentials.get("authToken").is_none() && credentials.get("apiKey").is_some() {
        let said =
            "Twilio signs webhooks with the auth token, not with an API key: enter the auth token, too";
        return Err(Problem::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidCredentials, said)
            .with("field", "authToken"));
    }
    adapter.validate_credentials(&credentials).map_err(|error| Problem::of(&error))?;
    dashboard.users().save(&name(&login.tenant), &credentials).await?;
    dashboard.known_accounts().forget(&login.tenant);
    audit(&dashboard, &login, "credentials.save", None, &json!({})).await;
    tested(&dashboard, &login.tenant).await
}

/// `PATCH /api/credentials/twilio` with `{phoneNumber}`: changes the sender, and nothing else.
pub(crate) async fn change(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    fields: Fields,
) -> Result<Response, Problem> {
    let [number] = fields.required(["phoneNumber"])?;
    let adapter = dashboard.adapter()?;
    let credentials = dashboard.credentials(&login.tenant).await?.phone_number(number);
    adapter.validate_credentials(&credentials).map_err(|error| Problem::of(&error))?;
    dashboard.users().save(&name(&login.tenant), &credentials).await?;
    dashboard.known_accounts().forget(&login.tenant);
    audit(&dashboard, &login, "credentials.change", None, &json!({})).await;
    // It was accepted before, and still is: this notes it for the new row.
    dashboard.users().test(&name(&login.tenant), &*adapter).await?;
    shown_credentials(&dashboard, &login.tenant).await
}

/// `POST /api/credentials/twilio/test`: tests what is saved.
pub(crate) async fn test(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    _: Fields,
) -> Result<Response, Problem> {
    tested(&dashboard, &login.tenant).await
}

async fn tested(dashboard: &Dashboard, tenant: &str) -> Result<Response, Problem> {
    let adapter = dashboard.adapter()?;
    let connection = dashboard.users().test(&name(tenant), &*adapter).await?;
    Ok(answer::json(StatusCode::OK, &connected(&connection)))
}

fn connected(connection: &Connection) -> Value {
    json!({ "success": true, "status": "Connected", "connection": connection })
}

/// `DELETE /api/credentials/twilio`.
pub(crate) async fn delete(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
) -> Result<Response, Problem> {
    if dashboard.users().delete(&name(&login.tenant)).await? {
        dashboard.known_accounts().forget(&login.tenant);
        audit(&dashboard, &login, "credentials.delete", None, &json!({})).await;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(Problem::not_found("there are no credentials to delete"))
}
