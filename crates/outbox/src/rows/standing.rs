//! What the database says about a message that is not stored.

use std::collections::BTreeMap;

use super::NewMessage;
use crate::policy::{Bucket, Counter, Known, Recent};
use crate::timing::Micros;

/// Asks about a message.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// When it is to be sent.
    pub(crate) at: Micros,
    pub(crate) message: NewMessage,
    /// The parts of budgets that it uses.
    pub(crate) buckets: Vec<Bucket>,
    /// The limits towards which it counts.
    pub(crate) counters: Vec<Counter>,
}

/// The answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    /// The recipient wanted to be forgotten.
    pub(crate) is_forgotten: bool,
    /// What the recipient said about such messages.
    pub(crate) known: Option<Known>,
    /// What is reserved of budgets.
    pub(crate) used: BTreeMap<Bucket, i64>,
    pub(crate) recent: Recent,
}
