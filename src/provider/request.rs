//! One request to a provider, as data.

mod pairs;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded;

use super::BeginBy;
use crate::phone::Address;

/// What a request does, and so whether it may be repeated. The code that makes the request states it; it is never
/// guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestClass {
    /// Reads. May be repeated freely.
    Read,
    /// Sets a state: doing it twice is doing it once. May be repeated.
    Update,
    /// Makes something, such as a message: doing it twice makes two. Never repeated when the outcome is unknown.
    Create,
}

/// How long a request may take. What is `None` keeps the setting of the adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Timeouts {
    /// The time to connect, TLS included.
    pub connect: Option<Duration>,
    /// The time until the answer begins once the request was sent, and between any two pieces of the answer.
    pub read: Option<Duration>,
    /// The time for everything: repeats, the waits between them, and the answer. For a download, the time until it
    /// begins.
    pub total: Option<Duration>,
}

impl Timeouts {
    /// Keeps the settings of the adapter.
    #[must_use]
    pub const fn new() -> Self {
        Self { connect: None, read: None, total: None }
    }

    /// Sets the time to connect.
    #[must_use]
    pub const fn connect(mut self, limit: Duration) -> Self {
        self.connect = Some(limit);
        self
    }

    /// Sets the time until the answer begins, and between any two pieces of it.
    #[must_use]
    pub const fn read(mut self, limit: Duration) -> Self {
        self.read = Some(limit);
        self
    }

    /// Sets the time for everything.
    #[must_use]
    pub const fn total(mut self, limit: Duration) -> Self {
        self.total = Some(limit);
        self
    }
}

/// The body of a request.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestBody {
    /// No body.
    #[default]
    Empty,
    /// `application/x-www-form-urlencoded`, encoded.
    Form(String),
    /// `application/json`, encoded.
    Json(Bytes),
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Form(form) => write!(f, "Form({} bytes)", form.len()),
            Self::Json(json) => write!(f, "Json({} bytes)", json.len()),
        }
    }
}

/// One request to a provider, for everything that has no method of its own.
///
/// A path may have placeholders, `{name}`, which [`segment`](Self::segment) fills in order. Each value becomes exactly one
/// percent-encoded segment, so that no value can lead to another path. Log lines show the placeholders, not the values.
///
/// ```
/// use switchboard::provider::{ApiRequest, RequestClass};
///
/// let list = ApiRequest::get("/Messages.json").query([("PageSize", "20")]);
/// assert_eq!(list.class_of(), RequestClass::Read);
///
/// let hang_up = ApiRequest::post("/Calls/{sid}.json")
///     .segment("CA0123456789abcdef0123456789abcdef")
///     .form([("Status", "completed")])
///     .class(RequestClass::Update); // hanging up twice is hanging up once
/// # let _ = hang_up;
/// ```
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct ApiRequest {
    method: Method,
    path: String,
    segments: Vec<String>,
    product: Option<String>,
    query: String,
    body: RequestBody,
    class: RequestClass,
    timeouts: Timeouts,
    max_attempts: Option<u32>,
    duplicates_allowed: bool,
    not_found_grace: Option<Duration>,
    begin_by: Option<BeginBy>,
    recipient: Option<Address>,
    problem: Option<String>,
}

impl ApiRequest {
    /// Starts a request of any method. `GET`, `HEAD` and `OPTIONS` are reads, `PUT` and `DELETE` are updates, and all
    /// others are creates, unless [`class`](Self::class) says otherwise.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        let class = match method {
            Method::GET | Method::HEAD | Method::OPTIONS => RequestClass::Read,
            Method::PUT | Method::DELETE => RequestClass::Update,
            _ => RequestClass::Create,
        };
        Self {
            method,
            path: path.into(),
            segments: Vec::new(),
            product: None,
            query: String::new(),
            body: RequestBody::Empty,
            class,
            timeouts: Timeouts::default(),
            max_attempts: None,
            duplicates_allowed: false,
            not_found_grace: None,
            begin_by: None,
            recipient: None,
            problem: None,
        }
    }

    /// Starts a `GET`, a read.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// Starts a `POST`, a create unless [`class`](Self::class) says otherwise.
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// Starts a `DELETE`, an update. Where it is repeated and answered with 404, it counts as done.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Fills the next placeholder of the path.
    pub fn segment(mut self, value: impl Into<String>) -> Self {
        self.segments.push(value.into());
        self
    }

    /// Sends it to another product of the provider, where it has several with hosts of their own.
    pub fn on(mut self, product: impl Into<String>) -> Self {
        self.product = Some(product.into());
        self
    }

    /// Adds to the query: a list of pairs, a map or a flat struct, as [`form`](Self::form) takes them.
    pub fn query(mut self, pairs: impl Serialize) -> Self {
        match pairs::encode(pairs) {
            Ok(more) if more.is_empty() => {}
            Ok(more) => {
                if !self.query.is_empty() {
                    self.query.push('&');
                }
                self.query.push_str(&more);
            }
            Err(why) => self.problem = Some(format!("the query cannot be written: {why}")),
        }
        self
    }

    /// Sets a query that is encoded already, without a question mark.
    pub fn encoded_query(mut self, query: impl Into<String>) -> Self {
        self.query = query.into();
        self
    }

    /// Sets a form as body: a list of pairs, a map or a flat struct. A list repeats its key, and what is null or `None`
    /// is left out. What a form cannot hold, such as an object, is a [`problem`](Self::problem) that names its field.
    pub fn form(self, pairs: impl Serialize) -> Self {
        match pairs::encode(pairs) {
            Ok(form) => self.body(RequestBody::Form(form)),
            Err(why) => self.refuse(format!("the form cannot be written: {why}")),
        }
    }

    /// Sets JSON as body.
    pub fn json(self, value: impl Serialize) -> Self {
        match serde_json::to_vec(&value) {
            Ok(json) => self.body(RequestBody::Json(json.into())),
            Err(_) => self.refuse("the body cannot be written as JSON".to_owned()),
        }
    }

    /// Sets a body that is encoded already.
    pub fn body(mut self, body: RequestBody) -> Self {
        self.body = body;
        self
    }

    /// States what the request does.
    pub fn class(mut self, class: RequestClass) -> Self {
        self.class = class;
        self
    }

    /// Limits the time for everything, repeats and waits included.
    pub fn timeout(mut self, total: Duration) -> Self {
        self.timeouts.total = Some(total);
        self
    }

    /// Sets each time-out that is given. The others keep the setting of the adapter.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Limits how often it is sent, the first time included.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts.max(1));
        self
    }

    /// Repeats even a create whose outcome is unknown: **the recipient may get it twice.** For messages where a
    /// duplicate is better than none.
    pub fn allow_duplicates(mut self) -> Self {
        self.duplicates_allowed = true;
        self
    }

    /// Repeats a 404 for this long: what was just created may not be readable yet.
    pub fn not_found_grace(mut self, grace: Duration) -> Self {
        self.not_found_grace = Some(grace);
        self
    }

    /// Refuses it once this moment has passed and no connection has taken it: then it surely was not sent.
    pub fn begin_by(mut self, by: BeginBy) -> Self {
        self.begin_by = Some(by);
        self
    }

    /// Sets the recipient, so that an error can name them.
    pub fn recipient(mut self, recipient: impl Into<Address>) -> Self {
        self.recipient = Some(recipient.into());
        self
    }

    /// Makes it a request that is refused when it is sent, with this reason.
    pub(crate) fn refuse(mut self, problem: String) -> Self {
        self.problem = Some(problem);
        self
    }
}

/// What an adapter reads.
impl ApiRequest {
    /// Returns the method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the path with its placeholders, as it was given.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the values of the placeholders, in order.
    #[must_use]
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// Returns the product it goes to; `None` for the main one of the provider.
    #[must_use]
    pub fn product(&self) -> Option<&str> {
        self.product.as_deref()
    }

    /// Returns the encoded query, without a question mark.
    #[must_use]
    pub fn query_string(&self) -> &str {
        &self.query
    }

    /// Returns the body.
    #[must_use]
    pub const fn body_ref(&self) -> &RequestBody {
        &self.body
    }

    /// Returns its class.
    #[must_use]
    pub const fn class_of(&self) -> RequestClass {
        self.class
    }

    /// Returns its own time-outs.
    #[must_use]
    pub const fn own_timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// Returns its own limit of attempts.
    #[must_use]
    pub const fn own_max_attempts(&self) -> Option<u32> {
        self.max_attempts
    }

    /// May it be repeated even though the recipient may then get it twice?
    #[must_use]
    pub const fn duplicates_allowed(&self) -> bool {
        self.duplicates_allowed
    }

    /// Returns how long a 404 is repeated.
    #[must_use]
    pub const fn grace(&self) -> Option<Duration> {
        self.not_found_grace
    }

    /// Returns its deadline for being handed to a connection.
    #[must_use]
    pub const fn own_begin_by(&self) -> Option<BeginBy> {
        self.begin_by
    }

    /// Returns the recipient.
    #[must_use]
    pub const fn recipient_ref(&self) -> Option<&Address> {
        self.recipient.as_ref()
    }

    /// Returns why it cannot be sent, if so: an adapter refuses it with this message.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Returns every value in it with its name: of the query, the form, the JSON body and the path. An adapter takes
    /// them out of what the provider says, so that no error quotes them.
    #[must_use]
    pub fn sent(&self) -> Vec<(String, String)> {
        let mut sent: Vec<(String, String)> =
            self.segments.iter().map(|value| ("path".to_owned(), value.clone())).collect();
        let pairs = |text: &str| form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>();
        sent.extend(pairs(&self.query));
        match &self.body {
            RequestBody::Form(form) => sent.extend(pairs(form)),
            RequestBody::Json(json) => {
                if let Ok(value) = serde_json::from_slice(json) {
                    texts("body", &value, &mut sent);
                }
            }
            RequestBody::Empty => {}
        }
        sent
    }

    /// Is it nothing but a path, without placeholders, query, product or problem?
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.segments.is_empty() && self.query.is_empty() && self.product.is_none() && self.problem.is_none()
    }

    /// Takes the body out.
    #[must_use]
    pub fn into_body(self) -> RequestBody {
        self.body
    }
}

impl fmt::Debug for ApiRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiRequest")
            .field("method", &self.method)
            .field("path", &path_template(&self.path))
            .field("product", &self.product)
            .field("class", &self.class)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

fn texts(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((name.to_owned(), text.clone())),
        Value::Array(entries) => entries.iter().for_each(|entry| texts(name, entry, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| texts(name, value, found)),
        _ => {}
    }
}

/// Returns a path as log lines may show it. A segment that is neither a word, a version nor a placeholder may be
/// personal, such as a number, and becomes `{}`.
pub(crate) fn path_template(path: &str) -> Cow<'_, str> {
    let shown = |segment: &str| {
        let place = segment.starts_with('{');
        place
            || is_version(segment)
            || segment.bytes().all(|b| b.is_ascii_alphabetic() || b == b'.' || b == b'_')
    };
    if path.split('/').all(shown) {
        return Cow::Borrowed(path);
    }
    let segments = path.split('/').map(|s| if shown(s) { s } else { "{}" });
    Cow::Owned(segments.collect::<Vec<_>>().join("/"))
}

/// Is it the version of an API, `v2` or a date?
fn is_version(segment: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let date = || {
        let parts: Vec<&str> = segment.split('-').collect();
        parts.iter().map(|part| part.len()).eq([4, 2, 2]) && parts.into_iter().all(digits)
    };
    segment.len() <= 3 && segment.strip_prefix('v').is_some_and(digits) || date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_repeated_keys_and_nothing_is_lost() {
        let request =
            ApiRequest::post("/Messages.json").form([("MediaUrl", "https://a"), ("MediaUrl", "https://b")]);
        assert_eq!(
            request.body_ref(),
            &RequestBody::Form("MediaUrl=https%3A%2F%2Fa&MediaUrl=https%3A%2F%2Fb".into())
        );
        let request =
            ApiRequest::get("/Messages.json").query([("DateSent>", "2026-01-01")]).query([("To", "+1")]);
        assert_eq!(request.query_string(), "DateSent%3E=2026-01-01&To=%2B1");
    }

    #[test]
    fn what_cannot_be_encoded_is_a_problem_and_no_panic() {
        let request = ApiRequest::post("/x").form(serde_json::json!({"To": {"number": "+1"}}));
        assert_eq!(
            request.problem(),
            Some("the form cannot be written: `To` is an object: write it as one text")
        );
        let request = ApiRequest::get("/x").query("To");
        assert_eq!(
            request.problem(),
            Some("the query cannot be written: it is no list of pairs and no object")
        );
    }

    #[test]
    fn debug_shows_neither_bodies_nor_what_stands_in_a_path() {
        let request = ApiRequest::post("/v2/PhoneNumbers/+14155551234").form([("Body", "planted")]);
        let shown = format!("{request:?}");
        assert!(!shown.contains("planted") && !shown.contains("5551234"), "{shown}");
        assert!(shown.contains("/v2/PhoneNumbers/{}"), "{shown}");
        assert_eq!(path_template("/2026-04-01/Things/{id}.json"), "/2026-04-01/Things/{id}.json");
        assert_eq!(path_template("/vv/2026-04/415-55-512/v"), "/vv/{}/{}/v");
    }

    #[test]
    fn the_class_of_a_post_is_create_until_somebody_says_otherwise() {
        assert_eq!(ApiRequest::post("/x").class_of(), RequestClass::Create);
        assert_eq!(ApiRequest::delete("/x").class_of(), RequestClass::Update);
        assert_eq!(ApiRequest::get("/x").class_of(), RequestClass::Read);
    }
}
