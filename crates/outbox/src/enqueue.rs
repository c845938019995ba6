//! The message to enqueue: a text or a call under a key, and the times between which it may be sent.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use switchboard::phone::Address;
use switchboard::provider::{CallContent, KeyInput, Outgoing, OutgoingCall, SendKind, Sender};

use crate::error::OutboxError;
use crate::policy::{Emergency, Purpose};

/// A text or a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Payload {
    /// A text.
    Text(Outgoing),
    /// A call.
    Call(OutgoingCall),
}

impl Payload {
    /// Is it a text or a call?
    #[must_use]
    pub const fn kind(&self) -> SendKind {
        match self {
            Self::Text(_) => SendKind::Text,
            Self::Call(_) => SendKind::Call,
        }
    }

    /// Returns the recipient.
    #[must_use]
    pub const fn to(&self) -> &Address {
        match self {
            Self::Text(text) => &text.to,
            Self::Call(call) => &call.to,
        }
    }

    /// Returns the sender, if the message names one.
    #[must_use]
    pub fn sender(&self) -> Option<Sender> {
        match self {
            Self::Text(text) => text.from.clone(),
            Self::Call(call) => call.from.clone().map(Sender::Number),
        }
    }

    /// Returns how many units of its sender's rate the message uses: the segments of a text, or 1 for a call.
    #[must_use]
    pub fn weight(&self) -> u32 {
        match self {
            Self::Text(text) => text.segments().max(1),
            Self::Call(_) => 1,
        }
    }
}

impl From<Outgoing> for Payload {
    fn from(text: Outgoing) -> Self {
        Self::Text(text)
    }
}

impl From<OutgoingCall> for Payload {
    fn from(call: OutgoingCall) -> Self {
        Self::Call(call)
    }
}

/// Decides which messages of a sender are sent first. Within a priority, the earlier message is sent first, and tenants
/// take turns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Before all others: codes and alarms.
    Urgent,
    /// After urgent messages and before bulk messages.
    #[default]
    Normal,
    /// After all others: campaigns.
    Bulk,
}

impl Priority {
    pub(crate) const ALL: [Self; 3] = [Self::Urgent, Self::Normal, Self::Bulk];

    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::Urgent => 0,
            Self::Normal => 1,
            Self::Bulk => 2,
        }
    }
}

/// A message to enqueue: plain data, the same for [`Outbox::enqueue_all`](crate::Outbox::enqueue_all) and for
/// [one SQL statement](Enqueue::SQLITE) inside a transaction of your own.
///
/// ```
/// use switchboard::provider::Outgoing;
/// use switchboard_outbox::{Enqueue, Priority};
///
/// let message = Enqueue::new("order/4711/ready", Outgoing::text("+14155551234", "Your table is ready"))
///     .tenant("blue-door")
///     .priority(Priority::Urgent);
/// # let _ = message;
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Enqueue {
    /// The tenant; empty where there is only one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tenant: String,
    /// The caller's name for the message. Enqueuing the same key again does not create another message.
    pub key: String,
    /// The text or the call.
    #[serde(flatten)]
    pub payload: Payload,
    /// The earliest time to send it. By default it is sent immediately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// The priority.
    #[serde(default)]
    pub priority: Priority,
    /// The time at which it expires. If it was not sent by then, it becomes [`Expired`](crate::State::Expired).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// What it is for. Some rules of a policy apply to marketing only.
    #[serde(default, skip_serializing_if = "is_default")]
    pub purpose: Purpose,
    /// The recipient's time zone, for example `America/Chicago`, if you know it. Otherwise it is taken from the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// It is an emergency, by somebody's decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<Emergency>,
}

fn is_default(purpose: &Purpose) -> bool {
    *purpose == Purpose::default()
}

impl Enqueue {
    /// The maximum length of a key and of a tenant, in bytes.
    pub const MAX_NAME: usize = 255;
    /// The maximum size of a message, in bytes of its JSON.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// Creates a message from a key and a text or a call.
    pub fn new(key: impl Into<String>, payload: impl Into<Payload>) -> Self {
        Self {
            tenant: String::new(),
            key: key.into(),
            payload: payload.into(),
            due: None,
            priority: Priority::Normal,
            expires: None,
            purpose: Purpose::default(),
            zone: None,
            emergency: None,
        }
    }

    /// Sets the tenant, whose account sends the message. A key is unique within its tenant.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = tenant.into();
        self
    }

    /// Sets the earliest time to send it.
    #[must_use]
    pub const fn due(mut self, at: Timestamp) -> Self {
        self.due = Some(at);
        self
    }

    /// Sets the priority.
    #[must_use]
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Sets the time at which it expires.
    #[must_use]
    pub const fn expires(mut self, at: Timestamp) -> Self {
        self.expires = Some(at);
        self
    }

    /// Sets what it is for.
    #[must_use]
    pub const fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Sets the recipient's time zone.
    #[must_use]
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.zone = Some(zone.into());
        self
    }

    /// Makes it an emergency, which passes some rules of the policy. Plain SQL cannot do that.
    #[must_use]
    pub fn emergency(mut self, emergency: Emergency) -> Self {
        self.emergency = Some(emergency);
        self
    }

    /// Checks the fields, except what only a provider can check.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] says what to change.
    pub fn check(&self) -> Result<(), OutboxError> {
        name("key", &self.key, 1)?;
        name("tenant", &self.tenant, 0)?;
        if let Err(error) = self.payload.to().kind() {
            return Err(OutboxError::invalid(format!("the recipient: {error}")));
        }
        if self.due.is_some() && self.expires.is_some() && self.expires <= self.due {
            return Err(OutboxError::invalid("it expires before it is due"));
        }
        if self.zone.as_deref().is_some_and(|zone| zone.len() > 64 || jiff::tz::TimeZone::get(zone).is_err())
        {
            return Err(OutboxError::invalid(
                "its time zone is not known: use a name such as America/Chicago",
            ));
        }
        if let Some(emergency) = &self.emergency {
            emergency.check()?;
        }
        match &self.payload {
            Payload::Text(text) => check_text(text),
            Payload::Call(call) => {
                check_reference(call.callback.as_ref())?;
                call.keys().map_or(Ok(()), check_keys)
            }
        }
    }
}

fn name(what: &str, value: &str, least: usize) -> Result<(), OutboxError> {
    if value.len() < least {
        return Err(OutboxError::invalid(format!("the {what} is empty")));
    }
    if value.len() > Enqueue::MAX_NAME || value.contains('\0') {
        return Err(OutboxError::invalid(format!(
            "the {what} must have at most {} bytes, and no NUL",
            Enqueue::MAX_NAME
        )));
    }
    Ok(())
}

fn check_text(text: &Outgoing) -> Result<(), OutboxError> {
    let content = text.text.as_ref().is_some_and(|text| !text.is_empty());
    if !content && text.media.is_empty() && text.template.is_none() {
        return Err(OutboxError::invalid("there is nothing to send: set a text, media or a template"));
    }
    if text.send_at.is_some() {
        return Err(OutboxError::invalid(
            "the outbox sends it at its time: set `due` here instead of the message's `send_at`",
        ));
    }
    check_reference(text.callback.as_ref())
}

pub(crate) fn check_keys(keys: &KeyInput) -> Result<(), OutboxError> {
    keys.check().map_err(|error| OutboxError::invalid(error.message()))?;
    check_reference(keys.callback.as_ref())
}

fn check_reference(callback: Option<&switchboard::provider::Callback>) -> Result<(), OutboxError> {
    match callback.and_then(|callback| callback.reference.as_ref()) {
        Some(_) => Err(OutboxError::invalid("the outbox sets the callback's reference: leave it empty")),
        None => Ok(()),
    }
}

/// A message in the form in which it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prepared {
    pub(crate) kind: SendKind,
    /// The sender as the message names it, which is also the name of the queue. Empty for the account's default sender.
    pub(crate) sender: String,
    pub(crate) recipient: String,
    pub(crate) weight: u32,
    /// If two messages have the same sender and fingerprint, the provider's list of messages cannot show which is
    /// which.
    pub(crate) fingerprint: Digest16,
    /// Two messages under one key must have the same hash.
    pub(crate) hash: Digest16,
    /// The payload as JSON.
    pub(crate) request: String,
}

/// The first sixteen bytes of a SHA-256.
pub(crate) type Digest16 = [u8; 16];

impl Prepared {
    pub(crate) fn of(payload: &Payload) -> Result<Self, OutboxError> {
        let request = serde_json::to_string(payload)
            .map_err(|error| OutboxError::invalid(format!("it cannot be written as JSON: {error}")))?;
        if request.len() > Enqueue::MAX_BYTES {
            return Err(OutboxError::invalid(format!(
                "it has {} bytes as JSON, and at most {} are stored",
                request.len(),
                Enqueue::MAX_BYTES
            )));
        }
        let sender = payload.sender().map(|sender| serde_json::to_string(&sender)).transpose();
        Ok(Self {
            kind: payload.kind(),
            sender: sender.unwrap_or_default().unwrap_or_default(),
            recipient: with_lower_case_channel(payload.to().as_str()),
            weight: payload.weight(),
            fingerprint: fingerprint(payload),
            hash: digest(&[request.as_bytes()]),
            request,
        })
    }
}

/// Providers write the channel in lower case: `whatsapp:+14155551234`.
pub(crate) fn with_lower_case_channel(address: &str) -> String {
    match address.split_once(':') {
        Some((channel, rest)) => format!("{}:{rest}", channel.to_ascii_lowercase()),
        None => address.to_owned(),
    }
}

/// The fingerprint of the fields that the provider's list also shows, apart from the sender.
///
/// A template's text is not known here, so for templates only the recipient counts.
fn fingerprint(payload: &Payload) -> Digest16 {
    let to = payload.to().as_str().as_bytes();
    match payload {
        Payload::Text(text) if text.template.is_some() => digest(&[b"template", to]),
        Payload::Text(text) => {
            let body = text.text.as_ref().map_or("", |text| text.as_str());
            let mut parts: Vec<&[u8]> = vec![b"text", to, body.as_bytes()];
            parts.extend(text.media.iter().map(|url| url.as_str().as_bytes()));
            digest(&parts)
        }
        Payload::Call(call) => {
            let (kind, content): (&[u8], _) = match &call.content {
                CallContent::Say(text) => (b"say", text),
                CallContent::Ask { text, .. } => (b"ask", text),
                CallContent::Document(text) => (b"document", text),
                CallContent::Url(text) => (b"url", text),
                _ => return digest(&[b"call", to]),
            };
            digest(&[b"call", to, kind, content.as_str().as_bytes()])
        }
    }
}

/// Hashes each part with its length before it, so that different lists of parts never give the same input.
fn digest(parts: &[&[u8]]) -> Digest16 {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    let mut short = Digest16::default();
    short.iter_mut().zip(sha.finalize()).for_each(|(to, from)| *to = from);
    short
}

#[cfg(test)]
mod tests;
