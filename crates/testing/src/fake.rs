//! The fake Twilio as a test sees it: a URL, credentials, and what was sent.

mod alerts;
mod builder;
mod content;
mod inbound;
mod numbers;
mod phone;
mod recordings;
mod shared;
mod verify;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::task::JoinSet;

pub use self::builder::FakeTwilioBuilder;
pub(super) use self::shared::Shared;
use super::delivery::DeliveredCallback;
use super::engine::PHONE_NUMBER;
use super::fault::Fault;
use super::placed::PlacedCall;
use super::sent::SentMessage;
use super::server::Server;

/// A Twilio with one account, on a loopback port of its own, until it is dropped.
///
/// Its clock begins at the time of the start and stands still: a message stays `queued` until
/// [`advance`](Self::advance) or [`deliver`](Self::deliver). SIDs and credentials are the same in every run. What it takes
/// and refuses, and with which code, follows Twilio's documents, its magic test numbers included; each other number that
/// is well formed is a live telephone.
pub struct FakeTwilio {
    shared: Arc<Shared>,
    host: Host,
    url: String,
    _ticker: JoinSet<()>,
}

/// What listens on the port.
enum Host {
    Wiremock { _server: wiremock::MockServer },
    Plain(Server),
}

impl FakeTwilio {
    /// Starts a fake on a free loopback port.
    ///
    /// # Panics
    /// Outside a tokio runtime, and when no loopback port can be bound.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Returns a builder, for a fixed port, real time or the plain server.
    #[must_use]
    pub fn builder() -> FakeTwilioBuilder {
        FakeTwilioBuilder::default()
    }

    /// Returns the base URL: `http://127.0.0.1:49152`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Returns the account SID.
    #[must_use]
    pub fn account_sid(&self) -> String {
        self.shared.with(|engine| engine.account_sid().to_owned())
    }

    /// Returns the auth token, which signs the callbacks too.
    #[must_use]
    pub fn auth_token(&self) -> String {
        self.shared.with(|engine| engine.auth_token().expose().to_owned())
    }

    /// Returns the SID and the secret of an API key.
    #[must_use]
    pub fn api_key(&self) -> (String, String) {
        self.shared.with(|engine| {
            let (sid, secret) = engine.api_key();
            (sid.to_owned(), secret.expose().to_owned())
        })
    }

    /// Returns a number of the account's: `+14155550100`.
    #[must_use]
    pub fn phone_number(&self) -> &str {
        PHONE_NUMBER
    }

    /// Returns the messages that were taken and not deleted, replies of webhooks among them, oldest first. What people
    /// write is not; [`receive`](Self::receive) returns it.
    #[must_use]
    pub fn sent(&self) -> Vec<SentMessage> {
        self.shared.with(|engine| engine.sent())
    }

    /// Returns the calls that were placed over the API and not deleted, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<PlacedCall> {
        self.shared.with(|engine| engine.placed())
    }

    /// Returns how many API requests were answered, those with a fault too; downloads from storage do not count.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.shared.with(|engine| engine.handled())
    }

    /// Returns how many connections were accepted; only the [plain server](FakeTwilioBuilder::plain_server) knows.
    #[must_use]
    pub fn connections(&self) -> Option<usize> {
        match &self.host {
            Host::Plain(server) => Some(server.connections()),
            Host::Wiremock { .. } => None,
        }
    }

    /// Returns the time of the fake.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.with(|engine| engine.now())
    }

    /// Moves the clock. What is due by then happens, callbacks included.
    pub fn advance(&self, by: Duration) {
        self.shared.with(|engine| engine.advance(by));
    }

    /// Takes a message through all statuses to `delivered`, at once. A message that came to its end stays as it is.
    ///
    /// # Panics
    /// When there is no such message.
    #[track_caller]
    pub fn deliver(&self, sid: &str) {
        assert!(self.shared.with(|engine| engine.deliver(sid)), "the fake has no message {sid}");
    }

    /// Fails a message with one of Twilio's codes: `failed` before it was sent, `undelivered` afterwards.
    ///
    /// # Panics
    /// When there is no such message.
    #[track_caller]
    pub fn fail(&self, sid: &str, code: u32) {
        assert!(self.shared.with(|engine| engine.fail(sid, code)), "the fake has no message {sid}");
    }

    /// Sends a message, which then ends as `undelivered` with one of Twilio's codes.
    ///
    /// # Panics
    /// When there is no such message.
    #[track_caller]
    pub fn undeliver(&self, sid: &str, code: u32) {
        assert!(self.shared.with(|engine| engine.undeliver(sid, code)), "the fake has no message {sid}");
    }

    /// Lets somebody answer a call that waits: `in-progress`.
    ///
    /// # Panics
    /// When there is no such call.
    #[track_caller]
    pub fn answer_call(&self, sid: &str) {
        assert!(self.shared.with(|engine| engine.answer_call(sid)), "the fake has no call {sid}");
    }

    /// Takes a call through all statuses to `completed`, at once.
    ///
    /// # Panics
    /// When there is no such call.
    #[track_caller]
    pub fn complete_call(&self, sid: &str) {
        assert!(self.shared.with(|engine| engine.complete_call(sid)), "the fake has no call {sid}");
    }

    /// Ends a call as `busy`, `no-answer`, `failed`, `canceled` or `completed`.
    ///
    /// # Panics
    /// When there is no such call, or no such status.
    #[track_caller]
    pub fn end_call(&self, sid: &str, status: &str) {
        let ended = self.shared.with(|engine| engine.end_call(sid, status));
        assert!(ended, "the fake has no call {sid}, or a call cannot end as {status}");
    }

    /// Lets a fault strike the next API request; several strike one request each, in their order.
    pub fn fail_next(&self, fault: Fault) {
        self.shared.with(|engine| engine.fail_next(fault));
    }

    /// Lets a fault strike this share of all API requests, the same ones in every run; 0 takes it back.
    pub fn fail_rate(&self, fault: Fault, per_cent: u8) {
        self.shared.with(|engine| engine.fail_rate(fault, per_cent));
    }

    /// Makes this a trial account: it reaches [verified](Self::verify_number) numbers only, and says so in each text.
    pub fn trial(&self) {
        self.shared.with(|engine| engine.begin_trial());
    }

    /// Verifies a number: a trial may reach it, and calls may come from it.
    pub fn verify_number(&self, number: &str) {
        self.shared.with(|engine| engine.verify_number(number));
    }

    /// Lets somebody refuse further messages from every number: they get 21610. A STOP that is
    /// [received](Self::receive_sms) counts for its own number only.
    pub fn opt_out(&self, number: &str) {
        self.shared.with(|engine| engine.opt_out(number));
    }

    /// Lets somebody take messages again.
    pub fn opt_in(&self, number: &str) {
        self.shared.with(|engine| engine.opt_in(number));
    }

    /// Returns the SIDs of a message's media, in the order of its URLs.
    #[must_use]
    pub fn media(&self, message_sid: &str) -> Vec<String> {
        self.shared.with(|engine| engine.media_of(message_sid))
    }

    /// Sets what a medium is and holds. Without it the bytes follow from the URL, which is never fetched.
    ///
    /// # Panics
    /// When there is no such medium.
    #[track_caller]
    pub fn set_media(&self, sid: &str, content_type: &str, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        let found = self.shared.with(|engine| engine.set_media(sid, content_type, bytes));
        assert!(found, "the fake has no medium {sid}");
    }

    /// Makes a medium this many bytes long. The plain server makes them while it sends, so it can be any length.
    ///
    /// # Panics
    /// When there is no such medium.
    #[track_caller]
    pub fn set_media_length(&self, sid: &str, content_type: &str, length: u64) {
        let found = self.shared.with(|engine| engine.set_media_length(sid, content_type, length));
        assert!(found, "the fake has no medium {sid}");
    }

    /// Waits until each callback so far was answered or failed.
    pub async fn wait_for_callbacks(&self) {
        self.shared.delivery().settled().await;
    }

    /// Returns what became of the callbacks: in their order for one resource, in any order between several.
    #[must_use]
    pub fn callbacks(&self) -> Vec<DeliveredCallback> {
        self.shared.delivery().done()
    }
}

impl fmt::Debug for FakeTwilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeTwilio").field("url", &self.url).finish_non_exhaustive()
    }
}
