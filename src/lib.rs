//! Text and call people through Twilio, and know what became of each message.
//!
//! Sending a text over HTTP has three results, not two: Twilio accepted it, Twilio refused it, or the answer got lost
//! and nobody knows. Twilio has no idempotency keys for messages and calls, so a program that repeats a send of unknown
//! outcome may text somebody twice, and one that gives up may text nobody. This crate never repeats such a send by
//! itself, and its error says which of the three it is.
//!
//! # Send a text
//!
//! ```no_run
//! # async fn run() -> Result<(), switchboard::ProviderError> {
//! // Reads TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_PHONE_NUMBER.
//! let account = switchboard::twilio::from_env()?;
//! let message = account.send_sms("+14155551234", "Hello").await?;
//! println!("{} is {}", message.sid, message.status);
//! # Ok(()) }
//! ```
//!
//! [`TwilioAccount`](twilio::TwilioAccount) is the handle of one account: messages, calls, recordings, numbers and all
//! the rest are its methods. A program with many tenants makes one adapter, which holds the connections, and passes the
//! tenant's credentials with each call:
//!
//! ```no_run
//! use switchboard::twilio::{MakeCall, SendSms, TwilioAdapter};
//! use switchboard::{Credentials, ProviderError};
//!
//! async fn alert(
//!     adapter: &TwilioAdapter,
//!     tenant: &Credentials,
//! ) -> Result<(), ProviderError> {
//!     let sms = SendSms::new("+14155551234", "The build is broken");
//!     adapter.send_sms(tenant, &sms).await?;
//!     let call = MakeCall::say("+14155551234", "The build is broken");
//!     adapter.make_call(tenant, &call).await?;
//!     Ok(())
//! }
//! ```
//!
//! # Try it without an account
//!
//! The package `switchboard-testing` has a fake of Twilio: a server that keeps messages, calls and numbers as Twilio
//! does, and that Twilio's own client libraries work with. Use it in tests, and to try the examples.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), switchboard::ProviderError> {
//! use switchboard_testing::FakeTwilio;
//!
//! let fake = FakeTwilio::start().await;
//! fake.account().send_sms("+14155551234", "Hello").await?;
//! assert_eq!(fake.sent()[0].body, "Hello");
//! # Ok(()) }
//! ```
//!
//! # When a send fails
//!
//! Every error is a [`ProviderError`]. Ask it for the outcome first:
//!
//! ```
//! use switchboard::{Outcome, ProviderError};
//!
//! fn next_step(error: &ProviderError) -> &'static str {
//!     match error.outcome() {
//!         Outcome::NotApplied if error.is_retryable() => {
//!             "nothing went out: send it again later"
//!         }
//!         Outcome::NotApplied => {
//!             "nothing went out, and nothing will: see error.advice()"
//!         }
//!         Outcome::Unknown => {
//!             "it may have gone out: look at the list of messages first"
//!         }
//!         Outcome::Applied => {
//!             "it went out, but its answer could not be read"
//!         }
//!     }
//! }
//! # let _ = next_step;
//! ```
//!
//! Each request has a class, which says whether it may be repeated: a *read* and an *update* (such as hanging up) may,
//! a *create* (a message, a call) may not once its outcome is unknown.
//!
//! | what happened | read | update | create | [`Outcome`] |
//! |---|---|---|---|---|
//! | no connection, or a limit ran out before a connection took the request | repeated | repeated | repeated | `NotApplied` |
//! | 429 | repeated, `Retry-After` honoured | same | same | `NotApplied` |
//! | 5xx, or 408: the server gave up waiting | repeated | repeated | **stop** | `Unknown` |
//! | no answer: time-out, reset or closed connection; or a 1xx as the last answer | repeated | repeated | **stop** | `Unknown` |
//! | a success status, but the body is incomplete | repeated | stop | stop | `Applied` |
//! | a success status, but the body cannot be read | stop | stop | stop | `Applied` |
//! | a success status, but the body reports an error | stop | stop | stop | `Unknown` |
//! | 303 | stop | stop | **stop** | `NotApplied`; of a create `Unknown` |
//! | any other redirect, or any other 4xx | stop | stop | stop | `NotApplied` |
//!
//! "It was not sent" is reported only after the request was withdrawn. When a time limit runs out, or the caller drops
//! the future, one atomic compare-exchange decides between withdrawing the request and giving it to the connection; a
//! withdrawn request is never sent. One case cannot be detected by any client: if a server sends one answer too many on
//! a kept-alive connection, the next request receives the wrong answer. Therefore a warning is logged when an answer
//! names a different recipient than the request.
//!
//! Twilio's own codes refine this: see [`twilio::error`].
//!
//! The error also says why, in a word to match on ([`reason`](ProviderError::reason)); what a person should do
//! ([`advice`](ProviderError::advice)); what else would fail in the same way, for queues that must know whether to pause
//! a sender or a whole account ([`scope`](ProviderError::scope)); and which status an HTTP endpoint of yours answers with
//! ([`http_status`](ProviderError::http_status)). It can be serialised and stored; when it is read back, it gives the
//! same answers.
//!
//! # Answer a dashboard
//!
//! [`Envelope`] turns a result into the JSON that dashboards read, `{success, data, error, rateLimit}`. With the feature
//! `axum` a handler returns it as its response, with the HTTP status that fits the result.
//!
//! ```
//! use switchboard::{Envelope, ProviderError};
//!
//! let refused = ProviderError::invalid_request("the number has no plus sign");
//! let answer = Envelope::<()>::from(Err(refused));
//! assert_eq!(answer.http_status(), 400);
//! let json = serde_json::to_value(&answer).unwrap();
//! assert_eq!(json["error"]["action"], "fix-request");
//! ```
//!
//! # Hear back
//!
//! Twilio reports to your server what became of a message, what people answer, and which keys a caller presses.
//! [`twilio::webhook`] verifies these requests, reads them into types, and hands each to your handler once.
//! [`twilio::twiml`] builds the documents that you answer with.
//!
//! # Stay independent of the provider
//!
//! [`provider`] has the traits that name no provider: [`ProviderAdapter`] for requests and connection tests, and
//! [`Messenger`](provider::Messenger) to send, to find and to follow messages. A dashboard keeps its adapters in a
//! [`ProviderRegistry`]. `examples/custom_adapter` adds a second provider.
//!
//! # Where things are
//!
//! | module | what it has |
//! |---|---|
//! | [`twilio`] | the adapter, the account handle, messages, calls and the other resources |
//! | [`twilio::error`] | what Twilio's error codes mean |
//! | [`twilio::webhook`], [`twilio::twiml`] | what Twilio sends to you, and what you answer |
//! | [`provider`] | the neutral traits, credentials, requests, errors |
//! | [`transport`] | sends a request and reports its outcome, for adapters of other providers, too |
//! | [`phone`], [`sms`] | numbers and texts: formats, segments, templates, cost |
//! | [`secret`] | a value that is never printed |
//! | package `switchboard-testing` | the fake of Twilio, and a proxy that breaks connections |
//! | package `switchboard-store` | rows on disk: SQLite or PostgreSQL, a log with durable cursors, webhooks handled once, sealed credentials |
//!
//! # Features
//!
//! | feature | brings |
//! |---|---|
//! | `rustls` (default) | TLS as reqwest ships it: rustls on aws-lc, the platform's roots |
//! | `rustls-ring` | TLS on ring instead: fewer packages, no C++ compiler, a smaller program |
//! | `webhook` (default) | webhook signatures and typed events |
//! | `axum` | the webhook extractor and router; TwiML and errors as answers |
//! | `template` | `sms::Templates`: named texts with placeholders, and time zones for their dates |
//! | `phone-national` | numbers as people write them, `E164::parse_in("020 7123 4567", "GB")`; country, kind of line, display forms |
//! | `phone-national-fast` | the same, several times as fast, for long lists of numbers; it adds the `regex` crate |
//! | `full` | all of them |
//!
//! With `rustls-ring` and without `rustls`, reqwest is built without a crypto provider, and none is installed for the
//! process. This crate's own clients work. **A host that makes reqwest clients of its own, and enables no TLS of its own in
//! reqwest, would see `reqwest::Client::new()` panic**: it must enable reqwest's `rustls` feature, or install a provider.
//!
//! # What is promised
//!
//! - No secret, no text of a message and no more than four digits of a number in any `Debug`, error or log line. One
//!   dependency breaks this for programs that log with the crate `log` and not with `tracing`: with `phone-national`,
//!   libphonenumber's port writes the numbers that it reads at TRACE, under the target `rlibphonenumber`. Nothing of it
//!   reaches `tracing`. Other loggers have to turn this target off, as in `RUST_LOG=trace,rlibphonenumber=off`.
//! - A success never becomes an error because Twilio has a new word or field: unknown ones are kept.
//! - Credentials go to Twilio's hosts or to your base URL, and never to the target of a redirect or of a link in a list.
//! - Every request ends: by default 5 s to connect, 20 s until the answer begins, 60 s for everything, repeats included.
//!   Each can be set for a client and for a single send; `Duration::MAX` means no limit. A download is bounded by its size, and by the time between two
//!   pieces of it.
//! - No global state, no `unsafe`, no panic on input.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod phone;
pub mod provider;
pub mod secret;
pub mod sms;
pub mod transport;
pub mod twilio;

pub use provider::{
    Action, Credentials, Envelope, ErrorCode, Outcome, ProviderAdapter, ProviderError, ProviderInfo,
    ProviderName, ProviderRegistry, Reason, Scope,
};

/// Types of these crates are part of the public API of this one: `jiff::Timestamp`, `rust_decimal::Decimal`,
/// `url::Url`, `http::HeaderMap`, `bytes::Bytes`, `reqwest::ClientBuilder`, `serde_json::Value`. Use them through the
/// re-exports here, to get the version that this crate was built with.
#[doc(no_inline)]
pub use {bytes, http, jiff, reqwest, rust_decimal, serde_json, url};

/// The code of the README is compiled and run as tests of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct ReadMe;
