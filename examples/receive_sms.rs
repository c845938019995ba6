//! Receives texts: echoes them, honours STOP, and prints the delivery status of each message that was sent.
//!
//! `cargo run --example receive_sms` runs on the built-in fake, which sends it signed requests.
//!
//! `cargo run --example receive_sms -- https://abc.ngrok.app` listens on port 3000 for Twilio itself, with
//! `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN` of the environment. The URL is the public one that leads here: set
//! `https://abc.ngrok.app/sms` as the webhook of your number.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use axum::Router;
use axum::routing::post;
use switchboard::Credentials;
use switchboard::twilio::CreateMessage;
use switchboard::twilio::twiml::MessagingResponse;
use switchboard::twilio::webhook::{
    Consent, InboundMessage, MessageStatusUpdate, TwilioWebhook, Verifier, Webhooks,
};
use switchboard_testing::FakeTwilio;
use tokio::net::TcpListener;

#[path = "shared/setup.rs"]
mod setup;

use setup::{Result, arguments, show_log};

/// Handles an incoming text. Only requests that Twilio signed get here, and each message only once.
async fn sms(TwilioWebhook(message): TwilioWebhook<InboundMessage>) -> MessagingResponse {
    let who = message.person().map(ToString::to_string).unwrap_or_default();
    match message.consent() {
        Some(Consent::OptedOut) => println!("{who} wants no more messages"),
        Some(Consent::OptedIn) => println!("{who} wants messages again"),
        _ => println!("{who} wrote: {}", message.text()),
    }
    // Empty if Twilio has replied already, as it does to STOP.
    message.reply(format!("You said: {}", message.text()))
}

/// Handles a new delivery status of a message that was sent.
async fn status(TwilioWebhook(update): TwilioWebhook<MessageStatusUpdate>) {
    let status = update.status.as_ref().map(ToString::to_string).unwrap_or_default();
    println!("message to {} is {status}", update.to.as_ref().map(ToString::to_string).unwrap_or_default());
}

fn app(verifier: Verifier) -> Router {
    let routes = Router::new().route("/sms", post(sms)).route("/status", post(status));
    Webhooks::new(verifier).protect(routes)
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = arguments("receive_sms -- [PUBLIC_URL]");
    show_log();
    match arguments.into_iter().next() {
        Some(public_url) => {
            let verifier = Verifier::from_credentials(&Credentials::twilio_from_env()?)?;
            let listener = TcpListener::bind("127.0.0.1:3000").await?;
            println!(
                "Listening on http://{} for {public_url}/sms, signed by Twilio.",
                listener.local_addr()?
            );
            Ok(axum::serve(listener, app(verifier.public_url(public_url))).await?)
        }
        None => on_the_fake().await,
    }
}

async fn on_the_fake() -> Result<()> {
    println!("On the built-in fake of Twilio: nothing leaves this machine.");
    let fake = FakeTwilio::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let app = app(Verifier::new(fake.auth_token()).public_url(&url));
    tokio::spawn(async move { axum::serve(listener, app).await });
    fake.set_sms_url(&format!("{url}/sms"));

    for text in ["Are you open today?", "please stop by tomorrow", "STOP", "start"] {
        let delivery = fake.receive_sms("+14155551234", text).await;
        // Twilio repeats a webhook whose answer got lost; the person still gets one reply.
        delivery.redeliver().await;
        match (delivery.replies().first(), delivery.automatic_reply()) {
            (Some(reply), _) => println!("  they got: {}", reply.body.as_str()),
            (None, Some(automatic)) => println!("  they got, from Twilio: {automatic}"),
            (None, None) => println!("  they got nothing"),
        }
    }

    let message =
        CreateMessage::new("+14155551234").body("See you at 7").status_callback(format!("{url}/status"));
    let sent = fake.account().send(&message).await?;
    fake.deliver(&sent.sid);
    fake.wait_for_callbacks().await;

    let forged =
        reqwest::Client::new().post(format!("{url}/sms")).form(&[("Body", "I am Twilio")]).send().await?;
    println!("a request with a wrong signature got {} and an empty body", forged.status());
    Ok(())
}
