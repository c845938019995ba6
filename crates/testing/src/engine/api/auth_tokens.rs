//! Auth tokens: `/v1/AuthTokens`.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use switchboard::secret::Secret;

use crate::engine::account::SecondaryToken;
use crate::engine::clock::iso8601;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

const SECONDARY: &str = "/v1/AuthTokens/Secondary";

pub(super) const ROUTES: &[Route] = &[
    Route::closed_to_standard_keys(Method::POST, SECONDARY, create),
    Route::closed_to_standard_keys(Method::DELETE, SECONDARY, delete),
    Route::closed_to_standard_keys(Method::POST, "/v1/AuthTokens/Promote", promote),
];

/// Creates the secondary token. Twilio documents no code for a second one; this is its code for a conflict.
fn create(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let core = &mut tenant.core;
    if core.account.secondary_token.is_some() {
        let message = "The account has a secondary auth token already";
        return Err(Refusal::new(StatusCode::CONFLICT, 20409, message));
    }
    let token = SecondaryToken { token: Secret::new(core.sids.token()), created: core.now() };
    let view = view(tenant, request, "secondary_auth_token", &token);
    tenant.core.account.secondary_token = Some(token);
    Ok(FakeReply::json(StatusCode::CREATED, &view))
}

fn delete(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let deleted = tenant.core.account.secondary_token.take();
    deleted.map(|_| FakeReply::empty(StatusCode::NO_CONTENT)).ok_or_else(|| request.not_found())
}

/// Makes the secondary token the primary one; the old one is forgotten.
fn promote(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let token = tenant.core.account.secondary_token.take().ok_or_else(|| request.not_found())?;
    let view = view(tenant, request, "auth_token", &token);
    tenant.core.account.updated = tenant.core.now();
    tenant.core.account.token = token.token;
    Ok(FakeReply::json(StatusCode::OK, &view))
}

fn view(tenant: &Tenant, request: &RoutedRequest<'_>, key: &str, token: &SecondaryToken) -> Value {
    json!({
        "account_sid": tenant.core.account_sid(),
        key: token.token.expose(),
        "date_created": iso8601(token.created),
        "date_updated": iso8601(tenant.core.now()),
        "url": request.url(&request.raw.path),
    })
}
