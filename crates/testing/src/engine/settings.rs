//! The settings of a resource as a table: which parameter sets which JSON field, and the values that it may have.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::error::Refusal;
use super::form::Pairs;
use super::webhook::{Endpoint, web_url};

/// One parameter and its JSON field.
#[derive(Debug)]
pub(super) struct Field {
    param: &'static str,
    /// The key of the JSON field; a dot means a nested object: `push.include_date`.
    key: &'static str,
    kind: FieldKind,
}

/// The values that a field may have, with its default.
#[derive(Debug)]
pub(super) enum FieldKind {
    /// Any text; the number is its maximum length.
    Text(Option<&'static str>, usize),
    /// An `http` or `https` URL; an empty parameter removes it.
    Url(Option<&'static str>),
    Flag(bool),
    Number(Option<u64>, RangeInclusive<u64>),
    /// One of these words.
    Word(&'static str, &'static [&'static str]),
    /// Every value of a repeated key.
    Texts,
}

pub(super) const fn field(param: &'static str, key: &'static str, kind: FieldKind) -> Field {
    Field { param, key, kind }
}

/// `GET` or `POST`; the default is `POST`.
pub(super) const fn method(param: &'static str, key: &'static str) -> Field {
    field(param, key, FieldKind::Word("POST", &["GET", "POST"]))
}

/// The values of all fields of a table.
#[derive(Clone)]
pub(super) struct Settings {
    fields: &'static [Field],
    values: Vec<Value>,
}

impl Settings {
    /// Makes settings with the defaults of a table.
    pub(super) fn with_defaults(fields: &'static [Field]) -> Self {
        Self { fields, values: fields.iter().map(|field| field.kind.default()).collect() }
    }

    /// Applies a form. An invalid value is refused with `code`, and then nothing is applied.
    pub(super) fn apply(&mut self, form: &Pairs, code: u32) -> Result<(), Refusal> {
        let mut values = self.values.clone();
        for (field, value) in self.fields.iter().zip(&mut values) {
            if form.given(field.param).is_some() {
                *value =
                    field.read(form).ok_or_else(|| Refusal::bad_request(code, field.refusal_message()))?;
            }
        }
        self.values = values;
        Ok(())
    }

    /// Returns a field's text, if it has one.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.value(key)?.as_str()
    }

    /// Returns a field's number, if it has one.
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        self.value(key)?.as_u64()
    }

    /// Returns whether the flag of a field is set.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.value(key).and_then(Value::as_bool).unwrap_or_default()
    }

    /// Returns the URL of a field with the method of another, if there is a URL.
    pub(super) fn endpoint(&self, url: &str, method: &str) -> Option<Endpoint> {
        let url = self.text(url).filter(|url| !url.is_empty())?.to_owned();
        Some(Endpoint { url, get: self.text(method) == Some("GET") })
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.fields.iter().zip(&self.values).find(|(field, _)| field.key == key).map(|(_, value)| value)
    }

    /// Sets the text of a field.
    pub(super) fn set(&mut self, key: &str, text: &str) {
        let place = self.fields.iter().zip(&mut self.values).find(|(field, _)| field.key == key);
        if let Some((_, value)) = place {
            *value = json!(text);
        }
    }

    /// Adds the fields to the JSON of the resource.
    pub(super) fn write(&self, mut view: Value) -> Value {
        if let Some(object) = view.as_object_mut() {
            for (field, value) in self.fields.iter().zip(&self.values) {
                insert_nested(object, field.key, value.clone());
            }
        }
        view
    }
}

fn insert_nested(object: &mut Map<String, Value>, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            object.insert(key.to_owned(), value);
        }
        Some((outer, inner)) => {
            let nested = object.entry(outer).or_insert_with(|| json!({}));
            if let Some(nested) = nested.as_object_mut() {
                insert_nested(nested, inner, value);
            }
        }
    }
}

impl FieldKind {
    fn default(&self) -> Value {
        match self {
            Self::Text(text, _) | Self::Url(text) => json!(text),
            Self::Flag(flag) => json!(flag),
            Self::Number(number, _) => json!(number),
            Self::Word(word, _) => json!(word),
            Self::Texts => Value::Null,
        }
    }
}

impl Field {
    /// Reads the parameter; `None` for an invalid value.
    fn read(&self, form: &Pairs) -> Option<Value> {
        let text = form.given(self.param)?;
        match &self.kind {
            FieldKind::Text(_, longest) => (text.chars().count() <= *longest).then(|| json!(text)),
            FieldKind::Url(_) => (text.is_empty() || web_url(text).is_some()).then(|| json!(text)),
            FieldKind::Flag(_) => match text.to_ascii_lowercase().as_str() {
                "true" => Some(json!(true)),
                "false" => Some(json!(false)),
                _ => None,
            },
            FieldKind::Number(_, range) => {
                text.parse().ok().filter(|n| range.contains(n)).map(|n: u64| json!(n))
            }
            FieldKind::Word(_, words) => {
                words.iter().find(|word| word.eq_ignore_ascii_case(text)).map(|word| json!(word))
            }
            FieldKind::Texts => Some(form.all(self.param).collect()),
        }
    }

    fn refusal_message(&self) -> String {
        let param = self.param;
        match &self.kind {
            FieldKind::Text(_, longest) => format!("The {param} is longer than {longest} characters"),
            FieldKind::Url(_) => format!("The {param} is not a valid URL"),
            FieldKind::Flag(_) => format!("The {param} is neither true nor false"),
            FieldKind::Number(_, range) => {
                format!("The {param} is not a number from {} to {}", range.start(), range.end())
            }
            FieldKind::Word(_, words) => format!("The {param} is none of {}", words.join(", ")),
            FieldKind::Texts => format!("The {param} is not valid"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        field("Name", "name", FieldKind::Text(None, 4)),
        field("Url", "url", FieldKind::Url(None)),
        method("Method", "method"),
        field("Push.On", "push.on", FieldKind::Flag(false)),
        field("Size", "push.size", FieldKind::Number(Some(6), 4..=10)),
        field("Item", "items", FieldKind::Texts),
    ];

    #[test]
    fn a_form_sets_what_its_fields_allow_and_all_or_nothing() {
        let mut settings = Settings::with_defaults(FIELDS);
        let form = Pairs::decode(b"Name=cat&Method=get&Push.On=true&Size=8&Item=a&Item=b&Other=1");
        settings.apply(&form, 20001).unwrap();
        let expected = json!({
            "sid": 1, "name": "cat", "url": null, "method": "GET",
            "push": { "on": true, "size": 8 }, "items": ["a", "b"],
        });
        assert_eq!(settings.write(json!({ "sid": 1 })), expected);
        for bad in ["Name=x&Size=3", "Name=x&Url=nowhere", "Name=x&Method=PUT", "Push.On=1", "Name=much"] {
            let taken = settings.apply(&Pairs::decode(bad.as_bytes()), 60200);
            if bad != "Name=much" {
                assert_eq!(taken.unwrap_err().code(), 60200, "{bad}");
                assert_eq!(settings.text("name"), Some("cat"));
            }
        }
        assert_eq!((settings.text("name"), settings.number("push.size")), (Some("much"), Some(8)));
    }
}
