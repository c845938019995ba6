//! What only a verified request can become.

use std::ops::Deref;

use super::signature::Spelling;

/// A payload whose signature was checked.
///
/// Only a [`Verifier`](super::Verifier) makes one, so a handler that takes `Verified<T>` cannot be given what a stranger
/// sent. In a test of such a handler, sign a request with [`Verifier::sign_form`](super::Verifier::sign_form).
#[derive(Debug, Clone, PartialEq)]
pub struct Verified<T> {
    value: T,
    matched: Matched,
}

/// What made a signature fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Matched {
    /// Which token, counted from 0: with a second token in place, 0 says that the rotation is not done yet.
    pub token: usize,
    /// Which spelling of the URL.
    pub spelling: Spelling,
}

impl<T> Verified<T> {
    pub(super) fn new(value: T, matched: Matched) -> Self {
        Self { value, matched }
    }

    /// Takes something for verified that is not. **Anybody on the internet may have written it.**
    ///
    /// For a payload that something else has verified already: a gateway, or a queue that only your own router fills.
    pub fn dangerously_without_verification(value: T) -> Self {
        Self { value, matched: Matched { token: 0, spelling: Spelling::AsIs } }
    }

    /// Returns the payload; that it was verified is then forgotten.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Returns which token and which spelling of the URL it was signed with.
    #[must_use]
    pub fn matched(&self) -> Matched {
        self.matched
    }

    /// Reads it as something else, which is then as verified as it was.
    pub(super) fn read<U, E>(&self, read: impl FnOnce(&T) -> Result<U, E>) -> Result<Verified<U>, E> {
        Ok(Verified { value: read(&self.value)?, matched: self.matched })
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}
