//! What was found in a text.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::policy::Ruling;

/// What a finding means for the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Carriers may filter it. It may be sent.
    Warn,
    /// It may not be sent.
    Block,
}

impl Severity {
    /// Returns the word, `block`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

/// One rule that a text breaks. It contains nothing of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding<'r> {
    /// The name of the rule, `text/shortener`.
    pub rule: &'r str,
    /// Whether the message may be sent.
    pub severity: Severity,
    /// What is wrong, in a line.
    pub concern: &'r str,
    /// What to send instead.
    pub instead: &'r str,
    /// The requirement to meet.
    pub require: &'r str,
    /// Where the rule comes from.
    pub source: &'r str,
    /// The first place where the text breaks it, in bytes: `text.get(place)`.
    pub place: Range<usize>,
}

/// Everything that was found in a text, at most once a rule, in the order of the rules file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Findings<'r> {
    version: &'r str,
    findings: Vec<Finding<'r>>,
}

impl<'r> Findings<'r> {
    pub(super) fn new(version: &'r str, findings: Vec<Finding<'r>>) -> Self {
        Self { version, findings }
    }

    /// The findings.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding<'r>> {
        self.findings.iter()
    }

    /// Was nothing found?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Does one of them forbid to send the message?
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.blocking().next().is_some()
    }

    /// The first finding that blocks, as the ruling of a policy.
    #[must_use]
    pub fn ruling(&self) -> Option<Ruling> {
        self.blocking().next().map(|finding| self.ruling_of(finding))
    }

    /// The findings that do not block, as rulings of a policy.
    pub fn warnings(&self) -> impl Iterator<Item = Ruling> {
        let warnings = self.findings.iter().filter(|finding| finding.severity == Severity::Warn);
        warnings.map(|finding| self.ruling_of(finding))
    }

    fn ruling_of(&self, finding: &Finding<'_>) -> Ruling {
        let reason = format!("{}: {}. {}.", finding.concern, lower_first(finding.instead), finding.require);
        Ruling::new(finding.rule, self.version, reason)
    }

    /// If the message may not be sent, the answer to whoever asked to send it: each concern, and how to proceed.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        self.blocks().then(|| Refusal(self).to_string())
    }

    fn blocking(&self) -> impl Iterator<Item = &Finding<'r>> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Block)
    }
}

impl<'r> IntoIterator for Findings<'r> {
    type Item = Finding<'r>;
    type IntoIter = std::vec::IntoIter<Finding<'r>>;

    fn into_iter(self) -> Self::IntoIter {
        self.findings.into_iter()
    }
}

impl<'f, 'r> IntoIterator for &'f Findings<'r> {
    type Item = &'f Finding<'r>;
    type IntoIter = std::slice::Iter<'f, Finding<'r>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

struct Refusal<'f, 'r>(&'f Findings<'r>);

impl fmt::Display for Refusal<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "I cannot send this message because it may violate Twilio's Acceptable Use Policy:")?;
        for finding in self.0.blocking() {
            writeln!(f, "- {}", finding.concern)?;
        }
        writeln!(f, "\nTo proceed legitimately:")?;
        let steps = self.0.blocking().flat_map(|finding| [finding.instead, finding.require]);
        for (number, step) in (1..).zip(steps) {
            writeln!(f, "{number}. {step}")?;
        }
        write!(f, "\nSee: https://www.twilio.com/en-us/legal/aup")
    }
}

fn lower_first(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    first + chars.as_str()
}
