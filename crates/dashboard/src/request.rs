//! What an endpoint takes from a request: who asks, and a JSON object.

use std::marker::PhantomData;
use std::str::FromStr;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use http_body_util::LengthLimitError;
use jiff::Timestamp;
use serde_json::{Map, Value};
use switchboard::ErrorCode;

use crate::answer::Problem;
use crate::dashboard::Dashboard;
use crate::identity::{Login, Roles};

/// The largest body that is read.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// Somebody who may do this.
pub(crate) struct By<R> {
    pub(crate) login: Login,
    right: PhantomData<R>,
}

/// What an endpoint asks for.
pub(crate) trait Right {
    /// What is said to somebody who may not.
    const REFUSAL: &str;

    fn is_in(roles: Roles) -> bool;
}

/// To read.
pub(crate) struct View;

/// To read, or to see what became of one's own.
pub(crate) struct See;

/// To send.
pub(crate) struct Send;

/// To change what belongs to the tenant.
pub(crate) struct Manage;

/// To do anything at all.
pub(crate) struct AnyRole;

impl Right for View {
    const REFUSAL: &str = "you may not read this: ask for the role `view`";

    fn is_in(roles: Roles) -> bool {
        roles.view
    }
}

impl Right for See {
    const REFUSAL: &str = "you may not read this: ask for the role `view` or `send`";

    fn is_in(roles: Roles) -> bool {
        roles.view || roles.send
    }
}

impl Right for Send {
    const REFUSAL: &str = "you may not send: ask for the role `send`";

    fn is_in(roles: Roles) -> bool {
        roles.send
    }
}

impl Right for Manage {
    const REFUSAL: &str = "you may not change this: ask for the role `manage`";

    fn is_in(roles: Roles) -> bool {
        roles.manage
    }
}

impl Right for AnyRole {
    const REFUSAL: &str = "you have no role here";

    fn is_in(roles: Roles) -> bool {
        roles != Roles::none()
    }
}

impl<R: Right> FromRequestParts<Dashboard> for By<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Self, Problem> {
        let login = dashboard.identity().login(parts).await;
        let login = login.filter(|login| login.expires.is_none_or(|end| end > Timestamp::now()));
        let unauthorized =
            || Problem::new(StatusCode::UNAUTHORIZED, ErrorCode::Unauthorized, "sign in first");
        let login = login.ok_or_else(unauthorized)?;
        if !R::is_in(login.roles) {
            return Err(Problem::forbidden(R::REFUSAL));
        }
        dashboard.limit().check(&login.tenant)?;
        Ok(Self { login, right: PhantomData })
    }
}

/// An id in a path. What is none names nothing.
pub(crate) struct Id(pub(crate) i64);

impl<S: std::marker::Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let ids = Ids::<1>::from_request_parts(parts, state).await?;
        let Ids([id]) = ids;
        Ok(Self(id))
    }
}

/// Several ids in a path, in their order.
pub(crate) struct Ids<const N: usize>(pub(crate) [i64; N]);

impl<S: std::marker::Send + Sync, const N: usize> FromRequestParts<S> for Ids<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let nothing = || Problem::not_found("there is no such thing");
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| nothing())?;
        let mut ids = [0; N];
        let mut found = params.iter().map(|(_, text)| text.parse::<i64>().ok().filter(|id| *id >= 0));
        for place in &mut ids {
            *place = found.next().flatten().ok_or_else(nothing)?;
        }
        Ok(Self(ids))
    }
}

/// The part of a list that is asked for, and its filters. Most lists are in the order of their numbers.
pub(crate) struct Paging<C = i64> {
    pub(crate) limit: u32,
    /// Where the page before ended.
    pub(crate) after: Option<C>,
    fields: Vec<(String, String)>,
}

/// Where a page of another list ended.
pub(crate) struct Cursor(pub(crate) String);

impl FromStr for Cursor {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl<S: std::marker::Send + Sync, C: FromStr> FromRequestParts<S> for Paging<C> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let bad = |_| Problem::bad_request("the query of the URL cannot be read");
        let fields: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(bad)?;
        let find =
            |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
        let (limit, after) = (find("limit").map(limit).transpose()?, find("after").map(after).transpose()?);
        Ok(Self { limit: limit.unwrap_or(PAGE), after, fields })
    }
}

/// How many entries a page of a list has, if nothing is said.
const PAGE: u32 = 50;
/// And at most.
const LARGEST_PAGE: u32 = 200;

fn limit(text: &str) -> Result<u32, Problem> {
    let limit = text.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit));
    limit.ok_or_else(|| Problem::bad_request(format!("`limit` is a number from 1 to {LARGEST_PAGE}")))
}

fn after<C: FromStr>(text: &str) -> Result<C, Problem> {
    text.parse().map_err(|_| Problem::bad_request("`after` is the `next` of the page before"))
}

impl Paging {
    /// A filter; `None` if it is missing.
    pub(crate) fn filter(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The number below which a list that begins with the newest goes on.
    pub(crate) fn before(&self) -> i64 {
        self.after.unwrap_or(i64::MAX)
    }

    /// What the body of a search says.
    pub(crate) fn of(fields: &Fields) -> Result<Self, Problem> {
        let limit = match fields.0.get("limit") {
            None | Some(Value::Null) => PAGE,
            Some(value) => limit(&value.to_string())?,
        };
        Ok(Self { limit, after: fields.text("after")?.map(after).transpose()?, fields: Vec::new() })
    }
}

/// The fields of a body, a JSON object of at most 64 KiB.
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl<S: std::marker::Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        // A form of another site cannot send this type.
        if content_type(&parts.headers).as_deref() != Some("application/json") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                ErrorCode::InvalidRequest,
                "send the header `Content-Type: application/json`",
            ));
        }
        read(body).await.map(Self)
    }
}

/// The type of a body, without its parameters, in lower case.
pub(crate) fn content_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}

async fn read(body: Body) -> Result<Map<String, Value>, Problem> {
    let bytes = to_bytes(body, BODY_LIMIT).await.map_err(|error| {
        if error.into_inner().is::<LengthLimitError>() {
            let said = format!("the body is larger than {BODY_LIMIT} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::InvalidRequest, said)
        } else {
            Problem::bad_request("the body was cut: send it again")
        }
    })?;
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
            Some(Value::String(text)) if text.contains('\0') => {
                Err(Problem::bad_request(format!("`{name}` must not contain NUL characters")))
            }
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
