//! The cards of the providers.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use crate::answer::{Problem, json};
use crate::dashboard::Dashboard;
use crate::request::{AnyRole, By};

/// `GET /api/providers`: for each provider what a form asks for.
pub(crate) async fn list(State(dashboard): State<Dashboard>, _: By<AnyRole>) -> Result<Response, Problem> {
    let cards = dashboard.registry().infos().map(serde_json::to_value).collect::<Result<Vec<_>, _>>();
    Ok(json(StatusCode::OK, &cards.unwrap_or_default().into()))
}
