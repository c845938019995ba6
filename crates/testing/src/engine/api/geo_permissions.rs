//! Messaging geo permissions: `/v1/Messaging/GeoPermissions`.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

const PATH: &str = "/v1/Messaging/GeoPermissions";

pub(super) const ROUTES: &[Route] = &[Route::get(PATH, list), Route::new(Method::PATCH, PATH, update)];

fn list(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let view = tenant.senders.geo.view(request.query.get("CountryCode"));
    Ok(FakeReply::json(StatusCode::OK, &view))
}

/// Changes each country that can be changed. Objects that are none are refused before anything is changed.
fn update(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let changes: Option<Vec<_>> = request.form.all("Permissions").map(read).collect();
    let changes = changes.filter(|changes| !changes.is_empty()).ok_or_else(|| {
        Refusal::bad_request(20001, "Permissions must be objects with country_code, type and enabled")
    })?;
    let geo = &mut tenant.senders.geo;
    let results: Vec<Value> =
        changes.iter().map(|(country, enabled)| geo.change(country, *enabled)).collect();
    Ok(FakeReply::json(StatusCode::OK, &json!({ "permissions": results })))
}

fn read(text: &str) -> Option<(String, bool)> {
    let object: Value = serde_json::from_str(text).ok()?;
    let country = object.get("country_code")?.as_str().filter(|country| country.len() == 2)?;
    object.get("type").filter(|kind| *kind == "country")?;
    Some((country.to_owned(), object.get("enabled")?.as_bool()?))
}
