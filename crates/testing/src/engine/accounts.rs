//! All accounts of a fake.
//!
//! Each account has its own data. The credentials of an account give access to it and to its subaccounts; those of a
//! subaccount only to itself.

use http::StatusCode;
use jiff::Timestamp;
use switchboard::secret::Secret;

use super::account::{Account, AccountStatus};
use super::auth::{Basic, Level};
use super::error::Refusal;
use super::numbers;
use super::phone::Phones;
use super::request::RoutedRequest;
use super::sid::{Sids, is_sid};
use super::table::Table;
use super::tenant::Tenant;
use super::wire::FakeRequest;
use crate::sender_rates::SenderRates;

/// One account: everything that it owns, and its live calls that a test drives.
pub(crate) struct AccountState {
    pub(crate) tenant: Tenant,
    pub(crate) phones: Phones,
}

impl AccountState {
    pub(super) fn account(&self) -> &Account {
        &self.tenant.core.account
    }
}

/// The accounts in the order in which they were made, each with everything that it owns.
pub(super) struct Accounts {
    states: Table<AccountState>,
    /// The seed that all SIDs are generated from.
    fake: u64,
    now: Timestamp,
    /// The rates of the senders, also for accounts that are made later.
    sender_rates: Option<SenderRates>,
}

impl Accounts {
    pub(super) fn new(fake: u64, now: Timestamp) -> Self {
        Self { states: Table::default(), fake, now, sender_rates: None }
    }

    /// Adds an account; credentials that are not given are generated. Returns its SID.
    pub(super) fn add(&mut self, name: &str, owner: Option<&str>, given: Option<(String, Secret)>) -> String {
        let mut sids = Sids::new(self.fake, self.states.iter().count() as u64);
        let mut account = Account::new(name, owner, self.now, &mut sids);
        if let Some((sid, token)) = given {
            (account.sid, account.token) = (sid, token);
        }
        let sid = account.sid.clone();
        let mut tenant = Tenant::new(account, sids, self.now);
        if let Some(rates) = &self.sender_rates {
            tenant.messages.queues.set_rates(rates.clone());
        }
        self.states.insert(&sid, AccountState { tenant, phones: Phones::default() });
        sid
    }

    /// Adds an account that is not a subaccount, with a telephone number: `+14155550100` for the first one.
    pub(super) fn add_main(&mut self, name: &str, given: Option<(String, Secret)>) -> String {
        let number = numbers::own(self.states.iter().count());
        let sid = self.add(name, None, given);
        if let Some(state) = self.get_mut(&sid) {
            state.tenant.own_number(&number);
        }
        sid
    }

    /// Returns the accounts in the order in which they were made.
    pub(super) fn table(&self) -> &Table<AccountState> {
        &self.states
    }

    pub(super) fn get(&self, sid: &str) -> Option<&AccountState> {
        self.states.get(sid)
    }

    pub(super) fn get_mut(&mut self, sid: &str) -> Option<&mut AccountState> {
        self.states.get_mut(sid)
    }

    pub(super) fn each_mut(&mut self, change: impl FnMut(&mut AccountState)) {
        self.states.each_mut(change);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Gives the senders of every account rates and queues.
    pub(super) fn set_sender_rates(&mut self, rates: &SenderRates) {
        self.sender_rates = Some(rates.clone());
        self.each_mut(|state| state.tenant.messages.queues.set_rates(rates.clone()));
    }

    /// Moves the clock of every account to a time, and runs what is due by then.
    pub(super) fn advance_to(&mut self, limit: Timestamp) {
        self.each_mut(|state| state.tenant.advance_to(limit));
        self.now = self.now.max(limit);
    }

    /// Returns the time of the next scheduled event of any account.
    pub(super) fn next_event(&self) -> Option<Timestamp> {
        self.states.iter().filter_map(|(_, state)| state.tenant.core.clock.next_time()).min()
    }

    /// Finds the account whose credentials are in a request.
    pub(super) fn authenticate(&self, request: &FakeRequest) -> Result<(String, Level), Refusal> {
        let basic = Basic::of(request).ok_or_else(Refusal::unauthorized)?;
        let mut all = self.states.iter().map(|(_, state)| state.account());
        let found = all.find_map(|account| Some((account, basic.access_to(account)?)));
        let (account, level) = found.ok_or_else(Refusal::unauthorized)?;
        if account.status != AccountStatus::Active {
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, 20005, "Account is not active"));
        }
        Ok((account.sid.clone(), level))
    }

    /// Finds the account that a request works with: the one in its path, else the one whose credentials it has.
    ///
    /// Where the credentials give no access to the account, the error does not say whether the account exists.
    pub(super) fn account_of(
        &self,
        level: Level,
        accounts_only: bool,
        request: &RoutedRequest<'_>,
    ) -> Result<String, Refusal> {
        if accounts_only && level == Level::Standard {
            return Err(Refusal::unauthorized());
        }
        match request.param("AccountSid") {
            "" => Ok(request.login.clone()),
            sid if self.has_access(&request.login, sid) => Ok(sid.to_owned()),
            sid if is_sid(sid, &["AC"]) => Err(Refusal::unauthorized()),
            _ => Err(request.not_found()),
        }
    }

    fn has_access(&self, login: &str, sid: &str) -> bool {
        self.get(sid).is_some_and(|state| sid == login || state.account().owner.as_deref() == Some(login))
    }
}
