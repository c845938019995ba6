//! What became of a text or a call after the provider took it.

use std::borrow::Cow;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ErrorCode, Outcome, ProviderError, Reason, Scope};
use crate::phone::Address;
use crate::sms::{Consent, Text};

/// Is it a text or a call?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SendKind {
    /// A text, with or without media.
    Text,
    /// A call.
    Call,
}

/// The provider's id of a text or a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SendId {
    /// What it names.
    pub kind: SendKind,
    /// The id as the provider writes it.
    pub id: String,
}

impl SendId {
    /// Names a text.
    pub fn text(id: impl Into<String>) -> Self {
        Self { kind: SendKind::Text, id: id.into() }
    }

    /// Names a call.
    pub fn call(id: impl Into<String>) -> Self {
        Self { kind: SendKind::Call, id: id.into() }
    }
}

impl std::fmt::Display for SendId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id)
    }
}

/// The delivery status of a text, or the status of a call.
///
/// Reports may be late, repeated or out of order: combine them with [`fold`](Self::fold).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeliveryStatus {
    /// The provider will send it at a later time.
    Scheduled,
    /// It waits at the provider.
    Queued,
    /// The provider is handing it to the carrier, or is dialling.
    Sending,
    /// The telephone rings.
    Ringing,
    /// The carrier has it. Where a carrier reports nothing, it stays so.
    Sent,
    /// Somebody, or a machine, picked up the call.
    InProgress,
    /// Another status, in the provider's own word. It counts as not final.
    Other(String),
    /// It was cancelled before it was sent or picked up.
    Canceled,
    /// Nobody picked up.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// It could not be sent or connected.
    Failed,
    /// The carrier reports that it did not arrive.
    Undelivered,
    /// The call was picked up, by a person or a machine, and is over.
    Completed,
    /// The carrier reports that it arrived.
    Delivered,
    /// It was read.
    Read,
}

impl DeliveryStatus {
    const WORDS: [(&'static str, Self); 14] = [
        ("scheduled", Self::Scheduled),
        ("queued", Self::Queued),
        ("sending", Self::Sending),
        ("ringing", Self::Ringing),
        ("sent", Self::Sent),
        ("in-progress", Self::InProgress),
        ("canceled", Self::Canceled),
        ("no-answer", Self::NoAnswer),
        ("busy", Self::Busy),
        ("failed", Self::Failed),
        ("undelivered", Self::Undelivered),
        ("completed", Self::Completed),
        ("delivered", Self::Delivered),
        ("read", Self::Read),
    ];

    /// Returns the word, `no-answer`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(word) => word,
            known => Self::WORDS.iter().find(|(_, status)| status == known).map_or("", |(word, _)| word),
        }
    }

    /// Is it final? After a final status no report follows, except `read` after `delivered`.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.rank() >= Self::Canceled.rank()
    }

    /// Did it surely reach a telephone? A machine may have picked up a call.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Completed | Self::Delivered | Self::Read)
    }

    /// Did it surely not reach its recipient?
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        self.is_final() && !self.is_success()
    }

    /// Combines two reports that may be late, repeated or out of order: the one that is further along counts.
    ///
    /// The result is the same for every order of the same reports, and what is final stays final.
    ///
    /// ```
    /// use switchboard::provider::DeliveryStatus::{Delivered, Queued, Sent};
    ///
    /// assert_eq!(Delivered.fold(Sent), Delivered); // a late "sent"
    /// assert_eq!(Queued.fold(Sent).fold(Delivered), Delivered);
    /// ```
    #[must_use]
    pub fn fold(self, report: Self) -> Self {
        // Two unknown statuses are ordered by their text, so that the order of the reports does not matter.
        if (report.rank(), report.as_str()) > (self.rank(), self.as_str()) { report } else { self }
    }

    /// How far along it is. The order of the variants above, which a test holds.
    const fn rank(&self) -> u8 {
        match self {
            Self::Scheduled => 0,
            Self::Queued => 1,
            Self::Sending => 2,
            Self::Ringing => 3,
            Self::Sent => 4,
            Self::InProgress => 5,
            Self::Other(_) => 6,
            Self::Canceled => 7,
            Self::NoAnswer => 8,
            Self::Busy => 9,
            Self::Failed => 10,
            Self::Undelivered => 11,
            Self::Completed => 12,
            Self::Delivered => 13,
            Self::Read => 14,
        }
    }
}

impl From<&str> for DeliveryStatus {
    fn from(word: &str) -> Self {
        let known = Self::WORDS.iter().find(|(known, _)| *known == word);
        known.map_or_else(|| Self::Other(word.to_owned()), |(_, status)| status.clone())
    }
}

impl std::fmt::Display for DeliveryStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for DeliveryStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for DeliveryStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(deserializer)?.as_str()))
    }
}

/// What the provider answered when it took a text or a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted {
    /// Its id at the provider.
    pub id: SendId,
    /// The first status.
    pub status: DeliveryStatus,
    /// Segments it is billed as, where the provider says so already.
    pub segments: Option<u32>,
    /// The provider's clock when it answered.
    pub server_time: Option<Timestamp>,
}

impl Accepted {
    /// Makes one, for adapters; the other fields are public.
    #[must_use]
    pub const fn new(id: SendId, status: DeliveryStatus) -> Self {
        Self { id, status, segments: None, server_time: None }
    }
}

/// Why a text or a call did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeliveryError {
    /// The provider's number for it.
    pub code: u32,
    /// The reason in a word to match on.
    pub reason: Reason,
    /// How far it reaches: a sender whose queue is full and an account that is suspended fail for others, too. What
    /// failed is over; [`Scope::Attempt`] says that a new message may succeed later.
    pub scope: Scope,
    /// What it means, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Cow<'static, str>>,
    /// What a person should do about it, in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<Cow<'static, str>>,
}

impl DeliveryError {
    /// Makes one, for adapters, with the usual scope of its reason.
    #[must_use]
    pub const fn new(code: u32, reason: Reason) -> Self {
        Self { code, reason, scope: Scope::of_reason(reason), meaning: None, advice: None }
    }

    /// Says how far it reaches, where its reason does not say it.
    #[must_use]
    pub const fn with_scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Says what it means, and what a person should do about it.
    #[must_use]
    pub fn explained(
        mut self,
        meaning: impl Into<Cow<'static, str>>,
        advice: impl Into<Cow<'static, str>>,
    ) -> Self {
        (self.meaning, self.advice) = (Some(meaning.into()), Some(advice.into()));
        self
    }
}

/// The provider had taken the message, so its outcome is [`Applied`](Outcome::Applied).
impl From<&DeliveryError> for ProviderError {
    fn from(failure: &DeliveryError) -> Self {
        let DeliveryError { code, reason, scope, meaning, advice } = failure;
        let message = meaning.as_deref().unwrap_or("the message did not arrive");
        let error = Self::new(ErrorCode::ProviderError, Outcome::Applied)
            .with_provider_code(*code)
            .with_reason(*reason)
            .with_scope(*scope)
            .with_message(message);
        match advice {
            Some(advice) => error.with_advice(advice.clone()),
            None => error,
        }
    }
}

/// Who picked up a call, where the provider tried to find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PickedUpBy {
    /// A person.
    Person,
    /// An answering machine.
    Machine,
    /// A fax.
    Fax,
    /// It could not be found out.
    Unknown,
}

impl PickedUpBy {
    /// Returns the word, `person`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Machine => "machine",
            Self::Fax => "fax",
            Self::Unknown => "unknown",
        }
    }
}

/// What something cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// The amount that is charged: positive, exact.
    pub amount: Decimal,
    /// The currency, ISO 4217 in upper case.
    pub currency: String,
}

/// What became of a text or a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Delivery {
    /// Its id at the provider.
    pub id: SendId,
    /// Its status.
    pub status: DeliveryStatus,
    /// Why it did not arrive.
    pub error: Option<DeliveryError>,
    /// Segments it is billed as.
    pub segments: Option<u32>,
    /// What it cost, once it is billed.
    pub price: Option<Price>,
    /// When the status last changed.
    pub updated: Option<Timestamp>,
    /// Who picked up the call, where the provider tried to find out.
    #[serde(default)]
    pub picked_up_by: Option<PickedUpBy>,
    /// The keys that the person pressed in a call. `Debug` masks them.
    #[serde(default)]
    pub pressed: Option<Text>,
}

impl Delivery {
    /// Makes one, for adapters; the other fields are public.
    #[must_use]
    pub const fn new(id: SendId, status: DeliveryStatus) -> Self {
        Self {
            id,
            status,
            error: None,
            segments: None,
            price: None,
            updated: None,
            picked_up_by: None,
            pressed: None,
        }
    }
}

/// Which texts or calls to list, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Search {
    /// Texts or calls.
    pub kind: SendKind,
    /// Only those to this address.
    pub to: Option<Address>,
    /// Only those from this address.
    pub from: Option<Address>,
    /// How many a page may hold; the provider's default where it is not set.
    pub page_size: Option<u32>,
}

impl Search {
    /// Lists all texts, or all calls.
    #[must_use]
    pub const fn new(kind: SendKind) -> Self {
        Self { kind, to: None, from: None, page_size: None }
    }

    /// Only those to this address.
    #[must_use]
    pub fn to(mut self, to: impl Into<Address>) -> Self {
        self.to = Some(to.into());
        self
    }

    /// Only those from this address.
    #[must_use]
    pub fn from(mut self, from: impl Into<Address>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Sets how many a page may hold.
    #[must_use]
    pub const fn page_size(mut self, rows: u32) -> Self {
        self.page_size = Some(rows);
        self
    }
}

/// Where the next page of a list begins, in the provider's own words.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageToken(String);

impl PageToken {
    /// Makes one, for adapters.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// Returns the provider's words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One text or call of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundRow {
    /// What became of it.
    pub delivery: Delivery,
    /// Whom it was for.
    pub to: Option<Address>,
    /// Who sent it. A pool may not have chosen yet.
    pub from: Option<Address>,
    /// The pool that sent it.
    pub pool: Option<String>,
    /// The text, where the provider keeps it.
    pub text: Option<Text>,
    /// When the provider took it.
    pub created: Option<Timestamp>,
    /// Was it sent over the provider's API, rather than received or sent as a reply?
    pub by_api: bool,
}

impl FoundRow {
    /// Makes one, for adapters; the other fields are public.
    #[must_use]
    pub const fn new(delivery: Delivery, by_api: bool) -> Self {
        Self { delivery, to: None, from: None, pool: None, text: None, created: None, by_api }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// What is on it, the newest first.
    pub rows: Vec<FoundRow>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<PageToken>,
    /// The provider's clock when it answered.
    pub server_time: Option<Timestamp>,
}

impl Found {
    /// Makes a page, for adapters.
    #[must_use]
    pub const fn new(rows: Vec<FoundRow>, next: Option<PageToken>, server_time: Option<Timestamp>) -> Self {
        Self { rows, next, server_time }
    }
}

/// What a verified webhook proves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// A text or a call exists at the provider, and this is its status.
    Delivery {
        /// What became of it.
        delivery: Delivery,
        /// The reference that the caller gave with the [`Callback`](super::Callback).
        reference: Option<String>,
    },
    /// A person sent a text.
    Inbound {
        /// The person's number.
        from: Address,
        /// The number that they wrote to.
        to: Address,
        /// The pool that this number belongs to.
        pool: Option<String>,
        /// The change of their consent, where the text is STOP, START or the like.
        consent: Option<Consent>,
    },
}

#[cfg(test)]
mod tests;
