//! The text of a message from a template.

use serde_json::{Map, Value};

/// Replaces the variables by the given values, else by those of the template. A type without a body has no text.
pub(super) fn render(
    types: &Map<String, Value>,
    own: &Map<String, Value>,
    given: &Map<String, Value>,
) -> String {
    let typed = types.get("twilio/text").or_else(|| types.values().next());
    let body = typed.and_then(|fields| fields.get("body")).and_then(Value::as_str).unwrap_or_default();
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, name, behind)) = placeholder(rest) {
        text.push_str(before);
        match given.get(name).or_else(|| own.get(name)) {
            Some(Value::String(value)) => text.push_str(value),
            Some(value) => text.push_str(&value.to_string()),
            None => text.push_str(&format!("{{{{{name}}}}}")),
        }
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// Splits a text at its first `{{name}}`: before it, the name, and after it.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, behind) = rest.split_once("}}")?;
    Some((before, name.trim(), behind))
}
