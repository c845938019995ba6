//! The event log of the outbox, which a program reads at its own pace.

use jiff::Timestamp;
use serde_json::Value;
use switchboard_store::{Cursor, Handed};

use crate::error::OutboxError;
use crate::message::{MessageId, timestamp};

/// Reads the events of an outbox, each at least once, in the order of their commits.
///
/// The position of a cursor is stored under its name, so a restarted program continues after the last event that it
/// handled. An event counts as handled when the next one is requested, or when [`save`](Self::save) is called. After a
/// crash, events that may already have been handled are returned again, with [`again`](OutboxEvent::again) set.
#[derive(Debug)]
pub struct Events(Cursor);

/// Something that happened to a message, a sender or an account.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OutboxEvent {
    /// The number of the event. Later events have higher numbers.
    pub number: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened: `accepted`, `rejected`, `retry`, `unknown`, `parked`, `expired`, `cancelled`, …
    pub topic: String,
    /// The message that the event is about.
    pub message: Option<MessageId>,
    /// The person who caused it, if a person did.
    pub actor: Option<String>,
    /// Further details: the attempt, the provider's id, an error code. It never contains the text of a message.
    pub detail: Value,
    /// The event may have been handled before.
    pub again: bool,
}

impl Events {
    pub(crate) const fn new(cursor: Cursor) -> Self {
        Self(cursor)
    }

    /// Waits for the next event. The event that was returned before counts as handled.
    ///
    /// # Errors
    /// [`OutboxError::Store`]. The next call tries again, and no event is skipped.
    pub async fn next(&mut self) -> Result<OutboxEvent, OutboxError> {
        Ok(OutboxEvent::of(self.0.next().await?))
    }

    /// As [`next`](Self::next), but returns all events that can be read at once, at least one and at most `limit`. They
    /// count as handled together, when the next ones are requested.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn next_batch(&mut self, limit: usize) -> Result<Vec<OutboxEvent>, OutboxError> {
        Ok(self.0.next_batch(limit).await?.into_iter().map(OutboxEvent::of).collect())
    }

    /// Marks the last event as handled, and waits until that is stored on disk.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn save(&mut self) -> Result<(), OutboxError> {
        Ok(self.0.save().await?)
    }
}

impl OutboxEvent {
    fn of(handed: Handed) -> Self {
        let event = handed.event;
        let detail = event.detail.as_deref().map(serde_json::from_str).transpose();
        Self {
            number: event.seq,
            at: timestamp(event.at_micros),
            topic: event.topic,
            message: event.subject.map(MessageId),
            actor: event.actor,
            detail: detail.unwrap_or_default().unwrap_or_default(),
            again: handed.again,
        }
    }
}
