//! Who a provider is: what a dashboard needs for its card and its credentials form.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a provider, `twilio`. Open: any other name is as good.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderName(Cow<'static, str>);

impl ProviderName {
    /// GitHub.
    pub const GITHUB: Self = Self::of("github");
    /// Jira.
    pub const JIRA: Self = Self::of("jira");
    /// Slack.
    pub const SLACK: Self = Self::of("slack");
    /// Linear.
    pub const LINEAR: Self = Self::of("linear");
    /// A calendar.
    pub const CALENDAR: Self = Self::of("calendar");
    /// Stripe.
    pub const STRIPE: Self = Self::of("stripe");
    /// Twilio.
    pub const TWILIO: Self = Self::of("twilio");

    /// Names a provider at compile time: lower case, as in a URL.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// Its name in programs.
    pub name: ProviderName,
    /// Its name for people.
    pub display_name: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// The name of its icon.
    pub icon: &'static str,
    /// Where its documentation begins.
    pub docs_url: &'static str,
    /// What a credentials form asks for, in order.
    pub credential_fields: &'static [CredentialField],
}

impl ProviderInfo {
    /// Describes a provider; the fields left out are empty and can be set with the methods below.
    #[must_use]
    pub const fn new(name: ProviderName, display_name: &'static str) -> Self {
        Self { name, display_name, summary: "", icon: "", docs_url: "", credential_fields: &[] }
    }

    /// Sets what it does, in one line.
    #[must_use]
    pub const fn summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// Sets the name of its icon.
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
    pub const fn credential_fields(mut self, fields: &'static [CredentialField]) -> Self {
        self.credential_fields = fields;
        self
    }
}

/// What a credentials form draws a field as.
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
#[non_exhaustive]
pub struct CredentialField {
    /// The name that [`Credentials`](super::Credentials) knows the value by.
    pub key: &'static str,
    /// What stands before the field.
    pub label: &'static str,
    /// What it is drawn as.
    pub kind: FieldKind,
    /// Must it be filled in?
    pub required: bool,
    /// What stands in it while it is empty.
    pub placeholder: &'static str,
    /// Where a person finds the value.
    pub help: &'static str,
}

impl CredentialField {
    /// Describes an optional line of text.
    #[must_use]
    pub const fn new(key: &'static str, label: &'static str) -> Self {
        Self { key, label, kind: FieldKind::Text, required: false, placeholder: "", help: "" }
    }

    /// Sets what it is drawn as.
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

    /// Sets what stands in it while it is empty.
    #[must_use]
    pub const fn placeholder(mut self, placeholder: &'static str) -> Self {
        self.placeholder = placeholder;
        self
    }

    /// Sets where a person finds the value.
    #[must_use]
    pub const fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }
}
