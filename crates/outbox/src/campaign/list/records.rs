//! CSV split into records and cells, strictly.
//!
//! The reader of the `csv` crate never fails: it repairs what breaks RFC 4180 and does not say so. Here, a quote in the
//! wrong place is a [`Fault`] of its record, and a quote without an end is an error. Lines are counted as an editor does:
//! LF, CRLF and CR end a line, also in a quoted cell.

use super::ListError;
use super::source::Source;

/// The maximum size of a cell, in bytes of UTF-8.
pub(super) const MAX_CELL: usize = 1024 * 1024;
/// The maximum size of a row, in bytes of UTF-8 without separators and quotes.
pub(super) const MAX_ROW: usize = 4 * 1024 * 1024;
/// The maximum number of cells that are kept. The others are counted.
const MAX_CELLS: usize = 2_100;
/// How much is kept of a cell that is too large.
const KEPT: usize = 1_000;

/// What is wrong with a record. Cells are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is a quote inside a cell without quotes, or text after the closing quote.
    Quote(usize),
    /// A cell is larger than [`MAX_CELL`].
    LargeCell(usize),
    /// The record is larger than [`MAX_ROW`].
    LargeRow,
}

/// One record. Its memory is used again for the next one.
#[derive(Default)]
pub(super) struct Record {
    /// The line on which it begins, counted from 1.
    pub(super) line: u64,
    /// The number of its cells, also of those that are not kept.
    pub(super) cells: usize,
    pub(super) fault: Option<Fault>,
    /// Was there a line end after it?
    pub(super) ended: bool,
    text: String,
    ends: Vec<usize>,
}

impl Record {
    /// Returns the cells without their quotes.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| self.text.get(start..end).unwrap_or_default())
    }

    /// Are all cells empty?
    pub(super) fn is_blank(&self) -> bool {
        self.fault.is_none() && self.cells == self.ends.len() && self.text.trim().is_empty()
    }

    fn cell_start(&self) -> usize {
        self.ends.last().copied().unwrap_or_default()
    }

    fn clear(&mut self) {
        self.text.clear();
        // The memory of one very large row is not kept for the others.
        self.text.shrink_to(MAX_CELL);
        self.ends.clear();
        (self.cells, self.fault, self.ended) = (0, None, false);
    }

    fn push(&mut self, piece: &str) {
        let fits = match self.fault {
            Some(Fault::LargeRow) => false,
            Some(Fault::LargeCell(cell)) => cell != self.cells,
            Some(Fault::Quote(_)) | None => true,
        };
        if fits && self.cells < MAX_CELLS {
            self.text.push_str(piece);
            self.check_size();
        }
    }

    fn check_size(&mut self) {
        let cell = self.text.len() - self.cell_start();
        if cell > MAX_CELL || self.text.len() > MAX_ROW {
            self.fault = Some(if cell > MAX_CELL { Fault::LargeCell(self.cells) } else { Fault::LargeRow });
            let kept = self.cell_start() + KEPT.min(cell);
            let boundary = (0..=kept).rev().find(|&at| self.text.is_char_boundary(at));
            self.text.truncate(boundary.unwrap_or_default());
        }
    }

    fn end_cell(&mut self, quote: bool) {
        let text = self.text.get(self.cell_start()..).unwrap_or_default();
        if quote && excel_text(text).is_none() {
            self.fault.get_or_insert(Fault::Quote(self.cells));
        }
        self.cells += 1;
        if self.ends.len() < MAX_CELLS {
            self.ends.push(self.text.len());
        }
    }
}

/// Returns the text in `="…"`, by which a spreadsheet keeps a number as text.
pub(super) fn excel_text(cell: &str) -> Option<&str> {
    cell.strip_prefix("=\"")?.strip_suffix('"').filter(|text| !text.contains('"'))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the beginning of a cell.
    Start,
    /// In a cell without quotes; was there one all the same?
    Plain { quote: bool },
    /// In a cell with quotes, the first of which is on this line.
    Quoted { line: u64 },
    /// After a quote that ends the cell, or is the first of two.
    Closed { line: u64 },
    /// After a line end.
    End,
}

/// Splits text into records.
struct Splitter {
    separator: u8,
    state: State,
    /// The line of the next byte.
    line: u64,
    /// Was the last byte a CR? Then a LF belongs to the same line end.
    after_cr: bool,
}

impl Splitter {
    /// Adds some text to a record. Returns how many bytes it took, until the end of the record.
    fn split(&mut self, text: &str, record: &mut Record) -> usize {
        let mut used = 0;
        while self.state != State::End
            && let Some(rest) = text.get(used..)
            && let Some(&byte) = rest.as_bytes().first()
        {
            used += match byte {
                b'\n' | b'\r' => self.line_end(byte, record),
                b'"' => self.quote(record),
                _ if byte == self.separator && !matches!(self.state, State::Quoted { .. }) => {
                    self.end_cell(record);
                    1
                }
                _ => self.ordinary(rest, record),
            };
            self.after_cr = byte == b'\r';
        }
        used
    }

    /// Takes as many bytes as have no meaning here.
    fn ordinary(&mut self, rest: &str, record: &mut Record) -> usize {
        let quoted = matches!(self.state, State::Quoted { .. });
        let special =
            |&byte: &u8| matches!(byte, b'"' | b'\n' | b'\r') || (byte == self.separator && !quoted);
        let run = rest.as_bytes().iter().position(special).unwrap_or(rest.len());
        record.push(rest.get(..run).unwrap_or_default());
        match self.state {
            State::Start => self.state = State::Plain { quote: false },
            State::Closed { .. } => self.stray(record),
            State::Plain { .. } | State::Quoted { .. } | State::End => {}
        }
        run
    }

    fn stray(&mut self, record: &mut Record) {
        record.fault.get_or_insert(Fault::Quote(record.cells));
        self.state = State::Plain { quote: false };
    }

    fn quote(&mut self, record: &mut Record) -> usize {
        self.state = match self.state {
            State::Start => State::Quoted { line: self.line },
            State::Quoted { line } => State::Closed { line },
            State::Closed { line } => {
                record.push("\"");
                State::Quoted { line }
            }
            State::Plain { .. } | State::End => {
                record.push("\"");
                State::Plain { quote: true }
            }
        };
        1
    }

    fn line_end(&mut self, byte: u8, record: &mut Record) -> usize {
        let continues = byte == b'\n' && self.after_cr;
        if !continues {
            self.line += 1;
        }
        if matches!(self.state, State::Quoted { .. }) {
            record.push(if byte == b'\n' { "\n" } else { "\r" });
        } else if continues && record.cells == 0 && self.state == State::Start {
            record.line = self.line;
        } else {
            self.end_cell(record);
            self.state = State::End;
        }
        1
    }

    fn end_cell(&mut self, record: &mut Record) {
        record.end_cell(self.state == State::Plain { quote: true });
        self.state = State::Start;
    }
}

/// The records of a file.
pub(super) struct Records {
    source: Source,
    splitter: Splitter,
    record: Record,
    /// How many bytes of text the records took that had a line end.
    pub(super) whole: u64,
}

impl Records {
    pub(super) fn new(source: Source) -> Self {
        let splitter = Splitter { separator: b',', state: State::Start, line: 1, after_cr: false };
        Self { source, splitter, record: Record::default(), whole: 0 }
    }

    /// Returns the line of the next record.
    pub(super) const fn line(&self) -> u64 {
        self.splitter.line
    }

    pub(super) const fn set_separator(&mut self, separator: u8) {
        self.splitter.separator = separator;
    }

    /// Reads the next record. Blank lines are records too.
    pub(super) fn read(&mut self) -> Result<Option<&Record>, ListError> {
        self.record.clear();
        self.record.line = self.splitter.line;
        self.splitter.state = State::Start;
        let mut taken = 0;
        loop {
            let used = self.splitter.split(self.source.text(), &mut self.record);
            self.source.consume(used);
            taken += used as u64;
            if self.splitter.state == State::End {
                self.record.ended = true;
                self.whole += taken;
                return Ok(Some(&self.record));
            }
            let line = self.splitter.line;
            if !self.source.more(|_| line)? {
                return self.last();
            }
        }
    }

    /// The record that the end of the file ends, if there is one.
    fn last(&mut self) -> Result<Option<&Record>, ListError> {
        match self.splitter.state {
            State::Quoted { line } => return Err(ListError::OpenQuote { line }),
            State::Start if self.record.cells == 0 => return Ok(None),
            _ => self.splitter.end_cell(&mut self.record),
        }
        Ok(Some(&self.record))
    }

    /// Returns the text of the next record, without reading it. Quotes are counted only, because the separator is not known.
    pub(super) fn peek(&mut self) -> Result<Option<&str>, ListError> {
        self.skip_lf()?;
        let (mut at, mut quote) = (0, None);
        let first = self.splitter.line;
        loop {
            for &byte in self.source.text().as_bytes().get(at..).unwrap_or_default() {
                match byte {
                    b'\n' | b'\r' if quote.is_none() => return Ok(self.source.text().get(..at)),
                    b'"' => quote = if quote.is_some() { None } else { Some(at) },
                    _ => {}
                }
                at += 1;
            }
            if at > MAX_ROW {
                return Err(ListError::LargeHeader { line: first, max: MAX_ROW });
            }
            if !self.source.more(|text| first + line_ends(text))? {
                let text = self.source.text();
                return match quote.and_then(|at| text.get(..at)) {
                    Some(before) => Err(ListError::OpenQuote { line: first + line_ends(before) }),
                    None => Ok(Some(text).filter(|text| !text.is_empty())),
                };
            }
        }
    }

    /// Consumes the LF of a CRLF whose CR ended the last record. Returns `false` if the file ends after the CR.
    pub(super) fn skip_lf(&mut self) -> Result<bool, ListError> {
        if !self.splitter.after_cr {
            return Ok(true);
        }
        let line = self.splitter.line;
        if self.source.text().is_empty() && !self.source.more(|_| line)? {
            return Ok(false);
        }
        if self.source.text().starts_with('\n') {
            self.source.consume(1);
            self.whole += 1;
        }
        self.splitter.after_cr = false;
        Ok(true)
    }
}

/// Counts the line ends in a text.
fn line_ends(text: &str) -> u64 {
    let (lf, crlf) = (text.matches('\n').count(), text.matches("\r\n").count());
    (text.matches('\r').count() + lf - crlf) as u64
}
