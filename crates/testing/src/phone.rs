//! A telephone that a test controls: what the person hears, and what they do.

use std::fmt;

use super::documents;
use super::engine::{DocumentRequest, Input};
use super::fake::AccountHandle;
use super::heard::{Heard, WaitsFor};

/// The telephone of a person in a live call, which carries out the TwiML documents of the call.
///
/// Each method for an action of the person returns when the call waits for the next action, or is over. The clock of the
/// fake does not move, but the seconds of pauses, time-outs and talk are part of the call's duration.
///
/// The verbs of a document are carried out in order, with Twilio's defaults: the default action is a POST to the document's
/// own URL, relative URLs are resolved against that URL, and after input a `Gather` continues with its action, not with the
/// next verb. A document that is not received within 15 seconds, is longer than 64 kB or is not TwiML raises Twilio's
/// alert; then the fallback URL of the call or the number is requested, and without one the call ends. More than 100
/// documents without input end the call with 11215. Up to ten HTTP redirects are followed, each with a GET. `Start`, `Stop`
/// and `Refer` are ignored. A `Conference` has the participants that joined it, but no sound and no
/// callbacks.
///
/// A document from the parameter `Twiml` has no URL: its URLs must be absolute, and each `Gather` and `Record` needs an
/// action.
///
/// # Panics
/// A method for an action panics when the call does not wait for that action. The message says what it waits for.
#[derive(Clone)]
pub struct Phone {
    account: AccountHandle,
    sid: String,
}

/// A request that was taken. If the future is dropped before the answer, the request is given back.
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

    /// Returns everything that the person heard so far, in order.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        self.account.with_phones(|phones, tenant| phones.heard(tenant, &self.sid))
    }

    /// Returns the texts that the person heard so far, one for each `Say`.
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

    /// Returns the status of the call as Twilio writes it: `in-progress`, `completed`.
    #[must_use]
    pub fn status(&self) -> String {
        self.account.with(|tenant| tenant.calls.status(&self.sid).to_owned())
    }

    /// Returns the first error, with Twilio's code: `11200: the webhook answered 500`. The API lists it as an alert, too.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        self.errors().into_iter().next()
    }

    /// Returns all errors, in order.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        self.account.with_phones(|phones, tenant| phones.errors(tenant, &self.sid))
    }

    /// Returns a warning for each element or attribute that Twilio ignores: `Gather has no attribute digits`.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.account.with_phones(|phones, tenant| phones.warnings(tenant, &self.sid))
    }

    /// Presses keys, as one input. It ends by `numDigits`, by `finishOnKey` or by the time-out; keys after its end are
    /// ignored.
    pub async fn press(&self, keys: &str) {
        self.act(Input::Press(keys.to_owned())).await;
    }

    /// Speaks; the speech recognition returns exactly these words.
    pub async fn say(&self, words: &str) {
        self.act(Input::Speak(words.to_owned())).await;
    }

    /// Waits for the time-out. `Gather` and `Record` continue with the next verb; a `Gather` with `actionOnEmptyResult`
    /// continues with its action.
    pub async fn stay_silent(&self) {
        self.act(Input::Silence).await;
    }

    /// Speaks for this many seconds, at most `maxLength`, and then is silent.
    pub async fn record(&self, seconds: u32) {
        self.act(Input::Record { seconds, key: None, words: None }).await;
    }

    /// Does what [`record`](Self::record) does, with the words for the transcription of a `Record` with `transcribe`.
    pub async fn record_words(&self, seconds: u32, words: &str) {
        self.act(Input::Record { seconds, key: None, words: Some(words.to_owned()) }).await;
    }

    /// Speaks for this many seconds, then presses a key of `finishOnKey`.
    pub async fn record_until(&self, seconds: u32, key: char) {
        self.act(Input::Record { seconds, key: Some(key), words: None }).await;
    }

    /// Ends a `Dial` with the status of the dialled party: `completed` after ten seconds of talk, `answered`, `busy`,
    /// `no-answer`, `failed` or `canceled`. Of several parties the first one answers. `completed` has `DialBridged=false`
    /// where the [dialled party](Self::dialed_party) answered, heard the whisper and hung up.
    pub async fn dialed(&self, status: &str) {
        self.act(Input::Dialed { status: status.to_owned(), seconds: 10 }).await;
    }

    /// Ends a `Dial` after the dialled party answered, talked for this many seconds and hung up.
    pub async fn talked(&self, seconds: u32) {
        self.act(Input::Dialed { status: "completed".to_owned(), seconds }).await;
    }

    /// Lets the first dialled party answer, and returns their telephone. They hear the document at the `url` of their
    /// `Number`, `Client` or `Sip` (the whisper), and are connected at its end. Then call [`talked`](Self::talked) on the
    /// telephone of the caller. A second call of this method returns the same telephone.
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

    /// Leaves the queue with a `QueueResult`: `bridged` when an agent took the call and hung up; `leave`, `queue-full`,
    /// `error`.
    pub async fn leave_queue(&self, result: &str) {
        self.act(Input::LeaveQueue(result.to_owned())).await;
    }

    /// Ends a `Connect` from the other side. The call continues.
    pub async fn leave_stream(&self) {
        self.act(Input::LeaveStream).await;
    }

    /// Ends a payment with its `Result`: `success`, `payment-connector-error`, `too-many-failed-attempts`.
    pub async fn pay(&self, result: &str) {
        self.act(Input::Pay(result.to_owned())).await;
    }

    /// Hangs up. A recording that is being made gets ten seconds. The action of a `Record`, `Dial`, `Enqueue` or `Connect` is
    /// requested, and its answer is ignored. Nothing happens if the call is over.
    pub async fn hang_up(&self) {
        self.catch_up().await;
        self.account.with_phones(|phones, tenant| phones.hang_up(tenant, &self.sid));
        self.catch_up().await;
    }

    /// Requests the new document of the call after the API has changed its URL. All actions of the person do this first.
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
