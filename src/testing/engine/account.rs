//! The account itself: `/2010-04-01/Accounts`, for the account and not for its API keys.

use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Engine;
use super::clock::rfc2822;
use super::error::Answer;
use super::exchange::FakeReply;
use super::page;
use super::router::{Access, Asked, Route};
use super::shelf::Shelf;

pub(super) const ROUTES: &[Route] =
    &[route("/2010-04-01/Accounts.json", list), route("/2010-04-01/Accounts/{AccountSid}.json", fetch)];

const fn route(path: &'static str, handler: fn(&mut Engine, &Asked<'_>) -> Answer) -> Route {
    Route { method: Method::GET, path, access: Access::Account, handler }
}

/// What can be said of the account beside its credentials.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) trial: bool,
    pub(super) created: Timestamp,
}

fn list(engine: &mut Engine, asked: &Asked<'_>) -> Answer {
    let mut only = Shelf::default();
    only.insert(&engine.keys.account_sid, ());
    page::list(asked, "accounts", &only, |()| true, |_, ()| view(engine))
}

fn fetch(engine: &mut Engine, _: &Asked<'_>) -> Answer {
    Ok(FakeReply::json(StatusCode::OK, &view(engine)))
}

fn view(engine: &Engine) -> Value {
    let sid = &engine.keys.account_sid;
    let created = rfc2822(engine.account.created);
    json!({
        "sid": sid,
        "owner_account_sid": sid,
        "friendly_name": "Fake account",
        "status": "active",
        "type": if engine.account.trial { "Trial" } else { "Full" },
        "auth_token": engine.keys.auth_token.expose(),
        "date_created": created,
        "date_updated": created,
        "uri": format!("/2010-04-01/Accounts/{sid}.json"),
        "subresource_uris": subresources(sid),
    })
}

fn subresources(sid: &str) -> Map<String, Value> {
    [("messages", "Messages"), ("calls", "Calls")]
        .into_iter()
        .map(|(key, name)| (key.to_owned(), json!(format!("/2010-04-01/Accounts/{sid}/{name}.json"))))
        .collect()
}
