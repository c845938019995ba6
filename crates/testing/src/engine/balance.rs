//! What is left of an account's credit: `/2010-04-01/Accounts/{AccountSid}/Balance`.

use http::StatusCode;
use serde_json::json;

use super::error::Answer;
use super::exchange::FakeReply;
use super::route::{Asked, Route};
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[Route::get("/2010-04-01/Accounts/{AccountSid}/Balance.json", balance)];

fn balance(tenant: &mut Tenant, _: &Asked<'_>) -> Answer {
    let body = json!({
        "account_sid": tenant.account_sid(),
        "balance": tenant.ledger.balance(),
        "currency": "USD",
    });
    Ok(FakeReply::json(StatusCode::OK, &body))
}
