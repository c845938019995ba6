//! Suites that test an implementation against its contract: [`provider_adapter`], [`messenger`], [`claims`] and
//! [`token_source`].
//!
//! Each suite tests an implementation and returns every [`Violation`] that it found; [`assert_none`] fails the test if there
//! is one. The two suites of adapters run a server of their own on raw TCP, which causes the faults and counts the requests.
//! The implementor provides an adapter for a base URL, and the bodies of the provider's answers.

mod adapter;
mod claims;
mod messenger;
mod peer;
mod tokens;
mod violation;

pub use adapter::{AdapterUnderTest, provider_adapter};
pub use claims::{ClaimsUnderTest, claims};
pub use messenger::{MessengerUnderTest, Webhook, messenger};
pub use peer::Answer;
pub use tokens::{KnownTokens, token_source};
pub use violation::{Violation, assert_none};
