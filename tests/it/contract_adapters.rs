//! The suites for adapters: Twilio's and the example's pass, and an adapter that lies in one row fails by its name.

use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderMap;
use serde_json::json;
use switchboard::provider::{
    Abilities, Accepted, ApiRequest, ApiResponse, Connection, Delivery, DeliveryStatus, Evidence, Found,
    Messenger, Outgoing, OutgoingCall, PageToken, Rate, RateLimit, Search, SendId, SendKind, SendOptions,
    Sender,
};
use switchboard::transport::Transport;
use switchboard::twilio::TwilioAdapter;
use switchboard::{Credentials, Outcome, ProviderAdapter, ProviderError, ProviderInfo, ProviderName};
use switchboard_testing::contract::{
    AdapterUnderTest, Answer, MessengerUnderTest, Webhook, assert_none, messenger, provider_adapter,
};
use url::Url;

#[path = "../../examples/custom_adapter/courier.rs"]
#[allow(dead_code, reason = "the example uses all of it")]
mod courier;

use courier::Courier;

const TOKEN: &str = "s3cret-token";

/// What the wrapped adapter does wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    None,
    /// It claims another outcome where this status came; `None`: where none came.
    Outcome(Option<u16>),
    /// It takes this status for a success.
    Success(u16),
    /// It sends once more what it does not know.
    Repeats,
    /// It tells what was sent.
    Chatters,
    /// It does not say who failed.
    Nameless,
    IgnoresBeginBy,
    IgnoresMaxAttempts,
    NeverDuplicates,
    LosesTheId,
    DropsTheLastRow,
    NeverEndsTheList,
    ListsEverything,
    SaysFinal,
    PretendsMedia,
}

#[derive(Debug)]
struct Liar(Courier, Lie);

impl Liar {
    /// Turns what is true into what it claims.
    fn claim<T>(&self, result: Result<T, ProviderError>) -> Result<T, ProviderError> {
        let error = match result {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let lies = match self.1 {
            Lie::Outcome(status) => error.provider_status() == status,
            _ => false,
        };
        let outcome = match error.outcome() {
            Outcome::NotApplied if lies => Outcome::Applied,
            Outcome::Unknown | Outcome::Applied if lies => Outcome::NotApplied,
            outcome => outcome,
        };
        if !lies && !matches!(self.1, Lie::Chatters | Lie::Nameless) {
            return Err(error);
        }
        let words = if self.1 == Lie::Chatters { "planted words of +14155551234" } else { "it failed" };
        let mut told = ProviderError::new(error.code(), outcome).with_message(words);
        if self.1 != Lie::Nameless {
            told = told.with_provider(courier::NAME);
        }
        match error.recipient() {
            Some(recipient) => Err(told.with_recipient(recipient.clone())),
            None => Err(told),
        }
    }

    fn options(&self, options: &SendOptions) -> SendOptions {
        let mut options = *options;
        match self.1 {
            Lie::IgnoresBeginBy => options.begin_by = None,
            Lie::IgnoresMaxAttempts => options.max_attempts = None,
            Lie::NeverDuplicates => options.allow_duplicates = false,
            _ => {}
        }
        options
    }

    fn accepted(&self, result: Result<Accepted, ProviderError>) -> Result<Accepted, ProviderError> {
        let result = match (result, self.1) {
            (Err(error), Lie::Success(status)) if error.provider_status() == Some(status) => {
                Ok(Accepted::new(SendId::text("t-1"), DeliveryStatus::Queued))
            }
            (Ok(accepted), Lie::LosesTheId) => Ok(Accepted::new(SendId::text(""), accepted.status)),
            (result, _) => result,
        };
        self.claim(result)
    }
}

#[async_trait]
impl ProviderAdapter for Liar {
    fn name(&self) -> ProviderName {
        self.0.name()
    }
    fn info(&self) -> &'static ProviderInfo {
        self.0.info()
    }
    fn base_url(&self) -> &Url {
        self.0.base_url()
    }
    fn validate_credentials(&self, c: &Credentials) -> Result<(), ProviderError> {
        self.0.validate_credentials(c)
    }
    fn auth_headers(&self, c: &Credentials) -> Result<HeaderMap, ProviderError> {
        self.0.auth_headers(c)
    }
    async fn request(&self, c: &Credentials, r: ApiRequest) -> Result<ApiResponse, ProviderError> {
        let first = self.0.request(c, r.clone()).await;
        match (first, self.1) {
            (Err(error), Lie::Repeats) if error.outcome() == Outcome::Unknown => self.0.request(c, r).await,
            (Err(error), Lie::Success(status)) if error.provider_status() == Some(status) => {
                Ok(ApiResponse::new(http::StatusCode::OK, HeaderMap::new(), "{}"))
            }
            (result, _) => self.claim(result),
        }
    }
    async fn test_connection(&self, c: &Credentials) -> Result<Connection, ProviderError> {
        self.0.test_connection(c).await
    }
    fn parse_rate_limit(&self, headers: &HeaderMap) -> Option<RateLimit> {
        self.0.parse_rate_limit(headers)
    }
    fn messenger(&self) -> Option<&dyn Messenger> {
        Some(self)
    }
    fn shared_messenger(self: Arc<Self>) -> Option<Arc<dyn Messenger>> {
        Some(self)
    }
}

#[async_trait]
impl Messenger for Liar {
    fn abilities(&self) -> &Abilities {
        self.0.abilities()
    }
    fn rate(&self, kind: SendKind, from: &Sender) -> Rate {
        self.0.rate(kind, from)
    }
    fn default_sender(&self, c: &Credentials, kind: SendKind) -> Result<Option<Sender>, ProviderError> {
        self.0.default_sender(c, kind)
    }
    fn evidence(&self, url: &str, signed: &[(String, String)]) -> Option<Evidence> {
        self.0.evidence(url, signed)
    }
    async fn send(&self, c: &Credentials, m: &Outgoing, o: &SendOptions) -> Result<Accepted, ProviderError> {
        let mut message = m.clone();
        if self.1 == Lie::PretendsMedia {
            message.media.clear();
        }
        let first = self.0.send(c, &message, &self.options(o)).await;
        let unknown = first.as_ref().is_err_and(|error| error.outcome() == Outcome::Unknown);
        if unknown && self.1 == Lie::Repeats {
            return self.0.send(c, &message, o).await;
        }
        self.accepted(first)
    }
    async fn call(
        &self,
        c: &Credentials,
        m: &OutgoingCall,
        o: &SendOptions,
    ) -> Result<Accepted, ProviderError> {
        self.accepted(self.0.call(c, m, &self.options(o)).await)
    }
    async fn status(&self, c: &Credentials, id: &SendId) -> Result<Delivery, ProviderError> {
        let mut delivery = self.0.status(c, id).await?;
        if self.1 == Lie::SaysFinal {
            delivery.status = DeliveryStatus::Delivered;
        }
        Ok(delivery)
    }
    async fn list(
        &self,
        c: &Credentials,
        s: &Search,
        page: Option<&PageToken>,
    ) -> Result<Found, ProviderError> {
        let search = if self.1 == Lie::ListsEverything { Search::new(s.kind) } else { s.clone() };
        let mut found = self.0.list(c, &search, page).await?;
        match self.1 {
            Lie::DropsTheLastRow => drop(found.rows.pop()),
            Lie::NeverEndsTheList => found.next = Some(PageToken::new("again")),
            _ => {}
        }
        Ok(found)
    }
}

/// With one transport for all of its adapters: to make one reads the roots of the machine.
struct CourierUnderTest(Lie, Transport);

fn transport() -> Transport {
    Transport::builder().system_proxy(false).build().unwrap()
}

impl AdapterUnderTest for CourierUnderTest {
    fn adapter(&self, base_url: &str) -> Arc<dyn ProviderAdapter> {
        let courier = Courier(base_url.parse().unwrap(), self.1.clone());
        if self.0 == Lie::None { Arc::new(courier) } else { Arc::new(Liar(courier, self.0)) }
    }
    fn credentials(&self) -> Credentials {
        Credentials::new().set("token", TOKEN)
    }
    fn secrets(&self) -> Vec<String> {
        vec![TOKEN.to_owned()]
    }
    fn connected(&self) -> Answer {
        Answer::json(200, r#"{"id": "team-7", "state": "ada"}"#)
    }
    fn refused(&self) -> Answer {
        Answer::json(422, r#"{"error": "no such number as +14155551234: planted words"}"#)
    }
}

fn row(id: &SendId) -> serde_json::Value {
    json!({"id": id.id, "state": "queued"})
}

impl MessengerUnderTest for CourierUnderTest {
    fn accepted(&self, id: &SendId) -> Answer {
        Answer::json(201, row(id).to_string())
    }
    fn described(&self, id: &SendId) -> Answer {
        Answer::json(200, row(id).to_string())
    }
    fn page(&self, ids: &[SendId], more: bool) -> Answer {
        let rows: Vec<_> = ids.iter().map(row).collect();
        Answer::json(200, json!({"rows": rows, "next": more.then_some("page-2")}).to_string())
    }
    fn id(&self, kind: SendKind, number: u8) -> SendId {
        SendId { kind, id: format!("id-{number}") }
    }
    fn report(&self, _: &SendId, _: &DeliveryStatus, _: &str) -> Option<Webhook> {
        None
    }
    fn stop(&self, _: &str, _: &str) -> Option<Webhook> {
        None
    }
}

#[tokio::test]
async fn the_adapter_of_the_example_keeps_both_contracts() {
    let courier = CourierUnderTest(Lie::None, transport());
    let (adapter, messenger) = tokio::join!(provider_adapter(&courier), messenger(&courier));
    assert_none(&adapter.unwrap());
    assert_none(&messenger.unwrap());
}

const STATUSES: [u16; 18] =
    [101, 301, 302, 303, 307, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504, 599];

#[tokio::test]
async fn an_adapter_that_lies_in_one_row_fails_by_its_name() {
    let transport = transport();
    let mut cases: Vec<(Lie, String)> =
        STATUSES.iter().map(|status| (Lie::Outcome(Some(*status)), status.to_string())).collect();
    cases.extend([500, 429, 400, 303].map(|status| (Lie::Success(status), status.to_string())));
    cases.extend([
        (Lie::Outcome(None), "the connection is closed after the request".to_owned()),
        (Lie::Outcome(None), "no answer comes in time".to_owned()),
        (Lie::Outcome(None), "the answer is not HTTP".to_owned()),
        (Lie::Outcome(None), "no server listens".to_owned()),
        (Lie::Outcome(Some(200)), "a success whose body is incomplete".to_owned()),
        (Lie::Repeats, "503, Create".to_owned()),
        (Lie::Chatters, "400".to_owned()),
        (Lie::Nameless, "400".to_owned()),
    ]);
    let found = futures_util::future::join_all(cases.iter().map(async |(lie, rule)| {
        let found = provider_adapter(&CourierUnderTest(*lie, transport.clone())).await.unwrap();
        (lie, rule, found.iter().any(|violation| violation.rule.contains(rule.as_str())))
    }))
    .await;
    for (lie, rule, seen) in found {
        assert!(seen, "{lie:?} was not found by {rule}");
    }
}

#[tokio::test]
async fn a_messenger_that_lies_in_one_row_fails_by_its_name() {
    let transport = transport();
    let statuses = [101, 303, 307, 400, 401, 403, 404, 408, 422, 429, 500, 502, 503, 504];
    let statuses = statuses.iter();
    let mut cases: Vec<(Lie, String)> =
        statuses.map(|status| (Lie::Outcome(Some(*status)), format!("Text: {status}"))).collect();
    cases.extend([500, 429, 400, 303].map(|status| (Lie::Success(status), format!("Text: {status}"))));
    cases.extend(
        [
            (Lie::Outcome(None), "the connection is closed after the request"),
            (Lie::Outcome(None), "no answer comes in time"),
            (Lie::Outcome(None), "the answer is not HTTP"),
            (Lie::Outcome(None), "no server listens"),
            (Lie::Outcome(Some(201)), "a success whose body is incomplete"),
            (Lie::Outcome(Some(201)), "a success whose body is not JSON"),
            (Lie::Outcome(Some(201)), "a success without an id"),
            (Lie::Repeats, "Text: 503"),
            (Lie::Chatters, "Text: 400"),
            (Lie::Nameless, "Call: 400"),
            (Lie::IgnoresBeginBy, "Text: after begin_by nothing is sent"),
            (Lie::IgnoresBeginBy, "Call: after begin_by nothing is sent"),
            (Lie::IgnoresMaxAttempts, "max_attempts(1) repeats nothing"),
            (Lie::NeverDuplicates, "allow_duplicates repeats"),
            (Lie::LosesTheId, "a success has the provider's id"),
            (Lie::DropsTheLastRow, "a list has every row"),
            (Lie::NeverEndsTheList, "a list has every row"),
            (Lie::ListsEverything, "a list is filtered"),
            (Lie::SaysFinal, "the status is read"),
            (Lie::PretendsMedia, "media: refused"),
        ]
        .map(|(lie, rule)| (lie, rule.to_owned())),
    );
    let found = futures_util::future::join_all(cases.iter().map(async |(lie, rule)| {
        let found = messenger(&CourierUnderTest(*lie, transport.clone())).await.unwrap();
        (lie, rule, found.iter().any(|violation| violation.rule.contains(rule.as_str())))
    }))
    .await;
    for (lie, rule, seen) in found {
        assert!(seen, "{lie:?} was not found by {rule}");
    }
}

/// Twilio's adapter, with answers in Twilio's words.
struct TwilioUnderTest;

const SID: &str = "AC0123456789abcdef0123456789abcdef";
const AUTH_TOKEN: &str = "fedcba9876543210fedcba9876543210";

fn resource(id: &SendId, status: &str) -> serde_json::Value {
    json!({"sid": id.id, "status": status, "direction": "outbound-api", "account_sid": SID,
        "to": "+14155551234", "from": "+14155550100", "date_created": "Thu, 24 Aug 2023 05:01:45 +0000"})
}

impl AdapterUnderTest for TwilioUnderTest {
    fn adapter(&self, base_url: &str) -> Arc<dyn ProviderAdapter> {
        Arc::new(TwilioAdapter::builder().base_url(base_url).build().unwrap())
    }
    fn credentials(&self) -> Credentials {
        Credentials::twilio(SID, AUTH_TOKEN).phone_number("+14155550100")
    }
    fn secrets(&self) -> Vec<String> {
        vec![AUTH_TOKEN.to_owned()]
    }
    fn connected(&self) -> Answer {
        Answer::json(200, json!({"sid": SID, "friendly_name": "Acme", "status": "active"}).to_string())
    }
    fn refused(&self) -> Answer {
        let message = "The 'To' number +14155551234 is not valid: planted words";
        Answer::json(400, json!({"code": 21211, "message": message, "status": 400}).to_string())
    }
}

impl MessengerUnderTest for TwilioUnderTest {
    fn accepted(&self, id: &SendId) -> Answer {
        Answer::json(201, resource(id, "queued").to_string()).header("Date", "Thu, 24 Aug 2023 05:01:45 GMT")
    }
    fn described(&self, id: &SendId) -> Answer {
        Answer::json(200, resource(id, "queued").to_string())
    }
    fn page(&self, ids: &[SendId], more: bool) -> Answer {
        let (key, path) = match ids[0].kind {
            SendKind::Text => ("messages", "Messages"),
            SendKind::Call => ("calls", "Calls"),
        };
        let next = format!("/2010-04-01/Accounts/{SID}/{path}.json?Page=1&PageToken=PA1");
        let rows: Vec<_> = ids.iter().map(|id| resource(id, "queued")).collect();
        Answer::json(200, json!({key: rows, "next_page_uri": more.then_some(next)}).to_string())
    }
    fn id(&self, kind: SendKind, number: u8) -> SendId {
        let prefix = if kind == SendKind::Text { "SM" } else { "CA" };
        SendId { kind, id: format!("{prefix}{number:032x}") }
    }
    fn report(&self, id: &SendId, status: &DeliveryStatus, reference: &str) -> Option<Webhook> {
        let pairs = [("MessageSid", id.id.as_str()), ("MessageStatus", status.as_str()), ("AccountSid", SID)];
        Some((format!("https://example.com/status?x=1&sbref={reference}"), owned(&pairs)))
    }
    fn stop(&self, from: &str, to: &str) -> Option<Webhook> {
        let sid = self.id(SendKind::Text, 9).id;
        let pairs = [("MessageSid", sid.as_str()), ("From", from), ("To", to), ("Body", "Stop")];
        Some(("https://example.com/sms".to_owned(), owned(&pairs)))
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn twilios_adapter_keeps_both_contracts() {
    let twilio = TwilioUnderTest;
    let (adapter, messenger) = tokio::join!(provider_adapter(&twilio), messenger(&twilio));
    assert_none(&adapter.unwrap());
    assert_none(&messenger.unwrap());
}
