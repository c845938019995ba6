//! What may be sent, when, and why not.
//!
//! A policy answers [`Decision`]: a message may go out now, later, or not at all. It is asked when a message is enqueued,
//! and again in the transaction that marks the message before it is sent.

mod budget;
mod consent;
mod decision;
mod emergency;
mod purse;
pub mod quiet;
mod rules;
mod text;
mod velocity;

use serde::{Deserialize, Serialize};

pub use self::budget::Budget;
pub(crate) use self::budget::{Bucket, Charge, Spend, billable, country};
pub(crate) use self::consent::Known;
pub use self::consent::{ConsentRecord, ConsentScope, ConsentSource};
pub use self::decision::{Decision, Ruling};
pub use self::emergency::Emergency;
pub(crate) use self::emergency::Passes;
pub(crate) use self::purse::{Paid, Purse, Spent, Want};
pub use self::quiet::{Opening, QuietHours, QuietHoursError};
pub(crate) use self::rules::{About, Asked};
pub use self::rules::{OptOutReach, Policy, RuleInForce};
pub use self::text::{Finding, Findings, Severity, SupportRequest, TextRules, TextRulesError};
pub use self::velocity::Velocity;
pub(crate) use self::velocity::{Count, Counter, Counting, Exceeded, Limit, Recent, Sending, person};

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
    /// Returns the purpose with this word.
    pub(crate) fn named(word: &str) -> Option<Self> {
        [Self::Transactional, Self::Marketing].into_iter().find(|purpose| purpose.as_str() == word)
    }

    /// Returns the word, `marketing`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transactional => "transactional",
            Self::Marketing => "marketing",
        }
    }
}
