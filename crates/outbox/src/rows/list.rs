//! Lists of messages for a person: pages, the newest first.

use super::Row;

/// Which messages to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) tenant: String,
    /// Only those of this campaign. `None`: those of no campaign; if they are `unsettled`, of any or none.
    pub(crate) campaign: Option<i64>,
    /// Only those that are unknown or parked.
    pub(crate) unsettled: bool,
    /// The words of states; empty for every state.
    pub(crate) states: Vec<String>,
    pub(crate) recipient: Option<String>,
    pub(crate) key_prefix: Option<String>,
    /// Only those with a lower id.
    pub(crate) before: i64,
    pub(crate) limit: u32,
    /// How many messages are read at most, if not all of them are shown. It is at least `limit`.
    pub(crate) reach: u32,
}

/// A page of messages.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Listed {
    pub(crate) rows: Vec<Row>,
    /// Where the next page begins; `None` after the oldest message.
    pub(crate) next: Option<i64>,
}

/// How far one page reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Floor {
    /// The lowest id that it reads.
    pub(crate) id: i64,
    /// There are messages with lower ids.
    pub(crate) more: bool,
}

impl List {
    /// May a page have to read more messages than it shows? The messages that are unsettled are few.
    pub(crate) const fn has_floor(&self) -> bool {
        let all = self.states.is_empty() && self.recipient.is_none() && self.key_prefix.is_none();
        !all && !self.unsettled
    }

    /// The states to select, if not all.
    pub(crate) fn words(&self) -> Option<&[String]> {
        (!self.states.is_empty()).then_some(self.states.as_slice())
    }
}

impl Floor {
    /// `last`: the ids of the last message within reach and of the next one, as far as they exist.
    pub(crate) fn of(last: &[i64]) -> Self {
        Self { id: last.first().copied().unwrap_or(0), more: last.len() > 1 }
    }

    /// Returns the ids of a page, and where the next one begins. `found` has one id more than the page, if there is one.
    pub(crate) fn page(self, mut found: Vec<i64>, limit: u32) -> (Vec<i64>, Option<i64>) {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if found.len() > limit {
            found.truncate(limit);
            let next = found.last().copied();
            return (found, next);
        }
        (found, self.more.then_some(self.id))
    }
}
