//! A request whose route was found, with the parameters of its path, its query and its form.

use http::header;
use jiff::Timestamp;
use serde_json::Value;

use super::error::Refusal;
use super::form::Pairs;
use super::wire::FakeRequest;

/// A request with the parameters of its path, its query and its form.
pub(super) struct RoutedRequest<'a> {
    pub(super) raw: &'a FakeRequest,
    /// The SID of the account whose credentials came with the request.
    pub(super) login: String,
    pub(super) now: Timestamp,
    pub(super) query: Pairs,
    pub(super) form: Pairs,
    params: Vec<(&'static str, String)>,
}

impl<'a> RoutedRequest<'a> {
    pub(super) fn new(
        raw: &'a FakeRequest,
        login: String,
        now: Timestamp,
        params: Vec<(&'static str, String)>,
    ) -> Self {
        let query = Pairs::decode(raw.query.as_bytes());
        Self { raw, login, now, query, form: form(raw), params }
    }

    /// Reads a JSON body. `None` where the content type is not JSON.
    pub(super) fn json(&self) -> Option<Value> {
        let content_type = self.raw.header(header::CONTENT_TYPE).unwrap_or_default();
        let json = content_type.starts_with("application/json");
        json.then(|| serde_json::from_slice(&self.raw.body).ok()).flatten()
    }

    /// Returns the error for a path at which nothing exists.
    pub(super) fn not_found(&self) -> Refusal {
        Refusal::not_found(&self.raw.path)
    }

    /// Returns the absolute URL of a resource, which the answers of the newer products contain.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.raw.base)
    }

    /// Returns the value of `{name}` in the path, or an empty text.
    pub(super) fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
    }
}

/// Reads the form of a request. As at Twilio, a body with another content type is ignored.
fn form(request: &FakeRequest) -> Pairs {
    let content_type = request.header(header::CONTENT_TYPE).unwrap_or_default();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        Pairs::decode(&request.body)
    } else {
        Pairs::default()
    }
}
