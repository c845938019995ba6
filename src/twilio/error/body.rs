//! From an answer that is no success to a [`ProviderError`].

use serde_json::{Map, Value};

use super::catalogue::{self, CatalogueEntry, RetryClass};
use super::scrub::scrub;
use crate::phone::Address;
use crate::provider::{ErrorCode, Outcome, ProviderError, ProviderName, Reason};
use crate::transport::{Refusal, refusal};

/// What is known of the request that was refused.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) recipient: Option<&'a Address>,
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
        Self { recipient: None, sent: &Vec::new, secrets: ["", ""], regional: false }
    }
}

/// What a body says, in either shape.
#[derive(Debug, Default, PartialEq)]
struct Said {
    code: Option<u32>,
    message: Option<String>,
    more_info: Option<String>,
}

/// Makes the error of an answer that is no success.
pub(crate) fn interpret(answer: &Refusal<'_>, context: &Context<'_>) -> ProviderError {
    let mut error = refusal(answer.status, answer.headers).with_provider(ProviderName::TWILIO);
    if let Some(recipient) = context.recipient {
        error = error.with_recipient(recipient.clone());
    }
    let said = read(answer.body);
    let entry = said.as_ref().and_then(|said| said.code).and_then(catalogue::lookup);
    let own_words = said.as_ref().and_then(|said| said.message.as_deref()).map(|text| scrub(text, context));
    error = error.with_message(match (entry, own_words) {
        (Some(entry), Some(words)) => format!("{}: {words}", entry.title),
        (Some(entry), None) => entry.title.to_owned(),
        (None, Some(words)) => words,
        (None, None) => bare(answer),
    });
    let Some(said) = said else { return error };
    if let Some(code) = said.code {
        error = error.with_provider_code(code);
        let page = said.more_info.filter(|url| url.starts_with("https://www.twilio.com/") && url.len() < 200);
        let page = page.and_then(|url| url.split(['?', '#']).next().map(|page| scrub(page, context)));
        error = error.with_more_info(page.unwrap_or_else(|| page_of(code)));
    }
    let error = match entry {
        Some(entry) => refine(error, entry),
        None if said.code.is_some() && answer.status.is_client_error() => unlisted(error),
        None => error,
    };
    if context.regional && said.code == Some(20003) {
        return error.with_advice(
            "Credentials belong to one region: use the auth token or API key of the region that is set here.",
        );
    }
    error
}

/// Lets the catalogue say what the status cannot. It never makes a create whose outcome is unknown repeatable.
fn refine(error: ProviderError, entry: &'static CatalogueEntry) -> ProviderError {
    let status = error.provider_status().unwrap_or_default();
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
    if !(400..500).contains(&status) {
        return error;
    }
    let later = entry.retry == RetryClass::Later;
    if let Some(outcome) = entry.outcome {
        error = error.with_outcome(outcome);
    }
    let nothing_done = error.outcome() == Outcome::NotApplied;
    error = error.with_retryable(later && nothing_done);
    let code = match (status, error.outcome(), entry.reason) {
        (400, Outcome::Unknown, _) => ErrorCode::ProviderError,
        (400, _, Reason::QueueFull | Reason::RateLimited) => ErrorCode::RateLimited,
        (400, _, Reason::ServiceUnavailable | Reason::Timeout) => ErrorCode::ProviderError,
        _ => return error,
    };
    error.with_code(code)
}

/// A number that is not in the catalogue: the status still says what kind of failure it is.
fn unlisted(error: ProviderError) -> ProviderError {
    if error.code() == ErrorCode::InvalidRequest { error.with_reason(Reason::Unknown) } else { error }
}

fn bare(answer: &Refusal<'_>) -> String {
    let kind = answer.headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind =
        kind.and_then(|kind| kind.split(';').next()).filter(|kind| kind.len() < 40).unwrap_or("no type");
    format!(
        "HTTP {} with a body that is not Twilio's JSON ({}, {} bytes)",
        answer.status.as_u16(),
        kind.trim(),
        answer.body.len()
    )
}

fn page_of(code: u32) -> String {
    format!("https://www.twilio.com/docs/errors/{code}")
}

fn read(body: &[u8]) -> Option<Said> {
    let object: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let code = object.get("code").and_then(number).or_else(|| object.get("error_code").and_then(number));
    let message = text("message").or_else(|| match (text("title"), text("detail")) {
        (Some(title), Some(detail)) => Some(format!("{title}: {detail}")),
        (title, detail) => title.or(detail),
    });
    let more_info = text("more_info").or_else(|| text("type"));
    Some(Said { code, message, more_info })
}

fn number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64()?.try_into().ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, StatusCode};

    fn error(status: u16, body: &str) -> ProviderError {
        let answer = Refusal {
            status: StatusCode::from_u16(status).unwrap(),
            headers: &HeaderMap::new(),
            body: body.as_bytes(),
        };
        let sent = || {
            [("To", "+14155551234"), ("Body", "planted text")]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into()
        };
        interpret(&answer, &Context { sent: &sent, ..Context::default() })
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
            r#"{"type":"https://www.twilio.com/docs/api/errors/21211","title":"Bad Request","status":400,"code":21211,"detail":"no number"}"#,
        );
        assert_eq!((newer.provider_code(), newer.reason()), (Some(21211), Reason::InvalidRecipient));
        assert_eq!(newer.more_info(), Some("https://www.twilio.com/docs/api/errors/21211"));
        assert!(newer.message().contains("Bad Request: no number"), "{newer}");
    }

    #[test]
    fn a_code_as_text_a_missing_one_and_no_json_keep_the_status() {
        assert_eq!(error(404, r#"{"code":"20404","message":"x"}"#).provider_code(), Some(20404));
        for body in ["", "<html>502</html>", "[]", "{", "null", r#"{"code":{},"status":"x"}"#] {
            let error = error(502, body);
            assert_eq!((error.provider_status(), error.outcome()), (Some(502), Outcome::Unknown), "{body}");
            assert_eq!(error.code(), ErrorCode::ProviderError);
        }
    }

    #[test]
    fn what_was_sent_does_not_come_back_in_the_message() {
        let error = error(
            400,
            r#"{"code":21211,"message":"The 'To' number +14155551234 is invalid: planted text, 0044 7700900123"}"#,
        );
        let shown = format!("{error} {error:?}");
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
}
