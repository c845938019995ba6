//! API keys: `/2010-04-01/Accounts/{AccountSid}/Keys`.

use http::{Method, StatusCode};
use switchboard::secret::Secret;

use crate::engine::api_keys::ApiKey;
use crate::engine::auth::Level;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::page::{self, ListFormat};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

const ALL: &str = "/2010-04-01/Accounts/{AccountSid}/Keys.json";
const ONE: &str = "/2010-04-01/Accounts/{AccountSid}/Keys/{Sid}.json";

pub(super) const ROUTES: &[Route] = &[
    Route::closed_to_standard_keys(Method::GET, ALL, list),
    Route::closed_to_standard_keys(Method::POST, ALL, create),
    Route::closed_to_standard_keys(Method::GET, ONE, fetch),
    Route::closed_to_standard_keys(Method::POST, ONE, rename),
    Route::closed_to_standard_keys(Method::DELETE, ONE, revoke),
];

const MAX_NAME: usize = 64;

fn list(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let keys = &tenant.core.account.keys;
    page::list(request, ListFormat::Classic, "keys", keys, |_| true, |sid, key| key.view(sid))
}

/// Creates a standard key. Only this answer has its secret.
fn create(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let name = name(request)?.unwrap_or_default();
    let core = &mut tenant.core;
    let (sid, secret, now) = (core.sids.next("SK"), core.sids.token(), core.now());
    let key = ApiKey::new(Secret::new(secret.as_str()), name, Level::Standard, now);
    let mut view = key.view(&sid);
    if let Some(fields) = view.as_object_mut() {
        fields.insert("secret".to_owned(), secret.into());
    }
    core.account.keys.insert(&sid, key);
    Ok(FakeReply::json(StatusCode::CREATED, &view))
}

fn fetch(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = request.param("Sid");
    let key = tenant.core.account.keys.get(sid).ok_or_else(|| request.not_found())?;
    Ok(FakeReply::json(StatusCode::OK, &key.view(sid)))
}

fn rename(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let (sid, now) = (request.param("Sid"), tenant.core.now());
    let key = tenant.core.account.keys.get_mut(sid).ok_or_else(|| request.not_found())?;
    if let Some(name) = name(request)? {
        name.clone_into(&mut key.name);
    }
    key.updated = now;
    Ok(FakeReply::json(StatusCode::OK, &key.view(sid)))
}

fn revoke(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let revoked = tenant.core.account.keys.remove(request.param("Sid"));
    revoked.map(|_| FakeReply::empty(StatusCode::NO_CONTENT)).ok_or_else(|| request.not_found())
}

fn name<'a>(request: &'a RoutedRequest<'_>) -> Result<Option<&'a str>, Refusal> {
    match request.form.given("FriendlyName") {
        Some(name) if name.chars().count() > MAX_NAME => {
            Err(Refusal::bad_request(20001, format!("The FriendlyName is longer than {MAX_NAME} characters")))
        }
        name => Ok(name),
    }
}
