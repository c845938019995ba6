//! The rules of Twilio without a server: accounts, a clock that moves only when it is told to, and the answers of the API.
//!
//! Whoever runs the engine hands in a [`FakeRequest`], sends the [`FakeReply`], and delivers the callbacks that the engine
//! collects. From the bottom up: `core` is what all products of an account share; a product is a file or a folder here, and
//! owns its rows (`messages`, `calls`, `recordings`, `senders`, …); `tenant` is one account with its products; `phone` carries
//! out the documents of live calls; `api` has the handlers of the requests; `router` finds the handler of a request.
//!
//! The engine must not use the request and response types of the adapter: it reads raw pairs and writes JSON by hand, so
//! that the tests find a mistake in those types.

mod account;
mod accounts;
mod alerts;
mod api;
mod api_keys;
mod auth;
mod available_numbers;
mod brands;
mod callbacks;
mod caller_ids;
mod calls;
mod campaigns;
mod clock;
mod conferences;
mod content;
mod core;
mod countries;
mod error;
mod faults;
mod filter;
mod form;
mod geo_permissions;
mod incoming_numbers;
mod keywords;
mod ledger;
mod locations;
mod lookups;
mod media;
mod messages;
mod messaging_services;
mod numbers;
mod page;
mod phone;
mod recording;
mod recordings;
mod request;
mod route;
mod router;
mod schedule;
mod senders;
mod settings;
mod sid;
mod table;
mod tenant;
mod tollfree_verifications;
mod transcriptions;
mod twiml;
mod usage;
mod usage_triggers;
mod verify;
mod verify_services;
mod webhook;
mod whatsapp_windows;
mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use http::HeaderName;
use jiff::Timestamp;
use switchboard::secret::Secret;

pub(crate) use self::accounts::AccountState;
use self::accounts::Accounts;
pub(crate) use self::brands::RegistrationError;
pub(crate) use self::callbacks::Callback;
use self::clock::{http_date, later};
use self::error::{HandlerResult, Refusal};
use self::faults::{CarriedOut, Faults};
pub(crate) use self::messages::{InboundMessage, WebhookResult};
pub(crate) use self::phone::{DocumentRequest, Input, Phones};
use self::request::RoutedRequest;
use self::route::{Access, Handler};
use self::router::Found;
use self::schedule::Schedule;
use self::sid::Sids;
pub(crate) use self::sid::is_sid;
pub(crate) use self::tenant::Tenant;
pub(crate) use self::twiml::MAX_DOCUMENT;
pub(crate) use self::webhook::{FetchedDocument, WebhookError, WebhookRequest};
pub(crate) use self::wire::{FakeReply, FakeRequest, Generated, ReplyBody};
use super::fault::Fault;
use super::sender_rates::SenderRates;

/// A Twilio with its accounts.
pub(crate) struct Engine {
    accounts: Accounts,
    /// The SID of the first account, which a handle works with by default.
    main: String,
    request_ids: Sids,
    faults: Faults,
    /// Requests that were answered with a fault and are carried out later.
    late: Schedule<FakeRequest>,
    handled: u64,
    /// What no credentials have a permission for: parts of paths.
    forbidden: Vec<String>,
}

/// The number of the sequence of [`Sids`] that belongs to no account.
const NO_ACCOUNT: u64 = 0xffff;

impl Engine {
    /// Makes an engine whose clock begins at `now`, with the given accounts. Without any, it has one account.
    ///
    /// SIDs and credentials that are not given are generated from the seed.
    pub(crate) fn new(seed: u64, now: Timestamp, given: Vec<(String, Secret)>) -> Self {
        let mut accounts = Accounts::new(seed, now);
        let mut given = given.into_iter();
        let main = accounts.add_main("Fake account", given.next());
        for (n, credentials) in given.enumerate() {
            accounts.add_main(&format!("Fake account {}", n + 2), Some(credentials));
        }
        let request_ids = Sids::new(seed, NO_ACCOUNT);
        Self {
            accounts,
            main,
            request_ids,
            faults: Faults::default(),
            late: Schedule::default(),
            handled: 0,
            forbidden: Vec::new(),
        }
    }

    /// Sets the seed of the random choice of [`fail_rate`](Self::fail_rate).
    pub(crate) fn seed_faults(&mut self, seed: u64) {
        self.faults = Faults::seeded(seed);
    }

    /// Answers a request; `None` where a fault closes the connection without an answer.
    pub(crate) fn handle(&mut self, raw: &FakeRequest) -> Option<FakeReply> {
        let found = router::find(raw);
        if let Found::Route(route, names) = &found
            && route.access == Access::Open
        {
            let request = RoutedRequest::new(raw, String::new(), self.now(), names.clone());
            let sid = request.param("AccountSid").to_owned();
            return Some(
                self.answer(route.handler, &sid, &request).unwrap_or_else(|refusal| refusal.reply()),
            );
        }
        self.handled += 1;
        let reply = match self.faults.draw() {
            Some(fault) => self.serve_with_fault(raw, found, fault)?,
            None => self.serve(raw, found).unwrap_or_else(|refusal| refusal.reply()),
        };
        Some(self.with_common_headers(reply))
    }

    fn serve_with_fault(&mut self, raw: &FakeRequest, found: Found, fault: Fault) -> Option<FakeReply> {
        let reply = match CarriedOut::with(&fault) {
            CarriedOut::Never => None,
            CarriedOut::BeforeAnswer => {
                Some(self.serve(raw, found).unwrap_or_else(|refusal| refusal.reply()))
            }
            CarriedOut::Later(delay) => {
                self.late.add(later(self.now(), delay), raw.clone());
                None
            }
        };
        faults::answer(fault, reply)
    }

    fn serve(&mut self, raw: &FakeRequest, found: Found) -> HandlerResult {
        let (login, level) = self.accounts.authenticate(raw)?;
        let (route, names) = match found {
            Found::Route(route, names) => (route, names),
            Found::WrongMethod => return Err(Refusal::wrong_method()),
            Found::Nothing => return Err(Refusal::not_found(&raw.path)),
        };
        if self.forbidden.iter().any(|part| raw.path.contains(part)) {
            return Err(Refusal::forbidden());
        }
        let request = RoutedRequest::new(raw, login, self.now(), names);
        let sid = self.accounts.account_of(level, route.access == Access::Account, &request)?;
        self.answer(route.handler, &sid, &request)
    }

    fn answer(&mut self, handler: Handler, account_sid: &str, request: &RoutedRequest<'_>) -> HandlerResult {
        match handler {
            Handler::Accounts(handler) => handler(&mut self.accounts, request),
            Handler::Tenant(handler) => {
                let state = self.accounts.get_mut(account_sid).ok_or_else(|| request.not_found())?;
                handler(&mut state.tenant, request)
            }
        }
    }

    /// Begins to send the messages that were just created, and returns those with a callback.
    pub(crate) fn send_created(&mut self) -> Vec<String> {
        let mut created = Vec::new();
        self.accounts.each_mut(|state| created.append(&mut state.tenant.messaging().send_created()));
        created
    }

    /// Adds the headers that every answer of the API has.
    fn with_common_headers(&mut self, reply: FakeReply) -> FakeReply {
        let (request_id, date) = (self.request_ids.next("RQ"), http_date(self.now()));
        let headers = [
            ("date", date.as_str()),
            ("twilio-request-id", request_id.as_str()),
            ("twilio-concurrent-requests", "1"),
            ("twilio-request-duration", "0.012"),
            ("x-home-region", "us1"),
            ("x-api-domain", "api.twilio.com"),
        ];
        headers
            .into_iter()
            .fold(reply, |reply, (name, value)| reply.with_header(HeaderName::from_static(name), value))
    }

    /// Moves the clock, and runs every event that is due by then, each at its own time.
    pub(crate) fn advance(&mut self, by: Duration) {
        let limit = later(self.now(), by);
        while let Some((at, request)) = self.late.take_due(limit) {
            self.accounts.advance_to(at);
            // The client got its answer when it made the request.
            let _ = self.serve(&request, router::find(&request));
        }
        self.accounts.advance_to(limit);
    }

    /// Returns the time of the next event: a change of status, or a request that is carried out late.
    pub(crate) fn next_event(&self) -> Option<Timestamp> {
        [self.accounts.next_event(), self.late.first_time()].into_iter().flatten().min()
    }

    /// Returns the time of the fake.
    pub(crate) fn now(&self) -> Timestamp {
        self.accounts.now()
    }

    /// Returns the SID of the first account.
    pub(crate) fn main_account(&self) -> &str {
        &self.main
    }

    /// Finds an account with everything that it owns.
    pub(crate) fn account(&self, sid: &str) -> Option<&AccountState> {
        self.accounts.get(sid)
    }

    /// Finds an account, for changes.
    pub(crate) fn account_mut(&mut self, sid: &str) -> Option<&mut AccountState> {
        self.accounts.get_mut(sid)
    }

    /// Returns the number of API requests so far, including those with a fault.
    pub(crate) fn handled(&self) -> u64 {
        self.handled
    }

    /// Adds a fault for the next request that does not have one yet.
    pub(crate) fn fail_next(&mut self, fault: Fault) {
        self.faults.add_next(fault);
    }

    /// Sets the percentage of requests that a fault is applied to.
    pub(crate) fn fail_rate(&mut self, fault: Fault, per_cent: u8) {
        self.faults.set_rate(fault, per_cent);
    }

    /// Refuses every request whose path contains this.
    pub(crate) fn forbid(&mut self, part: &str) {
        self.forbidden.push(part.to_owned());
    }

    /// Gives the senders of every account rates and queues.
    pub(crate) fn set_sender_rates(&mut self, rates: &SenderRates) {
        self.accounts.set_sender_rates(rates);
    }

    /// Removes and returns the callbacks added since the last call.
    pub(crate) fn take_callbacks(&mut self) -> Vec<Callback> {
        let mut callbacks = Vec::new();
        self.accounts.each_mut(|state| {
            state.tenant.fire_usage_triggers();
            callbacks.append(&mut state.tenant.core.take_callbacks());
        });
        callbacks
    }
}
