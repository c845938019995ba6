//! Accounts and subaccounts: `/2010-04-01/Accounts`.

use http::{Method, StatusCode};

use crate::engine::account::AccountStatus;
use crate::engine::accounts::{AccountState, Accounts};
use crate::engine::clock::rfc2822;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::page::{self, ListFormat};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[
    Route::accounts(Method::GET, "/2010-04-01/Accounts.json", list),
    Route::accounts(Method::POST, "/2010-04-01/Accounts.json", create),
    Route::accounts(Method::GET, "/2010-04-01/Accounts/{AccountSid}.json", fetch),
    Route::accounts(Method::POST, "/2010-04-01/Accounts/{AccountSid}.json", update),
];

const MAX_NAME: usize = 64;

fn list(accounts: &mut Accounts, request: &RoutedRequest<'_>) -> HandlerResult {
    let (name, status) = (request.query.get("FriendlyName"), request.query.get("Status"));
    let keep = |state: &AccountState| {
        let account = state.account();
        (account.sid == request.login || account.owner() == request.login)
            && name.is_none_or(|name| account.name == name)
            && status.is_none_or(|word| account.status.word() == word)
    };
    page::list(request, ListFormat::Classic, "accounts", accounts.table(), keep, |_, state| {
        state.account().view()
    })
}

fn create(accounts: &mut Accounts, request: &RoutedRequest<'_>) -> HandlerResult {
    let owner = accounts.get(&request.login).ok_or_else(|| request.not_found())?.account();
    if owner.owner.is_some() {
        return Err(Refusal::bad_request(20001, "A subaccount cannot have subaccounts"));
    }
    let is_below = |state: &AccountState| state.account().owner.as_deref() == Some(request.login.as_str());
    if owner.trial && accounts.table().iter().any(|(_, state)| is_below(state)) {
        let message = "A trial account can have one subaccount";
        return Err(Refusal::new(StatusCode::FORBIDDEN, 20008, message));
    }
    let name = name(request)?.unwrap_or_else(|| format!("SubAccount Created at {}", rfc2822(accounts.now())));
    let sid = accounts.add(&name, Some(&request.login), None);
    answer(accounts, request, &sid, StatusCode::CREATED)
}

fn fetch(accounts: &mut Accounts, request: &RoutedRequest<'_>) -> HandlerResult {
    answer(accounts, request, request.param("AccountSid"), StatusCode::OK)
}

fn update(accounts: &mut Accounts, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = request.param("AccountSid");
    let now = accounts.now();
    let name = name(request)?;
    let status = request.form.get("Status").map(|word| {
        let refusal = || Refusal::bad_request(20001, format!("The status {word} cannot be set"));
        AccountStatus::read(word).ok_or_else(refusal)
    });
    let status = status.transpose()?;
    let account = &mut accounts.get_mut(sid).ok_or_else(|| request.not_found())?.tenant.core.account;
    if let Some(status) = status {
        if account.owner.as_deref() != Some(request.login.as_str()) {
            return Err(Refusal::bad_request(
                20001,
                "The status of an account is set by the account that owns it",
            ));
        }
        if account.status == AccountStatus::Closed && status != AccountStatus::Closed {
            return Err(Refusal::bad_request(20001, "A closed account stays closed"));
        }
        account.status = status;
    }
    account.name = name.unwrap_or_else(|| account.name.clone());
    account.updated = now;
    answer(accounts, request, sid, StatusCode::OK)
}

fn name(request: &RoutedRequest<'_>) -> Result<Option<String>, Refusal> {
    match request.form.owned("FriendlyName") {
        Some(name) if name.chars().count() > MAX_NAME => {
            Err(Refusal::bad_request(20001, format!("The FriendlyName is longer than {MAX_NAME} characters")))
        }
        name => Ok(name),
    }
}

fn answer(accounts: &Accounts, request: &RoutedRequest<'_>, sid: &str, status: StatusCode) -> HandlerResult {
    let state = accounts.get(sid).ok_or_else(|| request.not_found())?;
    Ok(FakeReply::json(status, &state.account().view()))
}
