//! The whole of it on real ports, for a browser and for other programs: the site, a fake Twilio in real time, and a control
//! port by which a test lets things happen there.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_SECURITY_POLICY;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use switchboard_automation::mesh::{Mesh, Notice};
use switchboard_dashboard::{Dashboard, Follower, Identity, Login};
use switchboard_outbox::{Outbox, Worker};
use switchboard_store::{CredentialName, Keys, Sqlite, UserCredentials};
use switchboard_testing::{FakeTwilio, Fault, InboundSms};
use tokio::net::TcpListener;

const KEYS: &str = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// The accounts of the tenants `blue` and `green`.
const ACCOUNTS: [&str; 2] = ["AC00000000000000000000000000000001", "AC00000000000000000000000000000002"];

/// The cookie `login=TENANT:USER:view+send+manage`.
struct ByCookie;

#[async_trait]
impl Identity for ByCookie {
    async fn login(&self, parts: &Parts) -> Option<Login> {
        let cookies = parts.headers.get("cookie")?.to_str().ok()?;
        let login = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("login="))?;
        crate::site::login(&mut login.split(':'), '+')
    }

    async fn still_valid(&self, _: &Login) -> bool {
        true
    }
}

/// The site, until it is dropped.
pub(crate) struct Stage {
    pub(crate) base: String,
    pub(crate) control: String,
    _worker: Worker,
    _follower: Follower,
}

#[derive(Clone)]
struct Control {
    fake: Arc<FakeTwilio>,
    mesh: Mesh,
    reports: Arc<Mutex<Vec<Value>>>,
}

impl Stage {
    /// Starts it over the database `app.db` of a folder, on this port; 0 is any.
    pub(crate) async fn start(folder: &Path, port: u16, fake: FakeTwilio) -> Self {
        let listener = bind(port).await;
        let base = format!("http://{}", listener.local_addr().unwrap());
        let database = Sqlite::open(folder.join("app.db")).await.unwrap();
        let keys = Keys::parse(KEYS).unwrap();
        let users = UserCredentials::open(database.clone(), keys.clone()).await.unwrap();
        let blue = fake.for_account(ACCOUNTS[0]);
        let name = CredentialName::new("blue", "twilio");
        if users.get(&name).await.unwrap().is_none() {
            users.save(&name, &blue.credentials()).await.unwrap();
            users.test(&name, &blue.adapter()).await.unwrap();
        }
        let (outbox, mesh) =
            (Outbox::open(database.clone()).await.unwrap(), Mesh::open(database.clone()).await.unwrap());
        let dashboard = Dashboard::open(database, keys, ByCookie)
            .await
            .unwrap()
            .twilio(fake.adapter())
            .outbox(outbox.clone())
            .mesh(mesh.clone())
            .requests_per_second(100_000)
            .public_url(&base);
        for account in ACCOUNTS {
            let account = fake.for_account(account);
            account.set_sms_url(&format!("{base}/webhooks/twilio/sms"));
            account.set_voice_url(&format!("{base}/webhooks/twilio/voice"));
        }
        let worker = outbox.worker(dashboard.accounts()).callbacks(dashboard.status_url().unwrap());
        let worker = ACCOUNTS
            .iter()
            .fold(worker, |worker, account| worker.rate(fake.for_account(account).phone_number(), 1000.0));
        let worker = worker.spawn().await.unwrap();
        let follower = dashboard.follow();
        let control = Control { fake: Arc::new(fake), mesh, reports: Arc::default() };
        let app = Router::new()
            .merge(dashboard.api())
            .merge(dashboard.webhooks())
            .merge(dashboard.page("/settings"))
            .layer(axum::middleware::map_response(report_violations));
        let reports = control.clone();
        let app = app.route(
            "/csp-report",
            axum::routing::post(async move |body: String| {
                reports.reports.lock().unwrap().push(serde_json::from_str(&body).unwrap_or_default());
                StatusCode::NO_CONTENT
            }),
        );
        serve(listener, app);
        let listener = bind(0).await;
        let address = format!("http://{}", listener.local_addr().unwrap());
        serve(listener, Router::new().fallback(act).with_state(control));
        Self { base, control: address, _worker: worker, _follower: follower }
    }
}

/// A fake whose time passes by itself.
pub(crate) async fn fake() -> FakeTwilio {
    let builder =
        ACCOUNTS.iter().fold(FakeTwilio::builder(), |builder, account| builder.account(*account, TOKEN));
    builder.real_time().start().await
}

async fn bind(port: u16) -> TcpListener {
    TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap()
}

fn serve(listener: TcpListener, app: Router) {
    tokio::spawn(async move { axum::serve(listener, app.into_make_service()).await });
}

/// Lets the browser report what the policy refuses.
async fn report_violations(mut response: Response) -> Response {
    if let Some(policy) = response.headers().get(CONTENT_SECURITY_POLICY) {
        let policy = format!("{}; report-uri /csp-report", policy.to_str().unwrap());
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy).unwrap());
    }
    response
}

/// What a test lets happen.
async fn act(State(control): State<Control>, request: Request<Body>) -> Response {
    let path = request.uri().path().to_owned();
    let tenant_is_green = request.uri().query() == Some("tenant=green");
    let body = to_bytes(request.into_body(), 1 << 24).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let blue = control.fake.for_account(ACCOUNTS[usize::from(tenant_is_green)]);
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let answer = match path.as_str() {
        "/receive" => {
            let sms = InboundSms::new(text("from"), text("body"));
            let sms = match body["media"]["contentType"].as_str() {
                Some(kind) => {
                    let bytes = STANDARD.decode(body["media"]["base64"].as_str().unwrap()).unwrap();
                    sms.media_bytes(kind, bytes)
                }
                None => sms,
            };
            let received = blue.receive(sms).await;
            json!({"sid": received.sid(), "status": received.status()})
        }
        "/fault" => {
            control.fake.fail_next(Fault::CutAfter);
            json!({})
        }
        "/sent" => {
            let sent = blue.sent().into_iter().map(|one| {
                json!({"sid": one.sid, "to": one.to, "from": one.from, "body": one.body, "status": one.status})
            });
            sent.collect()
        }
        "/publish" => {
            let notice = Notice::new(text("name"), body["payload"].clone()).tenant("blue").source("test");
            let notice = match body["id"].as_str() {
                Some(id) => notice.id(id),
                None => notice,
            };
            json!({"number": control.mesh.publish(notice).await.unwrap().number()})
        }
        "/trial" => {
            blue.trial();
            json!({})
        }
        "/csp-reports" => Value::Array(control.reports.lock().unwrap().clone()),
        "/numbers" => json!({"own": blue.phone_number()}),
        "/credentials" => json!({
            "accountSid": blue.account_sid(), "authToken": blue.auth_token(), "phoneNumber": blue.phone_number(),
        }),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    ([("content-type", "application/json")], answer.to_string()).into_response()
}

/// A folder that is deleted at the end.
pub(crate) struct Folder(pub(crate) std::path::PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("switchboard-dashboard-{:016x}", fastrand::u64(..)));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Serves until it is stopped: `SITE_COMMAND="node …" cargo test -p switchboard-dashboard --test it stage -- --ignored
/// --nocapture` runs a command with `BASE` and `CONTROL` set, and fails if it does; without one it stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a command, or somebody who looks at it"]
async fn serve_for_a_command() {
    let folder = Folder::new();
    let port = std::env::var("SITE_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(0);
    let stage = Stage::start(&folder.0, port, fake().await).await;
    println!("BASE={} CONTROL={}", stage.base, stage.control);
    let Ok(command) = std::env::var("SITE_COMMAND") else {
        tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
        return;
    };
    let run = tokio::process::Command::new("bash")
        .arg("-c")
        .arg(command)
        .env("BASE", &stage.base)
        .env("CONTROL", &stage.control)
        .status()
        .await;
    assert!(run.unwrap().success());
}
