//! A dashboard with a fake Twilio behind it.

use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use http::request::Parts;
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use switchboard::twilio::webhook::sign_form;
use switchboard_automation::mesh::Mesh;
use switchboard_dashboard::{Dashboard, Follower, Identity, Login, Roles};
use switchboard_outbox::{Outbox, Worker};
use switchboard_store::{Database, Keys, Sqlite};
use switchboard_testing::FakeTwilio;
use tower::ServiceExt as _;

/// The header `user: TENANT USER ROLES`, such as `blue ada send,manage`.
pub(crate) struct ByHeader;

#[async_trait]
impl Identity for ByHeader {
    async fn login(&self, parts: &Parts) -> Option<Login> {
        let mut words = parts.headers.get("user")?.to_str().ok()?.split(' ');
        login(&mut words, ',')
    }

    async fn still_valid(&self, _: &Login) -> bool {
        true
    }
}

/// A tenant, a user and their roles.
pub(crate) fn login<'w>(words: &mut impl Iterator<Item = &'w str>, between: char) -> Option<Login> {
    let login = Login::new(words.next()?, words.next()?);
    let roles = words.next()?.split(between).fold(Roles::none(), |roles, word| match word {
        "view" => roles.view(),
        "send" => roles.send(),
        "manage" => roles.manage(),
        _ => roles,
    });
    Some(login.roles(roles))
}

pub(crate) struct Site {
    pub(crate) fake: FakeTwilio,
    pub(crate) outbox: Option<Outbox>,
    /// Kept, because it sends.
    pub(crate) _worker: Option<Worker>,
    pub(crate) _follower: Option<Follower>,
    pub(crate) mesh: Option<Mesh>,
    pub(crate) app: Router,
    /// Where Twilio reaches it, if it does.
    pub(crate) url: String,
}

/// Another account at the same provider.
pub(crate) struct Other(FakeTwilio);

impl Other {
    /// Posts what this account has signed, and returns the status.
    pub(crate) async fn post_signed(&self, url: &str, form: &[(&str, &str)]) -> u16 {
        let account = self.0.account_sid();
        let form: Vec<(&str, &str)> =
            form.iter().copied().chain([("AccountSid", account.as_str())]).collect();
        let signature = sign_form(&self.0.auth_token(), url, &form);
        let post = reqwest::Client::new().post(url).header("X-Twilio-Signature", signature);
        post.form(&form).send().await.unwrap().status().as_u16()
    }
}

const ACCOUNTS: [&str; 2] = ["AC00000000000000000000000000000001", "AC00000000000000000000000000000002"];

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
        let database = database().await;
        let outbox = change(Outbox::open(database.clone()).await.unwrap());
        let dashboard = dashboard(&fake, database).await.outbox(outbox.clone());
        let dashboard = dashboard.send_within(Duration::from_secs(if works { 25 } else { 1 }));
        let worker = match works {
            true => Some(outbox.worker(dashboard.accounts()).spawn().await.unwrap()),
            false => None,
        };
        let (app, url) = (dashboard.api(), String::new());
        Self { fake, outbox: Some(outbox), _worker: worker, _follower: None, mesh: None, app, url }
    }

    /// All of it on a port that Twilio reaches; the tenant `blue` is connected.
    pub(crate) async fn open() -> Self {
        let token = "0123456789abcdef0123456789abcdef";
        let fake = ACCOUNTS.iter().fold(FakeTwilio::builder(), |fake, account| fake.account(*account, token));
        let fake = fake.start().await.for_account(ACCOUNTS[0]);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let database = database().await;
        let mesh = Mesh::open(database.clone()).await.unwrap();
        let outbox = Outbox::open(database.clone()).await.unwrap();
        let dashboard =
            dashboard(&fake, database).await.outbox(outbox.clone()).mesh(mesh.clone()).public_url(&url);
        let worker = outbox.worker(dashboard.accounts()).callbacks(dashboard.status_url().unwrap());
        let worker = Some(worker.rate(fake.phone_number(), 1000.0).spawn().await.unwrap());
        let app = Router::new()
            .merge(dashboard.api())
            .merge(dashboard.webhooks())
            .merge(dashboard.page("/settings"));
        let server = app.clone();
        tokio::spawn(async move { axum::serve(listener, server).await });
        fake.set_sms_url(&format!("{url}/webhooks/twilio/sms"));
        fake.set_voice_url(&format!("{url}/webhooks/twilio/voice"));
        let _follower = Some(dashboard.follow());
        let site =
            Self { fake, outbox: Some(outbox), _worker: worker, _follower, mesh: Some(mesh), app, url };
        site.connect("blue").await;
        site
    }

    /// Connects a tenant with an account of its own.
    pub(crate) async fn connect_other(&self, tenant: &str) -> Other {
        let other = self.fake.for_account(ACCOUNTS[1]);
        let credentials = json!({
            "accountSid": other.account_sid(), "authToken": other.auth_token(), "phoneNumber": other.phone_number(),
        });
        let user = format!("{tenant} boss manage");
        let answer = self.json("PUT", "/api/credentials/twilio", &user, &credentials).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        Other(other)
    }

    /// Waits until something holds.
    pub(crate) async fn until<F: Future<Output = bool>>(&self, mut holds: impl FnMut() -> F) {
        let begun = tokio::time::Instant::now();
        while !holds().await {
            assert!(begun.elapsed() < Duration::from_secs(20), "it never holds");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// An answer that is no JSON.
    pub(crate) async fn raw(&self, path: &str, user: &str) -> (http::response::Parts, Vec<u8>) {
        self.answer(Request::get(path).header("user", user).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn answer(&self, request: Request<Body>) -> (http::response::Parts, Vec<u8>) {
        let (parts, body) = self.app.clone().oneshot(request).await.unwrap().into_parts();
        (parts, to_bytes(body, 1 << 24).await.unwrap().to_vec())
    }

    /// Sends by itself.
    pub(crate) async fn without_outbox() -> Self {
        let fake = FakeTwilio::start().await;
        let dashboard = dashboard(&fake, database().await).await;
        Self {
            app: dashboard.api(),
            fake,
            outbox: None,
            _worker: None,
            _follower: None,
            mesh: None,
            url: String::new(),
        }
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

/// A database of its own: SQLite, or with `DASHBOARD_ON=postgres` the server of `.ci/postgres`.
pub(crate) async fn database() -> Database {
    #[cfg(feature = "postgres")]
    if std::env::var("DASHBOARD_ON").is_ok_and(|name| name == "postgres") {
        let url = std::env::var("SWITCHBOARD_TEST_POSTGRES").unwrap();
        let schema = format!("dashboard_{:016x}", fastrand::u64(..));
        return switchboard_store::Postgres::builder(&url).schema(schema).connect().await.unwrap().into();
    }
    Sqlite::memory().await.unwrap().into()
}

async fn dashboard(fake: &FakeTwilio, database: Database) -> Dashboard {
    let keys = Keys::parse(Keys::new_key("test").unwrap().expose()).unwrap();
    Dashboard::open(database, keys, ByHeader).await.unwrap().twilio(fake.adapter())
}
