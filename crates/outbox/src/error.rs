//! Errors of the outbox itself. A failed message is not an error of the outbox: its state describes the failure.

use switchboard_store::StoreError;

use crate::policy::Ruling;

/// An error of the outbox itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// What was given is not valid: the message was not enqueued, or the call did nothing.
    #[error("this cannot be used: {0}")]
    Invalid(String),
    /// The key belongs to a message with another text, sender or recipient. Nothing was enqueued.
    #[error(
        "the key of message {place} (counted from 0) is taken by another message, {id}: choose another key"
    )]
    KeyConflict {
        /// The position of the refused message in the given list, counted from 0.
        place: usize,
        /// The id of the message that has the key.
        id: i64,
    },
    /// The recipient wanted to be forgotten. Nothing was enqueued.
    #[error(
        "the recipient of message {place} (counted from 0) wanted to be forgotten: leave them out, or call `remember` \
         if they agree again"
    )]
    Forgotten {
        /// The position of the refused message in the given list, counted from 0.
        place: usize,
    },
    /// The policy refuses the message: the recipient has opted out, or a rule forbids it. Nothing was enqueued.
    #[error("message {place} (counted from 0) must not be sent: {because}")]
    Blocked {
        /// The position of the refused message in the given list, counted from 0.
        place: usize,
        /// The rule, and how to proceed.
        because: Ruling,
    },
    /// The campaign was stopped, or its messages were deleted after it had ended. Nothing was enqueued.
    #[error("the campaign {how}: choose another name for a new one")]
    CampaignOver {
        /// How it ended.
        how: &'static str,
    },
    /// There is a campaign of this name with another text, sender or options. Nothing was enqueued.
    #[error("the campaign exists with another {what}: choose another name, or use what it was started with")]
    CampaignChanged {
        /// What differs.
        what: &'static str,
    },
    /// There is no message with this key or id.
    #[error("there is no such message")]
    NotFound,
    /// The state of the message does not allow this change.
    #[error("a message that is {state} cannot be {verb}")]
    NotNow {
        /// The state of the message.
        state: &'static str,
        /// The requested change.
        verb: &'static str,
    },
    /// Another worker has started on this database.
    #[error("another worker has taken over: this one sends nothing any more")]
    LostLease,
    /// This machine's clock is more than five minutes behind a time that is stored in the database.
    #[error(
        "the clock of this machine is {behind_seconds} s behind the time that is stored: set it, then start again; \
         nothing is sent meanwhile"
    )]
    ClockWentBack {
        /// The difference, in seconds.
        behind_seconds: i64,
    },
    /// A verified callback names a message or an attempt that this database never stored: an old copy of the database
    /// is running, and would send again what was sent since the copy was made.
    #[error(
        "a callback names attempt {attempt} of message {message}, which this database never stored: an old copy of it \
         is running; stop its worker"
    )]
    StaleCopy {
        /// The id of the message.
        message: i64,
        /// The number of the attempt.
        attempt: u32,
    },
    /// The file of the database was copied or moved since its last worker ended, or a dump of a PostgreSQL database was
    /// restored. If the original is still in use, both would send the same messages.
    #[error(
        "the database was at `{before}` and is at `{now}`: if it is a copy, stop the worker of the original; then call \
         `Outbox::adopt_copy`"
    )]
    CopiedFile {
        /// The path and the number of the file, or those of the PostgreSQL database and its schema, when a worker last
        /// started.
        before: String,
        /// The same now.
        now: String,
    },
    /// The provider has already sent messages that wait in this database, so it is an old copy, or another program sent
    /// them. Nothing was sent.
    #[error(
        "the provider has already sent messages that wait in this database ({}): it is an old copy, or another program \
         sent them; restore the newest one, or cancel these messages, or start with `trust_database`", sids.join(", ")
    )]
    AlreadySent {
        /// Ids of these messages at the provider: ten at most.
        sids: Vec<String>,
    },
    /// The worker's task panicked, which is a bug. At the next start, the messages that it had marked become unknown.
    #[error("the worker's task panicked: start it again, and report this")]
    WorkerPanicked,
    /// A stored row cannot be read: another program changed the database, or it is damaged.
    #[error("a stored row cannot be read: {0}")]
    BadRow(&'static str),
    /// The provider's list of what was sent could not be read.
    #[error("the provider's list of what was sent could not be read: {0}")]
    Unlisted(#[source] switchboard::ProviderError),
    /// An error of the database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OutboxError {
    /// Is the reason one of the messages that were to be enqueued?
    pub(crate) const fn is_of_one_message(&self) -> bool {
        matches!(self, Self::KeyConflict { .. } | Self::Forgotten { .. } | Self::Blocked { .. })
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(message.into())
    }
}

impl From<rusqlite::Error> for OutboxError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}
