//! What the store needs to delete messages: old ones, and those of a person who wants to be forgotten.

use crate::timing::Micros;

/// Deletes messages that ended before a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Retire {
    /// Messages with a lower id were handled before.
    pub(crate) after: i64,
    pub(crate) ended_before: Micros,
    /// The number of messages to read at most.
    pub(crate) limit: u32,
}

/// The result of [`Retire`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Retired {
    pub(crate) deleted: u32,
    /// The id to go on after; `None` if no further message is old enough.
    pub(crate) next: Option<i64>,
}

/// Deletes the messages to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forget {
    pub(crate) at: Micros,
    pub(crate) recipient: String,
    /// `None`: of every tenant.
    pub(crate) tenant: Option<String>,
    /// The keyed hash of the recipient, which is stored so that nobody enqueues to this person again.
    pub(crate) hash: String,
    /// Messages with a lower id were handled before.
    pub(crate) after: i64,
    /// The number of messages to read at most.
    pub(crate) limit: u32,
    pub(crate) actor: Option<String>,
}

/// The result of [`Forget`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Forgot {
    pub(crate) deleted: u32,
    /// Messages whose result is not known. They are not sent again, and stay until they are settled.
    pub(crate) open: u32,
    /// The id to go on after; `None` after the last message.
    pub(crate) next: Option<i64>,
}
