//! **switchboard** texts and calls people through Twilio, and tells you the truth about each send.
//!
//! A send has three outcomes: it was taken, it was refused, or nobody knows, because the answer got lost. Twilio has no
//! idempotency keys for messages and calls, so whoever repeats a send of unknown outcome may text somebody twice, and
//! whoever forgets it may text nobody. This crate never repeats such a send by itself, and its error says so.
//!
//! # Send a text
//!
//! ```no_run
//! # async fn run() -> Result<(), switchboard::ProviderError> {
//! let account = switchboard::twilio::from_env()?; // TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_PHONE_NUMBER
//! let message = account.send_sms("+14155551234", "Your table is ready").await?;
//! # let _ = message; Ok(()) }
//! ```
//!
//! No account yet? The fake in the package `switchboard-testing` is taken for Twilio even by Twilio's own clients:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), switchboard::ProviderError> {
//! use switchboard_testing::FakeTwilio;
//!
//! let fake = FakeTwilio::start().await;
//! fake.account().send_sms("+14155551234", "Your table is ready").await?;
//! assert_eq!(fake.sent()[0].body, "Your table is ready");
//! # Ok(()) }
//! ```
//!
//! # Did it go out?
//!
//! ```
//! use switchboard::{Outcome, ProviderError};
//!
//! fn next_step(error: &ProviderError) -> &'static str {
//!     match error.outcome() {
//!         Outcome::NotApplied if error.is_retryable() => "nothing went out: send it again later",
//!         Outcome::NotApplied => "nothing went out, nor would it the next time: see error.advice()",
//!         Outcome::Unknown => "it may have gone out: look at the list of messages first",
//!         Outcome::Applied => "it went out: error.sid() names it, if enough of the answer arrived",
//!     }
//! }
//! # let _ = next_step;
//! ```
//!
//! | what happened | read | update | create | [`Outcome`] |
//! |---|---|---|---|---|
//! | no connection, or it broke before the request was begun | repeated | repeated | repeated | `NotApplied` |
//! | 429 | repeated, `Retry-After` honoured | same | same | `NotApplied` |
//! | 5xx | repeated | repeated | **stop** | `Unknown` |
//! | no answer: time-out, reset, closed | repeated | repeated | **stop** | `Unknown` |
//! | a success whose answer broke off | repeated | stop | stop | `Applied` |
//! | a success whose answer cannot be read | stop | stop | stop | `Applied` |
//! | a redirect, or any other 4xx | stop | stop | stop | `NotApplied` |
//!
//! Twilio's own codes refine this: see [`twilio::error`].
//!
//! # Where things are
//!
//! - [`twilio`]: the adapter, the account handle, messages, calls, what Twilio's errors mean.
//! - [`twilio::webhook`]: what Twilio sends to you, verified, typed and handled once; and
//!   [`twilio::twiml`], what you answer.
//! - [`provider`]: the contract, neutral of any provider. A dashboard that has several holds them in a
//!   [`ProviderRegistry`].
//! - [`phone`] and [`sms`]: numbers and texts, before anybody sends them.
//! - The package `switchboard-testing`: a Twilio to test against, and a cable to pull.
//!
//! # Features
//!
//! | feature | brings |
//! |---|---|
//! | `rustls` (default) | TLS as reqwest ships it: rustls on aws-lc, the platform's roots |
//! | `rustls-ring` | TLS on ring instead: fewer packages, no C++ compiler, a smaller program |
//! | `webhook` (default) | webhook signatures and typed events |
//! | `axum` | the webhook extractor and router; TwiML and errors as answers |
//! | `template` | `sms::Templates`: named texts with places to fill, and time zones for their dates |
//! | `phone-national` | numbers as people write them, `E164::parse_in("020 7123 4567", "GB")`; country, kind of line, display forms |
//! | `full` | all of them |
//!
//! With `rustls-ring` and without `rustls`, reqwest is built without a crypto provider, and none is installed for the
//! process. This crate's own clients work. **A host that makes reqwest clients of its own, and enables no TLS of its own in
//! reqwest, would see `reqwest::Client::new()` panic**: let it enable reqwest's `rustls` feature, or install a provider.
//!
//! # What is promised
//!
//! - No secret, no text of a message and no more than four digits of a number in any `Debug`, error or log line. One
//!   dependency breaks this for programs that log with the crate `log` and not with `tracing`: with `phone-national`,
//!   libphonenumber's port writes the numbers that it reads at TRACE, under the target `rlibphonenumber`. Nothing of it
//!   reaches `tracing`. Other loggers have to turn this target off, as in `RUST_LOG=trace,rlibphonenumber=off`.
//! - A success never becomes an error because Twilio has a new word or field: unknown ones are kept.
//! - Credentials go to Twilio's hosts (or your base URL), and never to where a redirect or a next link points.
//! - Every time is finite: 5 s to connect, 20 s for an answer to begin, 60 s for all of it, repeats included; each may be
//!   set for a client and for a single send. A download has no end of its own but its size limit; a pause in it has.
//! - No global state, no `unsafe`, no panic on input.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod phone;
pub mod provider;
pub mod secret;
pub mod sms;
mod transport;
pub mod twilio;

pub use provider::{
    Action, Credentials, Envelope, ErrorCode, Outcome, ProviderAdapter, ProviderError, ProviderInfo,
    ProviderName, ProviderRegistry, Reason, Scope,
};

/// The code of the README is compiled and run as tests of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct ReadMe;
