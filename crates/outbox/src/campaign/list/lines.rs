//! A list as JSON Lines: one object on each line.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::columns::{MAX_COLUMNS, control, find_number};
use super::error::shown;
use super::records::{MAX_CELL, MAX_ROW};
use super::source::Source;
use super::{ListError, Options, RejectReason, Rejected, Row, Shape};

/// How much is kept of a line that is too large.
const KEPT: usize = 1_000;
/// Numbers with at most this many digits survive a floating-point number.
const EXACT_DIGITS: usize = 15;

/// The rows of a file of JSON Lines.
pub(super) struct JsonRows {
    lines: Lines,
    options: Options,
    /// The name of the number. Without an option, the first object decides.
    number: Option<String>,
    pub(super) shape: Arc<Shape>,
    pub(super) blank: u64,
}

impl JsonRows {
    pub(super) fn open(source: Source, options: Options) -> Result<Self, ListError> {
        let number = options.number.clone();
        let shape = Arc::new(Shape { names: Vec::new(), separator: b',', is_given: false });
        let mut lines = Lines { source, line: 1, after_cr: false, text: String::new(), large: false };
        if lines.first()? == Some('[') {
            return Err(ListError::JsonArray);
        }
        Ok(Self { lines, options, number, shape, blank: 0 })
    }

    pub(super) fn next(&mut self) -> Option<Result<Result<Row, Rejected>, ListError>> {
        loop {
            let line = match self.lines.read() {
                Ok(Some(line)) => line,
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            };
            let text = std::mem::take(&mut self.lines.text);
            if text.trim().is_empty() {
                self.blank += 1;
                continue;
            }
            let row = if self.lines.large {
                Ok(Err(RejectReason::LargeRow { max: MAX_ROW }))
            } else {
                self.row(line, &text)
            };
            return Some(row.map(|row| row.map_err(|reason| Rejected { line, reason, cells: vec![text] })));
        }
    }

    fn row(&mut self, line: u64, text: &str) -> Result<Result<Row, RejectReason>, ListError> {
        let values = match object(text) {
            Ok(values) => values,
            Err(reason) => return Ok(Err(reason)),
        };
        let number = match &self.number {
            Some(number) => number,
            None => {
                let names = values.keys().map(String::as_str);
                let found = find_number(names.clone())?;
                self.number.insert(names.clone().nth(found).unwrap_or_default().to_owned())
            }
        };
        Ok(fields(&values, number, &self.options).map(|(to, key, zone)| Row {
            line,
            key,
            to,
            zone,
            values,
            shape: Arc::clone(&self.shape),
        }))
    }
}

type Fields = (switchboard::phone::E164, String, Option<String>);

fn fields(values: &Map<String, Value>, number: &str, options: &Options) -> Result<Fields, RejectReason> {
    let to = match values.get(number) {
        Some(Value::String(cell)) => options.to(cell, || shown(number))?,
        None | Some(Value::Null) => return Err(RejectReason::NoNumber { column: shown(number) }),
        Some(_) => return Err(RejectReason::NumberType { column: shown(number) }),
    };
    let key = match options.key.as_deref().filter(|&key| key != number) {
        None => to.as_str().to_owned(),
        Some(name) => match values.get(name) {
            Some(Value::String(cell)) => options.key(cell, || shown(name))?,
            Some(Value::Number(number)) if !number.is_f64() => number.to_string(),
            None | Some(Value::Null) => return Err(RejectReason::NoKey { column: shown(name) }),
            Some(_) => return Err(RejectReason::KeyType { column: shown(name) }),
        },
    };
    let zone = match options.zone.as_deref() {
        None => None,
        Some(name) => match values.get(name) {
            Some(Value::String(cell)) => options.zone(cell, || shown(name))?,
            None | Some(Value::Null) => None,
            Some(_) => return Err(RejectReason::Zone { column: shown(name) }),
        },
    };
    Ok((to, key, zone))
}

/// Reads one line as an object of simple values.
fn object(text: &str) -> Result<Map<String, Value>, RejectReason> {
    if !text.trim_start().starts_with('{') {
        return Err(RejectReason::NotAnObject);
    }
    let Pairs(pairs) =
        serde_json::from_str(text).map_err(|error| RejectReason::Json { byte: error.column() })?;
    if pairs.len() > MAX_COLUMNS {
        return Err(RejectReason::TooManyNames { max: MAX_COLUMNS });
    }
    let mut values = Map::new();
    for (name, raw) in pairs {
        if name.trim().is_empty() || name.contains(char::is_control) {
            return Err(RejectReason::BadName);
        }
        // `raw` is a part of `text`, so the difference of their addresses is its position.
        let position = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let value = value(&name, raw, position)?;
        if values.contains_key(&name) {
            return Err(RejectReason::SameName { column: shown(&name) });
        }
        values.insert(name, value);
    }
    Ok(values)
}

fn value(name: &str, raw: &RawValue, position: usize) -> Result<Value, RejectReason> {
    let column = || shown(name);
    let text = raw.get();
    let value = match text.as_bytes().first() {
        Some(b'{' | b'[') => return Err(RejectReason::Nested { column: column() }),
        Some(b'-' | b'0'..=b'9') => number(text).ok_or_else(|| RejectReason::Digits { column: column() })?,
        _ => serde_json::from_str(text)
            .map_err(|error: serde_json::Error| RejectReason::Json { byte: position + error.column() })?,
    };
    let Value::String(cell) = &value else { return Ok(value) };
    if cell.len() > MAX_CELL {
        return Err(RejectReason::LargeCell { column: column(), max: MAX_CELL });
    }
    match control(cell) {
        Some(c) => Err(RejectReason::Control { column: column(), character: c.into() }),
        None => Ok(value),
    }
}

/// Reads a number that survives; `None` for one with more digits than a floating-point number has.
fn number(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).skip_while(|&digit| digit == b'0').count();
    let exact = !value.is_f64() || (digits <= EXACT_DIGITS && value.as_f64() != Some(0.0)) || digits == 0;
    exact.then_some(value)
}

/// The names and values of an object, in their order, also if a name is there twice.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    // One more than allowed is enough to refuse the object.
                    if pairs.len() <= MAX_COLUMNS {
                        pairs.push(pair);
                    }
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// The lines of a file, which LF, CRLF or CR end.
struct Lines {
    source: Source,
    /// The number of the next line.
    line: u64,
    after_cr: bool,
    /// The last line.
    text: String,
    /// Is it larger than [`MAX_ROW`]? Then only its beginning is in `text`.
    large: bool,
}

impl Lines {
    /// Returns the first character that is no space.
    fn first(&mut self) -> Result<Option<char>, ListError> {
        while self.source.text().trim_start().is_empty() && self.source.text().len() < MAX_ROW {
            if !self.source.more(|_| 1)? {
                break;
            }
        }
        Ok(self.source.text().trim_start().chars().next())
    }

    /// Reads a line, and returns its number.
    fn read(&mut self) -> Result<Option<u64>, ListError> {
        self.text.clear();
        self.large = false;
        let number = self.line;
        loop {
            if self.source.text().is_empty() && !self.source.more(|_| number)? {
                return Ok(Some(number).filter(|_| !self.text.is_empty()));
            }
            if std::mem::take(&mut self.after_cr) && self.source.text().starts_with('\n') {
                self.source.consume(1);
                continue;
            }
            let text = self.source.text();
            let end = text.find(['\n', '\r']);
            let piece = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
            if !self.large {
                self.text.push_str(piece);
            }
            self.after_cr = end.is_some_and(|at| text.as_bytes().get(at) == Some(&b'\r'));
            let used = piece.len() + usize::from(end.is_some());
            self.source.consume(used);
            self.check_size();
            if end.is_some() {
                self.line += 1;
                return Ok(Some(number));
            }
        }
    }

    fn check_size(&mut self) {
        if self.text.len() > MAX_ROW {
            let boundary = (0..=KEPT).rev().find(|&at| self.text.is_char_boundary(at));
            self.text.truncate(boundary.unwrap_or_default());
            self.large = true;
        }
    }
}
