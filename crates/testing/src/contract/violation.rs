//! What a suite found.

use std::fmt;

/// A rule of a contract that an implementation breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The rule, as the suite names it.
    pub rule: String,
    /// What was seen instead.
    pub seen: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.seen)
    }
}

/// Collects what breaks a rule.
#[derive(Debug, Default)]
pub(super) struct Findings {
    rule: String,
    found: Vec<Violation>,
}

impl Findings {
    /// Begins a rule.
    pub(super) fn rule(&mut self, rule: impl Into<String>) -> &mut Self {
        self.rule = rule.into();
        self
    }

    /// Notes a violation where `holds` is false.
    pub(super) fn expect(&mut self, holds: bool, seen: impl FnOnce() -> String) -> &mut Self {
        if !holds {
            self.found.push(Violation { rule: self.rule.clone(), seen: seen() });
        }
        self
    }

    pub(super) fn finish(self) -> Vec<Violation> {
        self.found
    }
}

/// Panics with all of them, one a line.
///
/// # Panics
/// Where there is at least one.
#[track_caller]
#[allow(clippy::panic, reason = "a suite fails the test that runs it")]
pub fn assert_none(violations: &[Violation]) {
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "the contract is broken in {} places:\n{}", lines.len(), lines.join("\n"));
}
