//! The widgets that a dashboard can show.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer::{self, Problem};
use crate::request::{AnyRole, By};

/// The definitions, as JSON, each with its `type`.
const ALL: &[&str] =
    &[include_str!("../widget/twilio-send-sms.json"), include_str!("../widget/twilio-make-call.json")];

fn all() -> impl Iterator<Item = Value> {
    ALL.iter().filter_map(|text| serde_json::from_str(text).ok())
}

/// `GET /api/widgets`: what a registry of widgets holds, by type.
pub(crate) async fn list(_: By<AnyRole>) -> Response {
    let entry = |widget: Value| {
        let kind = widget.get("type")?.as_str()?.to_owned();
        let copy = |name: &str| widget.get(name).cloned().unwrap_or_default();
        let entry = json!({
            "type": kind, "version": copy("version"), "name": copy("name"), "description": copy("description"),
            "defaultConfig": {},
        });
        Some((kind, entry))
    };
    answer::json(StatusCode::OK, &Value::Object(all().filter_map(entry).collect::<Map<_, _>>()))
}

/// `GET /api/widgets/{type}`: the definition of one.
pub(crate) async fn one(_: By<AnyRole>, Path(kind): Path<String>) -> Result<Response, Problem> {
    let widget = all().find(|widget| widget.get("type").and_then(Value::as_str) == Some(&kind));
    let widget = widget.ok_or_else(|| Problem::not_found("there is no such widget: see /api/widgets"))?;
    Ok(answer::json(StatusCode::OK, &widget))
}
