//! The events of messages, which a program reads at its own pace.

use jiff::Timestamp;
use serde_json::Value;
use switchboard_store::Cursor;

use crate::error::OutboxError;
use crate::outbox::{MessageId, timestamp};

/// Reads the events of an outbox, each at least once, in the order of their commits.
///
/// The position of a cursor is stored under its name, so a restarted program continues after the last event. An event counts as handled when
/// the next one is asked for, or [`save`](Self::save) is called. After a crash, events that may have been handled come
/// again, with [`again`](OutboxEvent::again) set.
#[derive(Debug)]
pub struct Events(Cursor);

/// Something that happened to a message, a sender or an account.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OutboxEvent {
    /// Its number: later ones have higher numbers.
    pub number: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened: `accepted`, `rejected`, `retry`, `unknown`, `parked`, `expired`, `cancelled`, …
    pub topic: String,
    /// The message that it is about.
    pub message: Option<MessageId>,
    /// The person who caused it, if a person did.
    pub actor: Option<String>,
    /// Further details: the attempt, the provider's id, an error code. Never a text.
    pub detail: Value,
    /// It may have been handled before.
    pub again: bool,
}

impl Events {
    pub(crate) const fn new(cursor: Cursor) -> Self {
        Self(cursor)
    }

    /// Waits for the next event. The one before it counts as handled.
    ///
    /// # Errors
    /// [`OutboxError::Store`]; the next call tries again, and nothing is skipped.
    pub async fn next(&mut self) -> Result<OutboxEvent, OutboxError> {
        let handed = self.0.next().await?;
        let event = handed.event;
        let detail = event.detail.as_deref().map(serde_json::from_str).transpose();
        Ok(OutboxEvent {
            number: event.seq,
            at: timestamp(event.at_micros),
            topic: event.topic,
            message: event.subject.map(MessageId),
            actor: event.actor,
            detail: detail.unwrap_or_default().unwrap_or_default(),
            again: handed.again,
        })
    }

    /// Counts the last event as handled, and waits until that is on disk.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn save(&mut self) -> Result<(), OutboxError> {
        Ok(self.0.save().await?)
    }
}
