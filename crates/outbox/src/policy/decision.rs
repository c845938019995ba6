//! The answer of a policy.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The answer of a policy about one message at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "decision")]
#[non_exhaustive]
pub enum Decision {
    /// It may be sent now.
    Allow,
    /// It may not be sent before a time. It is asked again then.
    Defer {
        /// The earliest time.
        until: Timestamp,
        /// The rule that decided it.
        because: Ruling,
    },
    /// It may not be sent.
    Block {
        /// The rule that decided it.
        because: Ruling,
    },
}

/// The rule that decided about a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Ruling {
    /// The name of the rule: `consent`, `quiet-hours`.
    pub rule: String,
    /// The version of its data, usually a date.
    pub version: String,
    /// Why, and how to proceed, in a sentence. It contains no number in full and no text of a message.
    pub reason: String,
}

impl Ruling {
    /// Names a rule, the version of its data, and the reason.
    pub fn new(rule: impl Into<String>, version: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { rule: rule.into(), version: version.into(), reason: reason.into() }
    }
}

impl std::fmt::Display for Ruling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} of {})", self.reason, self.rule, self.version)
    }
}
