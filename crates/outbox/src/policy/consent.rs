//! Consent: who wants no messages, from whom, and how it is known.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard::phone::Address;
use switchboard::sms::Consent;

use super::{Purpose, Ruling};

/// The version of the rules below.
pub(super) const VERSION: &str = "2026-11-22";

/// Whose messages a consent is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ConsentScope {
    /// The messages of one sender: a number, a pool with all its numbers, or a sender name. This is how far a STOP
    /// reaches at the provider.
    Sender(Address),
    /// The messages of one tenant, from each of its senders.
    Tenant(String),
    /// All messages of this outbox.
    Everything,
}

impl ConsentScope {
    /// How it is stored: `sender +14155551234`, `tenant blue-door`, `all`.
    pub(crate) fn stored(&self) -> String {
        match self {
            Self::Sender(address) => format!("sender {}", address.as_str()),
            Self::Tenant(tenant) => format!("tenant {tenant}"),
            Self::Everything => "all".to_owned(),
        }
    }

    pub(crate) fn of_stored(stored: &str) -> Option<Self> {
        match stored.split_once(' ') {
            Some(("sender", address)) => Some(Self::Sender(Address::from(address))),
            Some(("tenant", tenant)) => Some(Self::Tenant(tenant.to_owned())),
            None if stored == "all" => Some(Self::Everything),
            _ => None,
        }
    }
}

/// How a consent is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ConsentSource {
    /// The person texted STOP, START or another such word.
    Keyword,
    /// The provider refused a message because the recipient has opted out.
    Provider,
    /// Somebody entered it. The event log has their name.
    Person,
    /// It comes from another system, with this name: a form, a list, a former provider.
    Import(String),
}

impl ConsentSource {
    /// How it is stored: `keyword`, `import web form`.
    pub(crate) fn stored(&self) -> String {
        match self {
            Self::Keyword => "keyword".to_owned(),
            Self::Provider => "provider".to_owned(),
            Self::Person => "person".to_owned(),
            Self::Import(name) => format!("import {name}"),
        }
    }

    pub(crate) fn of_stored(stored: &str) -> Option<Self> {
        Some(match stored {
            "keyword" => Self::Keyword,
            "provider" => Self::Provider,
            "person" => Self::Person,
            other => Self::Import(other.strip_prefix("import ")?.to_owned()),
        })
    }
}

/// What one person said about the messages of a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConsentRecord {
    /// The person's number, or their address on another channel.
    pub recipient: Address,
    /// Whose messages it is about.
    pub scope: ConsentScope,
    /// Only the messages for this purpose; `None`: all.
    pub purpose: Option<Purpose>,
    /// What they said.
    pub consent: Consent,
    /// How it is known.
    pub source: ConsentSource,
    /// When they said it. Of two records of the same person, scope and purpose the later one counts, and of two of one
    /// time the opt-out.
    pub at: Timestamp,
    /// The proof, in your own words or as JSON: the wording they agreed to, a URL, an IP address. At most 4,096 bytes.
    pub proof: Option<String>,
}

impl ConsentRecord {
    /// The maximum size of a proof, in bytes.
    pub const MAX_PROOF: usize = 4096;

    /// Records that a person wants no messages of a scope.
    pub fn opted_out(recipient: impl Into<Address>, scope: ConsentScope, at: Timestamp) -> Self {
        Self::new(recipient.into(), scope, Consent::OptedOut, at)
    }

    /// Records that a person wants messages of a scope.
    pub fn opted_in(recipient: impl Into<Address>, scope: ConsentScope, at: Timestamp) -> Self {
        Self::new(recipient.into(), scope, Consent::OptedIn, at)
    }

    const fn new(recipient: Address, scope: ConsentScope, consent: Consent, at: Timestamp) -> Self {
        Self { recipient, scope, purpose: None, consent, source: ConsentSource::Person, at, proof: None }
    }

    /// Limits it to the messages for a purpose.
    #[must_use]
    pub const fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// Sets how it is known.
    #[must_use]
    pub fn source(mut self, source: ConsentSource) -> Self {
        self.source = source;
        self
    }

    /// Sets the proof.
    #[must_use]
    pub fn proof(mut self, proof: impl Into<String>) -> Self {
        self.proof = Some(proof.into());
        self
    }
}

/// What the consents of a recipient say about one message: the word and the scope that decide, as they are stored. An
/// opt-out decides over any opt-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known(String);

impl Known {
    /// `stored`: `out sender +14155551234`, `in all`.
    pub(crate) const fn new(stored: String) -> Self {
        Self(stored)
    }

    /// Returns the rule that refuses the message, if there is one.
    pub(crate) fn refuses(known: Option<&Self>, needed: bool) -> Option<Ruling> {
        match known.and_then(|known| known.0.split_once(' ')) {
            Some(("out", scope)) => Some(opted_out(scope)),
            None if needed => Some(not_given()),
            _ => None,
        }
    }
}

/// The reason names no number.
fn opted_out(scope: &str) -> Ruling {
    let (whose, how) = match ConsentScope::of_stored(scope) {
        Some(ConsentScope::Tenant(_)) => ("from this tenant", ""),
        Some(ConsentScope::Sender(_)) => ("from this sender", "by texting START to the number, or "),
        _ => ("from us", ""),
    };
    let reason = format!(
        "the recipient has opted out of messages {whose}: do not send; they opt in again {how}with a recorded consent of \
         a later date"
    );
    Ruling::new("consent", VERSION, reason)
}

fn not_given() -> Ruling {
    let reason = "the policy asks for a consent of the recipient, and none is recorded: ask them, and record the answer \
                  with its source and date";
    Ruling::new("consent", VERSION, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_back() {
        let scopes = [
            ConsentScope::Sender("+14155551234".into()),
            ConsentScope::Tenant("a b".into()),
            ConsentScope::Tenant(String::new()),
            ConsentScope::Everything,
        ];
        for scope in scopes {
            assert_eq!(ConsentScope::of_stored(&scope.stored()), Some(scope));
        }
        let sources = [
            ConsentSource::Keyword,
            ConsentSource::Provider,
            ConsentSource::Person,
            ConsentSource::Import("keyword".into()),
            ConsentSource::Import(String::new()),
        ];
        for source in sources {
            assert_eq!(ConsentSource::of_stored(&source.stored()), Some(source));
        }
        assert_eq!(ConsentScope::of_stored("odd"), None);
        assert_eq!(ConsentSource::of_stored("odd"), None);
    }

    #[test]
    fn an_opt_out_refuses_and_a_missing_consent_only_where_it_is_needed() {
        let known = |text: &str| Known::new(text.to_owned());
        assert!(Known::refuses(Some(&known("out all")), false).is_some());
        assert!(Known::refuses(Some(&known("in all")), true).is_none());
        assert!(Known::refuses(None, true).is_some());
        assert!(Known::refuses(None, false).is_none());
    }
}
