//! The fake without a server: requests in, answers and callbacks out, for simulations.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use jiff::Timestamp;
use serde_json::Value;
use url::form_urlencoded;

use crate::engine::{Callback, Engine, FakeReply, FakeRequest, Tenant};
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
/// Requests carry the credentials of the account. The server keeps the connections; a [`Fault`] that closes one is a
/// [`ConnectionClosed`] here, and [`Fault::slow`] is a [delay](EngineReply::delay) of the answer.
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

    /// Returns the auth token, which signs the callbacks too.
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

    /// Moves the clock, and does what is due by then, each thing at its own time.
    pub fn advance(&mut self, by: Duration) {
        self.engine.advance(by);
    }

    /// Returns when something is due next: the change of a status, or a request that is carried out late. `None` when
    /// nothing will happen without a request.
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

    /// Ends a message with one of Twilio's codes: `failed` before it was sent, `undelivered` afterwards. Returns whether
    /// there is such a message.
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

/// What a [`FakeEngine`] answers to a request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EngineReply {
    /// The HTTP status.
    pub status: u16,
    /// The headers, with the `Date` of the engine's clock.
    pub headers: HeaderMap,
    /// The body: JSON, unless a fault replaced it.
    pub body: Bytes,
    /// How long a server would wait before it answers.
    pub delay: Duration,
}

impl EngineReply {
    /// Reads the body as JSON; `null` where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl From<FakeReply> for EngineReply {
    fn from(reply: FakeReply) -> Self {
        let FakeReply { status, headers, body, delay } = reply;
        Self { status: status.as_u16(), headers, body: body.into_bytes(), delay }
    }
}

/// A [`Fault`] closed the connection without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionClosed;

impl fmt::Display for ConnectionClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was closed without an answer")
    }
}

impl std::error::Error for ConnectionClosed {}

/// A status callback as Twilio would send it, signed with the auth token of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusCallback {
    /// The account of the resource.
    pub account_sid: String,
    /// The resource that changed.
    pub sid: String,
    /// Its new status: `delivered`, `completed`.
    pub event: String,
    /// The URL as it is requested and signed: without a fragment, and with the parameters where the method is GET.
    pub url: String,
    /// The fragment of the URL, which sets connection overrides.
    pub fragment: String,
    /// The form of a POST, encoded; `None` for a GET.
    pub form: Option<String>,
    /// The header `X-Twilio-Signature`.
    pub signature: String,
    /// The header `I-Twilio-Idempotency-Token`: the same for every attempt.
    pub idempotency_token: String,
}

impl StatusCallback {
    /// Decodes the form of a POST; empty for a GET, whose parameters are in the URL.
    #[must_use]
    pub fn pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.form.as_deref().unwrap_or_default().as_bytes()).into_owned().collect()
    }
}

impl From<Callback> for StatusCallback {
    fn from(callback: Callback) -> Self {
        let Callback { account, sid, event, fragment, url, form, signature, token, endpoint: _ } = callback;
        Self { account_sid: account, sid, event, url, fragment, form, signature, idempotency_token: token }
    }
}
