//! Makes the error of an answer that is not a success: reads its body, in either of the two shapes, and says with the
//! catalogue what it means.

use std::sync::LazyLock;

use http::HeaderMap;
use memchr::memmem::Finder;
use serde_json::{Map, Value};

use super::catalogue::{self, CatalogueEntry, RetryClass};
use super::scrub::scrub;
use crate::provider::{ErrorCode, Fact, Outcome, ProviderError, Reason};
use crate::transport::Refusal;
use crate::twilio::sid;

static CODE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("\"code\""));
static MESSAGE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("\"message\""));

/// The most entries of `errors` or `details` that are kept.
const MAX_DETAILS: usize = 8;

/// What is known of the request that was refused.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// Everything that was sent, by name: it is taken out of Twilio's message.
    pub(crate) sent: &'a (dyn Fn() -> Vec<(String, String)> + Sync),
    /// What must never be shown, whatever the answer reflects.
    pub(crate) secrets: [&'a str; 2],
    /// Was it sent to a region, which has credentials of its own?
    pub(crate) regional: bool,
}

#[cfg(test)]
impl Default for Context<'_> {
    fn default() -> Self {
        Self { sent: &Vec::new, secrets: ["", ""], regional: false }
    }
}

/// Adds to an error what Twilio says about it, and returns what Twilio's code adds to the status.
pub(crate) fn explain(
    refusal: &Refusal<'_>,
    error: ProviderError,
    context: &Context<'_>,
) -> (ProviderError, Fact) {
    let body = read_body(refusal.body);
    let entry = body.as_ref().and_then(|body| body.code).and_then(catalogue::lookup);
    let error = in_words(error, refusal, body.as_ref(), entry, context);
    let Some(body) = body else { return (error, Fact::default()) };
    let error = match body.code {
        Some(code) => error.with_provider_code(code).with_more_info(page(code, body.more_info, context)),
        None => error,
    };
    let error = match entry {
        Some(entry) => refine(error, entry),
        None if body.code.is_some() && refusal.status.is_client_error() => unlisted(error),
        None => error,
    };
    let fact = entry.map(fact).unwrap_or_default();
    if context.regional && body.code == Some(20003) {
        let advice =
            "Credentials belong to one region: use the auth token or API key of the region that is set here.";
        return (error.with_advice(advice), fact);
    }
    (error, fact)
}

/// Returns Twilio's id of the request. Any server in between may set the header, so only the shape that Twilio gives
/// it is shown as it is.
pub(crate) fn request_id(headers: &HeaderMap, secrets: [&str; 2]) -> Option<String> {
    let id = headers.get("twilio-request-id")?.to_str().ok().filter(|id| id.len() <= 64)?;
    if sid::is_sid(id) {
        return Some(id.to_owned());
    }
    Some(scrub(id, &Context { sent: &Vec::new, secrets, regional: false }))
}

/// Does the body of a success say that it is a failure: an integer `code`, a `message`, and no SID?
///
/// This runs for every success, so two searches avoid the parser in most cases: messages and calls have `error_code` and
/// `error_message`, which do not match. They search bytes, because the answer is checked as UTF-8 when it is read.
pub(crate) fn is_failure(body: &[u8]) -> bool {
    if CODE.find(body).is_none() || MESSAGE.find(body).is_none() {
        return false;
    }
    let Ok(object) = serde_json::from_slice::<Map<String, Value>>(body) else { return false };
    let is_code = object.get("code").is_some_and(|code| code.is_i64() || code.is_u64());
    let has_sid = object.get("sid").is_some_and(|sid| !sid.is_null());
    is_code && object.get("message").is_some_and(Value::is_string) && !has_sid
}

/// What a code adds to the HTTP status. The verdict decides what follows.
fn fact(entry: &CatalogueEntry) -> Fact {
    Fact { outcome: entry.outcome, later: Some(entry.retry == RetryClass::Later) }
}

/// Sets the message: what the code means, what Twilio says, and which fields it says it about.
fn in_words(
    error: ProviderError,
    refusal: &Refusal<'_>,
    body: Option<&ErrorBody>,
    entry: Option<&CatalogueEntry>,
    context: &Context<'_>,
) -> ProviderError {
    let own_words = body.and_then(|body| body.message.as_deref()).map(|text| scrub(text, context));
    let mut message = match (entry, own_words) {
        (Some(entry), Some(words)) => format!("{}: {words}", entry.title),
        (Some(entry), None) => entry.title.to_owned(),
        (None, Some(words)) => words,
        (None, None) => bare(refusal),
    };
    let details = body.map(|body| body.details.as_slice()).unwrap_or_default();
    let details: Vec<String> = details.iter().map(|line| scrub(line, context)).collect();
    if !details.is_empty() {
        message.push_str(&format!(" ({})", details.join("; ")));
    }
    error.with_message(message).with_details(details)
}

/// Lets the catalogue say what the status cannot.
fn refine(error: ProviderError, entry: &'static CatalogueEntry) -> ProviderError {
    let mut error = error
        .with_reason(entry.reason)
        .with_advice(entry.trial.unwrap_or(entry.fix))
        .with_scope(entry.scope());
    if let Some(console) = entry.console {
        error = error.with_console(console);
    }
    if let Some(action) = entry.action {
        error = error.with_action(action);
    }
    // A 400 blames the request, and these codes do not.
    let code = match (error.provider_status(), entry.outcome, entry.reason) {
        (Some(400), Some(Outcome::Unknown), _) => ErrorCode::ProviderError,
        (Some(400), _, Reason::QueueFull | Reason::RateLimited) => ErrorCode::RateLimited,
        (Some(400), _, Reason::ServiceUnavailable | Reason::Timeout) => ErrorCode::ProviderError,
        _ => return error,
    };
    error.with_code(code)
}

/// A number that is not in the catalogue: the status still says what kind of failure it is.
fn unlisted(error: ProviderError) -> ProviderError {
    if error.code() == ErrorCode::InvalidRequest { error.with_reason(Reason::Unknown) } else { error }
}

fn bare(refusal: &Refusal<'_>) -> String {
    let kind = refusal.headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).filter(|kind| kind.len() < 40);
    format!(
        "HTTP {} with a body that is not Twilio's JSON ({}, {} bytes)",
        refusal.status.as_u16(),
        kind.unwrap_or("no type").trim(),
        refusal.body.len()
    )
}

/// Returns the page about a code: the one that Twilio names, where it is Twilio's, without its query.
fn page(code: u32, named: Option<String>, context: &Context<'_>) -> String {
    let named = named.filter(|url| url.starts_with("https://www.twilio.com/") && url.len() < 200);
    let named = named.and_then(|url| url.split(['?', '#']).next().map(|page| scrub(page, context)));
    named.unwrap_or_else(|| format!("https://www.twilio.com/docs/errors/{code}"))
}

/// What a body says.
#[derive(Debug)]
struct ErrorBody {
    code: Option<u32>,
    message: Option<String>,
    more_info: Option<String>,
    /// One line for each problem, with the field that it is about: `/to: is not a number`.
    details: Vec<String>,
}

/// Reads a body; `None` where it is not a JSON object.
fn read_body(body: &[u8]) -> Option<ErrorBody> {
    let object: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let code = object.get("code").and_then(number).or_else(|| object.get("error_code").and_then(number));
    let message = text("message").or_else(|| match (text("title"), text("detail")) {
        (Some(title), Some(detail)) => Some(format!("{title}: {detail}")),
        (title, detail) => title.or(detail),
    });
    let more_info = text("more_info").or_else(|| text("type"));
    let mut details = Vec::new();
    for value in ["errors", "details"].iter().filter_map(|name| object.get(*name)) {
        collect("", value, &mut details);
    }
    details.truncate(MAX_DETAILS);
    Some(ErrorBody { code, message, more_info, details })
}

fn number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64()?.try_into().ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Writes a value as lines, one for each problem. An entry of RFC 9457 has a `detail` and a `pointer` to its field; in
/// other shapes the path of keys names the field.
fn collect(path: &str, value: &Value, lines: &mut Vec<String>) {
    let line = |text: &str| if path.is_empty() { text.to_owned() } else { format!("{path}: {text}") };
    match value {
        Value::Null => {}
        Value::String(text) => lines.push(line(text)),
        Value::Bool(_) | Value::Number(_) => lines.push(line(&value.to_string())),
        Value::Array(entries) => entries.iter().for_each(|entry| collect(path, entry, lines)),
        Value::Object(fields) => {
            match (fields.get("detail"), fields.get("pointer").and_then(Value::as_str)) {
                (Some(detail), pointer) => collect(pointer.unwrap_or(path), detail, lines),
                (None, _) => {
                    for (name, field) in fields {
                        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                        collect(&path, field, lines);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Earlier, RequestClass, Seen, verdict};
    use http::StatusCode;

    /// What a create is told of an answer.
    fn error(status: u16, body: &str) -> ProviderError {
        let refusal = Refusal {
            status: StatusCode::from_u16(status).unwrap(),
            headers: &HeaderMap::new(),
            body: body.as_bytes(),
        };
        let sent = || {
            [("To", "+14155551234"), ("Body", "planted text")]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into()
        };
        let started = crate::transport::refused(refusal.status, refusal.headers);
        let (error, fact) = explain(&refusal, started, &Context { sent: &sent, ..Context::default() });
        let seen = Seen::Status { status, deleting: false };
        let verdict = verdict(seen, RequestClass::Create, fact, Earlier::default(), false);
        error.with_verdict(verdict, RequestClass::Create)
    }

    #[test]
    fn both_shapes_of_body_are_read() {
        let classic = error(
            400,
            r#"{"code":21610,"message":"Attempt to send to unsubscribed recipient","more_info":"https://www.twilio.com/docs/errors/21610","status":400}"#,
        );
        assert_eq!((classic.provider_code(), classic.reason()), (Some(21610), Reason::OptedOut));
        let newer = error(
            400,
            r##"{"type":"https://www.twilio.com/docs/api/errors/21211","title":"Bad Request","status":400,"code":21211,"detail":"no number","errors":[{"detail":"+14155551234 is none","pointer":"#/to"}]}"##,
        );
        assert_eq!((newer.provider_code(), newer.reason()), (Some(21211), Reason::InvalidRecipient));
        assert_eq!(newer.more_info(), Some("https://www.twilio.com/docs/api/errors/21211"));
        assert!(newer.message().contains("Bad Request: no number (#/to: [To] is none)"), "{newer}");
        assert_eq!(newer.details(), ["#/to: [To] is none"]);
    }

    #[test]
    fn a_code_as_text_a_missing_one_and_no_json_keep_the_status() {
        assert_eq!(error(404, r#"{"code":"20404","message":"x"}"#).provider_code(), Some(20404));
        for body in ["", "<html>502</html>", "[]", "{", "null", r#"{"code":{},"status":"x"}"#] {
            let error = error(502, body);
            assert_eq!((error.provider_status(), error.outcome()), (Some(502), Outcome::Unknown), "{body}");
            assert_eq!(
                (error.code(), error.reason()),
                (ErrorCode::ProviderError, Reason::ServiceUnavailable)
            );
        }
    }

    #[test]
    fn what_was_sent_does_not_come_back_in_the_message() {
        let error = error(
            400,
            r#"{"code":21211,"message":"The 'To' number +14155551234 is invalid: planted text, 0044 7700900123","details":{"planted text":"planted text"}}"#,
        );
        let shown = format!("{error} {error:?} {:?}", error.details());
        assert!(
            !shown.contains("4155551234") && !shown.contains("planted") && !shown.contains("7700900123"),
            "{shown}"
        );
        assert!(shown.contains("[To]"), "{shown}");
    }

    #[test]
    fn the_catalogue_refines_and_never_makes_an_unknown_create_repeatable() {
        let unknown = error(400, r#"{"code":21619,"message":"x"}"#);
        assert_eq!((unknown.outcome(), unknown.is_retryable()), (Outcome::Unknown, false));
        assert_eq!(unknown.code(), ErrorCode::ProviderError);
        for code in [21611, 10004, 21730, 20009] {
            let later = error(400, &format!(r#"{{"code":{code},"message":"x"}}"#));
            assert_eq!((later.outcome(), later.is_retryable()), (Outcome::NotApplied, true), "{code}");
        }
        for code in [60202, 60203, 60212] {
            let stop = error(429, &format!(r#"{{"code":{code},"message":"x"}}"#));
            assert_eq!((stop.code(), stop.is_retryable()), (ErrorCode::RateLimited, false), "{code}");
        }
        let busy = error(429, r#"{"code":20429,"message":"x"}"#);
        assert!(busy.is_retryable());
        let down = error(503, r#"{"code":20503,"message":"x"}"#);
        assert_eq!((down.outcome(), down.is_retryable()), (Outcome::Unknown, false));
    }

    #[test]
    fn a_20001_is_an_invalid_parameter() {
        assert_eq!(error(400, r#"{"code":20001,"message":"x"}"#).reason(), Reason::InvalidParameter);
    }

    #[test]
    fn a_request_id_of_another_shape_shows_no_number() {
        let id = |value: &str| {
            let name = http::HeaderName::from_static("twilio-request-id");
            let headers = HeaderMap::from_iter([(name, value.parse().unwrap())]);
            request_id(&headers, ["s3cret-of-the-account", ""])
        };
        assert_eq!(
            id("RQ0123456789abcdef0123456789abcdef").as_deref(),
            Some("RQ0123456789abcdef0123456789abcdef")
        );
        assert_eq!(id("for +14155551234").as_deref(), Some("for +…1234"));
        assert_eq!(id("by s3cret-of-the-account").as_deref(), Some("by ***"));
        assert_eq!(id(&"x".repeat(65)), None);
    }

    fn details(body: &str) -> Vec<String> {
        read_body(body.as_bytes()).unwrap().details
    }

    #[test]
    fn a_failure_behind_a_success_is_code_message_and_no_sid() {
        assert!(is_failure(br#"{"code": 20429, "message": "Too many", "status": 200}"#));
        assert!(is_failure(br#"{"sid": null, "code": 21610, "message": "x"}"#));
        for body in [
            r#"{"sid":"SM1","error_code":null,"error_message":null}"#,
            r#"{"sid":"SM1","code":1,"message":"x"}"#,
            r#"{"code":"abc","message":"x"}"#,
            r#"{"code":1}"#,
            r#"{"messages":[{"code":1,"message":"x"}]}"#,
            r#"[{"code":1,"message":"x"}]"#,
            "",
            "{",
        ] {
            assert!(!is_failure(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn the_fields_that_are_wrong_are_kept() {
        let newer = r##"{"title":"Bad","errors":[{"detail":"is no number","pointer":"#/to"},{"detail":"is empty"}]}"##;
        assert_eq!(details(newer), ["#/to: is no number", "is empty"]);
        let classic = r#"{"code":60200,"details":{"param":"To","limits":{"max":5},"none":null}}"#;
        assert_eq!(details(classic), ["limits.max: 5", "param: To"]);
        assert_eq!(details(r#"{"details":"x"}"#), ["x"]);
        assert_eq!(details(&format!(r#"{{"errors":[{}]}}"#, ["1"; 99].join(","))).len(), MAX_DETAILS);
        assert!(details(r#"{"code":1,"errors":[],"details":{}}"#).is_empty());
    }
}
