//! Proves that somebody owns a number: `cargo run --example verify_login -- +14155551234`.
//!
//! With `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN` and `TWILIO_VERIFY_SERVICE_SID` in the environment a code is texted
//! through Twilio, which costs money; without them, the built-in fake is used.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::io::Write as _;

use switchboard::twilio::verify::{
    CheckOutcome, CheckVerification, StartVerification, Verify, VerifyServiceSettings,
};
#[path = "shared/setup.rs"]
mod setup;

use setup::{Result, Target, arguments};

/// The code on the fake. Nobody gets a text from it, so the code is set in advance and printed.
const CODE: &str = "424242";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let to =
        arguments("verify_login -- [NUMBER]").into_iter().next().unwrap_or_else(|| "+14155551234".to_owned());
    let Target { account, fake } = Target::open().await?;
    let Some(fake) = fake else {
        let service = std::env::var("TWILIO_VERIFY_SERVICE_SID").map_err(
            |_| "TWILIO_VERIFY_SERVICE_SID is not set: make a Verify service, and give its SID, VA…",
        )?;
        return log_in(&account.verify(service), &to).await;
    };
    fake.set_code(CODE);
    let service = account.verify_services().create(&VerifyServiceSettings::named("Example")).await?;
    println!("The code is {CODE}.");
    log_in(&account.verify(service.sid), &to).await
}

/// Sends a code, and asks for it until it is right or no further attempt is possible.
async fn log_in(verify: &Verify, to: &str) -> Result<()> {
    verify.start(&StartVerification::sms(to)).await?;
    while let Some(code) = prompt("The code: ")? {
        if !(4..=10).contains(&code.chars().count()) {
            println!("A code has 4 to 10 characters.");
            continue;
        }
        match verify.check(&CheckVerification::new(to, code)).await? {
            CheckOutcome::Approved(_) => {
                println!("Right. You are logged in.");
                return Ok(());
            }
            CheckOutcome::WrongCode(_) => println!("That is not the code."),
            CheckOutcome::Gone => {
                return Err("that code was used, canceled, or is too old: start again".into());
            }
            CheckOutcome::TooManyAttempts => {
                return Err("too many wrong codes: start again in ten minutes".into());
            }
            CheckOutcome::RateLimited(wait) => {
                let seconds = wait.map_or(5, |wait| wait.as_secs());
                println!("Too many requests. Try again in {seconds} seconds.");
            }
        }
    }
    verify.cancel(to).await?;
    Err("not logged in: no code was entered".into())
}

/// Reads a line; `None` at the end of the input, and for an empty line.
fn prompt(question: &str) -> Result<Option<String>> {
    print!("{question}");
    std::io::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(Some(line.trim().to_owned()).filter(|line| !line.is_empty()))
}
