//! The endpoints under `/api`.

mod credentials;
pub(crate) mod events;
mod outcome;
mod providers;
mod send;
mod widgets;

use axum::Router;
use axum::routing::{get, post};
use http::StatusCode;
use switchboard::ErrorCode;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::answer::Problem;
use crate::dashboard::Dashboard;

pub(crate) fn router(dashboard: Dashboard) -> Router {
    let refused = |_: ProtectionError| axum::response::IntoResponse::into_response(other_site());
    Router::new()
        .route("/api/providers", get(providers::list))
        .route("/api/widgets", get(widgets::list))
        .route("/api/widgets/{kind}", get(widgets::one))
        .route(
            "/api/credentials/twilio",
            get(credentials::show).put(credentials::save).delete(credentials::delete),
        )
        .route("/api/credentials/twilio/test", post(credentials::test))
        .route("/api/actions/twilio/send-sms", post(send::sms))
        .route("/api/actions/twilio/make-call", post(send::call))
        .route("/api/events", get(events::stream))
        .route("/api/actions/twilio/preview", post(send::preview))
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                ErrorCode::InvalidRequest,
                "this endpoint has no such method",
            )
        })
        .with_state(dashboard)
        .layer(CsrfLayer::new().with_rejection_response(refused))
}

fn other_site() -> Problem {
    Problem::forbidden("this request comes from another site")
}
