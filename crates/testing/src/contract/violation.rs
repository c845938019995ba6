//! The result of a suite.

use std::fmt;

/// A rule of a contract that an implementation breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The rule, as the suite names it.
    pub rule: String,
    /// What the implementation did instead.
    pub seen: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.seen)
    }
}

/// Collects the violations.
#[derive(Debug, Default)]
pub(super) struct Findings {
    rule: String,
    found: Vec<Violation>,
}

impl Findings {
    /// Sets the rule that the next checks belong to.
    pub(super) fn rule(&mut self, rule: impl Into<String>) -> &mut Self {
        self.rule = rule.into();
        self
    }

    /// Adds a violation of the current rule where `holds` is false.
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

/// Fails a test if there are violations. The message has one per line.
///
/// # Panics
/// Where there is at least one.
#[track_caller]
pub fn assert_none(violations: &[Violation]) {
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "the contract is broken in {} places:\n{}", lines.len(), lines.join("\n"));
}
