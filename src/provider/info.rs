//! The description of a provider: what a dashboard needs for its card and its credentials form.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

/// The name of a provider: lower case, as in a URL. Each adapter has its own, and any name may be used.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderName(Cow<'static, str>);

impl ProviderName {
    /// Names a provider at compile time.
    #[must_use]
    pub const fn of(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// Names a provider.
    pub fn new(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for ProviderName {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for ProviderName {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl FromStr for ProviderName {
    type Err = Infallible;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(name.into())
    }
}

impl AsRef<str> for ProviderName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for ProviderName {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for ProviderName {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// What a dashboard shows of a provider before anybody connected it.
///
/// As JSON it is the card that dashboards draw: `{name, displayName, description, icon, docsUrl, fields}`, with what
/// few people need apart, under `advanced`. What is empty is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// Its name in programs.
    pub name: ProviderName,
    /// Its name for people.
    pub display_name: &'static str,
    /// What it does, in one line.
    pub description: &'static str,
    /// Its icon: an emoji, or the name of a picture.
    pub icon: &'static str,
    /// Where its documentation begins.
    pub docs_url: &'static str,
    /// What a credentials form asks for, in order; those for few people included.
    pub fields: &'static [CredentialField],
}

impl ProviderInfo {
    /// Describes a provider. What is not set with the methods below is empty.
    #[must_use]
    pub const fn new(name: ProviderName, display_name: &'static str) -> Self {
        Self { name, display_name, description: "", icon: "", docs_url: "", fields: &[] }
    }

    /// Sets what it does, in one line.
    #[must_use]
    pub const fn description(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// Sets its icon.
    #[must_use]
    pub const fn icon(mut self, icon: &'static str) -> Self {
        self.icon = icon;
        self
    }

    /// Sets where its documentation begins.
    #[must_use]
    pub const fn docs_url(mut self, url: &'static str) -> Self {
        self.docs_url = url;
        self
    }

    /// Sets what a credentials form asks for.
    #[must_use]
    pub const fn fields(mut self, fields: &'static [CredentialField]) -> Self {
        self.fields = fields;
        self
    }
}

impl Serialize for ProviderInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (advanced, fields): (Vec<_>, Vec<_>) = self.fields.iter().partition(|field| field.advanced);
        let mut card = serializer.serialize_map(None)?;
        card.serialize_entry("name", &self.name)?;
        card.serialize_entry("displayName", self.display_name)?;
        let texts = [("description", self.description), ("icon", self.icon), ("docsUrl", self.docs_url)];
        for (key, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            card.serialize_entry(key, text)?;
        }
        card.serialize_entry("fields", &fields)?;
        if !advanced.is_empty() {
            card.serialize_entry("advanced", &advanced)?;
        }
        card.end()
    }
}

/// How a credentials form shows a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A line that hides what is typed, and is not shown again.
    Password,
    /// A telephone number.
    Phone,
    /// A URL.
    Url,
}

/// One field of a credentials form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CredentialField {
    /// The name of the value in [`Credentials`](super::Credentials).
    pub key: &'static str,
    /// The label beside the field.
    pub label: &'static str,
    /// How the field is shown.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// Must it be filled in? Not where a field that stands [instead of](Self::instead_of) it is.
    pub required: bool,
    /// What the field shows while it is empty.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub placeholder: &'static str,
    /// What the value looks like, and where a person finds it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub help_text: &'static str,
    /// The key of the field that need not be filled in where this one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<&'static str>,
    /// Is it for few people, and so apart from the others in a form?
    #[serde(skip)]
    pub advanced: bool,
}

impl CredentialField {
    /// Describes an optional line of text.
    #[must_use]
    pub const fn new(key: &'static str, label: &'static str) -> Self {
        Self {
            key,
            label,
            kind: FieldKind::Text,
            required: false,
            placeholder: "",
            help_text: "",
            instead_of: None,
            advanced: false,
        }
    }

    /// Sets how the field is shown.
    #[must_use]
    pub const fn kind(mut self, kind: FieldKind) -> Self {
        self.kind = kind;
        self
    }

    /// Says that it must be filled in.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Sets what the field shows while it is empty.
    #[must_use]
    pub const fn placeholder(mut self, placeholder: &'static str) -> Self {
        self.placeholder = placeholder;
        self
    }

    /// Sets what the value looks like, and where a person finds it.
    #[must_use]
    pub const fn help_text(mut self, help: &'static str) -> Self {
        self.help_text = help;
        self
    }

    /// Names the field that need not be filled in where this one is.
    #[must_use]
    pub const fn instead_of(mut self, key: &'static str) -> Self {
        self.instead_of = Some(key);
        self
    }

    /// Says that few people need it.
    #[must_use]
    pub const fn advanced(mut self) -> Self {
        self.advanced = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    #[test]
    fn the_card_has_the_keys_that_dashboards_read_and_nothing_empty() {
        const FIELDS: &[CredentialField] = &[
            CredentialField::new("token", "Token")
                .kind(FieldKind::Password)
                .required()
                .help_text("32 letters"),
            CredentialField::new("key", "Key").placeholder("K…").instead_of("token").advanced(),
        ];
        let info =
            ProviderInfo::new(ProviderName::of("acme"), "Acme").description("Sends things").fields(FIELDS);
        assert_eq!(
            to_value(&info).unwrap(),
            json!({
                "name": "acme", "displayName": "Acme", "description": "Sends things",
                "fields": [{
                    "key": "token", "label": "Token", "type": "password", "required": true, "helpText": "32 letters"
                }],
                "advanced": [{
                    "key": "key", "label": "Key", "type": "text", "required": false, "placeholder": "K…",
                    "insteadOf": "token"
                }]
            })
        );
    }
}
