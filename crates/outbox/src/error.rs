//! What can go wrong with the outbox itself; what becomes of a message is its state.

use switchboard_store::StoreError;

/// What can go wrong with the outbox itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// A message cannot be enqueued as it is.
    #[error("the message cannot be enqueued: {0}")]
    Invalid(String),
    /// The key is taken by a message with another text, sender or recipient. Nothing was enqueued.
    #[error(
        "the key of message {place} (counted from 0) is taken by another message, {id}: choose another key"
    )]
    KeyConflict {
        /// The place of the refused message among those given, from 0.
        place: usize,
        /// The id of the message that has the key.
        id: i64,
    },
    /// There is no message of that name.
    #[error("there is no such message")]
    NotFound,
    /// The message is in a state in which this cannot be done.
    #[error("a message that is {state} cannot be {verb}")]
    NotNow {
        /// Its state.
        state: &'static str,
        /// What was asked for.
        verb: &'static str,
    },
    /// Another worker has begun to work on this database.
    #[error("another worker has taken over: this one sends nothing any more")]
    LostLease,
    /// The clock of this machine lies more than five minutes behind a time that is stored.
    #[error(
        "the clock of this machine is {behind_seconds} s behind the time that is stored: set it, then start again; \
         nothing is sent meanwhile"
    )]
    ClockWentBack {
        /// How far.
        behind_seconds: i64,
    },
    /// The worker's task panicked: a defect. What it had marked is unknown from the next start on.
    #[error("the worker's task panicked: start it again, and report this")]
    WorkerPanicked,
    /// A stored row cannot be read: the database was changed by something else, or is damaged.
    #[error("a stored row cannot be read: {0}")]
    BadRow(&'static str),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OutboxError {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(message.into())
    }
}

impl From<rusqlite::Error> for OutboxError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}
