//! Widgets that are filled in from an event.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use switchboard::sms::{TemplateError, Templates};

use super::{Notice, Pattern};

/// A subscription as a widget's definition writes it.
///
/// ```
/// use serde_json::json;
/// use switchboard_automation::mesh::{Notice, WidgetSubscription};
///
/// let subscription: WidgetSubscription = serde_json::from_value(json!({
///     "pattern": "stripe.payment.failed",
///     "action": "auto-fill",
///     "autoFillMapping": {"to": "customer_phone", "body": "Your payment of {{amount}} {{currency}} failed."}
/// }))?;
/// let auto_fill = subscription.auto_fill()?;
/// let payload = json!({"customer_phone": "+14155551234", "amount": "12.50", "currency": "USD"});
/// let filled = auto_fill.fill(&Notice::new("stripe.payment.failed", payload)).unwrap();
/// assert_eq!(filled.fields["to"], "+14155551234");
/// assert_eq!(filled.fields["body"], "Your payment of 12.50 USD failed.");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct WidgetSubscription {
    /// The names of the notices.
    pub pattern: Pattern,
    /// What the widget does: `auto-fill`.
    pub action: String,
    /// For each field of the widget where its value comes from: the name of a field of the payload, or, if it contains `{{`,
    /// a template of the payload.
    #[serde(default)]
    pub auto_fill_mapping: BTreeMap<String, String>,
}

/// Why a subscription cannot fill a widget.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AutoFillError {
    /// The action is another one.
    #[error("the action `{0}` fills nothing: write `auto-fill`")]
    OtherAction(String),
    /// A template is wrong, for example because its places are not written as `{{{{name}}}}`.
    #[error("the template of the field `{field}` is wrong: {error}")]
    Template {
        /// The field of the widget.
        field: String,
        /// What is wrong.
        error: TemplateError,
    },
}

/// A checked mapping from the payload of a notice to the fields of a widget.
#[derive(Debug, Clone)]
pub struct AutoFill {
    pattern: Pattern,
    /// The fields of the widget that are a field of the payload.
    copied: BTreeMap<String, String>,
    templates: Templates,
}

/// The values of a widget's fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Filled {
    /// The value of each field that could be filled.
    pub fields: BTreeMap<String, String>,
    /// The fields that could not, because the payload lacks a value: there is no phone number, for example.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

impl WidgetSubscription {
    /// Checks the mapping.
    ///
    /// # Errors
    /// [`AutoFillError`].
    pub fn auto_fill(&self) -> Result<AutoFill, AutoFillError> {
        if self.action != "auto-fill" {
            return Err(AutoFillError::OtherAction(self.action.clone()));
        }
        let mut copied = BTreeMap::new();
        let mut templates = Templates::new().allow_extra();
        for (field, from) in &self.auto_fill_mapping {
            if from.contains("{{") {
                let wrong = |error| AutoFillError::Template { field: field.clone(), error };
                templates.insert(field, from).map_err(wrong)?;
            } else {
                copied.insert(field.clone(), from.clone());
            }
        }
        Ok(AutoFill { pattern: self.pattern.clone(), copied, templates })
    }
}

impl AutoFill {
    /// Fills the fields of the widget; `None` if the notice is another one.
    #[must_use]
    pub fn fill(&self, notice: &Notice) -> Option<Filled> {
        if !self.pattern.matches(&notice.name) {
            return None;
        }
        let nothing = Map::new();
        let payload = notice.payload.as_object().unwrap_or(&nothing);
        let mut filled = Filled::default();
        for (field, from) in &self.copied {
            filled.put(field, payload.get(from).and_then(text));
        }
        for field in self.templates.names() {
            filled
                .put(field, self.templates.render(field, payload).ok().map(|text| text.as_str().to_owned()));
        }
        filled.missing.sort_unstable();
        Some(filled)
    }
}

impl Filled {
    fn put(&mut self, field: &str, value: Option<String>) {
        match value {
            Some(value) => _ = self.fields.insert(field.to_owned(), value),
            None => self.missing.push(field.to_owned()),
        }
    }
}

/// A value as a person would type it.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn subscription(mapping: Value) -> WidgetSubscription {
        serde_json::from_value(json!({"pattern": "a.*", "action": "auto-fill", "autoFillMapping": mapping}))
            .unwrap()
    }

    #[test]
    fn a_value_without_braces_is_the_name_of_a_field() {
        let auto_fill =
            subscription(json!({"to": "phone", "count": "n", "body": "Hi {{name}}", "from": "nobody"}))
                .auto_fill()
                .unwrap();
        let filled = auto_fill
            .fill(&Notice::new("a.b", json!({"phone": "+1", "n": 2, "name": "Ada", "x": 1})))
            .unwrap();
        let fields: Vec<(&str, &str)> =
            filled.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(fields, [("body", "Hi Ada"), ("count", "2"), ("to", "+1")]);
        assert_eq!(filled.missing, ["from"]);
        let nothing = auto_fill.fill(&Notice::new("a.b", json!([1]))).unwrap();
        assert_eq!((nothing.fields.len(), nothing.missing.len()), (0, 4));
        assert_eq!(auto_fill.fill(&Notice::new("b.a", json!({}))), None);
    }

    #[test]
    fn what_is_wrong_is_said_by_field() {
        let error = subscription(json!({"body": "Hi {{name"})).auto_fill().unwrap_err();
        assert!(matches!(&error, AutoFillError::Template { field, .. } if field == "body"), "{error}");
        let other = WidgetSubscription { action: "open".to_owned(), ..subscription(json!({})) };
        assert!(other.auto_fill().unwrap_err().to_string().contains("`auto-fill`"));
    }

    #[test]
    fn text_of_a_person_is_no_template() {
        let auto_fill = subscription(json!({"body": "Hi {{name}}"})).auto_fill().unwrap();
        let filled =
            auto_fill.fill(&Notice::new("a.b", json!({"name": "{{secret}}", "secret": "x"}))).unwrap();
        assert_eq!(filled.fields["body"], "Hi {{secret}}");
    }
}
