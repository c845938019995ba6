//! The account, its subaccounts and its balance: `/2010-04-01/Accounts`, for the account and not for its API keys.
//!
//! A subaccount is a record and nothing more: the fake keeps no messages and no calls in it.

use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Engine;
use super::clock::rfc2822;
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::page;
use super::router::{Access, Asked, Route};
use switchboard::secret::Secret;

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/2010-04-01/Accounts.json", list),
    route(Method::POST, "/2010-04-01/Accounts.json", create),
    route(Method::GET, "/2010-04-01/Accounts/{AccountSid}.json", fetch),
    route(Method::POST, "/2010-04-01/Accounts/{AccountSid}.json", update),
    Route {
        method: Method::GET,
        path: "/2010-04-01/Accounts/{AccountSid}/Balance.json",
        access: Access::Key,
        handler: balance,
    },
];

const fn route(method: Method, path: &'static str, handler: fn(&mut Engine, &Asked<'_>) -> Answer) -> Route {
    Route { method, path, access: Access::Account, handler }
}

const MAX_NAME: usize = 64;

/// An account: the fake's own, or one below it.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) trial: bool,
    name: String,
    status: Status,
    token: Secret,
    pub(super) created: Timestamp,
    updated: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Active,
    Suspended,
    Closed,
}

impl Status {
    const ALL: &[Self] = &[Self::Active, Self::Suspended, Self::Closed];

    const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }
}

fn list(engine: &mut Engine, asked: &Asked<'_>) -> Answer {
    let (name, status) = (asked.query.get("FriendlyName"), asked.query.get("Status"));
    let keep = |account: &Account| {
        name.is_none_or(|name| account.name == name)
            && status.is_none_or(|word| account.status.word() == word)
    };
    let owner = engine.account_sid();
    page::list(asked, "accounts", &engine.accounts, keep, |sid, account| account.view(owner, sid))
}

fn create(engine: &mut Engine, asked: &Asked<'_>) -> Answer {
    let now = engine.clock.now();
    let name = name(asked)?.unwrap_or_else(|| format!("SubAccount Created at {}", rfc2822(now)));
    if engine.is_trial() && engine.accounts.iter().count() > 1 {
        let message = "A trial account can have one subaccount";
        return Err(Refusal::new(StatusCode::FORBIDDEN, 20008, message));
    }
    let account = Account::new(&name, Secret::new(engine.sids.token()), now);
    let sid = engine.sids.next("AC");
    engine.accounts.insert(&sid, account);
    answer(engine, asked, &sid, StatusCode::CREATED)
}

fn fetch(engine: &mut Engine, asked: &Asked<'_>) -> Answer {
    answer(engine, asked, asked.name("AccountSid"), StatusCode::OK)
}

fn update(engine: &mut Engine, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("AccountSid");
    let (own, now) = (sid == engine.account_sid(), engine.clock.now());
    let name = name(asked)?;
    let word = asked.form.get("Status");
    let status = word.map(|word| {
        let known = Status::ALL.iter().find(|status| status.word() == word);
        known.copied().ok_or_else(|| Refusal::bad(20001, format!("The status {word} cannot be set")))
    });
    let status = status.transpose()?;
    let account = engine.accounts.get_mut(sid).ok_or_else(|| asked.not_found())?;
    if let Some(status) = status {
        if own {
            return Err(Refusal::bad(20001, "Only the status of a subaccount can be set"));
        }
        if account.status == Status::Closed && status != Status::Closed {
            return Err(Refusal::bad(20001, "A closed account stays closed"));
        }
        account.status = status;
    }
    account.name = name.unwrap_or_else(|| account.name.clone());
    account.updated = now;
    answer(engine, asked, sid, StatusCode::OK)
}

fn name(asked: &Asked<'_>) -> Result<Option<String>, Refusal> {
    match asked.form.owned("FriendlyName") {
        Some(name) if name.chars().count() > MAX_NAME => {
            Err(Refusal::bad(20001, format!("The FriendlyName is longer than {MAX_NAME} characters")))
        }
        name => Ok(name),
    }
}

fn balance(engine: &mut Engine, _: &Asked<'_>) -> Answer {
    let body = json!({
        "account_sid": engine.account_sid(),
        "balance": engine.ledger.balance(),
        "currency": "USD",
    });
    Ok(FakeReply::json(StatusCode::OK, &body))
}

fn answer(engine: &Engine, asked: &Asked<'_>, sid: &str, status: StatusCode) -> Answer {
    let account = engine.accounts.get(sid).ok_or_else(|| asked.not_found())?;
    Ok(FakeReply::json(status, &account.view(engine.account_sid(), sid)))
}

impl Account {
    pub(super) fn new(name: &str, token: Secret, now: Timestamp) -> Self {
        Self {
            trial: false,
            name: name.to_owned(),
            status: Status::Active,
            token,
            created: now,
            updated: now,
        }
    }

    fn view(&self, owner: &str, sid: &str) -> Value {
        json!({
            "sid": sid,
            "owner_account_sid": owner,
            "friendly_name": self.name,
            "status": self.status.word(),
            "type": if self.trial { "Trial" } else { "Full" },
            "auth_token": self.token.expose(),
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "uri": format!("/2010-04-01/Accounts/{sid}.json"),
            "subresource_uris": subresources(sid),
        })
    }
}

fn subresources(sid: &str) -> Map<String, Value> {
    [
        ("available_phone_numbers", "AvailablePhoneNumbers"),
        ("balance", "Balance"),
        ("calls", "Calls"),
        ("incoming_phone_numbers", "IncomingPhoneNumbers"),
        ("messages", "Messages"),
        ("recordings", "Recordings"),
        ("transcriptions", "Transcriptions"),
        ("usage", "Usage"),
    ]
    .into_iter()
    .map(|(key, name)| (key.to_owned(), json!(format!("/2010-04-01/Accounts/{sid}/{name}.json"))))
    .collect()
}
