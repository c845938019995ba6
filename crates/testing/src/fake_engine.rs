//! The fake without a server: requests in, answers and callbacks out, for simulations.

mod answer;

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method, header};
use jiff::Timestamp;
use url::form_urlencoded;

pub use self::answer::{ConnectionClosed, EngineReply, StatusCallback};
use crate::engine::{Engine, FakeRequest, Tenant};
use crate::fault::Fault;
use crate::placed::PlacedCall;
use crate::sender_rates::{SenderQueue, SenderRates};
use crate::sent::SentMessage;

/// The host name that the requests carry, which the newer products put into their links.
const HOST: HeaderValue = HeaderValue::from_static("api.twilio.com");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// The rules of [`FakeTwilio`](crate::FakeTwilio) as a plain value, without HTTP, for simulations that run many times.
///
/// All methods return at once: there is no runtime, no socket, no thread and no global state. The clock moves only by
/// [`advance`](Self::advance), and status callbacks are not sent but [taken out](Self::take_callbacks). The same seed, start
/// and calls give the same answers, byte for byte, in every run.
///
/// Requests are sent with the credentials of the account. There are no connections: where a [`Fault`] closes one, the method
/// returns [`ConnectionClosed`], and with [`Fault::slow`] the answer has a [delay](EngineReply::delay).
///
/// ```
/// use std::time::Duration;
/// use switchboard_testing::{FakeEngine, Fault};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut twilio = FakeEngine::new(42, "2026-01-05T09:00:00Z".parse()?);
/// let messages = format!("/2010-04-01/Accounts/{}/Messages.json", twilio.account_sid());
/// let from = twilio.phone_number().to_owned();
/// let text = [("To", "+14155551234"), ("From", &from), ("Body", "Hello"), ("StatusCallback", "https://app.example/s")];
///
/// let reply = twilio.post(&messages, &text)?;
/// assert_eq!((reply.status, reply.json()["status"].as_str()), (201, Some("queued")));
///
/// twilio.advance(Duration::from_secs(3));
/// let callbacks = twilio.take_callbacks();
/// assert_eq!(callbacks.iter().map(|callback| callback.event.as_str()).collect::<Vec<_>>(), ["sending", "sent", "delivered"]);
/// assert_eq!(callbacks[0].url, "https://app.example/s");
///
/// twilio.fail_next(Fault::status_late(503, Duration::from_secs(120)));
/// assert_eq!(twilio.post(&messages, &text)?.status, 503);
/// assert_eq!(twilio.sent().len(), 1);
/// twilio.advance(Duration::from_secs(120));
/// assert_eq!(twilio.sent().len(), 2);
/// # Ok(()) }
/// ```
pub struct FakeEngine {
    engine: Engine,
    account: String,
    /// The headers of each request.
    headers: HeaderMap,
}

impl FakeEngine {
    /// Makes an engine with one account that owns `+14155550100`, whose clock begins at `start`.
    ///
    /// SIDs, credentials and the choice of [`fail_rate`](Self::fail_rate) follow from the seed.
    #[must_use]
    pub fn new(seed: u64, start: Timestamp) -> Self {
        let mut engine = Engine::new(seed, start, Vec::new());
        engine.seed_faults(seed);
        let account = engine.main_account().to_owned();
        let mut made = Self { engine, account, headers: HeaderMap::new() };
        made.headers = headers(&made.account, &made.auth_token());
        made
    }

    /// Returns the SID of the account.
    #[must_use]
    pub fn account_sid(&self) -> &str {
        &self.account
    }

    /// Returns the auth token. Callbacks are signed with it, too.
    #[must_use]
    pub fn auth_token(&self) -> String {
        self.tenant().core.auth_token().expose().to_owned()
    }

    /// Returns the number that the account owns from the start.
    #[must_use]
    pub fn phone_number(&self) -> &str {
        self.tenant().senders.main_number().unwrap_or_default()
    }

    /// Adds a sender to the account: a telephone number, or a short code.
    pub fn add_number(&mut self, number: &str) {
        self.tenant_mut().own_number(number);
    }

    /// Gives each sender a rate and a queue, from now on: messages wait for their turn, and a full queue refuses. Without
    /// it messages do not wait for each other.
    pub fn set_sender_rates(&mut self, rates: SenderRates) {
        self.engine.set_sender_rates(&rates);
    }

    /// Sets how long after its creation a message or a call appears in lists, from now on. A fetch by its SID finds it
    /// immediately. `Duration::MAX` hides it from lists.
    pub fn set_list_lag(&mut self, lag: Duration) {
        self.tenant_mut().core.set_list_lag(lag);
    }

    /// Hides one message from lists. A fetch by its SID still finds it. Returns false when there is no such message.
    pub fn hide_from_lists(&mut self, sid: &str) -> bool {
        self.tenant_mut().messaging().hide_from_lists(sid)
    }

    /// Returns what waits in the queue of a sender: a number, or a messaging service with a rate of its own.
    #[must_use]
    pub fn sender_queue(&self, sender: &str) -> SenderQueue {
        self.tenant().sender_queue(sender)
    }

    /// Sends a GET to a path, which may have a query: `/2010-04-01/Accounts/AC…/Messages.json?To=%2B14155551234`.
    ///
    /// # Errors
    /// When a fault closes the connection without an answer.
    pub fn get(&mut self, path: &str) -> Result<EngineReply, ConnectionClosed> {
        self.request::<&str, &str>(Method::GET, path, &[])
    }

    /// Sends a POST with a form.
    ///
    /// # Errors
    /// When a fault closes the connection without an answer.
    pub fn post<K: AsRef<str>, V: AsRef<str>>(
        &mut self,
        path: &str,
        form: &[(K, V)],
    ) -> Result<EngineReply, ConnectionClosed> {
        self.request(Method::POST, path, form)
    }

    /// Sends a request with the credentials of the account.
    ///
    /// # Errors
    /// When a fault closes the connection without an answer.
    pub fn request<K: AsRef<str>, V: AsRef<str>>(
        &mut self,
        method: Method,
        path: &str,
        form: &[(K, V)],
    ) -> Result<EngineReply, ConnectionClosed> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = FakeRequest::new(method, path, query, self.headers.clone(), body.into());
        self.engine.handle(&request).map(EngineReply::from).ok_or(ConnectionClosed)
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.engine.now()
    }

    /// Moves the clock, and runs everything that is due by then, each event at its own time.
    pub fn advance(&mut self, by: Duration) {
        self.engine.advance(by);
    }

    /// Returns the time of the next event: a change of status, or a request that is carried out late. `None` when nothing
    /// will happen without a request.
    #[must_use]
    pub fn next_event(&self) -> Option<Timestamp> {
        self.engine.next_event()
    }

    /// Removes and returns the status callbacks that were due since the last call, in the order in which Twilio would
    /// send them.
    pub fn take_callbacks(&mut self) -> Vec<StatusCallback> {
        self.engine.take_callbacks().into_iter().map(StatusCallback::from).collect()
    }

    /// Applies a fault to the next request. Called several times, each fault is applied to one request, in order.
    pub fn fail_next(&mut self, fault: Fault) {
        self.engine.fail_next(fault);
    }

    /// Applies a fault to this share of all requests, chosen by the seed; 0 turns it off.
    pub fn fail_rate(&mut self, fault: Fault, per_cent: u8) {
        self.engine.fail_rate(fault, per_cent);
    }

    /// Returns the messages that were accepted and not deleted, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<SentMessage> {
        self.tenant().messages.sent()
    }

    /// Returns the calls that were placed and not deleted, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<PlacedCall> {
        self.tenant().calls.placed()
    }

    /// Ends a message with one of Twilio's codes: as `failed` if it was not sent yet, else as `undelivered`. Returns false
    /// when there is no such message.
    pub fn fail(&mut self, sid: &str, code: u32) -> bool {
        self.tenant_mut().messaging().fail(sid, code)
    }

    /// Opts somebody out of messages from every number: sending to them fails with 21610.
    pub fn opt_out(&mut self, number: &str) {
        self.tenant_mut().senders.numbers.opt_out(number, None);
    }

    /// Opts somebody in again.
    pub fn opt_in(&mut self, number: &str) {
        self.tenant_mut().senders.numbers.opt_in(number, None);
    }

    #[expect(clippy::expect_used, reason = "the account was made with the engine, and accounts stay")]
    fn tenant(&self) -> &Tenant {
        &self.engine.account(&self.account).expect("accounts stay").tenant
    }

    #[expect(clippy::expect_used, reason = "the account was made with the engine, and accounts stay")]
    fn tenant_mut(&mut self) -> &mut Tenant {
        &mut self.engine.account_mut(&self.account).expect("accounts stay").tenant
    }
}

fn headers(user: &str, password: &str) -> HeaderMap {
    let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    let mut headers = HeaderMap::from_iter([(header::HOST, HOST), (header::CONTENT_TYPE, FORM)]);
    headers.extend(HeaderValue::from_str(&basic).ok().map(|basic| (header::AUTHORIZATION, basic)));
    headers
}

impl fmt::Debug for FakeEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeEngine").field("account", &self.account).finish_non_exhaustive()
    }
}
