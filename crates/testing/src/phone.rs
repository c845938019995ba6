//! A telephone that a test controls: what is heard on it, and what the person does.

use std::fmt;

use super::documents;
use super::engine::{DocumentRequest, Input};
use super::fake::AccountHandle;
use super::heard::{Heard, WaitsFor};

/// One live call, driven through its documents.
///
/// Each thing the person does returns once the call waits for the next one, or is over. The clock of the fake stands
/// still meanwhile; the seconds that are spoken, waited and talked count in the call's duration.
///
/// Verbs are carried out from the top down, with Twilio's defaults: an action is the document itself and is posted to,
/// relative URLs are resolved against the document's URL, and after input a `Gather` continues with its action, not
/// with the next verb. A document that does not come within 15 seconds, is longer than 64 kB or is not TwiML raises
/// Twilio's alert; the fallback URL of the call or the number is asked, else the call ends. A call that goes through
/// more than 100 documents without input ends, too:
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

/// Returns a request to the queue if its future was dropped before the answer came.
struct InFlight<'a> {
    phone: &'a Phone,
    request: Option<DocumentRequest>,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if let Some(request) = self.request.take() {
            self.phone
                .account
                .with_phones(|phones, tenant| phones.give_back(tenant, &self.phone.sid, &request));
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
        self.account.with_phones(|phones, tenant| phones.heard(tenant, &self.sid))
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

    /// Returns what the call waits for.
    #[must_use]
    pub fn waits_for(&self) -> WaitsFor {
        self.account.with_phones(|phones, tenant| phones.waits_for(tenant, &self.sid))
    }

    /// Returns Twilio's word for the status: `in-progress`, `completed`.
    #[must_use]
    pub fn status(&self) -> String {
        self.account.with(|tenant| tenant.calls.status(&self.sid).to_owned())
    }

    /// Says what was wrong first, with Twilio's code: `11200: the webhook answered 500`. The alert is in the monitor too.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        self.errors().into_iter().next()
    }

    /// Says everything that was wrong, in its order.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        self.account.with_phones(|phones, tenant| phones.errors(tenant, &self.sid))
    }

    /// Says what of the documents Twilio does not know and passes over, each a warning: `Gather has no attribute digits`.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.account.with_phones(|phones, tenant| phones.warnings(tenant, &self.sid))
    }

    /// Presses keys in one go: one entry. If neither `numDigits` nor `finishOnKey` ends it, the time-out does; keys
    /// behind the end are lost.
    pub async fn press(&self, keys: &str) {
        self.act(Input::Press(keys.to_owned())).await;
    }

    /// Says something; the speech recognition returns exactly these words.
    pub async fn say(&self, words: &str) {
        self.act(Input::Speak(words.to_owned())).await;
    }

    /// Does nothing till the time runs out: `Gather` and `Record` fall through to the next verb, and a `Gather` with
    /// `actionOnEmptyResult` goes to its action.
    pub async fn stay_silent(&self) {
        self.act(Input::Silence).await;
    }

    /// Speaks for this many seconds, `maxLength` at most, and falls silent.
    pub async fn record(&self, seconds: u32) {
        self.act(Input::Record { seconds, key: None, words: None }).await;
    }

    /// As [`record`](Self::record), with the words that a `Record` with `transcribe` is then told.
    pub async fn record_words(&self, seconds: u32, words: &str) {
        self.act(Input::Record { seconds, key: None, words: Some(words.to_owned()) }).await;
    }

    /// Speaks for this many seconds, then presses a key of `finishOnKey`.
    pub async fn record_until(&self, seconds: u32, key: char) {
        self.act(Input::Record { seconds, key: Some(key), words: None }).await;
    }

    /// Says what became of the dialled party: `completed` after ten seconds of talk, `answered`, `busy`, `no-answer`,
    /// `failed` or `canceled`. Of several parties the first one answers. `completed` of one who [has answered and is
    /// gone](Self::dialed_party), because a whisper did not please, has `DialBridged=false`.
    pub async fn dialed(&self, status: &str) {
        self.act(Input::Dialed { status: status.to_owned(), seconds: 10 }).await;
    }

    /// The dialled party answers, talks for this many seconds and hangs up.
    pub async fn talked(&self, seconds: u32) {
        self.act(Input::Dialed { status: "completed".to_owned(), seconds }).await;
    }

    /// Lets the first dialled party pick up, and returns their telephone: they hear the document behind the `url` of
    /// their `Number`, `Client` or `Sip`, and are put through at its end. [`talked`](Self::talked) on the caller's
    /// telephone goes on from there. A second call of this method returns the same telephone.
    ///
    /// # Panics
    /// When nobody is dialled.
    pub async fn dialed_party(&self) -> Self {
        self.catch_up().await;
        let party = self.account.with_phones(|phones, tenant| phones.party_picks_up(tenant, &self.sid));
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

    /// Hangs up. A running recording is then ten seconds long; the action of a `Record`, `Dial`, `Enqueue` or `Connect`
    /// is requested, and its answer is ignored. Nothing happens if the call is over.
    pub async fn hang_up(&self) {
        self.catch_up().await;
        self.account.with_phones(|phones, tenant| phones.hang_up(tenant, &self.sid));
        self.catch_up().await;
    }

    /// Fetches what a change over the API has brought about: a new URL for the live call. Everything that the person
    /// does begins with it.
    pub async fn catch_up(&self) {
        while let Some(request) =
            self.account.with_phones(|phones, tenant| phones.next_request(tenant, &self.sid))
        {
            let mut in_flight = InFlight { phone: self, request: None };
            let request = in_flight.request.insert(request);
            let answer = documents::fetch(&self.account, &request.request).await;
            if let Some(request) = in_flight.request.take() {
                self.account
                    .with_phones(|phones, tenant| phones.take_answer(tenant, &self.sid, &request, answer));
            }
        }
    }

    async fn act(&self, input: Input) {
        self.catch_up().await;
        let taken = self.account.with_phones(|phones, tenant| phones.input(tenant, &self.sid, &input));
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
