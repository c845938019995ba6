//! The contract suites for adapters: Twilio's adapter and the example's pass; an adapter that breaks one rule fails with
//! the name of that rule.

use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderMap;
use serde_json::json;
use switchboard::provider::{
    Abilities, Accepted, ApiRequest, ApiResponse, Connection, Delivery, DeliveryStatus, Evidence, Found,
    FoundRow, Likeness, Messenger, Outgoing, OutgoingCall, PageToken, Rate, RateLimit, Search, SendId,
    SendKind, SendOptions, Sender,
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

/// The rule that the wrapping adapter breaks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum BrokenRule {
    None,
    /// Reports a wrong outcome for answers with this status; `None` for requests without an answer.
    Outcome(Option<u16>),
    /// Reports a success for answers with this status.
    Success(u16),
    /// Repeats a request whose outcome is unknown.
    Repeats,
    /// Quotes the sent text in its errors.
    QuotesTheText,
    /// Leaves the provider's name out of its errors.
    OmitsProviderName,
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
struct BrokenAdapter(Courier, BrokenRule);

impl BrokenAdapter {
    /// Changes a true result into the false one.
    fn claim<T>(&self, result: Result<T, ProviderError>) -> Result<T, ProviderError> {
        let error = match result {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let broken = match self.1 {
            BrokenRule::Outcome(status) => error.provider_status() == status,
            _ => false,
        };
        let outcome = match error.outcome() {
            Outcome::NotApplied if broken => Outcome::Applied,
            Outcome::Unknown | Outcome::Applied if broken => Outcome::NotApplied,
            outcome => outcome,
        };
        if !broken && !matches!(self.1, BrokenRule::QuotesTheText | BrokenRule::OmitsProviderName) {
            return Err(error);
        }
        let words =
            if self.1 == BrokenRule::QuotesTheText { "planted words of +14155551234" } else { "it failed" };
        let mut claimed = ProviderError::new(error.code(), outcome).with_message(words);
        if self.1 != BrokenRule::OmitsProviderName {
            claimed = claimed.with_provider(courier::NAME);
        }
        match error.recipient() {
            Some(recipient) => Err(claimed.with_recipient(recipient.clone())),
            None => Err(claimed),
        }
    }

    fn options(&self, options: &SendOptions) -> SendOptions {
        let mut options = *options;
        match self.1 {
            BrokenRule::IgnoresBeginBy => options.begin_by = None,
            BrokenRule::IgnoresMaxAttempts => options.max_attempts = None,
            BrokenRule::NeverDuplicates => options.allow_duplicates = false,
            _ => {}
        }
        options
    }

    fn accepted(&self, result: Result<Accepted, ProviderError>) -> Result<Accepted, ProviderError> {
        let result = match (result, self.1) {
            (Err(error), BrokenRule::Success(status)) if error.provider_status() == Some(status) => {
                Ok(Accepted::new(SendId::text("t-1"), DeliveryStatus::Queued))
            }
            (Ok(accepted), BrokenRule::LosesTheId) => Ok(Accepted::new(SendId::text(""), accepted.status)),
            (result, _) => result,
        };
        self.claim(result)
    }
}

#[async_trait]
impl ProviderAdapter for BrokenAdapter {
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
            (Err(error), BrokenRule::Repeats) if error.outcome() == Outcome::Unknown => {
                self.0.request(c, r).await
            }
            (Err(error), BrokenRule::Success(status)) if error.provider_status() == Some(status) => {
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
impl Messenger for BrokenAdapter {
    fn abilities(&self) -> &Abilities {
        self.0.abilities()
    }
    fn rate(&self, kind: SendKind, from: &Sender) -> Rate {
        self.0.rate(kind, from)
    }
    fn default_sender(&self, c: &Credentials, kind: SendKind) -> Result<Option<Sender>, ProviderError> {
        self.0.default_sender(c, kind)
    }
    fn likeness(&self, m: &Outgoing, found: &FoundRow) -> Likeness {
        self.0.likeness(m, found)
    }
    fn evidence(&self, url: &str, signed: &[(String, String)]) -> Option<Evidence> {
        self.0.evidence(url, signed)
    }
    async fn send(&self, c: &Credentials, m: &Outgoing, o: &SendOptions) -> Result<Accepted, ProviderError> {
        let mut message = m.clone();
        if self.1 == BrokenRule::PretendsMedia {
            message.media.clear();
        }
        let first = self.0.send(c, &message, &self.options(o)).await;
        let unknown = first.as_ref().is_err_and(|error| error.outcome() == Outcome::Unknown);
        if unknown && self.1 == BrokenRule::Repeats {
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
        if self.1 == BrokenRule::SaysFinal {
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
        let search = if self.1 == BrokenRule::ListsEverything { Search::new(s.kind) } else { s.clone() };
        let mut found = self.0.list(c, &search, page).await?;
        match self.1 {
            BrokenRule::DropsTheLastRow => drop(found.rows.pop()),
            BrokenRule::NeverEndsTheList => found.next = Some(PageToken::new("again")),
            _ => {}
        }
        Ok(found)
    }
}

/// Uses one transport for all of its adapters, because each new transport reads the machine's root certificates.
struct CourierUnderTest(BrokenRule, Transport);

fn transport() -> Transport {
    Transport::builder().system_proxy(false).build().unwrap()
}

impl AdapterUnderTest for CourierUnderTest {
    fn adapter(&self, base_url: &str) -> Arc<dyn ProviderAdapter> {
        let courier = Courier(base_url.parse().unwrap(), self.1.clone());
        if self.0 == BrokenRule::None { Arc::new(courier) } else { Arc::new(BrokenAdapter(courier, self.0)) }
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
async fn the_adapter_of_the_example_passes_both_suites() {
    let courier = CourierUnderTest(BrokenRule::None, transport());
    let (adapter, messenger) = tokio::join!(provider_adapter(&courier), messenger(&courier));
    assert_none(&adapter.unwrap());
    assert_none(&messenger.unwrap());
}

const STATUSES: [u16; 18] =
    [101, 301, 302, 303, 307, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504, 599];

#[tokio::test]
async fn an_adapter_that_breaks_one_rule_fails_with_its_name() {
    let transport = transport();
    let mut cases: Vec<(BrokenRule, String)> =
        STATUSES.iter().map(|status| (BrokenRule::Outcome(Some(*status)), status.to_string())).collect();
    cases.extend([500, 429, 400, 303].map(|status| (BrokenRule::Success(status), status.to_string())));
    cases.extend([
        (BrokenRule::Outcome(None), "the connection is closed after the request".to_owned()),
        (BrokenRule::Outcome(None), "no answer comes in time".to_owned()),
        (BrokenRule::Outcome(None), "the answer is not HTTP".to_owned()),
        (BrokenRule::Outcome(None), "no server listens".to_owned()),
        (BrokenRule::Outcome(Some(200)), "a success whose body is incomplete".to_owned()),
        (BrokenRule::Repeats, "503, Create".to_owned()),
        (BrokenRule::QuotesTheText, "400".to_owned()),
        (BrokenRule::OmitsProviderName, "400".to_owned()),
    ]);
    let found = futures_util::future::join_all(cases.iter().map(async |(broken_rule, rule)| {
        let found = provider_adapter(&CourierUnderTest(*broken_rule, transport.clone())).await.unwrap();
        (broken_rule, rule, found.iter().any(|violation| violation.rule.contains(rule.as_str())))
    }))
    .await;
    for (broken_rule, rule, seen) in found {
        assert!(seen, "{broken_rule:?} was not found by the rule {rule:?}");
    }
}

#[tokio::test]
async fn a_messenger_that_breaks_one_rule_fails_with_its_name() {
    let transport = transport();
    let statuses = [101, 303, 307, 400, 401, 403, 404, 408, 422, 429, 500, 502, 503, 504];
    let statuses = statuses.iter();
    let mut cases: Vec<(BrokenRule, String)> =
        statuses.map(|status| (BrokenRule::Outcome(Some(*status)), format!("Text: {status}"))).collect();
    cases.extend([500, 429, 400, 303].map(|status| (BrokenRule::Success(status), format!("Text: {status}"))));
    cases.extend(
        [
            (BrokenRule::Outcome(None), "the connection is closed after the request"),
            (BrokenRule::Outcome(None), "no answer comes in time"),
            (BrokenRule::Outcome(None), "the answer is not HTTP"),
            (BrokenRule::Outcome(None), "no server listens"),
            (BrokenRule::Outcome(Some(201)), "a success whose body is incomplete"),
            (BrokenRule::Outcome(Some(201)), "a success whose body is not JSON"),
            (BrokenRule::Outcome(Some(201)), "a success without an id"),
            (BrokenRule::Repeats, "Text: 503"),
            (BrokenRule::QuotesTheText, "Text: 400"),
            (BrokenRule::OmitsProviderName, "Call: 400"),
            (BrokenRule::IgnoresBeginBy, "Text: after begin_by nothing is sent"),
            (BrokenRule::IgnoresBeginBy, "Call: after begin_by nothing is sent"),
            (BrokenRule::IgnoresMaxAttempts, "max_attempts(1) repeats nothing"),
            (BrokenRule::NeverDuplicates, "allow_duplicates repeats"),
            (BrokenRule::LosesTheId, "a success has the provider's id"),
            (BrokenRule::DropsTheLastRow, "a list has every row"),
            (BrokenRule::NeverEndsTheList, "a list has every row"),
            (BrokenRule::ListsEverything, "a list is filtered"),
            (BrokenRule::SaysFinal, "the status is read"),
            (BrokenRule::PretendsMedia, "media: refused"),
        ]
        .map(|(broken_rule, rule)| (broken_rule, rule.to_owned())),
    );
    let found = futures_util::future::join_all(cases.iter().map(async |(broken_rule, rule)| {
        let found = messenger(&CourierUnderTest(*broken_rule, transport.clone())).await.unwrap();
        (broken_rule, rule, found.iter().any(|violation| violation.rule.contains(rule.as_str())))
    }))
    .await;
    for (broken_rule, rule, seen) in found {
        assert!(seen, "{broken_rule:?} was not found by the rule {rule:?}");
    }
}

/// Twilio's adapter, with response bodies in Twilio's format.
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
async fn twilios_adapter_passes_both_suites() {
    let twilio = TwilioUnderTest;
    let (adapter, messenger) = tokio::join!(provider_adapter(&twilio), messenger(&twilio));
    assert_none(&adapter.unwrap());
    assert_none(&messenger.unwrap());
}
