//! What the body of an error says, in either of its two shapes.

use serde_json::{Map, Value};

/// The most entries of `errors` or `details` that are kept.
const MAX_DETAILS: usize = 8;

/// What a body says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ErrorBody {
    pub(super) code: Option<u32>,
    pub(super) message: Option<String>,
    pub(super) more_info: Option<String>,
    /// One line for each problem, with the field that it is about: `/to: is not a number`.
    pub(super) details: Vec<String>,
}

/// Reads a body; `None` where it is not a JSON object.
pub(super) fn read(body: &[u8]) -> Option<ErrorBody> {
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

/// Does the body of a success say that it is a failure: an integer `code`, a `message`, and no SID?
///
/// This runs for every success, so two substring searches avoid the parser in most cases: messages and calls have
/// `error_code` and `error_message`, which do not match.
pub(crate) fn is_failure(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return false };
    if !text.contains("\"code\"") || !text.contains("\"message\"") {
        return false;
    }
    let Ok(object) = serde_json::from_str::<Map<String, Value>>(text) else { return false };
    let is_code = object.get("code").is_some_and(|code| code.is_i64() || code.is_u64());
    let has_sid = object.get("sid").is_some_and(|sid| !sid.is_null());
    is_code && object.get("message").is_some_and(Value::is_string) && !has_sid
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

    fn details(body: &str) -> Vec<String> {
        read(body.as_bytes()).unwrap().details
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
