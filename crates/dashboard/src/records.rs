//! What a dashboard keeps beside the outbox: conversations, templates, drafts of campaigns, and who did what.

mod audit;
mod campaign;
mod conversation;
mod tables;
mod template;

use std::fmt;

use switchboard_store::{Database, PortableSql, StoreError};

pub(crate) use audit::Audited;
pub(crate) use campaign::{CampaignDraft, PartKind};
pub(crate) use conversation::{Change, Conversation, ConversationText, TextIn, TextOut, TextStatus};
pub(crate) use tables::MIGRATIONS;
pub(crate) use template::Template;

/// A clone is the same.
#[derive(Clone)]
pub(crate) struct Records {
    sql: PortableSql,
}

impl Records {
    pub(crate) async fn open(database: impl Into<Database>) -> Result<Self, StoreError> {
        Ok(Self { sql: PortableSql::open(database, &MIGRATIONS).await? })
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}

/// A page of a list, and the number behind which the next one begins.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<i64>,
}

impl<T> Page<T> {
    /// One more than `limit` was read, if there is one.
    fn of(mut items: Vec<T>, limit: u32, number: impl Fn(&T) -> i64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(number);
        Self { items, next }
    }
}
