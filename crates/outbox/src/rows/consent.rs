//! Consents as they are stored.

use std::collections::BTreeSet;

use serde::Serialize;
use switchboard::phone::Address;

use super::record::Entry;
use crate::timing::Micros;

/// The consent of one person for a scope and a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConsentRow {
    pub(crate) recipient: String,
    /// See [`ConsentScope::stored`](crate::policy::ConsentScope).
    pub(crate) scope: String,
    /// Empty: for every purpose.
    pub(crate) purpose: String,
    pub(crate) opted_out: bool,
    pub(crate) source: String,
    /// When the person said it.
    pub(crate) at: Micros,
    pub(crate) proof: Option<String>,
}

/// Consents to store, each if it is newer than what is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consents {
    pub(crate) recorded: Micros,
    pub(crate) rows: Vec<ConsentRow>,
    pub(crate) actor: Option<String>,
    /// They are many: the log gets one entry for all, and open messages are not counted.
    pub(crate) many: bool,
}

/// Which consents to list: the newest first, and those of one time by recipient, purpose and scope, from the last to the
/// first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListConsents {
    /// Each once.
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) after: ConsentPlace,
    pub(crate) limit: u32,
}

/// A sender from which messages of a tenant are sent, as far as their queue was resolved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KnownSender {
    /// A number, or the id of a pool.
    pub(crate) address: String,
    pub(crate) account: String,
    pub(crate) tenant: String,
}

/// The place of a consent in a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ConsentPlace {
    pub(crate) at: Micros,
    pub(crate) recipient: String,
    pub(crate) purpose: String,
    pub(crate) scope: String,
}

/// The effect of [`Consents`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Consented {
    /// The number of rows that were new or newer.
    pub(crate) changed: u64,
    /// The number of messages to these people that were marked before, and whose result is not known.
    pub(crate) open: u64,
}

#[derive(Serialize)]
struct Detail<'a> {
    consent: &'a str,
    scope: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    purpose: &'a str,
    source: &'a str,
    /// The last four digits.
    recipient: String,
}

#[derive(Serialize)]
struct Many<'a> {
    source: &'a str,
    rows: usize,
    changed: u64,
}

impl ConsentPlace {
    /// Before every consent of a list.
    pub(crate) const FIRST: Self =
        Self { at: Micros::MAX, recipient: String::new(), purpose: String::new(), scope: String::new() };
}

impl ConsentRow {
    pub(crate) fn place(&self) -> ConsentPlace {
        ConsentPlace {
            at: self.at,
            recipient: self.recipient.clone(),
            purpose: self.purpose.clone(),
            scope: self.scope.clone(),
        }
    }

    /// The words in which the state is stored. Of two consents of one time, the later word counts.
    pub(crate) const fn word(&self) -> &'static str {
        if self.opted_out { "out" } else { "in" }
    }

    /// What decides which of two consents for the same scope and purpose counts.
    pub(crate) const fn age(&self) -> (Micros, &'static str) {
        (self.at, self.word())
    }
}

impl Consents {
    /// Keeps, of several rows about the same, the one that counts; in the order in which they are stored.
    pub(crate) fn once_each(&self) -> Vec<&ConsentRow> {
        let mut kept: Vec<&ConsentRow> = self.rows.iter().collect();
        let name = |row: &ConsentRow| (row.recipient.clone(), row.scope.clone(), row.purpose.clone());
        kept.sort_by_cached_key(|row| (name(row), std::cmp::Reverse(row.age())));
        kept.dedup_by_key(|row| name(row));
        kept
    }
}

impl Entry {
    pub(crate) fn consent(row: &ConsentRow) -> Self {
        let detail = Detail {
            consent: if row.opted_out { "opted_out" } else { "opted_in" },
            scope: &row.scope,
            purpose: &row.purpose,
            source: &row.source,
            recipient: Address::from(row.recipient.as_str()).masked().to_string(),
        };
        Self { topic: "consent", detail: serde_json::to_string(&detail).unwrap_or_default() }
    }

    pub(crate) fn consents(consents: &Consents, changed: u64) -> Self {
        let source = consents.rows.first().map_or("", |row| row.source.as_str());
        let detail = Many { source, rows: consents.rows.len(), changed };
        Self { topic: "consents", detail: serde_json::to_string(&detail).unwrap_or_default() }
    }
}
