//! What Twilio would answer, without a socket: state, a clock that stands still until it is moved, and rules.
//!
//! A server hands in a [`FakeRequest`] and sends the [`FakeReply`]; whoever runs the engine delivers the callbacks that
//! it notes. A resource is a file here and a line in `router`. The engine must not know the crate's own request
//! and answer types: it reads raw pairs and writes JSON by hand, so that a mistake there is seen here.

mod account;
mod alerts;
mod auth;
mod available_numbers;
mod callbacks;
mod calls;
mod clock;
mod content;
mod countries;
mod error;
mod exchange;
mod faults;
mod filter;
mod form;
mod hook;
mod incoming_numbers;
mod keywords;
mod ledger;
mod lookups;
mod media;
mod messages;
mod messaging_services;
mod numbers;
mod page;
mod phone;
mod places;
mod pricing;
mod recordings;
mod router;
mod settings;
mod shelf;
mod sid;
mod transcriptions;
mod twiml;
mod usage;
mod verifications;
mod verify_services;
mod windows;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::Duration;

use http::HeaderName;
use jiff::Timestamp;

use self::account::Account;
use self::alerts::Alert;
use self::auth::{Keys, Visitor};
pub(crate) use self::callbacks::Callback;
use self::calls::Call;
use self::clock::{Clock, Event};
use self::content::Content;
use self::error::{Answer, Refusal};
pub(crate) use self::exchange::{FakeReply, FakeRequest, Generated, ReplyBody};
use self::faults::Faults;
pub(crate) use self::hook::{Hook, Page, Trouble};
use self::incoming_numbers::IncomingNumber;
use self::ledger::Ledger;
use self::lookups::Lookups;
use self::media::Media;
use self::messages::Message;
pub(crate) use self::messages::{Arrived, Reading};
use self::messaging_services::MessagingService;
use self::numbers::Numbers;
use self::phone::Phone;
pub(crate) use self::phone::{Ask, Input};
use self::recordings::{Audio, Recording};
use self::router::{Access, Asked, Found, Route};
use self::shelf::Shelf;
use self::sid::Sids;
use self::transcriptions::Transcription;
pub(crate) use self::twiml::LONGEST;
use self::verifications::{Codes, Verification};
use self::verify_services::VerifyService;
use self::windows::Windows;
use super::fault::Fault;
use switchboard::secret::Secret;

/// A Twilio with one account.
pub(crate) struct Engine {
    clock: Clock,
    sids: Sids,
    keys: Keys,
    /// Its own first, then those below it.
    accounts: Shelf<Account>,
    numbers: Numbers,
    incoming: Shelf<IncomingNumber>,
    messages: Shelf<Message>,
    media: Shelf<Media>,
    calls: Shelf<Call>,
    phones: HashMap<String, Phone>,
    services: Shelf<MessagingService>,
    recordings: Shelf<Recording>,
    audio: Audio,
    transcriptions: Shelf<Transcription>,
    verify: Shelf<VerifyService>,
    verifications: Shelf<Verification>,
    codes: Codes,
    lookups: Lookups,
    content: Shelf<Content>,
    windows: Windows,
    ledger: Ledger,
    alerts: Shelf<Alert>,
    callbacks: Vec<Callback>,
    faults: Faults,
    handled: u64,
}

#[cfg(test)]
impl Default for Engine {
    fn default() -> Self {
        Self::with_clock(Clock::default())
    }
}

impl Engine {
    /// Makes an engine whose clock begins at a given time.
    pub(crate) fn starting(now: Timestamp) -> Self {
        Self::with_clock(Clock::starting(now))
    }

    fn with_clock(clock: Clock) -> Self {
        let mut sids = Sids::default();
        let mut engine = Self {
            keys: Keys::new(&mut sids),
            accounts: Shelf::default(),
            clock,
            sids,
            numbers: Numbers::default(),
            incoming: Shelf::default(),
            messages: Shelf::default(),
            media: Shelf::default(),
            calls: Shelf::default(),
            phones: HashMap::new(),
            services: Shelf::default(),
            recordings: Shelf::default(),
            audio: Audio::default(),
            transcriptions: Shelf::default(),
            verify: Shelf::default(),
            verifications: Shelf::default(),
            codes: Codes::default(),
            lookups: Lookups::default(),
            content: Shelf::default(),
            windows: Windows::default(),
            ledger: Ledger::default(),
            alerts: Shelf::default(),
            callbacks: Vec::new(),
            faults: Faults::default(),
            handled: 0,
        };
        let own = Account::new("Fake account", engine.keys.auth_token.clone(), engine.clock.now());
        engine.accounts.insert(&engine.keys.account_sid, own);
        engine.list_number(numbers::OWN_SID, numbers::OWN);
        engine
    }

    /// Answers a request.
    pub(crate) fn handle(&mut self, request: &FakeRequest) -> FakeReply {
        let found = router::find(request);
        if let Found::Route(route, names) = &found
            && route.access == Access::Open
        {
            return (route.handler)(self, &Asked::new(request, names.clone())).unwrap_or_else(|r| r.reply());
        }
        self.handled += 1;
        let fault = self.faults.draw();
        let reply = match fault.as_ref().and_then(faults::instead) {
            Some(reply) => reply,
            None => self.serve(request, found).unwrap_or_else(|refusal| refusal.reply()),
        };
        let reply = match fault {
            Some(fault) => faults::spoil(fault, reply),
            None => reply,
        };
        self.dress(reply)
    }

    fn serve(&mut self, request: &FakeRequest, found: Found) -> Answer {
        let visitor = self.keys.admit(request)?;
        let (route, names) = match found {
            Found::Route(route, names) => (route, names),
            Found::WrongMethod => return Err(Refusal::wrong_method()),
            Found::Nothing => return Err(Refusal::not_found(&request.path)),
        };
        let asked = Asked::new(request, names);
        self.check_access(route, visitor, &asked)?;
        (route.handler)(self, &asked)
    }

    fn check_access(&self, route: &Route, visitor: Visitor, asked: &Asked<'_>) -> Result<(), Refusal> {
        if route.access == Access::Account && visitor == Visitor::Key {
            return Err(Refusal::unauthorized());
        }
        match asked.name("AccountSid") {
            "" => Ok(()),
            sid if sid == self.keys.account_sid => Ok(()),
            // Of an account below there is a record, and nothing in it.
            sid if self.accounts.get(sid).is_some() => {
                if route.access == Access::Account {
                    Ok(())
                } else {
                    Err(asked.not_found())
                }
            }
            sid if sid::is_sid(sid, &["AC"]) => Err(Refusal::unauthorized()),
            _ => Err(Refusal::not_found(&asked.request.path)),
        }
    }

    /// Adds the headers that every answer of the API has.
    fn dress(&mut self, reply: FakeReply) -> FakeReply {
        let request_id = self.sids.next("RQ");
        let headers = [
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

    /// Moves the clock; whatever is due by then happens, at its own time.
    pub(crate) fn advance(&mut self, by: Duration) {
        let limit = self.clock.after(by);
        while let Some(event) = self.clock.next_until(limit) {
            match event {
                Event::Message(sid) => self.message_due(&sid),
                Event::Call(sid) => self.call_due(&sid),
                Event::Recording(sid) => self.finish_recording(&sid),
            }
        }
    }

    /// What time is it?
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the account SID.
    pub(crate) fn account_sid(&self) -> &str {
        &self.keys.account_sid
    }

    /// Returns the auth token.
    pub(crate) fn auth_token(&self) -> &Secret {
        &self.keys.auth_token
    }

    /// Returns the API key and its secret.
    pub(crate) fn api_key(&self) -> (&str, &Secret) {
        (&self.keys.key_sid, &self.keys.key_secret)
    }

    /// Returns the API requests so far, those with a fault too.
    pub(crate) fn handled(&self) -> u64 {
        self.handled
    }

    /// Is it a trial account?
    fn is_trial(&self) -> bool {
        self.own_account().is_some_and(|own| own.trial)
    }

    fn own_account(&self) -> Option<&Account> {
        self.accounts.get(&self.keys.account_sid)
    }

    /// Makes the account a trial account.
    pub(crate) fn begin_trial(&mut self) {
        if let Some(own) = self.accounts.get_mut(&self.keys.account_sid) {
            own.trial = true;
        }
    }

    /// Adds a fault for one of the next requests.
    pub(crate) fn fail_next(&mut self, fault: Fault) {
        self.faults.strike_next(fault);
    }

    /// Sets the share of requests that a fault strikes.
    pub(crate) fn fail_rate(&mut self, fault: Fault, per_cent: u8) {
        self.faults.strike_often(fault, per_cent);
    }

    /// Hands recordings out from storage, behind a redirect, or at once.
    pub(crate) fn redirect_media(&mut self, redirected: bool) {
        self.audio.redirected = redirected;
    }

    /// Verifies a number for a trial and as a caller ID.
    pub(crate) fn verify_number(&mut self, number: &str) {
        self.numbers.verify(number);
    }

    /// Notes that somebody wants no more messages.
    pub(crate) fn opt_out(&mut self, number: &str) {
        self.numbers.opt_out(number, None);
    }

    /// Notes that somebody wants messages again.
    pub(crate) fn opt_in(&mut self, number: &str) {
        self.numbers.opt_in(number, None);
    }
}

/// The number every engine owns.
pub(crate) const PHONE_NUMBER: &str = numbers::OWN;
