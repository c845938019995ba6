//! Answers calls: a menu with a time-out and a second attempt, a busy line, and voicemail.
//!
//! `cargo run --example ivr_menu` runs on the built-in fake: a caller presses keys, and you read what the caller hears.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use axum::Router;
use axum::extract::Query;
use axum::routing::post;
use serde::Deserialize;
use switchboard::twilio::twiml::{Choice, Dial, Menu, VoiceResponse, Voicemail};
use switchboard::twilio::webhook::{
    DialResult, GatherResult, RecordResult, TwilioWebhook, Verifier, Webhooks,
};
use switchboard_testing::{FakeTwilio, Phone};
use tokio::net::TcpListener;

#[path = "shared/setup.rs"]
mod setup;

use setup::{Result, arguments, show_log};

fn menu() -> Menu {
    Menu::new("/menu", "Welcome to the bakery.")
        .option('1', "For opening hours, press 1.")
        .option('2', "To speak with somebody, press 2.")
        .attempts(2)
}

fn voicemail() -> Voicemail {
    Voicemail::new("Nobody can come to the phone. Leave a message after the tone.", "/recorded")
}

/// Handles an incoming call.
async fn voice() -> VoiceResponse {
    menu().first()
}

/// The number of the attempt, from the query of the URL, which the signature covers.
#[derive(Deserialize)]
struct Step {
    attempt: u32,
}

/// Handles the key that was pressed, or silence.
async fn pressed(
    TwilioWebhook(keys): TwilioWebhook<GatherResult>,
    Query(step): Query<Step>,
) -> VoiceResponse {
    match menu().answer(keys.digits().unwrap_or_default(), step.attempt) {
        Choice::Picked('1') => VoiceResponse::new().say("We open at seven.").hangup(),
        Choice::Picked(_) => {
            VoiceResponse::new().dial(Dial::from("+14155550101").timeout(20).action("/dialed"))
        }
        Choice::Again(document) | Choice::Over(document) => document,
    }
}

/// Handles the end of the forwarded call: the colleague answered, or did not.
async fn dialed(TwilioWebhook(dialed): TwilioWebhook<DialResult>) -> VoiceResponse {
    if dialed.was_taken() { VoiceResponse::new().hangup() } else { voicemail().document() }
}

/// Handles a recorded message.
async fn recorded(TwilioWebhook(message): TwilioWebhook<RecordResult>) -> VoiceResponse {
    println!("  (a message of {} s was recorded)", message.recording_duration.unwrap_or_default());
    voicemail().done()
}

fn app(verifier: Verifier) -> Router {
    let routes = Router::new()
        .route("/voice", post(voice))
        .route("/menu", post(pressed))
        .route("/dialed", post(dialed))
        .route("/recorded", post(recorded));
    Webhooks::new(verifier).protect(routes)
}

#[tokio::main]
async fn main() -> Result<()> {
    arguments("ivr_menu");
    show_log();
    println!("On the built-in fake of Twilio: nothing leaves this machine.\n");
    let fake = FakeTwilio::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let app = app(Verifier::new(fake.auth_token()).public_url(&url));
    tokio::spawn(async move { axum::serve(listener, app).await });
    fake.set_voice_url(&format!("{url}/voice"));

    println!("Somebody presses nothing, then 1:");
    let phone = fake.call_in("+14155551234").await;
    phone.stay_silent().await;
    phone.press("1").await;
    print_call(&phone);

    println!("\nSomebody presses 7, then 2; the colleague is busy:");
    let phone = fake.call_in("+14155551234").await;
    phone.press("7").await;
    phone.press("2").await;
    phone.dialed("busy").await;
    phone.record_words(5, "It is about the cake").await;
    print_call(&phone);

    println!("\nSomebody never presses a key:");
    let phone = fake.call_in("+14155551234").await;
    phone.stay_silent().await;
    phone.stay_silent().await;
    print_call(&phone);
    Ok(())
}

fn print_call(phone: &Phone) {
    for words in phone.said() {
        println!("  {words}");
    }
    println!("  call {}", phone.status());
}
