//! Suites that hold an implementation to its contract: [`claims`] and [`token_source`].
//!
//! Each takes the implementation and returns every [`Violation`] that it found; [`assert_none`] turns them into the
//! failure of a test.

mod claims;
mod tokens;
mod violation;

pub use claims::{ClaimsUnderTest, claims};
pub use tokens::{KnownTokens, token_source};
pub use violation::{Violation, assert_none};
