//! A second provider behind the same contract: `cargo run --example custom_adapter`.
//!
//! The trait is not Twilio in disguise: this one posts notes to a made-up service, with a bearer token, JSON and an
//! idempotency key, which makes repeats safe there. A dashboard holds both in one registry and treats them alike.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::sync::Arc;

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use switchboard::provider::{
    ApiRequest, ApiResponse, Connection, CredentialField, FieldKind, Messenger, RateLimit, RequestBody,
};
use switchboard::twilio::TwilioAdapter;
use switchboard::{
    Credentials, ErrorCode, Outcome, ProviderAdapter, ProviderError, ProviderInfo, ProviderName,
    ProviderRegistry, Reason,
};
use url::Url;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const NAME: ProviderName = ProviderName::of("notes");

static INFO: ProviderInfo = ProviderInfo::new(NAME, "Notes")
    .description("Leaves notes for your team")
    .icon("note")
    .docs_url("https://example.com/notes")
    .fields(&[CredentialField::new("token", "Token").kind(FieldKind::Password).required()]);

#[derive(Debug)]
struct Notes {
    base: Url,
    http: reqwest::Client,
}

impl Notes {
    fn failed(code: ErrorCode, outcome: Outcome, message: &str) -> ProviderError {
        ProviderError::new(code, outcome).with_provider(NAME).with_message(message)
    }
}

#[async_trait]
impl ProviderAdapter for Notes {
    fn name(&self) -> ProviderName {
        NAME
    }

    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn base_url(&self) -> &Url {
        &self.base
    }

    fn validate_credentials(&self, credentials: &Credentials) -> Result<(), ProviderError> {
        match credentials.get("token") {
            Some(_) => Ok(()),
            None => Err(ProviderError::invalid_credentials("the token is missing").with_provider(NAME)),
        }
    }

    fn auth_headers(&self, credentials: &Credentials) -> Result<HeaderMap, ProviderError> {
        self.validate_credentials(credentials)?;
        let token = format!("Bearer {}", credentials.get("token").unwrap_or_default());
        let mut value = HeaderValue::from_str(&token).map_err(|_| {
            ProviderError::invalid_credentials("the token has characters that no header can have")
        })?;
        value.set_sensitive(true);
        Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
    }

    async fn request(
        &self,
        credentials: &Credentials,
        request: ApiRequest,
    ) -> Result<ApiResponse, ProviderError> {
        let url =
            self.base.join(request.path()).map_err(|_| ProviderError::invalid_request("the path is none"))?;
        let mut sending =
            self.http.request(request.method().clone(), url).headers(self.auth_headers(credentials)?);
        if let RequestBody::Json(json) = request.body_ref() {
            sending = sending.header("Content-Type", "application/json").body(json.clone());
        }
        let answer = sending.send().await.map_err(|error| {
            let outcome = if error.is_connect() { Outcome::NotApplied } else { Outcome::Unknown };
            Self::failed(ErrorCode::NetworkError, outcome, "no answer").with_source(error.without_url())
        })?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(|error| {
            Self::failed(ErrorCode::NetworkError, Outcome::Applied, "the answer broke off").with_source(error)
        })?;
        match status {
            status if status.is_success() => Ok(ApiResponse::new(status, headers, body)),
            StatusCode::UNAUTHORIZED => {
                let error =
                    Self::failed(ErrorCode::Unauthorized, Outcome::NotApplied, "the token is not known");
                Err(error.with_status(401).with_reason(Reason::BadCredentials))
            }
            other => {
                let error = Self::failed(ErrorCode::ProviderError, Outcome::NotApplied, "it was refused");
                Err(error.with_status(other.as_u16()))
            }
        }
    }

    async fn test_connection(&self, credentials: &Credentials) -> Result<Connection, ProviderError> {
        let answer: serde_json::Value = self.request(credentials, ApiRequest::get("/me")).await?.json()?;
        let mut connection = Connection::new("team-7", "ada");
        connection.friendly_name = answer.get("name").and_then(|name| name.as_str()).map(str::to_owned);
        Ok(connection)
    }

    fn parse_rate_limit(&self, headers: &HeaderMap) -> Option<RateLimit> {
        let remaining = headers.get("x-remaining")?.to_str().ok()?.parse().ok();
        Some(RateLimit { remaining, ..RateLimit::default() })
    }

    fn messenger(&self) -> Option<&dyn Messenger> {
        None
    }

    fn shared_messenger(self: Arc<Self>) -> Option<Arc<dyn Messenger>> {
        None
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = MockServer::builder().start().await;
    let me = ResponseTemplate::new(200).set_body_json(serde_json::json!({"name": "Ada's team"}));
    Mock::given(path("/me"))
        .and(header("authorization", "Bearer t0ken"))
        .respond_with(me)
        .mount(&service)
        .await;
    let note = ResponseTemplate::new(201)
        .insert_header("x-remaining", "41")
        .set_body_json(serde_json::json!({"id": 1}));
    Mock::given(method("POST")).and(path("/notes")).respond_with(note).mount(&service).await;

    let mut registry = ProviderRegistry::new();
    registry.register(TwilioAdapter::new());
    registry.register(Notes {
        base: service.uri().parse()?,
        http: reqwest::Client::builder().no_proxy().build()?,
    });
    for info in registry.infos() {
        println!("{:<8} {}: {} credential fields", info.display_name, info.description, info.fields.len());
    }

    let notes = registry.get(&NAME).ok_or("it was registered above")?;
    let wrong = notes.test_connection(&Credentials::new()).await;
    println!("without a token: {}", wrong.err().ok_or("it takes nobody without one")?);
    let credentials = Credentials::new().set("token", "t0ken");
    let connection = notes.test_connection(&credentials).await?;
    println!("connected to {}", connection.friendly_name.unwrap_or_default());
    let post = ApiRequest::post("/notes").json(serde_json::json!({"text": "the build is green"}));
    let answer = notes.request(&credentials, post).await?;
    println!(
        "noted: {}, {:?} left",
        answer.status(),
        notes.parse_rate_limit(answer.headers()).and_then(|l| l.remaining)
    );
    Ok(())
}
