//! A row that cannot be used, and why.

use std::fmt;

use switchboard::sms::TemplateError;

use super::NumberProblem;
use crate::policy::Ruling;

/// A row that cannot be used: its line, the reason, and its cells for the file of rejected rows.
///
/// `Display` and `Debug` do not show the cells.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// The line of the file on which the row begins, counted from 1. For [`Recipients::rows`](super::Recipients::rows),
    /// the number of the recipient, counted from 1.
    pub line: u64,
    /// The reason.
    pub reason: RejectReason,
    /// The cells of the row, without quotes and without the apostrophes of [`Table`](crate::campaign::Table): of CSV the
    /// cells themselves, of JSON Lines one cell with the whole line. Of a cell or row that is larger than allowed, only the
    /// beginning is kept.
    pub cells: Vec<String>,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected")
            .field("line", &self.line)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// Why a row cannot be used, and what to change. It never shows a cell.
///
/// `column` is a column as it may be shown: its name in quotes, or its number if it has no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RejectReason {
    /// It has more or fewer cells than the header.
    #[error(
        "the row has {found} cells, but the header has {expected}: quote cells that contain the separator"
    )]
    CellCount {
        /// The cells of the row.
        found: usize,
        /// The cells of the header.
        expected: usize,
    },
    /// There is something in a column that has no name.
    #[error("there is something in {column}, which has no name: name it in the header, or empty the cell")]
    Nameless {
        /// The column.
        column: String,
    },
    /// A cell is too large.
    #[error("{column} has more than {max} bytes: shorten it")]
    LargeCell {
        /// The column.
        column: String,
        /// The maximum size in bytes.
        max: usize,
    },
    /// The row is too large.
    #[error("the row has more than {max} bytes: shorten it")]
    LargeRow {
        /// The maximum size in bytes.
        max: usize,
    },
    /// There is a quote in a cell without quotes, or text after the closing quote.
    #[error(
        "there is a quote in the wrong place in {column}: put the whole cell in quotes, and double those inside it"
    )]
    Quote {
        /// The column.
        column: String,
    },
    /// There is a control character in a cell. Tabs and line breaks are allowed.
    #[error("{column} contains the control character U+{character:04X}: remove it")]
    Control {
        /// The column.
        column: String,
        /// The character.
        character: u32,
    },
    /// The number cannot be used.
    #[error("the number in {column} cannot be used: {problem}")]
    Number {
        /// The column.
        column: String,
        /// The reason.
        #[source]
        problem: NumberProblem,
    },
    /// The key is empty.
    #[error("{column} is empty, but contains the key of the row: write a key that no other row has")]
    NoKey {
        /// The column.
        column: String,
    },
    /// The key is too long.
    #[error("the key in {column} has more than {max} bytes: shorten it")]
    LongKey {
        /// The column.
        column: String,
        /// The maximum size in bytes.
        max: usize,
    },
    /// A spreadsheet has shortened the key, as in `4.41E+11`. Several rows may have the same one now.
    #[error(
        "a spreadsheet has shortened the key in {column} to a power of ten: format the column as text in the original, \
         enter the key again, and save as \"CSV UTF-8\""
    )]
    ScientificKey {
        /// The column.
        column: String,
    },
    /// The key is neither a text nor a whole number. JSON only.
    #[error("the key in {column} is neither a text nor a whole number: write it as a text")]
    KeyType {
        /// The column.
        column: String,
    },
    /// There is no such time zone.
    #[error("{column} is not a time zone: write its name, such as Europe/Berlin, or leave it empty")]
    Zone {
        /// The column.
        column: String,
    },
    /// The line is not a JSON object.
    #[error("the line is not a JSON object: write one object on one line")]
    NotAnObject,
    /// The line is not valid JSON.
    #[error("the line is not valid JSON from its byte {byte} on: correct it")]
    Json {
        /// The position in the line, counted from 1.
        byte: usize,
    },
    /// A value is a list or an object.
    #[error("the value of {column} is a list or an object: write a text, a number, true, false or null")]
    Nested {
        /// The name.
        column: String,
    },
    /// A name is in the object twice.
    #[error("the name {column} is in the object twice: remove one of them")]
    SameName {
        /// The name.
        column: String,
    },
    /// A name in the object is empty or has a control character.
    #[error("a name in the object is empty, or contains a control character: change it")]
    BadName,
    /// The object has too many names.
    #[error("the object has more than {max} names: remove some")]
    TooManyNames {
        /// The maximum number.
        max: usize,
    },
    /// The object does not have the name of the number.
    #[error("the object has no {column}, which should contain the number")]
    NoNumber {
        /// The name.
        column: String,
    },
    /// The telephone number is a JSON number, and may have lost its `+` or a zero.
    #[error("{column} is not a text: write the number in quotes, with + and the country code")]
    NumberType {
        /// The name.
        column: String,
    },
    /// A JSON number has more digits than can be kept.
    #[error("the number in {column} has too many digits to be kept exactly: write it in quotes")]
    Digits {
        /// The name.
        column: String,
    },
    /// The template cannot be filled with the values of the row.
    #[error("{error}")]
    Template {
        /// The reason.
        #[source]
        error: TemplateError,
    },
    /// A rule of the policy refuses the message, or its recipient has opted out.
    #[error("{because}")]
    Blocked {
        /// The rule, and how to proceed.
        because: Ruling,
    },
    /// The recipient wanted to be forgotten.
    #[error("the recipient wanted to be forgotten: leave them out")]
    Forgotten,
    /// A message with other values was enqueued for this key before, from this list or from an earlier import.
    #[error("a message with other values was enqueued for this key before: it is not changed")]
    KeyConflict,
    /// Another reason, in a sentence that says how to proceed. It contains no number in full and no text of a cell.
    #[error("{0}")]
    Other(String),
}

impl RejectReason {
    /// Returns the reason as a word, to count rows by it: `number`, `template`. For a rule of the policy, it is the rule and
    /// the version of its data: `consent of 2026-11-22`.
    #[must_use]
    pub fn word(&self) -> String {
        let word = match self {
            Self::CellCount { .. } => "cell-count",
            Self::Nameless { .. } => "nameless-column",
            Self::LargeCell { .. } => "large-cell",
            Self::LargeRow { .. } => "large-row",
            Self::Quote { .. } => "quote",
            Self::Control { .. } => "control-character",
            Self::Number { .. } | Self::NoNumber { .. } | Self::NumberType { .. } => "number",
            Self::NoKey { .. } | Self::LongKey { .. } | Self::ScientificKey { .. } | Self::KeyType { .. } => {
                "key"
            }
            Self::Zone { .. } => "time-zone",
            Self::NotAnObject
            | Self::Json { .. }
            | Self::Nested { .. }
            | Self::SameName { .. }
            | Self::BadName
            | Self::TooManyNames { .. }
            | Self::Digits { .. } => "json",
            Self::Template { .. } => "template",
            Self::Blocked { because } => return format!("{} of {}", because.rule, because.version),
            Self::Forgotten => "forgotten",
            Self::KeyConflict => "key-conflict",
            Self::Other(_) => "other",
        };
        word.to_owned()
    }
}
