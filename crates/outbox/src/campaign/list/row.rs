//! One person of a list.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use switchboard::phone::E164;

use super::{RejectReason, Rejected};

/// What all rows of a list have in common.
#[derive(Debug)]
pub(super) struct Shape {
    /// The names of all columns of CSV, empty for those without one. Nothing for other lists.
    pub(super) names: Vec<String>,
    pub(super) separator: u8,
    /// The rows are given by the program, and their values do not contain the number, the key and the zone.
    pub(super) is_given: bool,
}

/// One person of a list.
///
/// `Debug` shows only the line, the last digits of the number and the names of the values.
#[derive(Clone)]
#[non_exhaustive]
pub struct Row {
    /// The line of the file on which the row begins, counted from 1. For [`Recipients::rows`](super::Recipients::rows), the
    /// number of the recipient, counted from 1.
    pub line: u64,
    /// What identifies the row when the list is given again: the cell of the key column, or the number.
    pub key: String,
    /// The number.
    pub to: E164,
    /// The name of the time zone.
    pub zone: Option<String>,
    /// All cells by the names of their columns. In CSV they are texts.
    pub values: Map<String, Value>,
    pub(super) shape: Arc<Shape>,
}

impl Row {
    /// Refuses a row that could be read, for a further reason.
    #[must_use]
    pub fn reject(mut self, reason: RejectReason) -> Rejected {
        if self.shape.is_given {
            self.values.insert("to".to_owned(), self.to.as_str().into());
            if self.key != self.to.as_str() {
                self.values.insert("key".to_owned(), self.key.clone().into());
            }
            if let Some(zone) = &self.zone {
                self.values.insert("zone".to_owned(), zone.clone().into());
            }
        }
        let text = |value: Option<&Value>| match value {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        };
        let cells = match self.shape.names.as_slice() {
            [] => vec![Value::Object(self.values).to_string()],
            names => names.iter().map(|name| text(self.values.get(name))).collect(),
        };
        Rejected { line: self.line, reason, cells }
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("line", &self.line)
            .field("to", &self.to)
            .field("values", &self.values.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
