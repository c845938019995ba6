//! Starts a dashboard's endpoints on 127.0.0.1:3000, with a fake Twilio behind them:
//! `cargo run -p switchboard-dashboard --example dashboard`.
//!
//! Two tenants have saved their credentials. Who comes from this machine is user and tenant `your-user-id`. Nothing leaves
//! this machine, and the database is in a temporary folder.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::error::Error;

use async_trait::async_trait;
use http::request::Parts;
use switchboard::ProviderRegistry;
use switchboard_dashboard::{Dashboard, Identity, Login, Roles};
use switchboard_outbox::Outbox;
use switchboard_store::{CredentialName, Keys, Sqlite, UserCredentials};
use switchboard_testing::FakeTwilio;

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const ADDRESS: &str = "127.0.0.1:3000";
const ME: &str = "your-user-id";

/// Everybody on this machine is the same person. A real dashboard asks its own login.
struct Loopback;

#[async_trait]
impl Identity for Loopback {
    async fn login(&self, _: &Parts) -> Option<Login> {
        Some(Login::new(ME, ME).roles(Roles::all()))
    }

    async fn still_valid(&self, _: &Login) -> bool {
        true
    }
}

#[tokio::main]
async fn main() -> Result {
    let listener = tokio::net::TcpListener::bind(ADDRESS)
        .await
        .map_err(|error| format!("{ADDRESS} cannot be used ({error}): stop what listens there"))?;
    let folder = std::env::temp_dir().join(format!("switchboard-example-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let database = Sqlite::open(folder.join("app.db")).await?;
    // In production: Keys::from_env(), with SWITCHBOARD_KEYS="2026a:…".
    let keys = Keys::parse(Keys::new_key("example")?.expose())?;

    let fake = FakeTwilio::start().await;
    let mut providers = ProviderRegistry::new();
    providers.register(fake.adapter());
    let users = UserCredentials::open(database.clone(), keys.clone()).await?;
    let me = CredentialName::new(ME, "twilio");
    users.save(&me, &fake.credentials()).await?;
    users.test(&me, &fake.adapter()).await?;
    users.save(&CredentialName::new("another-tenant", "twilio"), &fake.credentials()).await?;

    let outbox = Outbox::open(database.clone()).await?;
    let dashboard =
        Dashboard::open(database, keys, Loopback).await?.providers(providers).outbox(outbox.clone());
    let _worker = outbox.worker(dashboard.accounts()).spawn().await?;

    println!("the endpoints are at http://{ADDRESS}/api; for example:");
    println!("  curl http://{ADDRESS}/api/credentials/twilio");
    println!("  curl -X POST http://localhost:3000/api/actions/twilio/send-sms \\");
    println!("    -H \"Content-Type: application/json\" -d '{{\"to\": \"+15551234567\", \"body\": \"Hi\"}}'");
    axum::serve(listener, dashboard.api()).await?;
    Ok(())
}
