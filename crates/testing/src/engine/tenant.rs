//! One account with everything that it owns: each product has its rows, and all products share the core.

use jiff::Timestamp;

use super::account::Account;
use super::brands::{Brands, RegistrationError};
use super::calls::{Calling, Calls};
use super::clock::ScheduledEvent;
use super::conferences::Conferences;
use super::content::Contents;
use super::core::Core;
use super::lookups::Lookups;
use super::media::MediaStore;
use super::messages::{Messages, Messaging};
use super::recordings::Recordings;
use super::senders::Senders;
use super::sid::Sids;
use super::tollfree_verifications::TollfreeVerifications;
use super::usage_triggers::UsageTriggers;
use super::verify::Verify;
use super::whatsapp_windows::WhatsAppWindows;
use crate::inbound::InboundCall;
use crate::sender_rates::SenderQueue;

/// One account with everything that it owns.
pub(crate) struct Tenant {
    pub(crate) core: Core,
    pub(crate) senders: Senders,
    pub(crate) brands: Brands,
    pub(crate) tollfree: TollfreeVerifications,
    pub(crate) contents: Contents,
    pub(crate) media: MediaStore,
    pub(crate) windows: WhatsAppWindows,
    pub(crate) messages: Messages,
    pub(crate) calls: Calls,
    pub(crate) conferences: Conferences,
    pub(crate) recordings: Recordings,
    pub(crate) verify: Verify,
    pub(crate) lookups: Lookups,
    pub(super) usage_triggers: UsageTriggers,
}

impl Tenant {
    pub(super) fn new(account: Account, sids: Sids, now: Timestamp) -> Self {
        Self {
            core: Core::new(account, sids, now),
            senders: Senders::default(),
            brands: Brands::default(),
            tollfree: TollfreeVerifications::default(),
            contents: Contents::default(),
            media: MediaStore::default(),
            windows: WhatsAppWindows::default(),
            messages: Messages::default(),
            calls: Calls::default(),
            conferences: Conferences::default(),
            recordings: Recordings::default(),
            verify: Verify::default(),
            lookups: Lookups::default(),
            usage_triggers: UsageTriggers::default(),
        }
    }

    /// Borrows the messages with the products that they depend on.
    pub(crate) fn messaging(&mut self) -> Messaging<'_> {
        let Self { core, senders, contents, media, windows, messages, .. } = self;
        Messaging { core, senders, contents, media, windows, messages }
    }

    /// Borrows the calls with the products that they depend on.
    pub(crate) fn calling(&mut self) -> Calling<'_> {
        let Self { core, recordings, conferences, calls, .. } = self;
        Calling { core, recordings, conferences, calls }
    }

    /// Moves the clock to a time, and runs every event that is due by then, each at its own time.
    pub(super) fn advance_to(&mut self, limit: Timestamp) {
        while let Some(event) = self.core.clock.next_until(limit) {
            match event {
                ScheduledEvent::Message(sid) => self.messaging().advance_if_due(&sid),
                ScheduledEvent::Call(sid) => self.calling().advance_if_due(&sid),
                ScheduledEvent::Recording(sid) => self.recordings.finish(&mut self.core, &sid),
            }
        }
    }

    /// Fires the usage triggers whose value was reached by what was billed since the last time.
    pub(super) fn fire_usage_triggers(&mut self) {
        self.usage_triggers.fire(&mut self.core);
    }

    /// Returns what waits in the queue of a sender.
    pub(crate) fn sender_queue(&self, sender: &str) -> SenderQueue {
        self.messages.queues.state(sender, self.core.now())
    }

    /// Adds a sender to the account. A telephone number also appears in the list of the account's numbers; a short code
    /// does not.
    pub(crate) fn own_number(&mut self, number: &str) {
        self.senders.own_number(&mut self.core, number);
    }

    /// Approves a toll-free verification, or rejects it with a reason. Returns false when there is no such verification.
    pub(crate) fn decide_tollfree(&mut self, sid: &str, error: Option<RegistrationError>) -> bool {
        self.tollfree.decide(sid, self.core.now(), error)
    }

    /// Makes a number a verified caller ID.
    pub(crate) fn verify_number(&mut self, number: &str) {
        self.senders.verify_number(&mut self.core, number, None);
    }

    /// Lets the owner of a number enter a code, which ends the validation. Returns whether it was the right one; `None`
    /// where no code is waited for.
    pub(crate) fn enter_validation_code(&mut self, number: &str, code: &str) -> Option<bool> {
        let validation = self.senders.caller_ids.end_validation(number)?;
        let right = validation.code == code;
        let name = validation.name.clone();
        let sid = right.then(|| self.senders.verify_number(&mut self.core, number, Some(name)));
        validation.report(&mut self.core, number, sid.as_deref());
        Some(right)
    }

    /// Opens the WhatsApp window of one person for 24 hours.
    pub(crate) fn open_window(&mut self, address: &str) {
        self.windows.open(address, self.core.now());
    }

    /// Returns the code that is valid for an address now, in any Verify service.
    pub(crate) fn verification_code(&self, to: &str) -> Option<String> {
        self.verify.code_of(self.core.now(), to)
    }

    /// Adds a transcription of a recording, and returns its SID. `None` where there is no such recording.
    pub(crate) fn add_transcription(&mut self, recording_sid: &str, text: &str) -> Option<String> {
        self.recordings.transcribe(&mut self.core, recording_sid, text)
    }

    /// Adds a finished recording of ten seconds to a call, and returns its SID. `None` where there is no such call.
    pub(crate) fn add_recording(&mut self, call_sid: &str) -> Option<String> {
        self.calls.rows.get(call_sid)?;
        Some(self.recordings.add(&mut self.core, call_sid))
    }

    /// Adds a finished recording of ten seconds to a conference, and to the call that took part in it.
    pub(crate) fn add_conference_recording(
        &mut self,
        conference_sid: &str,
        call_sid: &str,
    ) -> Option<String> {
        self.calls.rows.get(call_sid)?;
        Some(self.recordings.add_to_conference(&mut self.core, conference_sid, call_sid))
    }

    /// Receives a call; returns its SID.
    pub(super) fn receive_call(&mut self, incoming: &InboundCall) -> String {
        let Self { core, recordings, conferences, calls, senders, .. } = self;
        Calling { core, recordings, conferences, calls }.receive(senders, incoming)
    }
}
