//! A list as CSV.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::columns::{self, Columns};
use super::records::{Fault, MAX_CELL, MAX_ROW, Record, Records, excel_text};
use super::source::Source;
use super::{ListError, Options, RejectReason, Rejected, Row, Shape};

/// The rows of a CSV file.
pub(super) struct CsvRows {
    records: Records,
    columns: Columns,
    options: Options,
    pub(super) shape: Arc<Shape>,
    pub(super) blank: u64,
}

impl CsvRows {
    pub(super) fn open(source: Source, options: Options) -> Result<Self, ListError> {
        let mut records = Records::new(source);
        let mut blank = 0;
        let mut separator = options.separator.map(columns::checked_separator).transpose()?;
        while let Some(first) = records.peek()? {
            let is_blank = first.chars().all(|c| c.is_whitespace() || matches!(c, ',' | ';'));
            match columns::excel_separator(first) {
                Some(found) => separator = Some(separator.map_or(found, Ok)?),
                None if is_blank => blank += 1,
                None => break,
            }
            records.read()?;
        }
        let line = records.line();
        let Some(header) = records.peek()? else { return Err(ListError::Empty) };
        let separator = separator.map_or_else(|| columns::separator(line, header), Ok)?;
        records.set_separator(separator);
        let Some(header) = records.read()? else { return Err(ListError::Empty) };
        let columns = Columns::of(header, &options)?;
        let mut names = columns.names.clone();
        names.resize(columns.width, String::new());
        Ok(Self {
            records,
            columns,
            options,
            shape: Arc::new(Shape { names, separator, is_given: false }),
            blank,
        })
    }

    pub(super) fn next(&mut self) -> Option<Result<Result<Row, Rejected>, ListError>> {
        loop {
            match self.records.read() {
                Ok(Some(record)) if record.is_blank() => self.blank += 1,
                Ok(Some(record)) => {
                    let row = row(record, &self.columns, &self.options, &self.shape);
                    return Some(Ok(row.map_err(|reason| Rejected {
                        line: record.line,
                        reason,
                        cells: record.cells().map(|cell| restored(cell).to_owned()).collect(),
                    })));
                }
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Takes off what a spreadsheet or our own [`Table`](crate::campaign::Table) puts around a text.
pub(super) fn restored(cell: &str) -> &str {
    crate::table::restore(cell).or_else(|| excel_text(cell)).unwrap_or(cell)
}

fn row(
    record: &Record,
    columns: &Columns,
    options: &Options,
    shape: &Arc<Shape>,
) -> Result<Row, RejectReason> {
    check(record, columns)?;
    let mut values = Map::new();
    for (column, (name, cell)) in columns.names.iter().zip(record.cells()).enumerate() {
        let cell = restored(cell);
        if let Some(c) = columns::control(cell) {
            return Err(RejectReason::Control { column: columns.shown(column), character: c.into() });
        }
        values.insert(name.clone(), Value::String(cell.to_owned()));
    }
    let cell = |column: usize| record.cells().nth(column).map(restored).unwrap_or_default();
    let to = options.to(cell(columns.number), || columns.shown(columns.number))?;
    let key = match columns.key {
        Some(key) => options.key(cell(key), || columns.shown(key))?,
        None => to.as_str().to_owned(),
    };
    let zone = match columns.zone {
        Some(zone) => options.zone(cell(zone), || columns.shown(zone))?,
        None => None,
    };
    Ok(Row { line: record.line, key, to, zone, values, shape: Arc::clone(shape) })
}

fn check(record: &Record, columns: &Columns) -> Result<(), RejectReason> {
    match record.fault {
        Some(Fault::LargeRow) => return Err(RejectReason::LargeRow { max: MAX_ROW }),
        Some(Fault::LargeCell(cell)) => {
            return Err(RejectReason::LargeCell { column: columns.shown(cell), max: MAX_CELL });
        }
        Some(Fault::Quote(cell)) => return Err(RejectReason::Quote { column: columns.shown(cell) }),
        None => {}
    }
    if !(columns.names.len()..=columns.width).contains(&record.cells) {
        return Err(RejectReason::CellCount { found: record.cells, expected: columns.width });
    }
    let mut beyond = record.cells().enumerate().skip(columns.names.len());
    match beyond.find(|(_, cell)| !cell.trim().is_empty()) {
        Some((column, _)) => Err(RejectReason::Nameless { column: columns.shown(column) }),
        None => Ok(()),
    }
}
