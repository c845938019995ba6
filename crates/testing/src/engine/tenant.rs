//! One account with all that it owns.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use switchboard::secret::Secret;

use super::account::Account;
use super::alerts::Alert;
use super::callbacks::Callback;
use super::calls::Call;
use super::clock::{Clock, Event};
use super::content::Content;
use super::incoming_numbers::IncomingNumber;
use super::ledger::Ledger;
use super::lookups::Lookups;
use super::media::Media;
use super::messages::Message;
use super::messaging_services::MessagingService;
use super::numbers::{self, Numbers};
use super::phone::Phone;
use super::recordings::{Audio, Recording};
use super::shelf::Shelf;
use super::sid::Sids;
use super::transcriptions::Transcription;
use super::verifications::{Codes, Verification};
use super::verify_services::VerifyService;
use super::windows::Windows;

/// One account with all that it owns.
pub(crate) struct Tenant {
    pub(super) account: Account,
    pub(super) clock: Clock,
    pub(super) sids: Sids,
    pub(super) numbers: Numbers,
    pub(super) incoming: Shelf<IncomingNumber>,
    pub(super) messages: Shelf<Message>,
    pub(super) media: Shelf<Media>,
    pub(super) calls: Shelf<Call>,
    pub(super) phones: HashMap<String, Phone>,
    pub(super) services: Shelf<MessagingService>,
    pub(super) recordings: Shelf<Recording>,
    pub(super) audio: Audio,
    pub(super) transcriptions: Shelf<Transcription>,
    pub(super) verify: Shelf<VerifyService>,
    pub(super) verifications: Shelf<Verification>,
    pub(super) codes: Codes,
    pub(super) lookups: Lookups,
    pub(super) content: Shelf<Content>,
    pub(super) windows: Windows,
    pub(super) ledger: Ledger,
    pub(super) alerts: Shelf<Alert>,
    pub(super) callbacks: Vec<Callback>,
}

impl Tenant {
    pub(super) fn new(account: Account, sids: Sids, now: Timestamp) -> Self {
        Self {
            account,
            clock: Clock::starting(now),
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
        }
    }

    /// Moves the clock; whatever is due by then happens, at its own time.
    pub(super) fn advance(&mut self, by: Duration) {
        let limit = self.clock.after(by);
        while let Some(event) = self.clock.next_until(limit) {
            match event {
                Event::Message(sid) => self.message_due(&sid),
                Event::Call(sid) => self.call_due(&sid),
                Event::Recording(sid) => self.finish_recording(&sid),
            }
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the account SID.
    pub(crate) fn account_sid(&self) -> &str {
        &self.account.sid
    }

    /// Returns the auth token.
    pub(crate) fn auth_token(&self) -> &Secret {
        &self.account.token
    }

    /// Returns the standard API key and its secret.
    pub(crate) fn api_key(&self) -> (&str, &Secret) {
        (&self.account.standard_key.sid, &self.account.standard_key.secret)
    }

    /// Returns the main API key and its secret.
    pub(crate) fn main_api_key(&self) -> (&str, &Secret) {
        (&self.account.main_key.sid, &self.account.main_key.secret)
    }

    /// Returns the number that the account sends from unless it names one; nothing while it owns none.
    pub(crate) fn main_number(&self) -> Option<&str> {
        self.incoming.iter().next().map(|(_, row)| row.number.as_str())
    }

    /// The number that people reach unless they choose one.
    pub(super) fn reached_number(&self) -> String {
        self.main_number().unwrap_or(numbers::OWN).to_owned()
    }

    /// Is it a trial account?
    pub(super) fn is_trial(&self) -> bool {
        self.account.trial
    }

    /// Makes the account a trial account.
    pub(crate) fn begin_trial(&mut self) {
        self.account.trial = true;
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
