//! What may be sent, when, and why not.
//!
//! A policy answers [`Decision`]: a message may go out now, later, or not at all. It is asked when a message is enqueued,
//! and again in the transaction that marks the message before it is sent.

mod decision;

use serde::{Deserialize, Serialize};

pub use self::decision::{Decision, Ruling};

/// What a message is for. Some rules apply to marketing only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Purpose {
    /// The recipient expects it: a code, a receipt, a reminder, an alarm.
    #[default]
    Transactional,
    /// It advertises something.
    Marketing,
}

impl Purpose {
    /// Returns the word, `marketing`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transactional => "transactional",
            Self::Marketing => "marketing",
        }
    }
}
