//! What an endpoint takes from a request: who asks, and a JSON object.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use http::{StatusCode, header};
use jiff::Timestamp;
use serde_json::{Map, Value};
use switchboard::ErrorCode;

use crate::answer::Problem;
use crate::dashboard::Dashboard;
use crate::identity::Login;

/// The largest body that is read.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// Somebody who may read.
pub(crate) struct Views(pub(crate) Login);

/// Somebody who may send.
pub(crate) struct Sends(pub(crate) Login);

/// Somebody who may manage.
pub(crate) struct Manages(pub(crate) Login);

/// Somebody who may do anything at all.
pub(crate) struct Anybody;

async fn login(parts: &Parts, dashboard: &Dashboard) -> Result<Login, Problem> {
    let login = dashboard.identity().login(parts).await;
    let login = login.filter(|login| login.expires.is_none_or(|end| end > Timestamp::now()));
    login.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, ErrorCode::Unauthorized, "sign in first"))
}

impl FromRequestParts<Dashboard> for Views {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Self, Problem> {
        let login = login(parts, dashboard).await?;
        if !login.roles.view {
            return Err(Problem::forbidden("you may not read this: ask for the role `view`"));
        }
        Ok(Self(login))
    }
}

impl FromRequestParts<Dashboard> for Sends {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Self, Problem> {
        let login = login(parts, dashboard).await?;
        if !login.roles.send {
            return Err(Problem::forbidden("you may not send: ask for the role `send`"));
        }
        Ok(Self(login))
    }
}

impl FromRequestParts<Dashboard> for Manages {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Self, Problem> {
        let login = login(parts, dashboard).await?;
        if !login.roles.manage {
            return Err(Problem::forbidden("you may not change this: ask for the role `manage`"));
        }
        Ok(Self(login))
    }
}

impl FromRequestParts<Dashboard> for Anybody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Self, Problem> {
        let login = login(parts, dashboard).await?;
        let roles = login.roles;
        if !(roles.view || roles.send || roles.manage) {
            return Err(Problem::forbidden("you have no role here"));
        }
        Ok(Self)
    }
}

/// The fields of a body, a JSON object of at most 64 KiB.
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        // A form of another site cannot send this type.
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next()).map(str::trim);
        if !essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                ErrorCode::InvalidRequest,
                "send the header `Content-Type: application/json`",
            ));
        }
        read(body).await.map(Self)
    }
}

async fn read(body: Body) -> Result<Map<String, Value>, Problem> {
    let Ok(bytes) = to_bytes(body, BODY_LIMIT).await else {
        let said = format!("the body is cut, or larger than {BODY_LIMIT} bytes");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::InvalidRequest, said));
    };
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => {
            Err(Problem::bad_request("the body must be a JSON object, such as {\"to\": \"+14155551234\"}"))
        }
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(Problem::bad_request(format!("the body is no JSON: see line {line}, column {column}")))
        }
    }
}

impl Fields {
    /// A text; `None` if it is missing, null or empty.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(Problem::bad_request(format!("`{name}` must be a text"))),
        }
    }

    /// Texts that must be there.
    pub(crate) fn required<const N: usize>(&self, names: [&str; N]) -> Result<[&str; N], Problem> {
        let mut found = [""; N];
        let mut missing = Vec::new();
        for (place, name) in found.iter_mut().zip(names) {
            match self.text(name)? {
                Some(text) => *place = text,
                None => missing.push(name),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        Err(Problem::bad_request(format!("Missing required fields: {}", missing.join(", "))))
    }
}
