//! Connects, sends a text, makes a call, gets an error and loses a response, and explains each.
//!
//! `cargo run --example quickstart` runs on the built-in fake: no account is needed, and nothing leaves this machine.
//!
//! `cargo run --example quickstart -- --live +14155551234` does the same through Twilio, with `TWILIO_ACCOUNT_SID`,
//! `TWILIO_AUTH_TOKEN` and `TWILIO_PHONE_NUMBER` of the environment. It sends one text and makes one call, which cost money.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::time::Duration;

use switchboard::twilio::{CallStatus, MakeCall, MessageStatus, TwilioAccount, from_env};
use switchboard::{Outcome, ProviderError};
use switchboard_testing::{FakeTwilio, FaultProxy, ProxyMode};

#[path = "shared/setup.rs"]
mod setup;

use setup::{Result, arguments};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = arguments("quickstart -- [--live NUMBER]");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => on_the_fake().await,
        ["--live", to] => {
            println!(
                "Through {}.\n",
                std::env::var("TWILIO_BASE_URL").unwrap_or_else(|_| "Twilio".to_owned())
            );
            tour(&from_env()?, None, to, "+15005550001").await
        }
        _ => Err("usage: quickstart [--live NUMBER], as in --live +14155551234".into()),
    }
}

async fn on_the_fake() -> Result<()> {
    println!("On the built-in fake of Twilio: no account needed, nothing leaves this machine.\n");
    let fake = FakeTwilio::start().await;
    // A number that is always opted out, in the fake and with Twilio's test credentials.
    tour(&fake.account(), Some(&fake), "+14155551234", "+15005550004").await?;
    a_lost_answer(&fake).await?;
    println!(
        "\nWhat next?\n  \
         cargo run --example fake_twilio     the fake as a server, for a program in any language\n  \
         cargo run --example send_sms        the shortest program that sends a text\n  \
         cargo doc --open                    everything else"
    );
    Ok(())
}

async fn tour(account: &TwilioAccount, fake: Option<&FakeTwilio>, to: &str, refused: &str) -> Result<()> {
    let connection = account.test_connection().await?;
    let name = connection.friendly_name.as_deref().unwrap_or("a name this key may not read");
    println!("1. Connected to {name:?} ({})", connection.status.as_deref().unwrap_or("status unknown"));

    let message = account.send_sms(to, "Your table is ready. See you at 7!").await?;
    let sid = message.sid.clone();
    println!("2. Text {sid}, {} segment", message.segments());
    if let Some(note) = message.cost_note() {
        println!("   {note}");
    }
    let mut path = vec![message.status];
    while !path.last().is_some_and(MessageStatus::is_terminal) && path.len() < 10 {
        wait(fake).await;
        let status = account.messages().fetch_new(&sid, Duration::from_secs(3)).await?.status;
        if path.last() != Some(&status) {
            path.push(status);
        }
    }
    println!("   {}", arrows(&path));

    let call = account.make_call(&MakeCall::say(to, "Your table is ready.")).await?;
    let sid = call.sid.clone();
    println!("3. Call {sid}");
    let mut path = vec![call.status];
    while !path.last().is_some_and(CallStatus::is_terminal) && path.len() < 10 {
        wait(fake).await;
        let status = account.calls().fetch_new(&sid, Duration::from_secs(3)).await?.status;
        if path.last() != Some(&status) {
            path.push(status);
        }
    }
    println!("   {}", arrows(&path));

    println!("4. A text that is refused");
    match account.send_sms(refused, "Hello?").await {
        Ok(_) => println!("   it was accepted, which is unexpected"),
        Err(error) => explain(&error),
    }
    Ok(())
}

async fn a_lost_answer(fake: &FakeTwilio) -> Result<()> {
    println!("5. A text whose answer gets lost on the way back");
    let proxy = FaultProxy::to(fake.url());
    proxy.set(ProxyMode::ResetAfter);
    let account = fake.adapter_builder().base_url(proxy.url()).build()?.account(&fake.credentials())?;
    let before = fake.sent().len();
    if let Err(error) = account.send_sms("+14155551234", "Did this arrive?").await {
        explain(&error);
    }
    println!("   Twilio has {} of it: it was not sent twice", fake.sent().len() - before);
    Ok(())
}

fn explain(error: &ProviderError) {
    println!("   {error}");
    let went_out = match error.outcome() {
        Outcome::NotApplied => "no",
        Outcome::Unknown => "perhaps",
        Outcome::Applied => "yes",
    };
    let again = if error.is_retryable() { "yes" } else { "no" };
    println!("   went out: {went_out}    send it again as it is: {again}    do: {}", error.action());
    if let Some(advice) = error.advice() {
        println!("   {advice}");
    }
}

/// Lets a second pass: moves the clock of the fake, or waits.
async fn wait(fake: Option<&FakeTwilio>) {
    match fake {
        Some(fake) => fake.advance(Duration::from_secs(1)),
        None => tokio::time::sleep(Duration::from_secs(1)).await,
    }
}

fn arrows(path: &[impl ToString]) -> String {
    path.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → ")
}
