//! The endpoints under `/api`.

pub(crate) mod account;
mod audit;
mod campaign;
mod consent;
mod conversation;
mod credentials;
pub(crate) mod events;
mod message;
mod outcome;
mod providers;
mod send;
mod template;
mod widgets;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use http::{StatusCode, header};
use switchboard::ErrorCode;
use tower_http::csrf::{CsrfLayer, ProtectionError};

pub(crate) use self::message::number;
use crate::answer::Problem;
use crate::dashboard::Dashboard;
use crate::request::{AnyRole, By};

pub(crate) fn router(dashboard: Dashboard) -> Router {
    let refused = |_: ProtectionError| axum::response::IntoResponse::into_response(other_site());
    Router::new()
        .merge(account())
        .merge(messages())
        .merge(conversations())
        .merge(campaigns())
        .merge(consents())
        .route("/api/events", get(events::stream))
        .route("/api/openapi.json", get(document))
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

/// What the endpoints are, for machines.
const DOCUMENT: &str = include_str!("../openapi.json");

async fn document(_: By<AnyRole>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

fn account() -> Router<Dashboard> {
    Router::new()
        .route("/api/me", get(account::me))
        .route("/api/account", get(account::account))
        .route("/api/numbers", get(account::numbers))
        .route("/api/providers", get(providers::list))
        .route("/api/widgets", get(widgets::list))
        .route("/api/widgets/{kind}", get(widgets::one))
        .route(
            "/api/credentials/twilio",
            get(credentials::show)
                .put(credentials::save)
                .patch(credentials::change)
                .delete(credentials::delete),
        )
        .route("/api/credentials/twilio/test", post(credentials::test))
        .route("/api/audit", get(audit::list))
}

fn messages() -> Router<Dashboard> {
    Router::new()
        .route("/api/actions/twilio/send-sms", post(send::sms))
        .route("/api/actions/twilio/make-call", post(send::call))
        .route("/api/actions/twilio/preview", post(send::preview))
        .route("/api/messages", get(message::list))
        .route("/api/messages/search", post(message::search))
        .route("/api/messages/{id}", get(message::one))
        .route("/api/messages/{id}/cancel", post(message::cancel))
        .route("/api/messages/{id}/settle", post(message::settle))
        .route("/api/unsettled", get(message::unsettled))
}

fn conversations() -> Router<Dashboard> {
    Router::new()
        .route("/api/conversations", get(conversation::list))
        .route("/api/conversations/search", post(conversation::search))
        .route("/api/conversations/{id}", get(conversation::one))
        .route("/api/conversations/{id}/messages", get(conversation::texts))
        .route("/api/conversations/{id}/replies", post(conversation::reply))
        .route("/api/conversations/{id}/read", post(conversation::read))
        .route("/api/conversations/{id}/messages/{text}/media/{index}", get(conversation::media))
}

fn campaigns() -> Router<Dashboard> {
    Router::new()
        .route("/api/templates", get(template::list).post(template::add))
        .route("/api/templates/{id}", put(template::change).delete(template::delete))
        .route("/api/campaigns", get(campaign::list).post(campaign::add))
        .route("/api/campaigns/{id}", get(campaign::one).delete(campaign::delete))
        .route("/api/campaigns/{id}/list", put(campaign::upload))
        .route("/api/campaigns/{id}/plan", post(campaign::plan))
        .route("/api/campaigns/{id}/start", post(campaign::start))
        .route("/api/campaigns/{id}/pause", post(campaign::pause))
        .route("/api/campaigns/{id}/resume", post(campaign::resume))
        .route("/api/campaigns/{id}/stop", post(campaign::stop))
        .route("/api/campaigns/{id}/deliveries", get(campaign::deliveries))
        .route("/api/campaigns/{id}/report", get(campaign::report))
        .route("/api/campaigns/{id}/report.csv", get(campaign::report_csv))
        .route("/api/campaigns/{id}/rejects.csv", get(campaign::rejects))
}

fn consents() -> Router<Dashboard> {
    Router::new()
        .route("/api/consent", get(consent::list).post(consent::record))
        .route("/api/consent/search", post(consent::search))
        .route("/api/people/forget", post(consent::forget))
}
