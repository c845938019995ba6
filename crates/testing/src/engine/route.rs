//! A route: a method, a path, the credentials that it needs, and its handler.

use http::Method;

use super::accounts::Accounts;
use super::error::HandlerResult;
use super::request::RoutedRequest;
use super::tenant::Tenant;

/// One method on one path.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) method: Method,
    /// The path's segments. `{Name}` matches one segment, and a suffix may follow, as in `{Sid}.json`. `{Name}*` also
    /// matches dots, as in an e-mail address.
    pub(super) path: &'static str,
    pub(super) access: Access,
    pub(super) handler: Handler,
}

/// Answers a request for one account.
pub(super) type TenantHandler = fn(&mut Tenant, &RoutedRequest<'_>) -> HandlerResult;
/// Answers a request about the accounts themselves.
pub(super) type AccountsHandler = fn(&mut Accounts, &RoutedRequest<'_>) -> HandlerResult;

/// The function that answers the requests of a route.
#[derive(Debug, Clone, Copy)]
pub(super) enum Handler {
    Tenant(TenantHandler),
    Accounts(AccountsHandler),
}

/// The credentials that a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// The auth token or any API key.
    Key,
    /// The auth token or a main API key.
    Account,
    /// None: the storage behind redirects. It is not part of the API, so no faults are applied.
    Open,
}

impl Route {
    /// A route of one account, for its token and all its API keys.
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

    /// A route of the storage behind redirects, which needs no credentials.
    pub(super) const fn storage(path: &'static str, handler: TenantHandler) -> Self {
        Self { method: Method::GET, path, access: Access::Open, handler: Handler::Tenant(handler) }
    }

    /// A route of one account that standard API keys may not use.
    pub(super) const fn closed_to_standard_keys(
        method: Method,
        path: &'static str,
        handler: TenantHandler,
    ) -> Self {
        Self { method, path, access: Access::Account, handler: Handler::Tenant(handler) }
    }

    /// A route about accounts, which standard API keys may not use.
    pub(super) const fn accounts(method: Method, path: &'static str, handler: AccountsHandler) -> Self {
        Self { method, path, access: Access::Account, handler: Handler::Accounts(handler) }
    }
}
