//! Shared code of the examples: `--help`, the account to use, the log, and the exit code.

#![allow(dead_code, reason = "each example uses only a part of this file")]
#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::error::Error;
use std::fmt;

use switchboard::twilio::{TwilioAccount, from_env};
use switchboard_testing::{FakeTwilio, FakeTwilioBuilder};

/// An error that ends an example with exit code 1. It is printed as a sentence, not as a struct.
pub(crate) struct Failure(Box<dyn Error>);

pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl<E: Into<Box<dyn Error>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Returns the arguments. With `--help` among them it prints the usage and ends the program.
pub(crate) fn arguments(usage: &str) -> Vec<String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("usage: cargo run --example {usage}");
        std::process::exit(0);
    }
    arguments
}

/// The account that an example works on.
pub(crate) struct Target {
    pub(crate) account: TwilioAccount,
    /// The fake that the account belongs to; `None` if the environment names an account at Twilio.
    pub(crate) fake: Option<FakeTwilio>,
}

impl Target {
    /// Opens the account of `TWILIO_ACCOUNT_SID`; without it, one of a fake. Says which of them it is.
    pub(crate) async fn open() -> Result<Self> {
        Self::open_or(FakeTwilio::builder()).await
    }

    /// As [`open`](Self::open), with a fake of these settings.
    pub(crate) async fn open_or(fake: FakeTwilioBuilder) -> Result<Self> {
        if std::env::var_os("TWILIO_ACCOUNT_SID").is_some() {
            let account = from_env()?;
            match std::env::var("TWILIO_BASE_URL") {
                Ok(url) if !url.is_empty() => println!("Through {url}, the TWILIO_BASE_URL."),
                _ => println!("Through Twilio."),
            }
            return Ok(Self { account, fake: None });
        }
        println!("On the built-in fake of Twilio: nothing leaves this machine.");
        let fake = fake.try_start().await?;
        Ok(Self { account: fake.account(), fake: Some(fake) })
    }
}

/// Prints warnings to the standard error: why a webhook's signature was refused, and what to change.
pub(crate) fn show_log() {
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .init();
}
