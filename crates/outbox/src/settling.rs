//! Settles unknown messages by what the provider lists.
//!
//! A loop beside the worker claims unknown messages, reads the provider's list for each recipient, and records the
//! [`verdict`]. The verdict is a pure function. Only the provider's dates and this process's monotonic clock count in a
//! proof of absence; a wall clock decides only when a message is checked.

mod canaries;
mod check;
mod list;
mod losses;
mod rounds;
mod verdict;

use serde::{Deserialize, Serialize};

pub(crate) use self::canaries::Canaries;
pub(crate) use self::losses::Losses;
pub(crate) use self::rounds::{Rules, Settling};

/// What happens with a message of which the provider's list proves that it was not sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IfAbsent {
    /// It is parked, and a person decides.
    #[default]
    Park,
    /// It is sent again. **In the cases that the README lists, the recipient gets it twice.**
    Requeue,
}
