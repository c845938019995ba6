//! A dashboard with a fake Twilio behind it.

use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use http::request::Parts;
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use switchboard::ProviderRegistry;
use switchboard_dashboard::{Dashboard, Identity, Login, Roles};
use switchboard_outbox::{Outbox, Worker};
use switchboard_store::{Keys, Sqlite};
use switchboard_testing::FakeTwilio;
use tower::ServiceExt as _;

/// The header `user: TENANT USER ROLES`, such as `blue ada send,manage`.
pub(crate) struct ByHeader;

#[async_trait]
impl Identity for ByHeader {
    async fn login(&self, parts: &Parts) -> Option<Login> {
        let mut words = parts.headers.get("user")?.to_str().ok()?.split(' ');
        let login = Login::new(words.next()?, words.next()?);
        let roles = words.next()?.split(',').fold(Roles::none(), |roles, word| match word {
            "view" => roles.view(),
            "send" => roles.send(),
            "manage" => roles.manage(),
            _ => roles,
        });
        Some(login.roles(roles))
    }

    async fn still_valid(&self, _: &Login) -> bool {
        true
    }
}

pub(crate) struct Site {
    pub(crate) fake: FakeTwilio,
    pub(crate) outbox: Option<Outbox>,
    /// Kept, because it sends.
    pub(crate) _worker: Option<Worker>,
    pub(crate) app: Router,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Site {
    /// With an outbox that has a worker.
    pub(crate) async fn start() -> Self {
        Self::with(|outbox| outbox, true).await
    }

    pub(crate) async fn with(change: impl FnOnce(Outbox) -> Outbox, works: bool) -> Self {
        let fake = FakeTwilio::start().await;
        let database = Sqlite::memory().await.unwrap();
        let outbox = change(Outbox::open(database.clone()).await.unwrap());
        let dashboard = dashboard(&fake, database).await.outbox(outbox.clone());
        let dashboard = dashboard.send_within(Duration::from_secs(if works { 25 } else { 1 }));
        let worker = match works {
            true => Some(outbox.worker(dashboard.accounts()).spawn().await.unwrap()),
            false => None,
        };
        Self { fake, outbox: Some(outbox), _worker: worker, app: dashboard.api() }
    }

    /// Sends by itself.
    pub(crate) async fn without_outbox() -> Self {
        let fake = FakeTwilio::start().await;
        let dashboard = dashboard(&fake, Sqlite::memory().await.unwrap()).await;
        Self { app: dashboard.api(), fake, outbox: None, _worker: None }
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str, user: &str) -> Answer {
        self.call(Request::get(path).header("user", user).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn json(&self, method: &str, path: &str, user: &str, body: &Value) -> Answer {
        let request = Request::builder().method(method).uri(path).header("user", user);
        let request = request.header("content-type", "application/json");
        self.call(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) fn credentials(&self) -> Value {
        json!({
            "accountSid": self.fake.account_sid(), "authToken": self.fake.auth_token(),
            "phoneNumber": self.fake.phone_number(),
        })
    }

    /// Saves the credentials of a tenant.
    pub(crate) async fn connect(&self, tenant: &str) {
        let user = format!("{tenant} boss manage");
        let answer = self.json("PUT", "/api/credentials/twilio", &user, &self.credentials()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    pub(crate) async fn send(&self, user: &str, key: Option<&str>, body: &Value) -> Answer {
        let request = Request::post("/api/actions/twilio/send-sms").header("user", user);
        let request = request.header("content-type", "application/json; charset=utf-8");
        let request = key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
        self.call(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

async fn dashboard(fake: &FakeTwilio, database: Sqlite) -> Dashboard {
    let mut providers = ProviderRegistry::new();
    providers.register(fake.adapter());
    let keys = Keys::parse(Keys::new_key("test").unwrap().expose()).unwrap();
    Dashboard::open(database, keys, ByHeader).await.unwrap().providers(providers)
}
