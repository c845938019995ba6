//! What is to be sent: a text or a call, in words that every provider understands.

mod call;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

pub use self::call::{CallContent, KeyInput, OutgoingCall};
use super::{ApiRequest, BeginBy, ProviderError, Reason, Timeouts};
use crate::phone::Address;
use crate::sms::{Segmentation, Text};

/// The sender of a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Sender {
    /// One number, short code or sender name.
    Number(Address),
    /// A pool of numbers from which the provider chooses.
    Pool {
        /// The provider's id of the pool.
        id: String,
        /// The number of the pool that should be used, where the caller chooses it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<Address>,
    },
}

impl Sender {
    /// Names a pool that chooses the number itself.
    pub fn pool(id: impl Into<String>) -> Self {
        Self::Pool { id: id.into(), number: None }
    }

    /// Returns the number, or the id of a pool that chooses the number itself.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::Number(number) | Self::Pool { number: Some(number), .. } => number.as_str(),
            Self::Pool { id, number: None } => id,
        }
    }
}

impl<A: Into<Address>> From<A> for Sender {
    fn from(number: A) -> Self {
        Self::Number(number.into())
    }
}

/// A template that the provider keeps, and the values for its placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct TemplateRef {
    /// The provider's id of the template.
    pub id: String,
    /// The values by the name of their placeholder.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, Text>,
}

impl TemplateRef {
    /// Names a template without values.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), values: BTreeMap::new() }
    }

    /// Sets the value of a placeholder.
    #[must_use]
    pub fn value(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.values.insert(name.into(), value.into());
        self
    }
}

/// Where the provider reports the delivery status, and the caller's reference that each report brings back.
///
/// Lists of sent messages do not return the reference; a signed report does. It is what proves which attempt a
/// message belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Callback {
    /// The URL, http or https.
    pub url: Text,
    /// The caller's reference: letters, digits and `-._~`, at most 256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl Callback {
    /// The name of the query parameter in which a URL carries the reference.
    pub const PARAMETER: &'static str = "sbref";
    const MAX_REFERENCE: usize = 256;

    /// Reports to a URL.
    pub fn new(url: impl Into<Text>) -> Self {
        Self { url: url.into(), reference: None }
    }

    /// Sets the reference that each report brings back.
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// Returns the URL with the reference in its query, for providers whose reports name no reference of their own.
    ///
    /// A fragment stays at the end: a provider may read settings from it.
    ///
    /// # Errors
    /// `INVALID_REQUEST` where the reference has other characters than letters, digits and `-._~`, or more than 256.
    pub fn to_url(&self) -> Result<String, ProviderError> {
        let Some(reference) = &self.reference else { return Ok(self.url.as_str().to_owned()) };
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if reference.is_empty() || reference.len() > Self::MAX_REFERENCE || !reference.bytes().all(allowed) {
            return Err(ProviderError::invalid_request(
                "the reference of the callback must have 1 to 256 letters, digits or -._~",
            ));
        }
        let url = self.url.as_str();
        let (rest, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
        let separator = match rest.rsplit_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        Ok(format!("{rest}{separator}{}={reference}{fragment}", Self::PARAMETER))
    }

    /// Returns the reference that a URL carries. `None` where there is none, or more than one.
    #[must_use]
    pub fn reference_in(url: &str) -> Option<String> {
        let url = url.split('#').next().unwrap_or_default();
        let (_, query) = url.split_once('?')?;
        let mut found = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == Self::PARAMETER);
        let (_, reference) = found.next()?;
        found.next().is_none().then(|| reference.into_owned())
    }
}

impl<U: Into<Text>> From<U> for Callback {
    fn from(url: U) -> Self {
        Self::new(url)
    }
}

/// A text to one person: plain data that can be stored and sent later, by any provider that can text.
///
/// ```
/// use switchboard::provider::Outgoing;
///
/// let text = Outgoing::text("+14155551234", "Your table is ready").from("+14155550100");
/// assert_eq!(serde_json::to_value(&text).unwrap()["to"], "+14155551234");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Outgoing {
    /// The recipient.
    pub to: Address,
    /// The sender; the one that the credentials name where it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sender>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// URLs from which the provider fetches pictures and files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Text>,
    /// A template that the provider keeps, instead of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateRef>,
    /// How long the provider may keep it in its queue, in whole seconds.
    #[serde(default, alias = "valid_for", skip_serializing_if = "Option::is_none", with = "whole_seconds")]
    pub valid_for: Option<Duration>,
    /// When the provider sends it, where that is not at once.
    #[serde(default, alias = "send_at", skip_serializing_if = "Option::is_none")]
    pub send_at: Option<Timestamp>,
    /// Where the provider reports the delivery status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<Callback>,
}

impl Outgoing {
    fn to(to: impl Into<Address>) -> Self {
        Self {
            to: to.into(),
            from: None,
            text: None,
            media: Vec::new(),
            template: None,
            valid_for: None,
            send_at: None,
            callback: None,
        }
    }

    /// Writes a text to somebody.
    pub fn text(to: impl Into<Address>, text: impl Into<Text>) -> Self {
        Self { text: Some(text.into()), ..Self::to(to) }
    }

    /// Sends somebody a picture or a file without a text.
    pub fn media(to: impl Into<Address>, url: impl Into<Text>) -> Self {
        Self::to(to).add_media(url)
    }

    /// Sends somebody a template that the provider keeps.
    pub fn template(to: impl Into<Address>, template: TemplateRef) -> Self {
        Self { template: Some(template), ..Self::to(to) }
    }

    /// Returns the number that sends it, where one is chosen.
    #[must_use]
    pub const fn from_number(&self) -> Option<&Address> {
        match &self.from {
            Some(Sender::Number(number) | Sender::Pool { number: Some(number), .. }) => Some(number),
            _ => None,
        }
    }

    /// Sets who sends it.
    #[must_use]
    pub fn from(mut self, sender: impl Into<Sender>) -> Self {
        self.from = Some(sender.into());
        self
    }

    /// Adds the URL of a picture or a file.
    #[must_use]
    pub fn add_media(mut self, url: impl Into<Text>) -> Self {
        self.media.push(url.into());
        self
    }

    /// Limits how long the provider may keep it in its queue. Parts of a second are cut off.
    #[must_use]
    pub const fn valid_for(mut self, limit: Duration) -> Self {
        self.valid_for = Some(Duration::from_secs(limit.as_secs()));
        self
    }

    /// Lets the provider send it at a later time.
    #[must_use]
    pub const fn send_at(mut self, at: Timestamp) -> Self {
        self.send_at = Some(at);
        self
    }

    /// Sets where the provider reports the delivery status.
    #[must_use]
    pub fn callback(mut self, callback: impl Into<Callback>) -> Self {
        self.callback = Some(callback.into());
        self
    }

    /// Returns the segments that its text is billed as, for pacing: a sender may begin so many segments a second.
    ///
    /// 1 for media and for a provider's template, whose text is not known here. A provider that replaces
    /// characters of a text may send fewer.
    #[must_use]
    pub fn segments(&self) -> u32 {
        let text = self.text.as_ref().filter(|_| self.media.is_empty() && self.template.is_none());
        text.map_or(1, |text| u32::try_from(Segmentation::of(text.as_str()).segments()).unwrap_or(u32::MAX))
    }

    /// Checks the message against what a provider can do.
    ///
    /// # Errors
    /// `INVALID_REQUEST`, naming the first thing that the provider cannot do.
    pub fn check(&self, abilities: &super::Abilities) -> Result<(), ProviderError> {
        let content = self.text.as_ref().is_some_and(|text| !text.is_empty());
        if !content && self.media.is_empty() && self.template.is_none() {
            return Err(ProviderError::invalid_request(
                "there is nothing to send: set a text, media or a template",
            )
            .with_reason(Reason::MissingParameter));
        }
        let reference = self.callback.as_ref().is_some_and(|callback| callback.reference.is_some());
        let needs = [
            (self.media.is_empty() || abilities.media, "send media"),
            (self.template.is_none() || abilities.templates, "send templates"),
            (!matches!(self.from, Some(Sender::Pool { .. })) || abilities.pools, "send from a pool"),
            (self.send_at.is_none() || abilities.schedule, "send at a later time"),
            (self.valid_for.is_none() || abilities.validity, "limit how long a message may wait"),
            (self.callback.is_none() || abilities.callbacks, "report the delivery status to a URL"),
            (!reference || abilities.callback_reference, "return a reference in its reports"),
        ];
        match needs.into_iter().find(|(can, _)| !can) {
            Some((_, what)) => Err(cannot(what)),
            None => Ok(()),
        }
    }
}

fn cannot(what: &str) -> ProviderError {
    ProviderError::invalid_request(format!("this provider cannot {what}")).with_reason(Reason::NotEnabled)
}

/// How one text or call is sent, where that differs from how the adapter was built. Not stored with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendOptions {
    /// The latest moment at which the connection may take the request. Later it is not sent, and the error says
    /// `NotApplied`.
    pub begin_by: Option<BeginBy>,
    /// How long it may take; what is not set is as the adapter was built.
    pub timeouts: Timeouts,
    /// How often it is sent at most, the first time included.
    pub max_attempts: Option<u32>,
    /// Is it repeated even where it may have gone out?
    pub allow_duplicates: bool,
}

impl SendOptions {
    /// Sends it as the adapter was built.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the latest moment at which the connection may take the request.
    #[must_use]
    pub const fn begin_by(mut self, by: BeginBy) -> Self {
        self.begin_by = Some(by);
        self
    }

    /// Limits the time for a connection to stand; it can only be shorter than the adapter's.
    #[must_use]
    pub const fn connect_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.connect = Some(limit);
        self
    }

    /// Limits the time for the answer to begin, and between any two pieces of it.
    #[must_use]
    pub const fn read_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.read = Some(limit);
        self
    }

    /// Limits the time for all of it, repeats and waits included.
    #[must_use]
    pub const fn timeout(mut self, total: Duration) -> Self {
        self.timeouts.total = Some(total);
        self
    }

    /// Limits how often it is sent; 1 repeats nothing, 0 counts as 1.
    #[must_use]
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(if attempts == 0 { 1 } else { attempts });
        self
    }

    /// Repeats it even where it may have gone out: **the recipient may get it twice.** For messages where a duplicate
    /// is better than none.
    #[must_use]
    pub const fn allow_duplicates(mut self) -> Self {
        self.allow_duplicates = true;
        self
    }
}

impl ApiRequest {
    /// Sends it with these options.
    pub fn options(mut self, options: &SendOptions) -> Self {
        self = self.timeouts(options.timeouts);
        if let Some(attempts) = options.max_attempts {
            self = self.max_attempts(attempts);
        }
        if let Some(by) = options.begin_by {
            self = self.begin_by(by);
        }
        if options.allow_duplicates { self.allow_duplicates() } else { self }
    }
}

/// A duration as JSON: whole seconds.
mod whole_seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(|duration| duration.as_secs()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_secs))
    }
}

#[cfg(test)]
mod tests;
