//! Calls somebody and says a text: `cargo run --example make_call -- +14155551234 "The build is broken"`.
//!
//! With `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN` and `TWILIO_PHONE_NUMBER` in the environment it goes through Twilio;
//! without them, to the built-in fake.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::time::Duration;

use switchboard::twilio::{CallStatus, MakeCall};
use switchboard_testing::FakeTwilio;

#[path = "shared/setup.rs"]
mod setup;

use setup::{Result, Target, arguments};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = arguments("make_call -- [NUMBER] [WORDS]").into_iter();
    let to = arguments.next().unwrap_or_else(|| "+14155551234".to_owned());
    let text = arguments.next().unwrap_or_else(|| "The build is broken".to_owned());

    // The fake is kept in a variable, because it ends when it is dropped.
    let Target { account, fake: _fake } = Target::open_or(FakeTwilio::builder().real_time()).await?;

    let call = account.make_call(&MakeCall::say(to, text)).await?;
    let sid = call.sid;
    println!("{sid} is queued");
    let mut last = CallStatus::Queued;
    while !last.is_terminal() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let status = account.calls().fetch_new(&sid, Duration::from_secs(3)).await?.status;
        if status != last {
            println!("{sid} is {status}");
        }
        last = last.fold(status);
    }
    if last == CallStatus::Completed {
        Ok(())
    } else {
        Err(format!("nobody heard it: the call is {last}").into())
    }
}
