//! What a provider answers.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};

use super::{ProviderError, RequestClass};

/// The answer to a request that the provider accepted.
#[derive(Clone)]
pub struct ApiResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    class: RequestClass,
}

impl ApiResponse {
    /// Makes an answer, for adapters. It counts as that of a create until [`of_class`](Self::of_class) says otherwise.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self { status, headers, body: body.into(), class: RequestClass::Create }
    }

    /// Says what the request was to do, for the error where the answer cannot be read.
    #[must_use]
    pub const fn of_class(mut self, class: RequestClass) -> Self {
        self.class = class;
        self
    }

    /// Returns the HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the body as it came; empty after a delete.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// `PROVIDER_ERROR` with [`Outcome::Applied`](super::Outcome::Applied): the provider did it, but its answer cannot be
    /// read. The error says at which line and column, and never quotes the body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ProviderError> {
        // The whole body is checked as UTF-8 once, which is much faster than checking each string in it.
        let read = match std::str::from_utf8(&self.body) {
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(&self.body),
        };
        // A single invalid value, such as half of an emoji, must not turn a success into an error.
        let read = read.or_else(|error| match repaired(&self.body) {
            Some(json) => serde_json::from_str(&json).map_err(|_| error),
            None => Err(error),
        });
        read.map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let why = why_unreadable(&error);
            ProviderError::unreadable(self.class).with_status(self.status.as_u16()).with_message(format!(
                "the answer is not the JSON expected: {why} at line {line} column {column}"
            ))
        })
    }
}

/// Says why JSON cannot be read, with nothing of what it holds.
fn why_unreadable(error: &serde_json::Error) -> &'static str {
    use serde_json::error::Category;
    match error.classify() {
        Category::Eof => "it ends too early",
        Category::Syntax => "it is malformed",
        Category::Data if error.to_string().starts_with("missing field") => "a required field is missing",
        Category::Data => "a value has a wrong type",
        Category::Io => "it cannot be read",
    }
}

/// Repairs single values that are not valid JSON: half of a surrogate pair becomes U+FFFD, and a number that is too
/// large for any number type becomes a text. `None` where there is nothing to repair.
fn repaired(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    let mut in_text = false;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '"' => {
                in_text = !in_text;
                1
            }
            '\\' if in_text => push_escape(rest, &mut out),
            '-' | '0'..='9' if !in_text => push_number(rest, &mut out),
            _ => 0,
        };
        if taken > 1 || (taken == 1 && c != '"') {
            rest = rest.get(taken..)?;
        } else {
            out.push(c);
            rest = rest.get(c.len_utf8()..)?;
        }
    }
    (out != text || text.len() != body.len()).then_some(out)
}

/// Copies an escape, and returns its length.
fn push_escape(text: &str, out: &mut String) -> usize {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (kept, taken) = match (unit(0), unit(6)) {
        (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (text.get(..12), 12),
        (Some(0xD800..=0xDFFF), _) => (Some("\\ufffd"), 6),
        (Some(_), _) => (text.get(..6), 6),
        (None, _) => (text.get(..2), 2),
    };
    out.push_str(kept.unwrap_or_default());
    taken
}

/// Copies a number, in quotes where it is too large, and returns its length.
fn push_number(text: &str, out: &mut String) -> usize {
    let end =
        text.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(text.len());
    let number = text.get(..end).unwrap_or_default();
    if number.parse::<f64>().is_ok_and(f64::is_finite) {
        out.push_str(number);
    } else {
        out.extend(["\"", number, "\""]);
    }
    end
}

impl fmt::Debug for ApiResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiResponse")
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

/// What a provider's headers say about its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    /// Requests allowed in the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Requests left in the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u64>,
    /// When the next window starts, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset: Option<u64>,
    /// How long to wait, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Requests of this account that the provider is handling now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_requests: Option<u64>,
}

impl RateLimit {
    /// Is no limit known?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether an account is a trial account or a paid one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccountKind {
    /// A trial account, which has limits.
    Trial,
    /// Paid.
    Full,
    /// A word that this version does not know, as the provider sent it.
    Other(String),
}

impl AccountKind {
    /// Returns `trial`, `full`, or the provider's own word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Trial => "trial",
            Self::Full => "full",
            Self::Other(word) => word,
        }
    }
}

impl Serialize for AccountKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Who the credentials belong to, as the provider says.
///
/// Its JSON is what dashboards read: `{success: true, username, accountId, limited, metadata: {friendlyName, status,
/// type}}`. What is not known is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connection {
    /// The account's id.
    pub account_id: String,
    /// Whose credentials these are: the account itself, or a key of it.
    pub username: String,
    /// The account's name; `None` where the credentials may not read it.
    pub friendly_name: Option<String>,
    /// `active`, `suspended`, `closed`; `None` where the credentials may not read it.
    pub status: Option<String>,
    /// Trial or full; `None` where the credentials may not read it.
    pub kind: Option<AccountKind>,
    /// Are the credentials right, but lack a permission that the test needs?
    pub limited: bool,
}

impl Connection {
    /// Makes a connection, for adapters; the other fields are public.
    #[must_use]
    pub fn new(account_id: impl Into<String>, username: impl Into<String>) -> Self {
        Self {
            account_id: account_id.into(),
            username: username.into(),
            friendly_name: None,
            status: None,
            kind: None,
            limited: false,
        }
    }
}

impl Serialize for Connection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Metadata<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            friendly_name: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            status: Option<&'a str>,
            #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
            kind: Option<&'a AccountKind>,
        }
        let metadata = Metadata {
            friendly_name: self.friendly_name.as_deref(),
            status: self.status.as_deref(),
            kind: self.kind.as_ref(),
        };
        let mut out = serializer.serialize_struct("Connection", 5)?;
        out.serialize_field("success", &true)?;
        out.serialize_field("username", &self.username)?;
        out.serialize_field("accountId", &self.account_id)?;
        out.serialize_field("limited", &self.limited)?;
        out.serialize_field("metadata", &metadata)?;
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Action, Outcome};

    #[test]
    fn single_odd_values_do_not_make_an_error_of_a_success() {
        let read = |body: &str| {
            ApiResponse::new(StatusCode::CREATED, HeaderMap::new(), body.to_owned())
                .json::<serde_json::Value>()
        };
        let odd =
            r#"{"a": "x\ud83d", "b": "\ude00\"\\ud83d", "c": "\ud83d\ude00", "price": 1e999, "n": -1.5}"#;
        let value = read(odd).unwrap();
        assert_eq!(value["a"], "x\u{fffd}");
        assert_eq!(value["b"], "\u{fffd}\"\\ud83d");
        assert_eq!(
            (&value["c"], &value["price"], &value["n"]),
            (&"😀".into(), &"1e999".into(), &(-1.5).into())
        );
        for broken in ["{\"a\": ", "{\"a\" 1}", "<html>", "{\"a\": \"\\ud83d", "\\"] {
            assert!(read(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_connection_has_the_keys_that_dashboards_read() {
        let mut connection = Connection::new("A1", "key-1");
        let bare = serde_json::json!({
            "success": true, "username": "key-1", "accountId": "A1", "limited": false, "metadata": {}
        });
        assert_eq!(serde_json::to_value(&connection).unwrap(), bare);
        connection.friendly_name = Some("Ada's".to_owned());
        connection.status = Some("active".to_owned());
        for (kind, word) in [(AccountKind::Trial, "trial"), (AccountKind::Other("Gold".to_owned()), "Gold")] {
            connection.kind = Some(kind);
            let metadata = serde_json::json!({"friendlyName": "Ada's", "status": "active", "type": word});
            assert_eq!(serde_json::to_value(&connection).unwrap()["metadata"], metadata);
        }
    }

    #[test]
    fn unreadable_json_names_the_place_and_quotes_nothing() {
        let response = ApiResponse::new(StatusCode::CREATED, HeaderMap::new(), "{\"body\": planted");
        let error = response.json::<serde_json::Value>().unwrap_err();
        assert!(!format!("{error} {error:?} {response:?}").contains("planted"));
        assert_eq!((error.outcome(), error.provider_status()), (Outcome::Applied, Some(201)));
        assert_eq!((error.is_retryable(), error.action()), (false, Action::CheckOutcome));
        let of_a_read = response.of_class(RequestClass::Read).json::<serde_json::Value>().unwrap_err();
        assert_eq!((of_a_read.outcome(), of_a_read.action()), (Outcome::Applied, Action::Retry));
    }
}
