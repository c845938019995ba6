//! All accounts of a fake, and the API that makes and changes subaccounts: `/2010-04-01/Accounts`.
//!
//! What an account owns is kept apart from what others own. An account's credentials open the account and its
//! subaccounts, a subaccount's only itself.

use http::{Method, StatusCode};
use jiff::Timestamp;
use switchboard::secret::Secret;

use super::account::{Account, Status};
use super::auth::{Basic, Level};
use super::clock::rfc2822;
use super::error::{Answer, Refusal};
use super::exchange::{FakeReply, FakeRequest};
use super::numbers;
use super::page;
use super::route::{Access, Asked, Route};
use super::shelf::Shelf;
use super::sid::{Sids, is_sid};
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[
    Route::accounts(Method::GET, "/2010-04-01/Accounts.json", list),
    Route::accounts(Method::POST, "/2010-04-01/Accounts.json", create),
    Route::accounts(Method::GET, "/2010-04-01/Accounts/{AccountSid}.json", fetch),
    Route::accounts(Method::POST, "/2010-04-01/Accounts/{AccountSid}.json", update),
];

const MAX_NAME: usize = 64;

/// The accounts in the order in which they were made, each with all that it owns.
pub(super) struct Accounts {
    tenants: Shelf<Tenant>,
    /// The number of the fake, from which all SIDs follow.
    fake: u64,
    now: Timestamp,
}

impl Accounts {
    pub(super) fn new(fake: u64, now: Timestamp) -> Self {
        Self { tenants: Shelf::default(), fake, now }
    }

    /// Adds an account; credentials that are not given are made up. Returns its SID.
    pub(super) fn add(&mut self, name: &str, owner: Option<&str>, given: Option<(String, Secret)>) -> String {
        let mut sids = Sids::new(self.fake, self.tenants.iter().count() as u64);
        let mut account = Account::new(name, owner, self.now, &mut sids);
        if let Some((sid, token)) = given {
            (account.sid, account.token) = (sid, token);
        }
        let sid = account.sid.clone();
        self.tenants.insert(&sid, Tenant::new(account, sids, self.now));
        sid
    }

    /// Adds an account that owns itself, with a telephone number: `+14155550100` for the first one.
    pub(super) fn add_main(&mut self, name: &str, given: Option<(String, Secret)>) -> String {
        let number = numbers::own(self.tenants.iter().count());
        let sid = self.add(name, None, given);
        if let Some(tenant) = self.get_mut(&sid) {
            tenant.own_number(&number);
        }
        sid
    }

    pub(super) fn get(&self, sid: &str) -> Option<&Tenant> {
        self.tenants.get(sid)
    }

    pub(super) fn get_mut(&mut self, sid: &str) -> Option<&mut Tenant> {
        self.tenants.get_mut(sid)
    }

    pub(super) fn each_mut(&mut self, change: impl FnMut(&mut Tenant)) {
        self.tenants.each_mut(change);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Moves the clock of every account.
    pub(super) fn advance(&mut self, by: std::time::Duration) {
        self.each_mut(|tenant| tenant.advance(by));
        self.now = self.tenants.iter().next().map_or(self.now, |(_, tenant)| tenant.now());
    }

    /// Finds the account whose credentials came with a request.
    pub(super) fn log_in(&self, request: &FakeRequest) -> Result<(String, Level), Refusal> {
        let basic = Basic::of(request).ok_or_else(Refusal::unauthorized)?;
        let mut all = self.tenants.iter().map(|(_, tenant)| &tenant.account);
        let found = all.find_map(|account| Some((account, basic.opens(account)?)));
        let (account, level) = found.ok_or_else(Refusal::unauthorized)?;
        if account.status != Status::Active {
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, 20005, "Account is not active"));
        }
        Ok((account.sid.clone(), level))
    }

    /// Finds the account that a request is about: the one in its path, else the one whose credentials it has.
    ///
    /// Of an account that the credentials do not open nothing is told, not even whether there is such an account.
    pub(super) fn reached(&self, access: Access, level: Level, asked: &Asked<'_>) -> Result<String, Refusal> {
        if access == Access::Account && level == Level::Standard {
            return Err(Refusal::unauthorized());
        }
        match asked.name("AccountSid") {
            "" => Ok(asked.login.clone()),
            sid if self.opens(&asked.login, sid) => Ok(sid.to_owned()),
            sid if is_sid(sid, &["AC"]) => Err(Refusal::unauthorized()),
            _ => Err(asked.not_found()),
        }
    }

    fn opens(&self, login: &str, sid: &str) -> bool {
        self.get(sid).is_some_and(|tenant| sid == login || tenant.account.owner.as_deref() == Some(login))
    }
}

fn list(accounts: &mut Accounts, asked: &Asked<'_>) -> Answer {
    let (name, status) = (asked.query.get("FriendlyName"), asked.query.get("Status"));
    let keep = |tenant: &Tenant| {
        let account = &tenant.account;
        (account.sid == asked.login || account.owner() == asked.login)
            && name.is_none_or(|name| account.name == name)
            && status.is_none_or(|word| account.status.word() == word)
    };
    page::list(asked, "accounts", &accounts.tenants, keep, |_, tenant| tenant.account.view())
}

fn create(accounts: &mut Accounts, asked: &Asked<'_>) -> Answer {
    let owner = accounts.get(&asked.login).ok_or_else(|| asked.not_found())?;
    if owner.account.owner.is_some() {
        return Err(Refusal::bad(20001, "A subaccount cannot have subaccounts"));
    }
    let is_below = |tenant: &Tenant| tenant.account.owner.as_deref() == Some(asked.login.as_str());
    if owner.account.trial && accounts.tenants.iter().any(|(_, tenant)| is_below(tenant)) {
        let message = "A trial account can have one subaccount";
        return Err(Refusal::new(StatusCode::FORBIDDEN, 20008, message));
    }
    let name = name(asked)?.unwrap_or_else(|| format!("SubAccount Created at {}", rfc2822(accounts.now)));
    let sid = accounts.add(&name, Some(&asked.login), None);
    answer(accounts, asked, &sid, StatusCode::CREATED)
}

fn fetch(accounts: &mut Accounts, asked: &Asked<'_>) -> Answer {
    answer(accounts, asked, asked.name("AccountSid"), StatusCode::OK)
}

fn update(accounts: &mut Accounts, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("AccountSid");
    let now = accounts.now;
    let name = name(asked)?;
    let status = asked.form.get("Status").map(|word| {
        let refusal = || Refusal::bad(20001, format!("The status {word} cannot be set"));
        Status::read(word).ok_or_else(refusal)
    });
    let status = status.transpose()?;
    let account = &mut accounts.get_mut(sid).ok_or_else(|| asked.not_found())?.account;
    if let Some(status) = status {
        if account.owner.as_deref() != Some(asked.login.as_str()) {
            return Err(Refusal::bad(20001, "The status of an account is set by the account that owns it"));
        }
        if account.status == Status::Closed && status != Status::Closed {
            return Err(Refusal::bad(20001, "A closed account stays closed"));
        }
        account.status = status;
    }
    account.name = name.unwrap_or_else(|| account.name.clone());
    account.updated = now;
    answer(accounts, asked, sid, StatusCode::OK)
}

fn name(asked: &Asked<'_>) -> Result<Option<String>, Refusal> {
    match asked.form.owned("FriendlyName") {
        Some(name) if name.chars().count() > MAX_NAME => {
            Err(Refusal::bad(20001, format!("The FriendlyName is longer than {MAX_NAME} characters")))
        }
        name => Ok(name),
    }
}

fn answer(accounts: &Accounts, asked: &Asked<'_>, sid: &str, status: StatusCode) -> Answer {
    let tenant = accounts.get(sid).ok_or_else(|| asked.not_found())?;
    Ok(FakeReply::json(status, &tenant.account.view()))
}
