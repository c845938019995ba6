//! One account: the handle that everything is done through.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use http::HeaderMap;
use serde::de::{DeserializeOwned, IgnoredAny};
use url::Url;

use super::credentials::Login;
use super::error::{self, Context, by_twilio};
use super::{
    Call, CreateMessage, MakeCall, Message, Pages, SendSms, TwilioAdapter, auth, connection, sid, target,
};
use crate::phone::Address;
use crate::provider::{
    ApiRequest, ApiResponse, Connection, ProviderError, ProviderName, RequestBody, RequestClass,
};
use crate::secret::Secret;
use crate::sms::Text;
use crate::transport::{Exchange, Fact, Interpret, RawDownload, Refusal};

/// One Twilio account, with its headers and paths prepared. Owned, and cheap to clone.
///
/// ```no_run
/// # async fn run() -> Result<(), switchboard::ProviderError> {
/// let account = switchboard::twilio::from_env()?;
/// let message = account.send_sms("+14155551234", "Your table is ready").await?;
/// println!("{} is {}", message.sid.unwrap_or_default(), message.status.unwrap());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct TwilioAccount(Arc<Inner>);

struct Inner {
    adapter: TwilioAdapter,
    account_sid: String,
    username: String,
    password: Secret,
    from: Option<Address>,
    plain: HeaderMap,
    form: HeaderMap,
    json: HeaderMap,
    /// The URLs of what is sent most, made once.
    messages: OnceLock<Url>,
    calls: OnceLock<Url>,
}

impl TwilioAccount {
    pub(super) fn open(adapter: TwilioAdapter, login: Login) -> Result<Self, ProviderError> {
        let plain = auth::headers(&login)?;
        Ok(Self(Arc::new(Inner {
            adapter,
            account_sid: login.account_sid,
            username: login.username,
            password: login.password,
            from: login.phone_number,
            form: auth::with_content(plain.clone(), "application/x-www-form-urlencoded"),
            json: auth::with_content(plain.clone(), "application/json"),
            plain,
            messages: OnceLock::new(),
            calls: OnceLock::new(),
        })))
    }

    /// Returns the account's SID.
    #[must_use]
    pub fn sid(&self) -> &str {
        &self.0.account_sid
    }

    /// Returns the number that texts and calls come from where a request names none.
    #[must_use]
    pub fn phone_number(&self) -> Option<&Address> {
        self.0.from.as_ref()
    }

    /// Is it opened with an API key? Then `/Accounts` and `/Keys` are closed to it.
    #[must_use]
    pub fn uses_api_key(&self) -> bool {
        self.0.username != self.0.account_sid
    }

    /// Returns the adapter, to open another account over the same pool.
    #[must_use]
    pub fn adapter(&self) -> &TwilioAdapter {
        &self.0.adapter
    }

    /// Sends a text from the account's phone number.
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource>
    ///
    /// # Errors
    /// As [`Messages::create`](super::Messages::create): look at the error's [`outcome`](ProviderError::outcome) before you send again.
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
    /// As [`Messages::create`](super::Messages::create).
    pub async fn send(&self, message: &CreateMessage) -> Result<Message, ProviderError> {
        self.messages().create(message).await
    }

    /// Calls somebody.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource>
    ///
    /// # Errors
    /// As [`Calls::create`](super::Calls::create).
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
        connection::test(self, &self.0.username).await
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
        Pages::new(self.clone(), first, key)
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
    /// Any [`ProviderError`]. An answer that says it is JSON and is none is an error with
    /// [`Outcome::Applied`](crate::Outcome::Applied).
    pub async fn request(&self, request: ApiRequest) -> Result<ApiResponse, ProviderError> {
        let class = request.class_of();
        let to = request.recipient_ref().cloned();
        let answer = self.exchange(request).await?;
        let kind = answer.headers().get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if kind.is_some_and(|kind| kind.contains("json")) && !answer.body().is_empty() {
            read::<IgnoredAny>(&answer, class).map_err(|error| match to {
                Some(to) => error.with_recipient(to),
                None => error,
            })?;
        }
        Ok(answer)
    }

    /// Sends a request and reads the answer as `T`.
    pub(super) async fn ask<T: DeserializeOwned>(&self, request: ApiRequest) -> Result<T, ProviderError> {
        let class = request.class_of();
        read(&self.exchange(request).await?, class)
    }

    /// Sends a request whose answer says nothing, such as a delete.
    pub(super) async fn tell(&self, request: ApiRequest) -> Result<(), ProviderError> {
        self.exchange(request).await.map(|_| ())
    }

    async fn exchange(&self, request: ApiRequest) -> Result<ApiResponse, ProviderError> {
        let url = self.url(&request)?;
        self.exchange_at(url, &request).await
    }

    /// Reads the page that a link of an earlier page points to.
    pub(super) async fn follow(&self, link: &str, first: &ApiRequest) -> Result<ApiResponse, ProviderError> {
        let product = first.product().unwrap_or("api");
        let url = target::next_page(self.0.adapter.hosts(), &self.0.account_sid, product, link);
        self.exchange_at(Cow::Owned(url.map_err(by_twilio)?), first).await
    }

    /// Sends a request and reads its answer piece by piece.
    pub(super) async fn download(
        &self,
        request: ApiRequest,
        limit: u64,
    ) -> Result<RawDownload, ProviderError> {
        let url = self.url(&request)?;
        let meaning = self.meaning(&request);
        let exchange = self.prepare(url, &request, &meaning);
        self.0.adapter.transport()?.download(exchange, limit).await.map_err(by_twilio)
    }

    async fn exchange_at(
        &self,
        url: Cow<'_, Url>,
        request: &ApiRequest,
    ) -> Result<ApiResponse, ProviderError> {
        let meaning = self.meaning(request);
        let exchange = self.prepare(url, request, &meaning);
        let result = self.0.adapter.transport()?.exchange(exchange).await;
        result.map_err(|error| about(by_twilio(error), request))
    }

    fn url(&self, request: &ApiRequest) -> Result<Cow<'_, Url>, ProviderError> {
        let make = || target::url(self.0.adapter.hosts(), &self.0.account_sid, request).map_err(by_twilio);
        let kept = match request.path() {
            "/Messages.json" => &self.0.messages,
            "/Calls.json" => &self.0.calls,
            _ => return make().map(Cow::Owned),
        };
        if !request.is_bare() {
            return make().map(Cow::Owned);
        }
        match kept.get() {
            Some(url) => Ok(Cow::Borrowed(url)),
            None => make().map(|url| Cow::Borrowed(kept.get_or_init(|| url))),
        }
    }

    fn prepare<'a>(
        &'a self,
        url: Cow<'a, Url>,
        request: &'a ApiRequest,
        meaning: &'a Meaning<'a>,
    ) -> Exchange<'a> {
        let headers = match request.body_ref() {
            RequestBody::Form(_) => &self.0.form,
            RequestBody::Json(_) => &self.0.json,
            RequestBody::Empty => &self.0.plain,
        };
        Exchange::prepared(url, headers, request, meaning)
    }

    fn meaning<'a>(&'a self, request: &'a ApiRequest) -> Meaning<'a> {
        Meaning { account: self, request }
    }
}

/// Adds whom the request was for, where its form says so.
fn about(error: ProviderError, request: &ApiRequest) -> ProviderError {
    if error.recipient().is_some() {
        return error;
    }
    let to = || request.sent().into_iter().find(|(key, _)| key == "To").map(|(_, to)| Address::from(to));
    match request.recipient_ref().cloned().or_else(to) {
        Some(recipient) => error.with_recipient(recipient),
        None => error,
    }
}

/// Reads a success. What cannot be read was done all the same, and keeps the SID if one can be found.
pub(super) fn read<T: DeserializeOwned>(
    answer: &ApiResponse,
    class: RequestClass,
) -> Result<T, ProviderError> {
    answer.json().map_err(|error| {
        let mut error = by_twilio(error).with_class(class);
        if let Some(sid) = sid::find(answer.body()) {
            error = error.with_sid(sid);
        }
        match error::request_id(answer.headers()) {
            Some(id) => error.with_request_id(id),
            None => error,
        }
    })
}

/// What Twilio's answers to one request mean.
struct Meaning<'a> {
    account: &'a TwilioAccount,
    request: &'a ApiRequest,
}

impl Interpret for Meaning<'_> {
    fn provider(&self) -> ProviderName {
        ProviderName::TWILIO
    }

    fn explain(&self, refusal: &Refusal<'_>, error: ProviderError) -> (ProviderError, Fact) {
        let inner = &self.account.0;
        let authorization =
            inner.plain.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let encoded = authorization.and_then(|value| value.strip_prefix("Basic ")).unwrap_or_default();
        let context = Context {
            sent: &|| self.request.sent(),
            secrets: [inner.password.expose(), encoded],
            regional: inner.adapter.hosts().is_regional(),
        };
        error::explain(refusal, error, &context)
    }

    fn is_failure(&self, body: &[u8]) -> bool {
        error::is_failure(body)
    }

    fn made(&self, partial: &[u8]) -> Option<String> {
        sid::find(partial)
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        error::request_id(headers)
    }
}

impl fmt::Debug for TwilioAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioAccount")
            .field("sid", &self.0.account_sid)
            .field("username", &self.0.username)
            .field("phone_number", &self.0.from)
            .finish_non_exhaustive()
    }
}
