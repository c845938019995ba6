//! Sends one text: `cargo run --example send_sms -- +14155551234 "Hello"`.
//!
//! With `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN` and `TWILIO_PHONE_NUMBER` in the environment it goes through Twilio;
//! without them, to the built-in fake.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use switchboard::Outcome;

#[path = "shared/setup.rs"]
mod setup;

use setup::{Result, Target, arguments};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = arguments("send_sms -- [NUMBER] [TEXT]").into_iter();
    let to = arguments.next().unwrap_or_else(|| "+14155551234".to_owned());
    let body = arguments.next().unwrap_or_else(|| "Hello from switchboard".to_owned());

    // The fake is kept in a variable, because it ends when it is dropped.
    let Target { account, fake: _fake } = Target::open().await?;
    match account.send_sms(to, body).await {
        Ok(message) => {
            println!("{} is {}", message.sid, message.status);
            Ok(())
        }
        Err(error) => Err(match error.outcome() {
            Outcome::NotApplied if error.is_retryable() => format!("not sent, try again later: {error}"),
            Outcome::NotApplied => format!("not sent: {error}. {}", error.advice().unwrap_or_default()),
            Outcome::Unknown => {
                format!("perhaps sent, check the list of messages before you send it again: {error}")
            }
            Outcome::Applied => format!("sent, as {}: {error}", error.sid().unwrap_or("an unknown SID")),
        }
        .into()),
    }
}
