//! The contenders: each sends one message, waits for the answer and reads its whole body.

use std::collections::HashMap;
use std::future::Future;
use std::hint::black_box;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use switchboard::Credentials;
use switchboard::twilio::{SendSms, TwilioAccount, TwilioAdapter};

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "00000000000000000000000000000002";
const FROM: &str = "+15005550006";

/// Sends one message, and panics when that fails.
pub(crate) trait Contender: Clone + Send + Sync + 'static {
    fn send(&self, to: &str, body: &str) -> impl Future<Output = ()> + Send;
}

/// `adapter.send_sms(&credentials, ..)` with the default settings, as a dashboard with many tenants sends. With a base URL of
/// plain http, the adapter uses no proxy of the environment.
#[derive(Clone)]
pub(crate) struct Adapter {
    adapter: TwilioAdapter,
    credentials: Credentials,
}

impl Adapter {
    pub(crate) fn new(base: &str) -> Self {
        let adapter = TwilioAdapter::builder().base_url(base).build().unwrap();
        Self { adapter, credentials: Credentials::twilio(ACCOUNT, TOKEN).phone_number(FROM) }
    }
}

impl Contender for Adapter {
    async fn send(&self, to: &str, body: &str) {
        let sms = SendSms::new(to, body);
        let message = self.adapter.send_sms(&self.credentials, &sms).await.expect("the adapter sends");
        assert_eq!(message.sid.len(), 34);
        black_box(message);
    }
}

/// `account.send_sms(..)`, as a program with one account sends.
#[derive(Clone)]
pub(crate) struct Account(TwilioAccount);

impl Account {
    pub(crate) fn new(base: &str) -> Self {
        let Adapter { adapter, credentials } = Adapter::new(base);
        Self(adapter.account(&credentials).unwrap())
    }
}

impl Contender for Account {
    async fn send(&self, to: &str, body: &str) {
        let message = self.0.send_sms(to, body).await.expect("the account sends");
        assert_eq!(message.sid.len(), 34);
        black_box(message);
    }
}

/// Typical code with `reqwest`.
#[derive(Clone)]
pub(crate) struct WithReqwest {
    client: reqwest::Client,
    url: String,
}

impl WithReqwest {
    pub(crate) fn new(base: &str) -> Self {
        // As `Client::new()`, but without a proxy, and with the time-outs that the other contenders have by default.
        let client = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(20))
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Self { client, url: messages_url(base) }
    }

    async fn try_send(&self, to: &str, body: &str) -> Result<MessageLike, reqwest::Error> {
        let params = [("To", to), ("From", FROM), ("Body", body)];
        self.client
            .post(&self.url)
            .basic_auth(ACCOUNT, Some(TOKEN))
            .form(&params)
            .send()
            .await?
            .error_for_status()?
            .json::<MessageLike>()
            .await
    }
}

impl Contender for WithReqwest {
    async fn send(&self, to: &str, body: &str) {
        self.try_send(to, body).await.expect("reqwest sends").check();
    }
}

/// `hyper` with its connection pool; whatever can be prepared once is not repeated per message.
#[derive(Clone)]
pub(crate) struct WithHyper {
    client: legacy::Client<HttpConnector, Full<Bytes>>,
    url: http::Uri,
    authorization: HeaderValue,
}

impl WithHyper {
    pub(crate) fn new(base: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let credentials = BASE64_STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
        let mut authorization = HeaderValue::try_from(format!("Basic {credentials}")).unwrap();
        authorization.set_sensitive(true);
        Self {
            client: legacy::Client::builder(TokioExecutor::new()).build(connector),
            url: messages_url(base).parse().unwrap(),
            authorization,
        }
    }
}

impl Contender for WithHyper {
    async fn send(&self, to: &str, body: &str) {
        let form = serde_urlencoded::to_string([("To", to), ("From", FROM), ("Body", body)]).unwrap();
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.url.clone())
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
            .header(header::ACCEPT, HeaderValue::from_static("*/*"))
            .body(Full::from(form))
            .unwrap();
        let answer = self.client.request(request).await.expect("hyper sends");
        assert!(answer.status().is_success(), "{}", answer.status());
        let bytes = answer.into_body().collect().await.expect("hyper reads").to_bytes();
        serde_json::from_slice::<MessageLike>(&bytes).expect("the server answers a message").check();
    }
}

fn messages_url(base: &str) -> String {
    format!("{base}/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "deserialized for comparable work, but not used")]
struct MessageLike {
    sid: Option<String>,
    account_sid: Option<String>,
    messaging_service_sid: Option<String>,
    body: Option<String>,
    to: Option<String>,
    from: Option<String>,
    uri: Option<String>,
    api_version: Option<String>,
    num_segments: Option<String>,
    num_media: Option<String>,
    price: Option<String>,
    price_unit: Option<String>,
    error_code: Option<i64>,
    error_message: Option<String>,
    status: Option<String>,
    direction: Option<String>,
    date_created: Option<String>,
    date_updated: Option<String>,
    date_sent: Option<String>,
    subresource_uris: Option<HashMap<String, String>>,
}

impl MessageLike {
    fn check(self) {
        assert!(self.sid.as_deref().is_some_and(|sid| sid.len() == 34));
        black_box(self);
    }
}
