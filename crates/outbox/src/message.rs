//! What programs see of the messages in an outbox.

use jiff::Timestamp;
use switchboard::ProviderError;
use switchboard::phone::Address;
use switchboard::provider::{PickedUpBy, Price, SendKind, Sender};
use switchboard::sms::Text;

use crate::error::OutboxError;
use crate::rows::{Name, Row};
use crate::state::{ParkReason, State};
use crate::timing::Micros;

/// The result of an `enqueue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// The message is on disk, and will be sent.
    New(MessageId),
    /// A message was already enqueued under this key. It is not sent a second time.
    Existing(MessageId),
}

impl Enqueued {
    /// Returns the id of the message.
    #[must_use]
    pub const fn id(self) -> MessageId {
        match self {
            Self::New(id) | Self::Existing(id) => id,
        }
    }

    /// Is the message new?
    #[must_use]
    pub const fn is_new(self) -> bool {
        matches!(self, Self::New(_))
    }
}

/// The number of a message in its outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub(crate) i64);

impl MessageId {
    /// Makes an id of a number that [`get`](Self::get) returned.
    #[must_use]
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl From<i64> for MessageId {
    fn from(id: i64) -> Self {
        Self(id)
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A message in the outbox. It does not contain the text, which stays in the database.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Message {
    /// Its number.
    pub id: MessageId,
    /// Its tenant; empty if it has none.
    pub tenant: String,
    /// Its key.
    pub key: String,
    /// The number of its campaign, as `CampaignProgress::id` has it; `None` if it belongs to none.
    pub campaign: Option<i64>,
    /// Is it a text or a call?
    pub kind: SendKind,
    /// The recipient.
    pub to: Address,
    /// The sender that the message names, if it can be read.
    pub from: Option<Sender>,
    /// Its state.
    pub state: State,
    /// How often it was marked for sending.
    pub attempts: u32,
    /// It was cancelled while an attempt was being sent. It is not sent again.
    pub cancel_requested: bool,
    /// When it was enqueued.
    pub enqueued: Timestamp,
    /// When it expires.
    pub expires: Option<Timestamp>,
    /// For a ready message: when it is due. For others: since when its row has been in the table of its state.
    pub at: Timestamp,
    /// Why it is parked.
    pub parked: Option<ParkReason>,
    /// The ids of messages at the provider that may be this one, while it is unknown or parked.
    pub candidates: Vec<String>,
    /// The provider's last error, or why it did not arrive.
    pub error: Option<ProviderError>,
    /// The number of billed segments, if the provider reported it.
    pub segments: Option<u32>,
    /// What it cost, if [`Outbox::collect`](crate::Outbox::collect) has read it.
    pub price: Option<Price>,
    /// When its final delivery status was reached: by the provider's clock if the report says it, else when the report
    /// arrived.
    pub ended: Option<Timestamp>,
    /// Who picked up a call, if the provider reported it.
    pub picked_up_by: Option<PickedUpBy>,
    /// The keys that the person pressed in a call that [asks](switchboard::provider::OutgoingCall::ask) for them. `Debug`
    /// masks them.
    pub pressed: Option<Text>,
}

impl Message {
    pub(crate) fn of(row: Row) -> Self {
        // A row with an unreadable field is still shown, because a person must be able to find it.
        let error = row.error.as_deref().and_then(|error| serde_json::from_str(error).ok());
        Self {
            id: MessageId(row.id),
            tenant: row.tenant,
            key: row.key,
            campaign: (row.campaign != 0).then_some(row.campaign),
            kind: row.kind,
            to: Address::from(row.recipient.as_str()),
            from: sender_of(&row.sender).unwrap_or_default(),
            attempts: row.progress.attempt,
            cancel_requested: row.progress.no_repeat,
            state: row.progress.state,
            enqueued: timestamp(row.created),
            expires: row.expires.map(timestamp),
            at: timestamp(row.at),
            parked: row.why,
            candidates: row.sids,
            error,
            segments: row.segments,
            ended: row.delivered.done.map(timestamp),
            price: row.delivered.price,
            picked_up_by: row.delivered.picked_up_by,
            pressed: row.delivered.pressed.map(Text::new),
        }
    }
}

pub(crate) fn sender_of(stored: &str) -> Result<Option<Sender>, OutboxError> {
    let sender = (!stored.is_empty()).then(|| serde_json::from_str(stored)).transpose();
    sender.map_err(|_| OutboxError::BadRow("its sender"))
}

/// The name of a sender in the database and in [`WorkerBuilder::rate`](super::WorkerBuilder::rate).
pub(crate) fn address(sender: &Sender) -> String {
    sender.address().to_owned()
}

/// Converts a stored time. If a [`Timestamp`] cannot represent it (as with the end of the year 9999), the nearest
/// possible time is returned.
pub(crate) fn timestamp(at: Micros) -> Timestamp {
    let nearest = if at < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(at).unwrap_or(nearest)
}

/// The number of messages in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Counts {
    /// They wait to be sent.
    pub ready: u64,
    /// They are being sent.
    pub sending: u64,
    /// Their answer was lost.
    pub unknown: u64,
    /// They wait for a person.
    pub parked: u64,
    /// The provider took them.
    pub accepted: u64,
    /// The provider refused them.
    pub rejected: u64,
    /// They were not sent in time.
    pub expired: u64,
    /// The policy refused them.
    pub blocked: u64,
    /// They were cancelled before they were sent.
    pub cancelled: u64,
    /// A person ended them without knowing whether they were sent.
    pub abandoned: u64,
}

impl Counts {
    /// Sets the number of messages in a state, by its stored word.
    pub(crate) fn set(&mut self, state: &str, messages: i64) -> Result<(), OutboxError> {
        let place = self.place(state).ok_or(OutboxError::BadRow("a state is counted that is not known"))?;
        *place = u64::try_from(messages).unwrap_or_default();
        Ok(())
    }

    /// Counts one message more in a state.
    pub(crate) fn add(&mut self, state: &str) {
        if let Some(place) = self.place(state) {
            *place += 1;
        }
    }

    /// The number of messages in all states.
    #[must_use]
    pub const fn all(&self) -> u64 {
        let sent =
            self.accepted + self.rejected + self.expired + self.blocked + self.cancelled + self.abandoned;
        self.ready + self.sending + self.unknown + self.parked + sent
    }

    fn place(&mut self, state: &str) -> Option<&mut u64> {
        Some(match state {
            "ready" => &mut self.ready,
            "sending" => &mut self.sending,
            "unknown" => &mut self.unknown,
            "parked" => &mut self.parked,
            "accepted" => &mut self.accepted,
            "rejected" => &mut self.rejected,
            "expired" => &mut self.expired,
            "blocked" => &mut self.blocked,
            "cancelled" => &mut self.cancelled,
            "abandoned" => &mut self.abandoned,
            _ => return None,
        })
    }
}

/// A sender or an account that is paused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PausedSender {
    /// The account.
    pub account: String,
    /// The sender: a number, or the id of a pool; `None` if the whole account is paused.
    pub sender: Option<Address>,
    /// The end of the pause. Then a single message is sent to test whether the provider accepts messages again.
    pub until: Timestamp,
    /// The number of pauses in a row.
    pub times: u32,
    /// The reason that the provider gave, as one word.
    pub reason: String,
}

/// Identifies a message: by its key, by its tenant and key, or by its id.
#[derive(Debug, Clone)]
pub struct Key(pub(crate) Name);

impl From<&str> for Key {
    fn from(key: &str) -> Self {
        Self(Name::Key { tenant: String::new(), key: key.to_owned() })
    }
}

impl From<String> for Key {
    fn from(key: String) -> Self {
        Self(Name::Key { tenant: String::new(), key })
    }
}

impl From<(&str, &str)> for Key {
    fn from((tenant, key): (&str, &str)) -> Self {
        Self(Name::Key { tenant: tenant.to_owned(), key: key.to_owned() })
    }
}

impl From<MessageId> for Key {
    fn from(id: MessageId) -> Self {
        Self(Name::Id(id.0))
    }
}
