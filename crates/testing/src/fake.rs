//! `FakeTwilio`, the handle of a test: the URL, the credentials, what was sent, and what happens next.

mod account;
mod alerts;
mod builder;
mod conferences;
mod content;
mod inbound;
mod media;
mod numbers;
mod phone;
mod recordings;
mod registrations;
mod shared;
mod verify;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use switchboard::secret::Secret;
use tokio::task::JoinSet;

pub use self::builder::FakeTwilioBuilder;
pub(super) use self::shared::{AccountHandle, Shared};
use super::delivery::DeliveredCallback;
use super::fault::Fault;
use super::placed::PlacedCall;
use super::sent::SentMessage;
use super::server::Server;

/// A fake of Twilio that serves HTTP on a loopback port until it is dropped.
///
/// Its clock begins at the current time and does not move by itself: a message stays `queued` until
/// [`advance`](Self::advance) or [`deliver`](Self::deliver). It accepts and refuses requests as Twilio's documentation says,
/// with the same codes and the same magic test numbers. Every other well-formed number can receive texts and calls.
///
/// It has one account, unless [`FakeTwilioBuilder::account`] adds more or a client creates subaccounts. A handle works with
/// one account; [`for_account`](Self::for_account) returns a handle for another.
///
/// The first fake of a process has the same SIDs and credentials in every run. Each further fake has different ones, so that
/// it refuses the credentials of the others. [`FakeTwilioBuilder::seed`] sets them explicitly.
pub struct FakeTwilio {
    account: AccountHandle,
    running: Arc<Running>,
    /// The number that the account owned when this handle was made.
    number: String,
}

/// The server and the tasks, which end when the last handle of a fake is dropped.
struct Running {
    server: Server,
    url: String,
    _ticker: JoinSet<()>,
}

impl FakeTwilio {
    /// Starts a fake on a free loopback port.
    ///
    /// # Panics
    /// Outside a tokio runtime, and when no loopback port can be bound.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Returns a builder, for settings such as a fixed port, several accounts or real time.
    #[must_use]
    pub fn builder() -> FakeTwilioBuilder {
        FakeTwilioBuilder::default()
    }

    /// Returns the base URL: `http://127.0.0.1:49152`.
    #[must_use]
    pub fn url(&self) -> String {
        self.running.url.clone()
    }

    /// Returns the account SID.
    #[must_use]
    pub fn account_sid(&self) -> String {
        self.account.with(|tenant| tenant.core.account_sid().to_owned())
    }

    /// Returns the auth token. Callbacks are signed with it, too.
    #[must_use]
    pub fn auth_token(&self) -> String {
        self.account.with(|tenant| tenant.core.auth_token().expose().to_owned())
    }

    /// Returns the SID and the secret of a standard API key, which gives access to everything but `/Accounts` and
    /// `/Keys`.
    #[must_use]
    pub fn api_key(&self) -> (String, String) {
        self.account.with(|tenant| shown(tenant.core.api_key()))
    }

    /// Returns the SID and the secret of a main API key, which gives the same access as the auth token.
    #[must_use]
    pub fn main_api_key(&self) -> (String, String) {
        self.account.with(|tenant| shown(tenant.core.main_api_key()))
    }

    /// Returns a number that the account owns: `+14155550100`. It is empty where the account owned none when this handle was
    /// made, as a new subaccount does.
    #[must_use]
    pub fn phone_number(&self) -> &str {
        &self.number
    }

    /// Returns a handle for another account of the same fake: one of the builder, or a subaccount. Each account has its own
    /// messages, calls and settings; the clock, the faults and the port are shared.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), switchboard::ProviderError> {
    /// use switchboard_testing::FakeTwilio;
    ///
    /// let token = "0123456789abcdef0123456789abcdef";
    /// let [one, other] = ["AC00000000000000000000000000000001", "AC00000000000000000000000000000002"];
    /// let fake = FakeTwilio::builder().account(one, token).account(other, token).start().await;
    /// fake.for_account(other).account().send_sms("+14155551234", "Hello").await?;
    /// assert_eq!((fake.sent().len(), fake.for_account(other).sent().len()), (0, 1));
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// When the fake has no such account.
    #[expect(clippy::expect_used, reason = "a test that names the wrong account can only stop")]
    #[must_use]
    #[track_caller]
    pub fn for_account(&self, account_sid: &str) -> Self {
        let found = AccountHandle::find(&self.account.shared, account_sid);
        Self::new(found.expect("the fake has an account of this SID"), Arc::clone(&self.running))
    }

    fn new(account: AccountHandle, running: Arc<Running>) -> Self {
        let number = account.with(|tenant| tenant.senders.main_number().unwrap_or_default().to_owned());
        Self { account, running, number }
    }

    /// Returns the messages that were accepted and not deleted, including replies of webhooks, oldest first. Incoming
    /// messages are not included; [`receive`](Self::receive) returns them.
    #[must_use]
    pub fn sent(&self) -> Vec<SentMessage> {
        self.account.with(|tenant| tenant.messages.sent())
    }

    /// Returns the calls that were placed over the API and not deleted, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<PlacedCall> {
        self.account.with(|tenant| tenant.calls.placed())
    }

    /// Sets how long after its creation a message or a call of this account appears in lists, from now on. A fetch by its
    /// SID finds it immediately. `Duration::MAX` hides it from lists.
    pub fn set_list_lag(&self, lag: Duration) {
        self.account.with(|tenant| tenant.core.set_list_lag(lag));
    }

    /// Hides one message from lists. A fetch by its SID still finds it.
    ///
    /// # Panics
    /// When there is no such message.
    #[track_caller]
    pub fn hide_from_lists(&self, sid: &str) {
        let hidden = self.account.with(|tenant| tenant.messaging().hide_from_lists(sid));
        assert!(hidden, "the fake has no message {sid}");
    }

    /// Returns the number of API requests, including those with a fault. Downloads from the storage do not count.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.account.shared.with(|engine| engine.handled())
    }

    /// Returns how many connections were accepted.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.running.server.connections()
    }

    /// Returns the time of the fake.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.account.shared.with(|engine| engine.now())
    }

    /// Moves the clock, runs everything that is due by then, and sends the status callbacks.
    pub fn advance(&self, by: Duration) {
        self.account.shared.with(|engine| engine.advance(by));
    }

    /// Moves a message through all statuses to `delivered`, at once. A message with a final status does not change.
    ///
    /// # Panics
    /// When there is no such message.
    #[track_caller]
    pub fn deliver(&self, sid: &str) {
        assert!(self.account.with(|tenant| tenant.messaging().deliver(sid)), "the fake has no message {sid}");
    }

    /// Ends a message with one of Twilio's codes: as `failed` if it was not sent yet, else as `undelivered`.
    ///
    /// # Panics
    /// When there is no such message.
    #[track_caller]
    pub fn fail(&self, sid: &str, code: u32) {
        assert!(
            self.account.with(|tenant| tenant.messaging().fail(sid, code)),
            "the fake has no message {sid}"
        );
    }

    /// Moves a message to `sent`, and then ends it as `undelivered` with one of Twilio's codes.
    ///
    /// # Panics
    /// When there is no such message.
    #[track_caller]
    pub fn undeliver(&self, sid: &str, code: u32) {
        assert!(
            self.account.with(|tenant| tenant.messaging().undeliver(sid, code)),
            "the fake has no message {sid}"
        );
    }

    /// Answers a call that was not answered yet. Its status becomes `in-progress`.
    ///
    /// # Panics
    /// When there is no such call.
    #[track_caller]
    pub fn answer_call(&self, sid: &str) {
        assert!(self.account.with(|tenant| tenant.calling().answer(sid)), "the fake has no call {sid}");
    }

    /// Moves a call through all statuses to `completed`, at once.
    ///
    /// # Panics
    /// When there is no such call.
    #[track_caller]
    pub fn complete_call(&self, sid: &str) {
        assert!(self.account.with(|tenant| tenant.calling().complete(sid)), "the fake has no call {sid}");
    }

    /// Ends a call as `busy`, `no-answer`, `failed`, `canceled` or `completed`.
    ///
    /// # Panics
    /// When there is no such call, or no such status.
    #[track_caller]
    pub fn end_call(&self, sid: &str, status: &str) {
        let ended = self.account.with(|tenant| tenant.calling().end(sid, status));
        assert!(ended, "the fake has no call {sid}, or a call cannot end as {status}");
    }

    /// Applies a fault to the next API request. Called several times, each fault is applied to one request, in order.
    pub fn fail_next(&self, fault: Fault) {
        self.account.shared.with(|engine| engine.fail_next(fault));
    }

    /// Applies a fault to this percentage of all API requests, the same ones in every run; 0 turns it off.
    pub fn fail_rate(&self, fault: Fault, per_cent: u8) {
        self.account.shared.with(|engine| engine.fail_rate(fault, per_cent));
    }

    /// Waits until every callback so far was answered or has failed.
    pub async fn wait_for_callbacks(&self) {
        self.account.shared.delivery().settled().await;
    }

    /// Returns the results of the callbacks. Those of one resource are in the order of the events; those of different
    /// resources are in any order.
    #[must_use]
    pub fn callbacks(&self) -> Vec<DeliveredCallback> {
        self.account.shared.delivery().done()
    }
}

fn shown((sid, secret): (&str, &Secret)) -> (String, String) {
    (sid.to_owned(), secret.expose().to_owned())
}

impl fmt::Debug for FakeTwilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeTwilio").field("url", &self.running.url).finish_non_exhaustive()
    }
}
