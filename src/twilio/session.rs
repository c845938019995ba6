//! A session: one account's login, prepared once, and how its requests reach Twilio and come back.
//!
//! It authenticates, makes URLs that stay in the account, sends and downloads. It has no knowledge of resources: what a
//! request means is known only to the code that makes it.

mod cache;

pub(super) use cache::SessionCache;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use url::Url;
use zeroize::Zeroizing;

use super::credentials::Login;
use super::error::{self, Context, by_twilio, invalid_credentials, invalid_request};
use super::hosts::Hosts;
use super::sid;
use crate::phone::Address;
use crate::provider::{ApiRequest, ApiResponse, ProviderError, ProviderName, RequestBody};
use crate::secret::Secret;
use crate::transport::{Exchange, Fact, Interpret, RawDownload, Refusal, Transport, fill};

/// The version of the API that messages and calls live in.
pub(super) const VERSION: &str = "/2010-04-01";

const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("switchboard/", env!("CARGO_PKG_VERSION"), " (rust)"));

/// Where an adapter's requests go, and over which connections. Shared by all of its sessions.
pub(super) struct Network {
    pub(super) hosts: Hosts,
    /// The client, or the reason why it could not be made: `TwilioAdapter::new` cannot fail, so the first request
    /// reports it.
    pub(super) transport: Result<Transport, String>,
}

/// The senders for requests that name none.
#[derive(Debug, Clone, Default)]
pub(super) struct Senders {
    /// The number, or another sender of texts.
    pub(super) from: Option<Address>,
    /// The number that calls.
    pub(super) caller: Option<Address>,
    /// The messaging service, `MG…`.
    pub(super) messaging_service_sid: Option<String>,
}

/// One account's login, with its headers and paths prepared. Cheap to clone.
#[derive(Clone)]
pub(super) struct Session(Arc<Inner>);

struct Inner {
    network: Arc<Network>,
    account_sid: String,
    username: String,
    password: Secret,
    senders: Senders,
    /// The headers of a request without a body, with a form, with JSON.
    plain: HeaderMap,
    form: HeaderMap,
    json: HeaderMap,
    /// The URLs of what is sent most, made once.
    messages: OnceLock<Url>,
    calls: OnceLock<Url>,
}

impl Session {
    pub(super) fn new(network: Arc<Network>, login: Login) -> Result<Self, ProviderError> {
        let mut plain = HeaderMap::with_capacity(6);
        plain.insert(AUTHORIZATION, authorization(&login)?);
        plain.insert(ACCEPT, HeaderValue::from_static("application/json"));
        plain.insert(USER_AGENT, AGENT);
        let with_content = |kind| {
            let mut headers = plain.clone();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            headers
        };
        let (form, json) =
            (with_content("application/x-www-form-urlencoded"), with_content("application/json"));
        let Login { account_sid, username, password, senders } = login;
        let (messages, calls) = (OnceLock::new(), OnceLock::new());
        let inner =
            Inner { network, account_sid, username, password, senders, plain, form, json, messages, calls };
        Ok(Self(Arc::new(inner)))
    }

    pub(super) fn account_sid(&self) -> &str {
        &self.0.account_sid
    }

    /// Returns the user name of the login: the account's SID, or that of an API key.
    pub(super) fn username(&self) -> &str {
        &self.0.username
    }

    pub(super) fn uses_api_key(&self) -> bool {
        self.0.username != self.0.account_sid
    }

    pub(super) fn hosts(&self) -> &Hosts {
        &self.0.network.hosts
    }

    pub(super) fn senders(&self) -> &Senders {
        &self.0.senders
    }

    /// Sends a request and reads its answer as `T`.
    pub(super) async fn json<T: DeserializeOwned>(&self, request: ApiRequest) -> Result<T, ProviderError> {
        self.read(&self.send(&request).await?, &request)
    }

    /// Sends a request whose answer has no content, such as a delete.
    pub(super) async fn no_content(&self, request: ApiRequest) -> Result<(), ProviderError> {
        self.send(&request).await.map(drop)
    }

    /// Sends a request.
    pub(super) async fn send(&self, request: &ApiRequest) -> Result<ApiResponse, ProviderError> {
        let url = self.url(request)?;
        self.exchange(url, request).await
    }

    /// Sends a request and returns its answer to be read piece by piece, up to `limit` bytes.
    pub(super) async fn download(
        &self,
        request: &ApiRequest,
        limit: u64,
    ) -> Result<RawDownload, ProviderError> {
        let url = self.url(request)?;
        let meaning = Meaning { session: self, request };
        let exchange = self.prepare(url, request, &meaning);
        self.transport()?.download(exchange, limit).await.map_err(|error| named(error, request))
    }

    /// Reads a success. Where the answer cannot be read, the request was still carried out, so the error keeps the SID
    /// if one can be found.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        answer: &ApiResponse,
        request: &ApiRequest,
    ) -> Result<T, ProviderError> {
        answer.json().map_err(|error| {
            let mut error = named(error, request);
            if let Some(sid) = sid::find(answer.body()) {
                error = error.with_sid(sid);
            }
            match error::request_id(answer.headers(), self.secrets()) {
                Some(id) => error.with_request_id(id),
                None => error,
            }
        })
    }

    /// Sends a request to a URL that was checked.
    pub(super) async fn exchange(
        &self,
        url: Cow<'_, Url>,
        request: &ApiRequest,
    ) -> Result<ApiResponse, ProviderError> {
        let meaning = Meaning { session: self, request };
        let exchange = self.prepare(url, request, &meaning);
        self.transport()?.exchange(exchange).await.map_err(|error| named(error, request))
    }

    fn url(&self, request: &ApiRequest) -> Result<Cow<'_, Url>, ProviderError> {
        let make = || {
            url_of(&self.0.network.hosts, &self.0.account_sid, request).map_err(|error| named(error, request))
        };
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

    /// Returns what no error may show, whatever an answer reflects.
    fn secrets(&self) -> [&str; 2] {
        let authorization = self.0.plain.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let encoded = authorization.and_then(|value| value.strip_prefix("Basic ")).unwrap_or_default();
        [self.0.password.expose(), encoded]
    }

    fn transport(&self) -> Result<&Transport, ProviderError> {
        self.0.network.transport.as_ref().map_err(|why| invalid_request(why.clone()))
    }
}

/// Makes the `Authorization` header, marked as sensitive.
pub(super) fn authorization(login: &Login) -> Result<HeaderValue, ProviderError> {
    let pair = Zeroizing::new(format!("{}:{}", login.username, login.password.expose()));
    let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let mut header = HeaderValue::from_str(&value)
        .map_err(|_| invalid_credentials("the credentials cannot be sent in a header"))?;
    header.set_sensitive(true);
    Ok(header)
}

/// Makes the URL of a request from base URL, account and path, and refuses one that would leave these.
fn url_of(hosts: &Hosts, account_sid: &str, request: &ApiRequest) -> Result<Url, ProviderError> {
    if let Some(problem) = request.problem() {
        return Err(ProviderError::invalid_request(problem));
    }
    let path = fill(request.path(), request.segments())?;
    let product = request.product().unwrap_or("api");
    let (within, path) = match product {
        "api" => under_account(account_sid, &path),
        _ => (String::new(), path),
    };
    let base = hosts.base(product)?;
    let mut text = format!("{base}{path}");
    if !request.query_string().is_empty() {
        text.push('?');
        text.push_str(request.query_string());
    }
    let url = Url::parse(&text).map_err(|error| {
        ProviderError::invalid_request(format!("the path does not give a valid URL: {error}"))
    })?;
    if url.as_str().starts_with(&format!("{base}{within}")) {
        return Ok(url);
    }
    Err(ProviderError::invalid_request("the path leads out of the account, so nothing was sent"))
}

/// Returns the required beginning of the path, and the whole path. `/Accounts…` is used as it is, any other path is put
/// under the account.
fn under_account(account_sid: &str, path: &str) -> (String, String) {
    let path = path.strip_prefix(VERSION).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let names_accounts =
        path.strip_prefix("/Accounts").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']));
    if names_accounts {
        (format!("{VERSION}/Accounts"), format!("{VERSION}{path}"))
    } else {
        let prefix = format!("{VERSION}/Accounts/{account_sid}/");
        let whole = format!("{}{}", prefix.trim_end_matches('/'), path);
        (prefix, whole)
    }
}

/// Adds to an error who the provider is, and whom the request was for.
pub(super) fn named(error: ProviderError, request: &ApiRequest) -> ProviderError {
    let error = by_twilio(error);
    match request.recipient_ref() {
        Some(recipient) if error.recipient().is_none() => error.with_recipient(recipient.clone()),
        _ => error,
    }
}

/// What Twilio's answers to one request mean.
struct Meaning<'a> {
    session: &'a Session,
    request: &'a ApiRequest,
}

impl Interpret for Meaning<'_> {
    fn provider(&self) -> ProviderName {
        ProviderName::TWILIO
    }

    fn explain(&self, refusal: &Refusal<'_>, error: ProviderError) -> (ProviderError, Fact) {
        let context = Context {
            sent: &|| self.request.sent(),
            secrets: self.session.secrets(),
            regional: self.session.hosts().is_regional(),
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
        error::request_id(headers, self.session.secrets())
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("account_sid", &self.0.account_sid)
            .field("username", &self.0.username)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Credentials;

    #[test]
    fn the_header_is_basic_and_sensitive() {
        let token = "0123456789abcdef0123456789abcdef";
        let account = format!("AC{token}");
        let credentials = Credentials::twilio(account.as_str(), token);
        let header = authorization(&Login::of(&credentials).unwrap()).unwrap();
        let encoded = header.to_str().unwrap().strip_prefix("Basic ").unwrap();
        assert_eq!(STANDARD.decode(encoded).unwrap(), format!("{account}:{token}").as_bytes());
        assert!(header.is_sensitive());
        assert_eq!(format!("{header:?}"), "Sensitive");
    }

    const AC: &str = "AC0123456789abcdef0123456789abcdef";

    fn to(request: ApiRequest) -> Result<String, ProviderError> {
        url_of(&Hosts::default(), AC, &request).map(String::from)
    }

    #[test]
    fn paths_are_put_under_the_account_unless_they_name_one() {
        let root = "https://api.twilio.com/2010-04-01/Accounts";
        let cases = [
            (ApiRequest::get("/Messages.json"), format!("{root}/{AC}/Messages.json")),
            (ApiRequest::get("Messages.json"), format!("{root}/{AC}/Messages.json")),
            (ApiRequest::get("/Accounts.json"), format!("{root}.json")),
            (ApiRequest::get("/Accounts/AC1/Calls.json"), format!("{root}/AC1/Calls.json")),
            (ApiRequest::get("/2010-04-01/Accounts/AC1.json"), format!("{root}/AC1.json")),
            (ApiRequest::get("/AccountsX.json"), format!("{root}/{AC}/AccountsX.json")),
            (
                ApiRequest::get("/Messages.json").query([("To", "+1")]),
                format!("{root}/{AC}/Messages.json?To=%2B1"),
            ),
            (
                ApiRequest::get("/v2/PhoneNumbers/{n}").segment("+1/../x").on("lookups"),
                "https://lookups.twilio.com/v2/PhoneNumbers/%2B1%2F..%2Fx".to_owned(),
            ),
        ];
        for (request, expected) in cases {
            assert_eq!(to(request).unwrap(), expected);
        }
    }

    #[test]
    fn a_path_cannot_leave_its_base() {
        for path in [
            "/../../v2/x",
            "/Accounts/../../x",
            "/x/%2e%2e/y",
            "/x/.%2E/y",
            "/x/%252e%252e/y",
            "/..%2f..%2fx",
            "/x?y",
            "/x#y",
            "//evil.example/x/..",
            "/x\\y",
            "/x\ty",
        ] {
            assert!(to(ApiRequest::get(path)).is_err(), "{path}");
        }
        assert!(to(ApiRequest::get("/x").on("evil.example/")).is_err());
        assert!(to(ApiRequest::get("/x").on("a@evil")).is_err());
        let double = to(ApiRequest::get("//evil.example/x")).unwrap();
        assert!(double.starts_with("https://api.twilio.com/2010-04-01/Accounts/"), "{double}");
    }
}
