//! Keeps the credentials of a user sealed, handles a webhook once, and replaces the key:
//! `cargo run -p switchboard-store --example credentials`.
//!
//! The program starts a fake Twilio, and a server for webhooks. Nothing leaves this machine.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::error::Error;

use axum::Router;
use axum::routing::post;
use switchboard::reqwest::Client;
use switchboard::twilio::twiml::MessagingResponse;
use switchboard::twilio::webhook::{InboundMessage, TenantVerifier, TwilioWebhook, Verifier, Webhooks};
use switchboard_store::{CredentialName, Database, Keys, Sqlite, UserCredentials, WebhookEvents};
use switchboard_testing::FakeTwilio;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

async fn sms(TwilioWebhook(message): TwilioWebhook<InboundMessage>) -> MessagingResponse {
    println!("the handler runs: {}", message.text());
    message.reply("Thank you")
}

/// Serves webhooks of every account that a user has connected, and returns the server's address.
async fn serve(users: UserCredentials, events: WebhookEvents) -> Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let verifier = TenantVerifier::new(users).public_url(&url);
    let app = Webhooks::new(verifier).claims(events).protect(Router::new().route("/sms", post(sms)));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(url)
}

/// Delivers a text, signed as Twilio signs it.
async fn deliver(url: &str, account: &str, token: &str) -> Result<String> {
    let url = format!("{url}/sms");
    let form = [("AccountSid", account), ("Body", "Hello"), ("From", "+14155551234"), ("MessageSid", "SM1")];
    let body = format!("AccountSid={account}&Body=Hello&From=%2B14155551234&MessageSid=SM1");
    let request = Client::builder().no_proxy().build()?.post(&url).body(body);
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let signature = Verifier::new(token).sign_form(&url, &form);
    Ok(request.header("X-Twilio-Signature", signature).send().await?.text().await?)
}

#[tokio::main]
async fn main() -> Result {
    let folder = std::env::temp_dir().join(format!("switchboard-dashboard-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let database: Database = Sqlite::open(folder.join("app.db")).await?.into();
    // In production: Keys::from_env(), with SWITCHBOARD_KEYS="2026a:…".
    let first = Keys::new_key("2026a")?;
    let keys = Keys::parse(first.expose())?;

    // A user connects an account.
    let fake = FakeTwilio::start().await;
    let users = UserCredentials::open(database.clone(), keys.clone()).await?;
    let name = CredentialName::new("user-7", "twilio");
    users.save(&name, &fake.credentials()).await?;
    users.test(&name, &fake.adapter()).await?;
    for row in users.list("user-7").await? {
        println!("{} of {} is {:?}: {:?}", row.provider, row.user_id, row.status, row.shown.values());
    }

    // A webhook arrives, and arrives again.
    let events = WebhookEvents::builder().seal(keys).users(users.clone()).open(database.clone()).await?;
    let url = serve(users.clone(), events.clone()).await?;
    for _ in 0..2 {
        let answer = deliver(&url, &fake.account_sid(), &fake.auth_token()).await?;
        println!("Twilio is answered: {answer}");
    }
    for webhook in events.recent(Some("user-7"), 10).await? {
        println!("stored: {}, handled after {} attempt", webhook.event_type, webhook.attempts);
    }

    // The key is replaced.
    let second = Keys::new_key("2026b")?;
    let both = Keys::parse(&format!("{},{}", second.expose(), first.expose()))?;
    let users = UserCredentials::open(database.clone(), both.clone()).await?;
    let events = WebhookEvents::builder().seal(both).open(database.clone()).await?;
    println!("before: {:?} {:?}", users.check().await?, events.check().await?);
    users.rotate().await?;
    events.rotate().await?;
    println!("after: {:?} {:?}", users.check().await?, events.check().await?);
    let newest = UserCredentials::open(database, Keys::parse(second.expose())?).await?;
    println!("the old key is not needed: {}", newest.get(&name).await?.is_some());
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
