//! Starts a dashboard on 127.0.0.1:3000, with a fake Twilio behind it:
//! `cargo run -p switchboard-dashboard --example dashboard`.
//!
//! Two tenants have saved their credentials, and whoever gets a text replies after some seconds. Who comes from this machine
//! is user and tenant `your-user-id`; with `-- --login` everybody signs in first, each with other roles. Nothing leaves this
//! machine, and the database is in a temporary folder.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use switchboard_automation::mesh::Mesh;
use switchboard_dashboard::{Dashboard, Identity, Login, Roles};
use switchboard_outbox::Outbox;
use switchboard_store::{CredentialName, Keys, Sqlite, UserCredentials};
use switchboard_testing::FakeTwilio;

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const ADDRESS: &str = "127.0.0.1:3000";
const ME: &str = "your-user-id";
/// The tenants with their accounts, which have this token.
const TENANTS: [(&str, &str); 2] =
    [(ME, "AC00000000000000000000000000000001"), ("another-tenant", "AC00000000000000000000000000000002")];
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Who can sign in with `--login`: their name, tenant and roles.
const PEOPLE: [(&str, &str, Roles); 5] = [
    ("ada", ME, Roles::all()),
    ("vera", ME, Roles::none().view()),
    ("sam", ME, Roles::none().send()),
    ("max", ME, Roles::none().manage()),
    ("olga", "another-tenant", Roles::all()),
];

/// Everybody on this machine is the same person. A real dashboard asks its own login.
struct Loopback;

#[async_trait]
impl Identity for Loopback {
    async fn login(&self, parts: &Parts) -> Option<Login> {
        // Another site can give its own name the address of this machine.
        let host = parts.headers.get(header::HOST)?.to_str().ok()?;
        let is_this = [ADDRESS, "localhost:3000"].contains(&host);
        is_this.then(|| Login::new(ME, ME).roles(Roles::all()))
    }

    async fn still_valid(&self, _: &Login) -> bool {
        true
    }
}

/// Who is signed in, by the secret of their cookie.
#[derive(Clone, Default)]
struct Sessions(Arc<Mutex<HashMap<String, Login>>>);

impl Sessions {
    fn sign_in(&self, name: &str) -> Response {
        let Some((name, tenant, roles)) = PEOPLE.iter().find(|(known, _, _)| *known == name) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let secret = format!("{:032x}{:032x}", fastrand::u128(..), fastrand::u128(..));
        let cookie = format!("session={secret}; Path=/; HttpOnly; SameSite=Lax");
        let login = Login::new(*tenant, *name).roles(*roles);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(secret, login);
        let mut response = Redirect::to("/settings/send").into_response();
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        response
    }
}

#[async_trait]
impl Identity for Sessions {
    async fn login(&self, parts: &Parts) -> Option<Login> {
        let cookies = parts.headers.get(header::COOKIE)?.to_str().ok()?;
        let secret = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("session="))?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(secret).cloned()
    }

    async fn still_valid(&self, login: &Login) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().any(|known| known == login)
    }
}

#[tokio::main]
async fn main() -> Result {
    let signs_in = std::env::args().any(|argument| argument == "--login");
    let listener = tokio::net::TcpListener::bind(ADDRESS)
        .await
        .map_err(|error| format!("{ADDRESS} cannot be used ({error}): stop what listens there"))?;
    let folder = std::env::temp_dir().join(format!("switchboard-example-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let database = Sqlite::open(folder.join("app.db")).await?;
    // In production: Keys::from_env(), with SWITCHBOARD_KEYS="2026a:…".
    let keys = Keys::parse(Keys::new_key("example")?.expose())?;

    let fake =
        TENANTS.iter().fold(FakeTwilio::builder().real_time(), |fake, (_, sid)| fake.account(*sid, TOKEN));
    let fake = Arc::new(fake.start().await);
    let users = UserCredentials::open(database.clone(), keys.clone()).await?;
    for (tenant, sid) in TENANTS {
        let account = fake.for_account(sid);
        let name = CredentialName::new(tenant, "twilio");
        users.save(&name, &account.credentials()).await?;
        users.test(&name, &account.adapter()).await?;
        account.set_sms_url(&format!("http://{ADDRESS}/webhooks/twilio/sms"));
        account.set_voice_url(&format!("http://{ADDRESS}/webhooks/twilio/voice"));
    }

    let (outbox, mesh) = (Outbox::open(database.clone()).await?, Mesh::open(database.clone()).await?);
    let sessions = Sessions::default();
    let dashboard = if signs_in {
        Dashboard::open(database, keys, sessions.clone()).await?
    } else {
        Dashboard::open(database, keys, Loopback).await?
    };
    let dashboard = dashboard
        .twilio(fake.adapter())
        .outbox(outbox.clone())
        .mesh(mesh)
        .public_url(format!("http://{ADDRESS}"));
    let worker = outbox.worker(dashboard.accounts()).callbacks(dashboard.status_url().unwrap_or_default());
    let _worker = worker.spawn().await?;
    let _follower = dashboard.follow();
    tokio::spawn(reply(fake));

    println!("the page: http://{ADDRESS}/settings/credentials");
    if signs_in {
        println!("sign in first, as one of these:");
        for (name, tenant, roles) in PEOPLE {
            println!("  http://{ADDRESS}/login/{name} ({tenant}; {roles:?})");
        }
    } else {
        println!("or, in another terminal:");
        println!("  curl -X POST http://localhost:3000/api/actions/twilio/send-sms \\");
        println!(
            "    -H \"Content-Type: application/json\" -d '{{\"to\": \"+15551234567\", \"body\": \"Hi\"}}'"
        );
    }
    let app = Router::new()
        .route("/", get(async || Redirect::to("/settings/send")))
        .merge(dashboard.api())
        .merge(dashboard.page("/settings"))
        .merge(dashboard.webhooks());
    let app = if signs_in {
        let sign_in = move |Path(name): Path<String>| async move { sessions.sign_in(&name) };
        app.route("/login/{name}", get(sign_in))
    } else {
        app
    };
    // `into_make_service`: otherwise axum copies all routes for each connection.
    axum::serve(listener, app.into_make_service()).await?;
    Ok(())
}

/// Everybody who gets a text answers it once, after some seconds.
async fn reply(fake: Arc<FakeTwilio>) {
    let mut answered = HashSet::new();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        for (_, sid) in TENANTS {
            let account = fake.for_account(sid);
            for sent in account.sent() {
                if sent.status == "delivered" && answered.insert((sid, sent.to.clone())) {
                    let asks = sent.body.contains('?');
                    let words =
                        if asks { "Yes, that works for me. Thank you!" } else { "Got it, thank you!" };
                    account.receive_sms(&sent.to, words).await;
                }
            }
        }
    }
}
