//! Courier, an invented provider of texts and calls with a bearer token, JSON bodies and its own paths. The adapter sends its
//! requests with switchboard's transport, so it reports their outcomes as reliably as Twilio's adapter.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use switchboard::provider::*;
use switchboard::transport::{Exchange, Interpret, Transport};
use url::Url;

pub(crate) const NAME: ProviderName = ProviderName::of("courier");
const FIELDS: &[CredentialField] = &[CredentialField::new("token", "Token").required()];
static INFO: ProviderInfo = ProviderInfo::new(NAME, "Courier").fields(FIELDS);
static ABILITIES: Abilities = Abilities::none().calls().list();

#[derive(Debug)]
pub(crate) struct Courier(pub(crate) Url, pub(crate) Transport);

/// A text or a call. An answer of Courier always has an id and a state.
#[derive(Deserialize)]
struct Row {
    id: String,
    state: String,
}

#[derive(Deserialize)]
struct Page {
    rows: Vec<Row>,
    next: Option<String>,
}

#[rustfmt::skip] // One line each.
impl Row {
    fn id(&self, kind: SendKind) -> SendId { SendId { kind, id: self.id.clone() } }
    fn delivery(&self, kind: SendKind) -> Delivery { Delivery::new(self.id(kind), self.state.as_str().into()) }
}

struct Meaning;
#[rustfmt::skip]
impl Interpret for Meaning { fn provider(&self) -> ProviderName { NAME } }
impl Courier {
    async fn read<T: DeserializeOwned>(&self, c: &Credentials, r: ApiRequest) -> Result<T, ProviderError> {
        Ok(self.1.json(Exchange::new(&self.0, self.auth_headers(c)?, &r, &Meaning)?).await?.0)
    }

    async fn create(
        &self,
        c: &Credentials,
        kind: SendKind,
        r: ApiRequest,
    ) -> Result<Accepted, ProviderError> {
        let row: Row = self.read(c, r).await?;
        Ok(Accepted::new(row.id(kind), row.state.as_str().into()))
    }
}

#[rustfmt::skip]
const fn path(kind: SendKind) -> &'static str { if matches!(kind, SendKind::Text) { "/texts" } else { "/calls" } }

#[rustfmt::skip] // One line each.
#[async_trait]
impl ProviderAdapter for Courier {
    fn name(&self) -> ProviderName { NAME }
    fn info(&self) -> &'static ProviderInfo { &INFO }
    fn base_url(&self) -> &Url { &self.0 }
    fn parse_rate_limit(&self, _: &HeaderMap) -> Option<RateLimit> { None }
    fn messenger(&self) -> Option<&dyn Messenger> { Some(self) }
    fn shared_messenger(self: Arc<Self>) -> Option<Arc<dyn Messenger>> { Some(self) }
    fn validate_credentials(&self, c: &Credentials) -> Result<(), ProviderError> { self.auth_headers(c).map(drop) }
    fn auth_headers(&self, c: &Credentials) -> Result<HeaderMap, ProviderError> {
        let header = c.get("token").and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
        let missing = || ProviderError::invalid_credentials("the token is missing").with_provider(NAME);
        let mut header = header.ok_or_else(missing)?;
        header.set_sensitive(true);
        Ok(HeaderMap::from_iter([(AUTHORIZATION, header)]))
    }
    async fn request(&self, c: &Credentials, r: ApiRequest) -> Result<ApiResponse, ProviderError> {
        self.1.exchange(Exchange::new(&self.0, self.auth_headers(c)?, &r, &Meaning)?).await
    }
    async fn test_connection(&self, c: &Credentials) -> Result<Connection, ProviderError> {
        let team: Row = self.read(c, ApiRequest::get("/me")).await?;
        Ok(Connection::new(team.id, team.state))
    }
}

#[rustfmt::skip]
#[async_trait]
impl Messenger for Courier {
    fn abilities(&self) -> &Abilities { &ABILITIES }
    fn rate(&self, _: SendKind, _: &Sender) -> Rate { Rate::new(SenderKind::LongCode, 1_000, Duration::from_secs(3600)) }
    fn default_sender(&self, _: &Credentials, _: SendKind) -> Result<Option<Sender>, ProviderError> { Ok(None) }
    fn likeness(&self, m: &Outgoing, row: &FoundRow) -> Likeness { m.likeness(row) }
    fn evidence(&self, _: &str, _: &[(String, String)]) -> Option<Evidence> { None }
    async fn send(&self, c: &Credentials, m: &Outgoing, o: &SendOptions) -> Result<Accepted, ProviderError> {
        m.check(&ABILITIES).map_err(|error| error.with_provider(NAME))?;
        let body = json!({"to": m.to, "from": m.from_number(), "text": m.text});
        self.create(c, SendKind::Text, ApiRequest::post("/texts").json(body).recipient(m.to.clone()).options(o)).await
    }
    async fn call(&self, c: &Credentials, m: &OutgoingCall, o: &SendOptions) -> Result<Accepted, ProviderError> {
        m.check(&ABILITIES).map_err(|error| error.with_provider(NAME))?;
        let CallContent::Say(text) = &m.content else {
            return Err(ProviderError::invalid_request("Courier only reads texts out").with_provider(NAME));
        };
        let body = json!({"to": m.to, "from": m.from, "say": text});
        self.create(c, SendKind::Call, ApiRequest::post("/calls").json(body).recipient(m.to.clone()).options(o)).await
    }
    async fn status(&self, c: &Credentials, id: &SendId) -> Result<Delivery, ProviderError> {
        let request = ApiRequest::get(format!("{}/{{id}}", path(id.kind))).segment(&id.id);
        Ok(self.read::<Row>(c, request).await?.delivery(id.kind))
    }
    async fn list(&self, c: &Credentials, s: &Search, page: Option<&PageToken>) -> Result<Found, ProviderError> {
        let request = ApiRequest::get(path(s.kind)).query([("to", &s.to), ("from", &s.from)]);
        let request = request.query([("limit", s.page_size)]).query([("after", page.map(PageToken::as_str))]);
        let page: Page = self.read(c, request).await?;
        let rows = page.rows.iter().map(|row| FoundRow::new(row.delivery(s.kind), true)).collect();
        Ok(Found::new(rows, page.next.map(PageToken::new), None))
    }
}
