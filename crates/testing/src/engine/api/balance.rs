//! The remaining credit of an account: `/2010-04-01/Accounts/{AccountSid}/Balance`.

use http::StatusCode;
use serde_json::json;

use crate::engine::error::HandlerResult;
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[Route::get("/2010-04-01/Accounts/{AccountSid}/Balance.json", balance)];

/// Only a main account has a balance: its subaccounts spend from it.
fn balance(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    if tenant.core.account.owner.is_some() {
        return Err(request.not_found());
    }
    let body = json!({
        "account_sid": tenant.core.account_sid(),
        "balance": tenant.core.ledger.balance(),
        "currency": "USD",
    });
    Ok(FakeReply::json(StatusCode::OK, &body))
}
