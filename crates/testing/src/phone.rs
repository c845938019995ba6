//! A telephone in a test's hand: what is heard on it, and what the person does.

use std::fmt;

use super::engine::{Ask, Input};
use super::fake::AccountHandle;
use super::webhook;

/// Something that was heard on the telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heard {
    /// The words of a `Say`.
    Say(String),
    /// The sound behind a URL.
    Play(String),
    /// The tones of keys.
    Keys(String),
    /// Silence of so many seconds.
    Pause(u32),
    /// Twilio's apology for a document that failed; the call ends with it.
    ApplicationError,
}

/// What a call stands still for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitsFor {
    /// A document that is on its way: [`Phone::catch_up`] waits for it.
    Document,
    /// `Gather`: [`press`](Phone::press), [`say`](Phone::say), [`stay_silent`](Phone::stay_silent).
    #[non_exhaustive]
    Input {
        /// Are keys taken?
        digits: bool,
        /// Are words?
        speech: bool,
        /// How many keys end it.
        count: Option<usize>,
        /// The keys that end it.
        finish_on_key: String,
    },
    /// `Record`: [`record`](Phone::record), [`record_until`](Phone::record_until),
    /// [`stay_silent`](Phone::stay_silent).
    #[non_exhaustive]
    Recording {
        /// The longest that it may be.
        max_seconds: u32,
        /// The keys that end it.
        finish_on_key: String,
    },
    /// `Dial`: [`dialed`](Phone::dialed), [`talked`](Phone::talked).
    #[non_exhaustive]
    DialedParty {
        /// Who is called: `+14155551234`, `client:alice`, `sip:…`, `queue:support`.
        parties: Vec<String>,
    },
    /// `Dial` with a `Conference`: [`dialed`](Phone::dialed) leaves it.
    #[non_exhaustive]
    Conference {
        /// The room.
        name: String,
    },
    /// `Enqueue`: [`leave_queue`](Phone::leave_queue).
    #[non_exhaustive]
    Queue {
        /// The queue.
        name: String,
    },
    /// `Connect`: [`leave_stream`](Phone::leave_stream). The fake opens no stream.
    #[non_exhaustive]
    Stream {
        /// `Stream`, `ConversationRelay`.
        kind: String,
        /// Where to.
        url: String,
    },
    /// `Pay`: [`pay`](Phone::pay).
    Payment,
    /// `Echo`, or a [dialled party](Phone::dialed_party) that was put through: nothing but
    /// [`hang_up`](Phone::hang_up) helps.
    HangUp,
    /// The call is over.
    Nothing,
}

/// Somebody who calls the account. Hand it to [`FakeTwilio::receive_call`](super::FakeTwilio::receive_call).
///
/// `Debug` shows no number.
#[derive(Clone)]
pub struct InboundCall {
    pub(super) from: String,
    pub(super) to: Option<String>,
    pub(super) url: Option<String>,
    pub(super) get: bool,
    pub(super) params: Vec<(String, String)>,
}

impl InboundCall {
    /// Calls from a number to the fake's own.
    pub fn new(from: impl Into<String>) -> Self {
        Self { from: from.into(), to: None, url: None, get: false, params: Vec::new() }
    }

    /// Calls another number of the account's.
    #[must_use]
    pub fn to(mut self, number: impl Into<String>) -> Self {
        self.to = Some(number.into());
        self
    }

    /// Begins with the document behind this URL, whatever the number has.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Asks the [`url`](Self::url) with a GET.
    #[must_use]
    pub const fn get(mut self) -> Self {
        self.get = true;
        self
    }

    /// Sets a parameter of each request: `CallerName`, `ForwardedFrom`, `StirVerstat`.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for InboundCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundCall").field("get", &self.get).finish_non_exhaustive()
    }
}

/// One live call, driven through its documents.
///
/// Each thing the person does returns once the call waits for the next one, or is over. The clock of the fake stands
/// still meanwhile; the seconds that are spoken, waited and talked count in the call's duration.
///
/// Verbs are carried out from the top down, with Twilio's defaults: an action is the document itself and is posted to,
/// a URL begins at the document, what a `Gather` took goes to its action and never on. A document that does not come
/// within 15 seconds, is longer than 64 kB or is no TwiML raises Twilio's alert; the fallback URL of the call or the number
/// is asked, else the call ends. So does a call that goes through more than 100 documents without a word from anybody:
/// 11215. Redirects of HTTP are followed with a GET, ten in a row. `Start`, `Stop` and `Refer` are passed over, and a
/// `Conference` holds nobody else.
///
/// A document that came as `Twiml` has no URL: it needs whole URLs, and an action for each `Gather` and `Record`.
///
/// # Panics
/// Doing what the call does not wait for is a mistake of the test: the message says what it does wait for.
#[derive(Clone)]
pub struct Phone {
    account: AccountHandle,
    sid: String,
}

/// Gives a request back whose answer nobody awaited to the end.
struct Asking<'a> {
    phone: &'a Phone,
    ask: Option<Ask>,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if let Some(ask) = self.ask.take() {
            self.phone.account.with(|tenant| tenant.phone_gives_up(&self.phone.sid, &ask));
        }
    }
}

impl Phone {
    pub(super) fn new(account: AccountHandle, sid: String) -> Self {
        Self { account, sid }
    }

    /// Returns the SID of the call: `CA…`.
    #[must_use]
    pub fn call_sid(&self) -> &str {
        &self.sid
    }

    /// Returns all that was heard so far, in its order.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        self.account.with(|tenant| tenant.phone_heard(&self.sid))
    }

    /// Returns the words that were heard so far: one text for each `Say`.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        let said = |heard| match heard {
            Heard::Say(text) => Some(text),
            _ => None,
        };
        self.heard().into_iter().filter_map(said).collect()
    }

    /// Returns what the call stands still for.
    #[must_use]
    pub fn waits_for(&self) -> WaitsFor {
        self.account.with(|tenant| tenant.phone_waits_for(&self.sid))
    }

    /// Returns Twilio's word for the status: `in-progress`, `completed`.
    #[must_use]
    pub fn status(&self) -> String {
        self.account.with(|tenant| tenant.call_status(&self.sid).to_owned())
    }

    /// Says what was wrong first, with Twilio's code: `11200: the webhook answered 500`. The alert is in the monitor too.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        self.errors().into_iter().next()
    }

    /// Says everything that was wrong, in its order.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        self.account.with(|tenant| tenant.phone_errors(&self.sid))
    }

    /// Says what of the documents Twilio does not know and passes over, each a warning: `Gather has no attribute digits`.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.account.with(|tenant| tenant.phone_warnings(&self.sid))
    }

    /// Presses keys in one go: one entry. If neither `numDigits` nor `finishOnKey` ends it, the time-out does; keys
    /// behind the end are lost.
    pub async fn press(&self, keys: &str) {
        self.act(Input::Press(keys.to_owned())).await;
    }

    /// Says something, which Twilio understands word by word.
    pub async fn say(&self, words: &str) {
        self.act(Input::Speak(words.to_owned())).await;
    }

    /// Does nothing till the time runs out: `Gather` and `Record` fall through to the next verb, and a `Gather` with
    /// `actionOnEmptyResult` goes to its action.
    pub async fn stay_silent(&self) {
        self.act(Input::Silence).await;
    }

    /// Speaks for so many seconds, `maxLength` at most, and falls silent.
    pub async fn record(&self, seconds: u32) {
        self.act(Input::Record { seconds, key: None, words: None }).await;
    }

    /// As [`record`](Self::record), with the words that a `Record` with `transcribe` is then told.
    pub async fn record_words(&self, seconds: u32, words: &str) {
        self.act(Input::Record { seconds, key: None, words: Some(words.to_owned()) }).await;
    }

    /// Speaks for so many seconds, then presses a key of `finishOnKey`.
    pub async fn record_until(&self, seconds: u32, key: char) {
        self.act(Input::Record { seconds, key: Some(key), words: None }).await;
    }

    /// Says what became of the dialled party: `completed` after ten seconds of talk, `answered`, `busy`, `no-answer`,
    /// `failed` or `canceled`. Of several parties the first one answers. `completed` of one who [has answered and is
    /// gone](Self::dialed_party), because a whisper did not please, has `DialBridged=false`.
    pub async fn dialed(&self, status: &str) {
        self.act(Input::Dialed { status: status.to_owned(), seconds: 10 }).await;
    }

    /// The dialled party answers, talks for so many seconds and hangs up.
    pub async fn talked(&self, seconds: u32) {
        self.act(Input::Dialed { status: "completed".to_owned(), seconds }).await;
    }

    /// Lets the first dialled party pick up, and puts their telephone into the test's hand: they hear the document behind
    /// the `url` of their `Number`, `Client` or `Sip`, and are put through at its end. [`talked`](Self::talked) on the
    /// caller's telephone goes on from there. Asked again, the same telephone comes.
    ///
    /// # Panics
    /// When nobody is dialled.
    pub async fn dialed_party(&self) -> Self {
        self.catch_up().await;
        let party = self.account.with(|tenant| tenant.party_picks_up(&self.sid));
        assert!(party.is_some(), "nobody is dialled: the call waits for {:?}", self.waits_for());
        let party = Self::new(self.account.clone(), party.unwrap_or_default());
        party.catch_up().await;
        party
    }

    /// Leaves the queue: `bridged` when somebody took the call, and has hung up; `leave`, `queue-full`, `error`.
    pub async fn leave_queue(&self, result: &str) {
        self.act(Input::LeaveQueue(result.to_owned())).await;
    }

    /// The other side of a `Connect` ends it: the call goes on.
    pub async fn leave_stream(&self) {
        self.act(Input::LeaveStream).await;
    }

    /// Says how a payment went: `success`, `payment-connector-error`, `too-many-failed-attempts`.
    pub async fn pay(&self, result: &str) {
        self.act(Input::Pay(result.to_owned())).await;
    }

    /// Hangs up. A recording has ten seconds then; the action of a `Record`, `Dial`, `Enqueue` or `Connect` is told, and
    /// what it answers does not matter any more. A call that is over stays as it is.
    pub async fn hang_up(&self) {
        self.catch_up().await;
        self.account.with(|tenant| tenant.phone_hangs_up(&self.sid));
        self.catch_up().await;
    }

    /// Fetches what a change over the API has brought about: a new URL for the live call. Everything that the person
    /// does begins with it.
    pub async fn catch_up(&self) {
        while let Some(ask) = self.account.with(|tenant| tenant.phone_asks(&self.sid)) {
            let mut asking = Asking { phone: self, ask: None };
            let ask = asking.ask.insert(ask);
            let answer = webhook::ask(&self.account, &ask.hook).await;
            if let Some(ask) = asking.ask.take() {
                self.account.with(|tenant| tenant.phone_hears(&self.sid, &ask, answer));
            }
        }
    }

    async fn act(&self, input: Input) {
        self.catch_up().await;
        let taken = self.account.with(|tenant| tenant.phone_input(&self.sid, &input));
        assert!(taken, "the call does not wait for this, but for {:?}", self.waits_for());
        self.catch_up().await;
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Phone")
            .field("call_sid", &self.sid)
            .field("status", &self.status())
            .field("waits_for", &self.waits_for())
            .finish_non_exhaustive()
    }
}
