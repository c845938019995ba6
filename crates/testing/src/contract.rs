//! Suites that test an implementation against its contract: [`provider_adapter`], [`messenger`], [`claims`] and
//! [`token_source`].
//!
//! Each takes the implementation and returns every [`Violation`] that it found; [`assert_none`] turns them into the
//! failure of a test. The two suites of adapters serve the faults themselves, on raw TCP, and count what arrived. The
//! implementor provides an adapter for a base URL, and the bodies of the provider's answers.

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
