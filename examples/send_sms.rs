//! Sends one text: `cargo run --example send_sms -- +14155551234 "Hello"`.
//!
//! With `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN` and `TWILIO_PHONE_NUMBER` in the environment it goes through Twilio, without
//! them to the built-in fake.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use switchboard::{Outcome, ProviderError, twilio};
use switchboard_testing::FakeTwilio;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ProviderError> {
    let mut arguments = std::env::args().skip(1);
    let to = arguments.next().unwrap_or_else(|| "+14155551234".to_owned());
    let body = arguments.next().unwrap_or_else(|| "Hello from switchboard".to_owned());

    let fake = FakeTwilio::start().await;
    let live = std::env::var_os("TWILIO_ACCOUNT_SID").is_some();
    let account = if live { twilio::from_env()? } else { fake.account() };
    println!("sending through {}", if live { "Twilio" } else { "the built-in fake" });

    match account.send_sms(to, body).await {
        Ok(message) => {
            let status = message.status.map_or_else(String::new, |status| status.to_string());
            println!("{} is {status}", message.sid.unwrap_or_default());
        }
        Err(error) => match error.outcome() {
            Outcome::NotApplied if error.is_retryable() => println!("not sent, try again later: {error}"),
            Outcome::NotApplied => println!("not sent: {error}. {}", error.advice().unwrap_or_default()),
            Outcome::Unknown => println!("perhaps sent, look before you send it again: {error}"),
            Outcome::Applied => println!("sent, as {}: {error}", error.sid().unwrap_or("an unknown SID")),
        },
    }
    Ok(())
}
