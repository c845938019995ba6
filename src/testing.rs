//! A Twilio to test against, and a cable to pull: no account, no network.
//!
//! [`FakeTwilio`] keeps messages, calls, recordings, numbers, verifications, templates, services, the balance and more as
//! Twilio does, answers in its shapes, refuses with its codes and sends signed status callbacks. Every product is at its
//! one URL. Twilio's own clients take it for Twilio. Its clock stands still until
//! [`advance`](FakeTwilio::advance) moves it, so a test never sleeps. [`Fault`]s make single requests fail;
//! [`FaultProxy`] breaks the connection itself.
//!
//! ```
//! # async fn demo() {
//! use switchboard::testing::{FakeTwilio, Fault};
//!
//! let twilio = FakeTwilio::start().await;
//! twilio.fail_next(Fault::status(503));
//! // … send something to `twilio.url()` …
//! assert!(twilio.sent().is_empty());
//! # }
//! ```
//!
//! This room must not know the adapter's requests and answers: it speaks HTTP, and checks with rules of its own.

mod delivery;
mod engine;
mod fake;
mod fault;
mod open;
mod placed;
mod proxy;
mod sent;
mod server;

pub use delivery::DeliveredCallback;
pub use fake::{FakeTwilio, FakeTwilioBuilder};
pub use fault::Fault;
pub use placed::PlacedCall;
pub use proxy::{FaultProxy, ProxyMode};
pub use sent::SentMessage;
