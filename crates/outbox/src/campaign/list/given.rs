//! A list from an iterator of the program.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::columns::control;
use super::error::shown;
use super::{Options, RejectReason, Rejected, Row, Shape};

/// One person, for [`Recipients::rows`](super::Recipients::rows). `Debug` shows only the names of the values.
#[derive(Clone)]
pub struct Recipient {
    number: String,
    key: Option<String>,
    zone: Option<String>,
    values: Map<String, Value>,
}

impl Recipient {
    /// Creates a recipient from a number, which is read as that of a file.
    pub fn new(number: impl Into<String>) -> Self {
        Self { number: number.into(), key: None, zone: None, values: Map::new() }
    }

    /// Sets the key; without it, the key is the number in E.164 form.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets the time zone, such as `Europe/Berlin`.
    #[must_use]
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.zone = Some(zone.into());
        self
    }

    /// Sets the value of a variable of the template.
    #[must_use]
    pub fn value(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.values.insert(name.into(), value.into());
        self
    }

    /// The whole recipient, for the file of rejected rows.
    fn cell(self) -> String {
        let Self { number, key, zone, mut values } = self;
        values.insert("to".to_owned(), number.into());
        for (name, value) in [("key", key), ("zone", zone)] {
            if let Some(value) = value {
                values.insert(name.to_owned(), value.into());
            }
        }
        json!(values).to_string()
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient")
            .field("values", &self.values.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The rows of an iterator.
pub(super) struct GivenRows {
    recipients: Box<dyn Iterator<Item = Recipient> + Send>,
    options: Options,
    line: u64,
    pub(super) shape: Arc<Shape>,
}

impl GivenRows {
    pub(super) fn new(recipients: Box<dyn Iterator<Item = Recipient> + Send>, options: Options) -> Self {
        let shape = Arc::new(Shape { names: Vec::new(), separator: b',', is_given: true });
        Self { recipients, options, line: 0, shape }
    }

    pub(super) fn next(&mut self) -> Option<Result<Row, Rejected>> {
        let recipient = self.recipients.next()?;
        self.line += 1;
        Some(self.row(&recipient).map_err(|reason| Rejected {
            line: self.line,
            reason,
            cells: vec![recipient.cell()],
        }))
    }

    fn row(&self, recipient: &Recipient) -> Result<Row, RejectReason> {
        for (name, value) in &recipient.values {
            match value {
                Value::Array(_) | Value::Object(_) => {
                    return Err(RejectReason::Nested { column: shown(name) });
                }
                Value::String(text) => {
                    if let Some(c) = control(text) {
                        return Err(RejectReason::Control { column: shown(name), character: c.into() });
                    }
                }
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        let to = self.options.to(&recipient.number, || "`number`".to_owned())?;
        let key = match &recipient.key {
            Some(key) => self.options.key(key, || "`key`".to_owned())?,
            None => to.as_str().to_owned(),
        };
        let zone = match &recipient.zone {
            Some(zone) => self.options.zone(zone, || "`zone`".to_owned())?,
            None => None,
        };
        let (values, shape) = (recipient.values.clone(), Arc::clone(&self.shape));
        Ok(Row { line: self.line, key, to, zone, values, shape })
    }
}
