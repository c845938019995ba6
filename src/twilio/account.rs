//! One account: the handle that everything is done through.

use std::fmt;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::accounts::Subaccounts;
use super::alerts::Alerts;
use super::analytics::Analytics;
use super::api_keys::ApiKeys;
use super::auth_tokens::AuthTokens;
use super::brands::Brands;
use super::calls::Calls;
use super::conferences::Conferences;
use super::content::Contents;
use super::geo_permissions::GeoPermissions;
use super::lookup::Lookup;
use super::messages::Messages;
use super::messaging_services::MessagingServices;
use super::numbers::{AvailableNumbers, PhoneNumbers};
use super::outgoing_caller_ids::OutgoingCallerIds;
use super::page::Pages;
use super::prices::Prices;
use super::recordings::Recordings;
use super::resources::accounts::{self, Account, Balance};
use super::session::Session;
use super::tollfree_verifications::TollfreeVerifications;
use super::transcriptions::Transcriptions;
use super::usage::Usage;
use super::usage_triggers::UsageTriggers;
use super::verify::{Verify, VerifyServices};
use super::{Call, CreateMessage, MakeCall, Message, SendSms, TwilioAdapter, connection};
use crate::phone::Address;
use crate::provider::{ApiRequest, ApiResponse, Connection, ProviderError};
use crate::sms::Text;

/// One Twilio account, with its headers and paths prepared. Owned, and cheap to clone.
///
/// ```no_run
/// # async fn run() -> Result<(), switchboard::ProviderError> {
/// let account = switchboard::twilio::from_env()?;
/// let message = account.send_sms("+14155551234", "Your table is ready").await?;
/// println!("{} is {}", message.sid, message.status);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct TwilioAccount {
    adapter: TwilioAdapter,
    session: Session,
}

impl TwilioAccount {
    pub(super) const fn new(adapter: TwilioAdapter, session: Session) -> Self {
        Self { adapter, session }
    }

    /// Returns the account's SID.
    #[must_use]
    pub fn sid(&self) -> &str {
        self.session.account_sid()
    }

    /// Returns the number that texts come from where a request names no sender.
    #[must_use]
    pub fn phone_number(&self) -> Option<&Address> {
        self.session.senders().from.as_ref()
    }

    /// Is it opened with an API key? Then `/Accounts` and `/Keys` are closed to it.
    #[must_use]
    pub fn uses_api_key(&self) -> bool {
        self.session.uses_api_key()
    }

    /// Returns the adapter, to open another account over the same pool.
    #[must_use]
    pub const fn adapter(&self) -> &TwilioAdapter {
        &self.adapter
    }

    /// Sends a text from the account's phone number.
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource>
    ///
    /// # Errors
    /// As [`Messages::create`]: look at the error's [`outcome`](ProviderError::outcome) before you send again.
    pub async fn send_sms(
        &self,
        to: impl Into<Address>,
        body: impl Into<Text>,
    ) -> Result<Message, ProviderError> {
        self.send(&SendSms::new(to, body).into()).await
    }

    /// Sends a message with everything that Twilio knows about messages.
    ///
    /// # Errors
    /// As [`Messages::create`].
    pub async fn send(&self, message: &CreateMessage) -> Result<Message, ProviderError> {
        self.messages().create(message).await
    }

    /// Calls somebody.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource>
    ///
    /// # Errors
    /// As [`Calls::create`].
    pub async fn make_call(&self, call: &MakeCall) -> Result<Call, ProviderError> {
        self.calls().create(&call.into()).await
    }

    /// Asks Twilio who these credentials belong to.
    ///
    /// <https://www.twilio.com/docs/iam/api/account#fetch-an-account-resource>
    ///
    /// With an API key, which may not read `/Accounts`, it reads one message instead, and name and status stay empty.
    ///
    /// # Errors
    /// `UNAUTHORIZED` where Twilio does not take the credentials, or any other [`ProviderError`].
    pub async fn test_connection(&self) -> Result<Connection, ProviderError> {
        connection::test(&self.session).await
    }

    /// Lists anything that Twilio has in pages: the way through to lists that have no method here. `key` is the name of
    /// the array in each page.
    ///
    /// ```no_run
    /// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), switchboard::ProviderError> {
    /// use switchboard::provider::ApiRequest;
    ///
    /// let mut queues = account.pages::<serde_json::Value>(ApiRequest::get("/Queues.json"), "queues").limit(10);
    /// while let Some(queue) = queues.next().await {
    ///     println!("{}", queue?["friendly_name"]);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn pages<T>(&self, first: ApiRequest, key: &'static str) -> Pages<T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        Pages::new(&self.session, first, key)
    }

    /// Sends any request: the way through to what has no method here, with the same authentication, outcome, repeats
    /// and errors.
    ///
    /// A path that starts with `/Accounts` is taken as it is, any other is put under this account; with
    /// [`on`](ApiRequest::on) the path is that of the product, `/v2/Services` on `verify`.
    ///
    /// ```no_run
    /// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), switchboard::ProviderError> {
    /// use switchboard::provider::ApiRequest;
    ///
    /// let answer = account.request(ApiRequest::get("/Queues.json").query([("PageSize", "5")])).await?;
    /// let queues: serde_json::Value = answer.json()?;
    /// # let _ = queues; Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Any [`ProviderError`]. An answer whose content type is JSON, but whose body is not, is an error with
    /// [`Outcome::Applied`](crate::Outcome::Applied).
    pub async fn request(&self, request: ApiRequest) -> Result<ApiResponse, ProviderError> {
        let answer = self.session.send(&request).await?;
        let kind = answer.headers().get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if kind.is_some_and(|kind| kind.contains("json")) && !answer.body().is_empty() {
            self.session.read::<IgnoredAny>(&answer, &request)?;
        }
        Ok(answer)
    }
}

/// What the account has, each behind a handle of its own.
impl TwilioAccount {
    /// Returns the account's messages: send, fetch, list, cancel, redact, delete, media.
    #[must_use]
    pub fn messages(&self) -> Messages {
        Messages::of(&self.session)
    }

    /// Returns the account's calls: make, fetch, list, redirect, hang up, delete.
    #[must_use]
    pub fn calls(&self) -> Calls {
        Calls::of(&self.session)
    }

    /// Returns the account's conferences: list, fetch, end, and their participants.
    #[must_use]
    pub fn conferences(&self) -> Conferences {
        Conferences::of(&self.session)
    }

    /// Returns the account's recordings: list, fetch, delete, start, pause, resume, stop, download.
    #[must_use]
    pub fn recordings(&self) -> Recordings {
        Recordings::of(&self.session)
    }

    /// Returns the account's transcriptions: list, fetch, delete.
    #[must_use]
    pub fn transcriptions(&self) -> Transcriptions {
        Transcriptions::of(&self.session)
    }

    /// Returns the numbers that the account owns: list, fetch, buy, update, release.
    #[must_use]
    pub fn phone_numbers(&self) -> PhoneNumbers {
        PhoneNumbers::of(&self.session)
    }

    /// Returns the numbers that could be bought.
    #[must_use]
    pub fn available_numbers(&self) -> AvailableNumbers {
        AvailableNumbers::of(&self.session)
    }

    /// Returns what the account has used, and what it cost.
    #[must_use]
    pub fn usage(&self) -> Usage {
        Usage::of(&self.session)
    }

    /// Returns what the messages and calls of some days amount to: volume, delivery, response times, errors, cost.
    #[must_use]
    pub fn analytics(&self) -> Analytics {
        Analytics::of(&self.session)
    }

    /// Returns the prices that the account pays.
    #[must_use]
    pub fn prices(&self) -> Prices {
        Prices::of(&self.session)
    }

    /// Returns what went wrong in the account, as Twilio's debugger shows it.
    #[must_use]
    pub fn alerts(&self) -> Alerts {
        Alerts::of(&self.session)
    }

    /// Returns the account's subaccounts: list, create, suspend, activate, close.
    #[must_use]
    pub fn subaccounts(&self) -> Subaccounts {
        Subaccounts::of(&self.session)
    }

    /// Returns the account's API keys: list, create, fetch, rename, revoke.
    #[must_use]
    pub fn api_keys(&self) -> ApiKeys {
        ApiKeys::of(&self.session)
    }

    /// Returns the account's auth tokens: create, delete and promote a secondary one.
    #[must_use]
    pub fn auth_tokens(&self) -> AuthTokens {
        AuthTokens::of(&self.session)
    }

    /// Returns the countries that the account may send messages to: list, change.
    #[must_use]
    pub fn geo_permissions(&self) -> GeoPermissions {
        GeoPermissions::of(&self.session)
    }

    /// Returns the verified numbers that calls may come from: list, verify, fetch, rename, delete.
    #[must_use]
    pub fn outgoing_caller_ids(&self) -> OutgoingCallerIds {
        OutgoingCallerIds::of(&self.session)
    }

    /// Returns the account's usage triggers: list, create, fetch, change, delete.
    #[must_use]
    pub fn usage_triggers(&self) -> UsageTriggers {
        UsageTriggers::of(&self.session)
    }

    /// Reads the account itself.
    ///
    /// <https://www.twilio.com/docs/iam/api/account#fetch-an-account-resource>
    ///
    /// # Errors
    /// `INVALID_REQUEST` with an API key, which may not read it; or any other [`ProviderError`].
    pub async fn details(&self) -> Result<Account, ProviderError> {
        accounts::details(&self.session).await
    }

    /// Reads what is left to spend. A subaccount has no balance of its own.
    ///
    /// <https://www.twilio.com/docs/usage/api/balance>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn balance(&self) -> Result<Balance, ProviderError> {
        accounts::balance(&self.session).await
    }

    /// Returns the verifications of a Verify service, `VA…`: start, check, fetch, cancel.
    #[must_use]
    pub fn verify(&self, service_sid: impl Into<String>) -> Verify {
        Verify::of(&self.session, service_sid.into())
    }

    /// Returns the account's Verify services: make, fetch, list, change, delete.
    #[must_use]
    pub fn verify_services(&self) -> VerifyServices {
        VerifyServices::of(&self.session)
    }

    /// Returns what is known about numbers: is it one, what kind of line, whose.
    #[must_use]
    pub fn lookup(&self) -> Lookup {
        Lookup::of(&self.session)
    }

    /// Returns the account's message templates: make, fetch, list, delete, and their approval by WhatsApp.
    #[must_use]
    pub fn content(&self) -> Contents {
        Contents::of(&self.session)
    }

    /// Returns the account's messaging services: make, fetch, list, change, delete, and their numbers.
    #[must_use]
    pub fn messaging_services(&self) -> MessagingServices {
        MessagingServices::of(&self.session)
    }

    /// Returns the account's brands for texts from US numbers (A2P 10DLC): register, fetch, list, submit again.
    #[must_use]
    pub fn brands(&self) -> Brands {
        Brands::of(&self.session)
    }

    /// Returns the verifications of the account's toll-free numbers: submit, fetch, list, correct, delete.
    #[must_use]
    pub fn tollfree_verifications(&self) -> TollfreeVerifications {
        TollfreeVerifications::of(&self.session)
    }
}

impl fmt::Debug for TwilioAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioAccount")
            .field("sid", &self.sid())
            .field("username", &self.session.username())
            .field("phone_number", &self.phone_number())
            .finish_non_exhaustive()
    }
}
