//! How one text or call is sent, apart from what it is.

use std::time::Duration;

use crate::provider::{ApiRequest, Timeouts};

/// How one text or call is sent, where that differs from how the adapter was built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendOptions {
    timeouts: Timeouts,
    max_attempts: Option<u32>,
    allow_duplicates: bool,
}

impl SendOptions {
    /// Sends it as the adapter was built.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits the time for a connection to stand; it can only be shorter than the adapter's.
    #[must_use]
    pub const fn connect_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.connect = Some(limit);
        self
    }

    /// Limits the time for the answer to begin, and between any two pieces of it.
    #[must_use]
    pub const fn read_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.read = Some(limit);
        self
    }

    /// Limits the time for all of it, repeats and waits included.
    #[must_use]
    pub const fn timeout(mut self, total: Duration) -> Self {
        self.timeouts.total = Some(total);
        self
    }

    /// Limits how often it is tried; 1 repeats nothing.
    #[must_use]
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }

    /// Repeats it even where it may have gone out: **the recipient may get it twice.** For who prefers a duplicate
    /// to a gap.
    #[must_use]
    pub const fn allow_duplicates(mut self) -> Self {
        self.allow_duplicates = true;
        self
    }

    pub(super) fn apply(self, mut request: ApiRequest) -> ApiRequest {
        request = request.timeouts(self.timeouts);
        if let Some(attempts) = self.max_attempts {
            request = request.max_attempts(attempts);
        }
        if self.allow_duplicates { request.allow_duplicates() } else { request }
    }
}
