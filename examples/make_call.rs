//! Calls somebody and says a text: `cargo run --example make_call -- +14155551234 "The build is broken"`.
//!
//! With `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN` and `TWILIO_PHONE_NUMBER` in the environment it goes through Twilio, without
//! them to the built-in fake.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::time::Duration;

use switchboard::twilio::{CallStatus, MakeCall};
use switchboard::{ProviderError, twilio};
use switchboard_testing::FakeTwilio;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ProviderError> {
    let mut arguments = std::env::args().skip(1);
    let to = arguments.next().unwrap_or_else(|| "+14155551234".to_owned());
    let text = arguments.next().unwrap_or_else(|| "The build is broken".to_owned());

    let fake = FakeTwilio::builder().real_time().start().await;
    let live = std::env::var_os("TWILIO_ACCOUNT_SID").is_some();
    let account = if live { twilio::from_env()? } else { fake.account() };
    println!("calling through {}", if live { "Twilio" } else { "the built-in fake" });

    let call = account.make_call(&MakeCall::say(to, text)).await?;
    let sid = call.sid.unwrap_or_default();
    println!("{sid} is queued");
    let mut last = CallStatus::Queued;
    while !last.is_terminal() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let status =
            account.calls().fetch_new(&sid, Duration::from_secs(3)).await?.status.unwrap_or(last.clone());
        if status != last {
            println!("{sid} is {status}");
        }
        last = last.fold(status);
    }
    Ok(())
}
