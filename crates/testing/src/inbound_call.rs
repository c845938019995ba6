//! A call that somebody makes to the account.

use std::fmt;

/// Somebody who calls the account. Hand it to [`FakeTwilio::receive_call`](crate::FakeTwilio::receive_call).
///
/// `Debug` shows no number.
#[derive(Clone)]
pub struct InboundCall {
    pub(super) from: String,
    pub(super) to: Option<String>,
    pub(super) url: Option<String>,
    pub(super) get: bool,
    pub(super) params: Vec<(String, String)>,
}

impl InboundCall {
    /// Calls from a number to the fake's own.
    pub fn new(from: impl Into<String>) -> Self {
        Self { from: from.into(), to: None, url: None, get: false, params: Vec::new() }
    }

    /// Calls another number of the account's.
    #[must_use]
    pub fn to(mut self, number: impl Into<String>) -> Self {
        self.to = Some(number.into());
        self
    }

    /// Sets the URL of the first document, instead of the number's.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Requests the [`url`](Self::url) with a GET.
    #[must_use]
    pub const fn get(mut self) -> Self {
        self.get = true;
        self
    }

    /// Sets a parameter of each request: `CallerName`, `ForwardedFrom`, `StirVerstat`.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for InboundCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundCall").field("get", &self.get).finish_non_exhaustive()
    }
}
