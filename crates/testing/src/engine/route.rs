//! What a route is: a method, a path, who may use it, and the function that answers.

use http::{Method, header};
use serde_json::Value;

use super::accounts::Accounts;
use super::error::{Answer, Refusal};
use super::exchange::FakeRequest;
use super::form::Pairs;
use super::tenant::Tenant;

/// One method on one path.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) method: Method,
    /// Segments; `{Name}` stands for any one segment, with what must come behind it: `{Sid}.json`. `{Name}*` takes dots
    /// too: an e-mail address.
    pub(super) path: &'static str,
    pub(super) access: Access,
    pub(super) handler: Handler,
}

/// Answers a request for one account.
pub(super) type TenantHandler = fn(&mut Tenant, &Asked<'_>) -> Answer;
/// Answers a request about the accounts themselves.
pub(super) type AccountsHandler = fn(&mut Accounts, &Asked<'_>) -> Answer;

/// The function behind a route.
#[derive(Debug, Clone, Copy)]
pub(super) enum Handler {
    Tenant(TenantHandler),
    Accounts(AccountsHandler),
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// The account and all its API keys.
    Key,
    /// The account and its main API keys.
    Account,
    /// Anybody: storage behind a redirect. It is no part of the API, so no fault strikes it.
    Open,
}

impl Route {
    /// A route of one account's, for the account and all its keys.
    pub(super) const fn new(method: Method, path: &'static str, handler: TenantHandler) -> Self {
        Self { method, path, access: Access::Key, handler: Handler::Tenant(handler) }
    }

    pub(super) const fn get(path: &'static str, handler: TenantHandler) -> Self {
        Self::new(Method::GET, path, handler)
    }

    pub(super) const fn post(path: &'static str, handler: TenantHandler) -> Self {
        Self::new(Method::POST, path, handler)
    }

    pub(super) const fn delete(path: &'static str, handler: TenantHandler) -> Self {
        Self::new(Method::DELETE, path, handler)
    }

    /// A route of the storage behind redirects: its URLs take no credentials.
    pub(super) const fn storage(path: &'static str, handler: TenantHandler) -> Self {
        Self { method: Method::GET, path, access: Access::Open, handler: Handler::Tenant(handler) }
    }

    /// A route about accounts, which standard API keys may not use.
    pub(super) const fn accounts(method: Method, path: &'static str, handler: AccountsHandler) -> Self {
        Self { method, path, access: Access::Account, handler: Handler::Accounts(handler) }
    }
}

/// A request with what its route and its pairs say.
pub(super) struct Asked<'a> {
    pub(super) request: &'a FakeRequest,
    /// The SID of the account whose credentials came with the request.
    pub(super) login: String,
    pub(super) query: Pairs,
    pub(super) form: Pairs,
    names: Vec<(&'static str, String)>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(request: &'a FakeRequest, login: String, names: Vec<(&'static str, String)>) -> Self {
        let query = Pairs::decode(request.query.as_bytes());
        Self { request, login, query, form: form(request), names }
    }

    /// Reads a body of JSON, under its content type.
    pub(super) fn json(&self) -> Option<Value> {
        let content_type = self.request.header(header::CONTENT_TYPE).unwrap_or_default();
        let json = content_type.starts_with("application/json");
        json.then(|| serde_json::from_slice(&self.request.body).ok()).flatten()
    }

    /// The refusal of a path that leads to nothing.
    pub(super) fn not_found(&self) -> Refusal {
        Refusal::not_found(&self.request.path)
    }

    /// The URL of the request without its query, as the younger products give it of a resource.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.request.base)
    }

    /// Returns what stood in the path for `{name}`, or nothing.
    pub(super) fn name(&self, name: &str) -> &str {
        self.names.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
    }
}

/// A body counts only under the content type of a form, as at Twilio.
fn form(request: &FakeRequest) -> Pairs {
    let content_type = request.header(header::CONTENT_TYPE).unwrap_or_default();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        Pairs::decode(&request.body)
    } else {
        Pairs::default()
    }
}
