//! Emergencies: messages that pass some rules, by name, and not often.

use serde::{Deserialize, Serialize};

use super::Ruling;
use crate::error::OutboxError;

/// The version of the rules below.
pub(super) const VERSION: &str = "2026-11-22";
/// The name of the budget of emergencies.
pub(super) const BUDGET: &str = "emergency";

/// Somebody's decision that a message is an emergency.
///
/// It passes quiet hours and velocity. It does not pass countries, text rules and budgets, nor a consent that is missing or was withdrawn,
/// unless [`despite_opt_out`](Self::despite_opt_out) says so. The policy must allow emergencies, and how many a day:
/// [`Policy::emergencies`](super::Policy::emergencies). The event log gets the event `emergency` with the name and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Emergency {
    /// Who decided it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// It also goes to somebody who has opted out, or whose consent is missing. The provider may refuse it nevertheless.
    pub despite_opt_out: bool,
}

/// The rules that a stored message passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passes {
    QuietHours,
    ConsentToo,
}

impl Emergency {
    /// The maximum length of the name and of the reason, in bytes.
    pub const MAX_TEXT: usize = 255;

    /// Names who decides it, and why.
    pub fn new(by: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { by: by.into(), reason: reason.into(), despite_opt_out: false }
    }

    /// Sends it also to somebody who has opted out. Check what the law says.
    #[must_use]
    pub const fn despite_opt_out(mut self) -> Self {
        self.despite_opt_out = true;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OutboxError> {
        for (what, text) in [("name", &self.by), ("reason", &self.reason)] {
            if text.trim().is_empty() || text.len() > Self::MAX_TEXT || text.contains('\0') {
                let most = Self::MAX_TEXT;
                return Err(OutboxError::invalid(format!(
                    "an emergency needs a {what} of 1 to {most} bytes, without NUL: the log keeps it"
                )));
            }
        }
        Ok(())
    }

    pub(crate) const fn passes(&self) -> Passes {
        if self.despite_opt_out { Passes::ConsentToo } else { Passes::QuietHours }
    }
}

impl Passes {
    /// How it is stored.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::QuietHours => "quiet hours",
            Self::ConsentToo => "consent",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        [Self::QuietHours, Self::ConsentToo].into_iter().find(|passes| passes.word() == word)
    }
}

pub(super) fn not_allowed() -> Ruling {
    let reason = "the policy allows no emergencies: set how many a day it allows";
    Ruling::new("emergency", VERSION, reason)
}
