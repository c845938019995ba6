//! Answers of the provider are lost, and each text is still accounted for: by callbacks, and by the provider's list:
//! `cargo run -p switchboard-outbox --example evidence`.
//!
//! The program starts a fake Twilio and its own web server for the callbacks. Nothing leaves this machine. The intervals
//! are shorter than in production.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use http::StatusCode;
use switchboard::provider::Outgoing;
use switchboard::twilio::webhook::{Verifier, WebhookEvidence, Webhooks};
use switchboard_outbox::{Account, Enqueue, Outbox, Timing};
use switchboard_testing::{FakeTwilio, Fault};

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// This is all that a program with axum needs.
async fn status(State(outbox): State<Outbox>, WebhookEvidence(evidence): WebhookEvidence) -> StatusCode {
    outbox.webhook(evidence.as_ref()).await
}

/// Serves the callbacks, and returns their URL.
async fn serve(outbox: &Outbox, auth_token: &str) -> Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let host = format!("http://{}", listener.local_addr()?);
    let verifier = Verifier::new(auth_token).public_url(&host);
    let routes = Router::new().route("/status", post(status));
    let app = Webhooks::new(verifier).protect(routes).with_state(outbox.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(format!("{host}/status"))
}

#[tokio::main]
async fn main() -> Result {
    println!("On a fake Twilio of this example: nothing leaves this machine.");
    let fake = FakeTwilio::builder().real_time().start().await;
    let outbox = Outbox::memory().await?;
    let callbacks = serve(&outbox, &fake.auth_token()).await?;
    let mut timing = Timing::new().faster(60);
    (timing.begin, timing.send) = (Duration::from_secs(5), Duration::from_secs(5));
    // Most callbacks come before the first look at the list.
    timing.checks = [3, 6, 15].map(Duration::from_secs);
    let worker = outbox
        .worker(Account::new(fake.adapter(), fake.credentials()))
        .timing(timing)
        .rate(fake.phone_number(), 100.0)
        .callbacks(callbacks)
        .spawn()
        .await?;

    // Every third answer is lost, and every second callback, too.
    fake.fail_rate(Fault::status_after(503), 33);
    fake.lose_callbacks(50);
    let guests = (0..30).map(|guest| {
        let text =
            Outgoing::text(format!("+1415555{:04}", 1000 + guest), format!("Guest {guest}: see you at 8 pm"));
        Enqueue::new(format!("reminder/{guest}"), text)
    });
    outbox.enqueue_all(guests).await?;
    let counts = outbox.drained().await?;
    println!("sent: {} are accepted, the answers of {} were lost", counts.accepted, counts.unknown);

    fake.fail_rate(Fault::status_after(503), 0);
    while outbox.counts().await?.unknown > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut events = outbox.events("example").await?;
    let (mut by_callback, mut by_list) = (0, 0);
    while let Ok(event) = tokio::time::timeout(Duration::from_millis(500), events.next()).await {
        let event = event?;
        match event.detail.get("evidence").and_then(|evidence| evidence.as_str()) {
            Some("callback") if event.topic == "accepted" => by_callback += 1,
            Some("list") if event.topic == "accepted" => by_list += 1,
            _ => {}
        }
    }
    let counts = outbox.counts().await?;
    println!("settled: {by_callback} by callbacks, {by_list} by the provider's list");
    println!("in the end: {} of 30 are accepted; the provider has {}", counts.accepted, fake.sent().len());
    worker.shutdown(Duration::from_secs(5)).await?;
    Ok(())
}
