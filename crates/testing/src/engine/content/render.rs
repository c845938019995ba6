//! The text of a message that was made from a template.

use serde_json::{Map, Value};

use super::Content;
use crate::engine::tenant::Tenant;

impl Content {
    /// Fills in the variables: those given, then those the template came with. A type without a body has no text.
    fn render(&self, given: &Map<String, Value>) -> String {
        let typed = self.types.get("twilio/text").or_else(|| self.types.values().next());
        let body = typed.and_then(|fields| fields.get("body")).and_then(Value::as_str).unwrap_or_default();
        let mut text = String::new();
        let mut rest = body;
        while let Some((before, name, behind)) = placeholder(rest) {
            text.push_str(before);
            match given.get(name).or_else(|| self.variables.get(name)) {
                Some(Value::String(value)) => text.push_str(value),
                Some(value) => text.push_str(&value.to_string()),
                None => text.push_str(&format!("{{{{{name}}}}}")),
            }
            rest = behind;
        }
        text.push_str(rest);
        text
    }
}

/// Cuts a text at its first `{{name}}`.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, behind) = rest.split_once("}}")?;
    Some((before, name.trim(), behind))
}

impl Tenant {
    /// Writes the text of a template; one the fake does not know has none.
    pub(in crate::engine) fn render(&self, content_sid: &str, variables: Option<&str>) -> Option<String> {
        let given = variables.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Some(self.content.get(content_sid)?.render(&given))
    }

    /// May a message of this template go out at any time? One the fake does not know is taken for approved.
    pub(in crate::engine) fn is_template(&self, content_sid: &str) -> bool {
        self.content.get(content_sid).is_none_or(|content| content.approval.is_given())
    }
}
