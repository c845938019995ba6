//! The rules file: its form, its limits, and what is wrong with it.

use std::collections::HashSet;

use serde::Deserialize;

use super::brand::{Brand, Lures, Titles};
use super::finding::Severity;
use super::phrase::Lists;
use super::place::{DoubleBlanks, EmptyPlaces};
use super::shape::{Capitals, Repeats};
use crate::policy::Purpose;

/// The most bytes of a file.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// The most rules of a file.
const MAX_RULES: usize = 200;
/// The most phrases, domains and words of a file, all together.
const MAX_ENTRIES: usize = 20_000;
/// The most bytes of an entry or a sentence.
const MAX_LINE: usize = 1_000;

/// A rules file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextRulesError {
    /// It is no JSON of this form. The place is line and column.
    #[error("the rules file cannot be read: {0}")]
    Form(String),
    /// The file is larger than a limit.
    #[error("the rules file has more than {limit} {what}")]
    TooLarge {
        /// What is too many.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A rule is wrong.
    #[error("rule `{rule}`: {reason}")]
    Rule {
        /// Its name.
        rule: String,
        /// What is wrong.
        reason: String,
    },
    /// There is no rule of this name.
    #[error("there is no rule `{0}`")]
    UnknownRule(String),
    /// This is not a domain such as `example.link`.
    #[error("`{0}` is not a domain such as `example.link`")]
    NotADomain(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) version: String,
    /// Lists of words that phrases name with `@`.
    #[serde(default)]
    pub(super) lists: Lists,
    #[serde(default)]
    pub(super) brands: Vec<Brand>,
    pub(super) rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) severity: Severity,
    pub(super) purposes: Vec<Purpose>,
    pub(super) concern: String,
    pub(super) instead: String,
    pub(super) require: String,
    pub(super) source: String,
    /// It is broken if one of these is found.
    pub(super) looks_for: Vec<LooksFor>,
}

/// What a rule looks for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LooksFor {
    /// One of these phrases.
    Phrases(Phrases),
    /// A text without any of these phrases.
    MissingPhrases(Phrases),
    /// A link to one of these domains.
    Domains(Vec<String>),
    /// A link that hides where it leads.
    DisguisedLink {},
    /// A link that imitates a brand.
    LookalikeLink(Lures),
    /// A text that claims to be from a brand, with a link to somebody else.
    BrandSender(Titles),
    /// A place of a template that was not filled.
    EmptyPlaces(EmptyPlaces),
    /// Two blanks where a value was.
    DoubleBlanks(DoubleBlanks),
    /// Too many capitals.
    Capitals(Capitals),
    /// The same signs in a row.
    Repeats(Repeats),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Phrases {
    pub(super) any: Vec<String>,
    /// A phrase does not count if one of these words is in it or among the five before it, in the same sentence.
    #[serde(default)]
    pub(super) not_after: Vec<String>,
}

impl LooksFor {
    fn len(&self) -> usize {
        match self {
            Self::Phrases(phrases) | Self::MissingPhrases(phrases) => {
                phrases.any.len() + phrases.not_after.len()
            }
            Self::Domains(domains) => domains.len(),
            Self::LookalikeLink(lures) => lures.len(),
            Self::BrandSender(titles) => titles.len(),
            Self::EmptyPlaces(places) => places.len(),
            Self::DoubleBlanks(blanks) => blanks.len(),
            Self::Repeats(repeats) => repeats.len(),
            Self::DisguisedLink {} | Self::Capitals(_) => 1,
        }
    }
}

impl File {
    pub(super) fn read(json: &str) -> Result<Self, TextRulesError> {
        if json.len() > MAX_BYTES {
            return Err(TextRulesError::TooLarge { what: "bytes", limit: MAX_BYTES });
        }
        let file: Self =
            serde_json::from_str(json).map_err(|error| TextRulesError::Form(error.to_string()))?;
        file.check_size()?;
        file.check_version()?;
        let mut names = HashSet::new();
        for rule in &file.rules {
            rule.check().map_err(|reason| rule.wrong(reason))?;
            if !names.insert(rule.name.as_str()) {
                return Err(rule.wrong("there are two rules of this name".to_owned()));
            }
        }
        Ok(file)
    }

    fn check_size(&self) -> Result<(), TextRulesError> {
        if self.rules.len() > MAX_RULES {
            return Err(TextRulesError::TooLarge { what: "rules", limit: MAX_RULES });
        }
        let brands =
            self.brands.iter().map(|brand| 1 + brand.spoken.len() + brand.domains.len()).sum::<usize>();
        let lists = self.lists.values().map(Vec::len).sum::<usize>();
        let rules = self.rules.iter().flat_map(|rule| &rule.looks_for).map(LooksFor::len).sum::<usize>();
        if brands > MAX_BRAND_ENTRIES {
            return Err(TextRulesError::TooLarge {
                what: "names and domains of brands",
                limit: MAX_BRAND_ENTRIES,
            });
        }
        if brands + lists + rules > MAX_ENTRIES {
            return Err(TextRulesError::TooLarge { what: "phrases, domains and words", limit: MAX_ENTRIES });
        }
        Ok(())
    }

    fn check_version(&self) -> Result<(), TextRulesError> {
        let is_version = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if self.version.is_empty() || self.version.len() > 40 || !self.version.chars().all(is_version) {
            return Err(TextRulesError::Form(
                "`version` must be a date or a number, such as `2026-11-22`".to_owned(),
            ));
        }
        Ok(())
    }
}

/// Every brand is compared with every link, so there are fewer of them.
const MAX_BRAND_ENTRIES: usize = 1_000;

impl Rule {
    pub(super) fn wrong(&self, reason: String) -> TextRulesError {
        let rule = self.name.chars().take(80).collect();
        TextRulesError::Rule { rule, reason }
    }

    fn check(&self) -> Result<(), String> {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let name = self.name.strip_prefix("text/").unwrap_or_default();
        if name.is_empty() || name.len() > 40 || !name.chars().all(is_name) {
            return Err("its name must be like `text/shortener`: small letters, digits and -".to_owned());
        }
        if self.purposes.is_empty() {
            return Err("`purposes` is empty: it would never apply".to_owned());
        }
        if self.looks_for.is_empty() || self.looks_for.iter().any(|looks_for| looks_for.len() == 0) {
            return Err("`looks_for` is empty: it would never apply".to_owned());
        }
        let is_missing = |looks_for: &LooksFor| matches!(looks_for, LooksFor::MissingPhrases(_));
        if self.looks_for.len() > 1 && self.looks_for.iter().any(is_missing) {
            return Err("`missing-phrases` must be the only thing that it looks for".to_owned());
        }
        let sentences = [
            ("concern", &self.concern),
            ("instead", &self.instead),
            ("require", &self.require),
            ("source", &self.source),
        ];
        for (field, sentence) in sentences {
            if sentence.trim().is_empty() || sentence.contains('\n') || sentence.len() > MAX_LINE {
                return Err(format!("`{field}` must be one line of at most {MAX_LINE} bytes"));
            }
        }
        Ok(())
    }
}
