//! Reading a list of people to text, in constant memory.
//!
//! A list is CSV ([`csv`]), JSON Lines ([`lines`]) or an iterator ([`given`]). [`source`] decodes a file, [`records`] splits
//! CSV into cells, [`columns`] reads its header, and [`number`] the telephone numbers. [`reject`] lists the reasons why a row
//! cannot be used, and [`rejects`] writes them into a file.

mod columns;
mod csv;
mod error;
mod given;
mod lines;
mod number;
mod records;
mod reject;
mod rejects;
mod row;
mod source;

use std::fmt;
use std::io::Read;

use switchboard::phone::{Country, E164};

use crate::enqueue::Enqueue;
use csv::CsvRows;
use given::GivenRows;
use lines::JsonRows;
use row::Shape;
use source::Source;

pub use error::ListError;
pub use given::Recipient;
pub use number::NumberProblem;
pub use reject::{RejectReason, Rejected};
pub use rejects::{Rejects, RejectsError};
pub use row::Row;

/// A list of people to text: where it comes from, and how to read it.
///
/// ```
/// use switchboard_outbox::campaign::Recipients;
///
/// let file = "Phone;Name\n+14155551234;Ada\n4.41E+11;Grace\n".as_bytes();
/// for row in Recipients::csv(file).read()? {
///     match row? {
///         Ok(row) => println!("{}: {}", row.line, row.values["Name"]), // 2: "Ada"
///         Err(rejected) => println!("{rejected}"), // line 3: the number in "Phone" cannot be used: a spreadsheet has …
///     }
/// }
/// # Ok::<(), switchboard_outbox::campaign::ListError>(())
/// ```
///
/// # What is read
/// **Nothing is guessed or repaired.** A row that is not clear is yielded as [`Rejected`], with its line, as an editor
/// counts them, and what to change. A file that is not clear is a [`ListError`]. The memory used does not depend on the
/// number of rows. So duplicates are not found here: two rows with the same key are the same message for the outbox.
///
/// - **Encodings**: UTF-8, and UTF-16 with a byte order mark. Anything else is an error with the line and the byte.
/// - **CSV**: RFC 4180, with LF, CRLF or CR. The separator is `,` `;` or tab, as the header shows, or what Excel's first
///   line `sep=;` says. Every row must have as many cells as the header. Rows whose cells are all empty are skipped. Columns
///   at the end without a name must be empty. Quotes in the wrong place are refused.
/// - **JSON Lines**: one object on each line, with texts, numbers, `true`, `false` and `null`. The telephone number must be a
///   text. Lists, objects, a name that is there twice and numbers that cannot be kept exactly are refused.
/// - **Names** are those of the template's variables. In CSV they are the names of the columns, trimmed, and two names that
///   differ in upper and lower case only are refused. In JSON Lines they are compared exactly.
/// - **Cells** are kept as they are, with two exceptions in CSV: the apostrophe that [`Table`](crate::campaign::Table) and
///   spreadsheets put before `=`, `+`, `-`, `@`, tab or return is taken off, and `="007"` is the text `007`. Control characters
///   other than tabs and line breaks are refused.
/// - **Limits**: 1 MiB for a cell, 4 MiB for a row, 2,000 columns, 255 bytes for a key.
///
/// # Telephone numbers
/// Spaces, dashes, dots, brackets and invisible characters are removed, and full-width digits are read. A number must
/// begin with `+` and its country code, or the list must have a [`country`](Self::country). Refused are: what a spreadsheet
/// has changed (`4.41E+11`, `14155551234.0`, a lost `+` or zero), extensions, letters, and two numbers in one cell. A slash is
/// allowed after an area code, as in `030/1234567`.
pub struct Recipients {
    from: From,
    options: Options,
    country: Option<String>,
}

enum From {
    Csv(Box<dyn Read + Send>),
    JsonLines(Box<dyn Read + Send>),
    Given(Box<dyn Iterator<Item = Recipient> + Send>),
}

/// How to read a list.
#[derive(Default)]
struct Options {
    number: Option<String>,
    key: Option<String>,
    zone: Option<String>,
    separator: Option<char>,
    country: Option<Country>,
}

impl Recipients {
    /// Reads CSV.
    pub fn csv(read: impl Read + Send + 'static) -> Self {
        Self::new(From::Csv(Box::new(read)))
    }

    /// Reads JSON Lines: one object on each line.
    pub fn json_lines(read: impl Read + Send + 'static) -> Self {
        Self::new(From::JsonLines(Box::new(read)))
    }

    /// Takes recipients from an iterator. Their lines are counted from 1.
    pub fn rows<I>(recipients: I) -> Self
    where
        I: IntoIterator<Item = Recipient>,
        I::IntoIter: Send + 'static,
    {
        Self::new(From::Given(Box::new(recipients.into_iter())))
    }

    fn new(from: From) -> Self {
        Self { from, options: Options::default(), country: None }
    }

    /// Names the column of the telephone numbers.
    ///
    /// Without it, that is the only column whose name is, in any case: `phone`, `number`, `to`, `mobile`, `phone_number`,
    /// `telephone`, `telephone_number`, `telefon`, `telefonnummer`, `tel`, `cell`, `msisdn`, `mobile_number`, `mobile_phone`,
    /// `mobil`, `mobilnummer`, `handy` or `handynummer`, with a space or a dash for `_` too. In JSON Lines, the first object
    /// decides, and names are compared exactly.
    #[must_use]
    pub fn number_column(mut self, name: impl Into<String>) -> Self {
        self.options.number = Some(name.into());
        self
    }

    /// Names the column of the keys. A key identifies a row when the list is given again; it is kept as it is. Without
    /// this, the key is the number in E.164 form, so each number is texted once.
    #[must_use]
    pub fn key_column(mut self, name: impl Into<String>) -> Self {
        self.options.key = Some(name.into());
        self
    }

    pub(super) fn key_name(&self) -> Option<&str> {
        self.options.key.as_deref()
    }

    /// Names the column of the time zones, such as `Europe/Berlin`. Its cells may be empty.
    #[must_use]
    pub fn zone_column(mut self, name: impl Into<String>) -> Self {
        self.options.zone = Some(name.into());
        self
    }

    /// Sets the country of the numbers that do not begin with `+`, as two letters of ISO 3166. All numbers must be in a
    /// numbering plan then. Without it, every number must begin with `+`.
    #[must_use]
    pub fn country(mut self, country: impl Into<String>) -> Self {
        self.country = Some(country.into());
        self
    }

    /// Sets the separator of a CSV file, an ASCII character.
    #[must_use]
    pub const fn separator(mut self, separator: char) -> Self {
        self.options.separator = Some(separator);
        self
    }

    /// Reads the header, and returns the rows.
    ///
    /// # Errors
    /// [`ListError`] says what is wrong with the file and what to change.
    pub fn read(self) -> Result<Rows, ListError> {
        let Self { from, mut options, country } = self;
        options.country =
            country.map(|code| Country::parse(&code)).transpose().map_err(ListError::Country)?;
        let form = match from {
            From::Csv(read) => Form::Csv(Box::new(CsvRows::open(Source::open(read)?, options)?)),
            From::JsonLines(read) => Form::Json(Box::new(JsonRows::open(Source::open(read)?, options)?)),
            From::Given(rows) => Form::Given(Box::new(GivenRows::new(rows, options))),
        };
        Ok(Rows { form, failed: false })
    }
}

impl fmt::Debug for Recipients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipients")
    }
}

/// Reading the columns that have a meaning.
impl Options {
    fn to(&self, cell: &str, column: impl Fn() -> String) -> Result<E164, RejectReason> {
        number::number(cell, self.country)
            .map_err(|problem| RejectReason::Number { column: column(), problem })
    }

    fn key(&self, cell: &str, column: impl Fn() -> String) -> Result<String, RejectReason> {
        if cell.trim().is_empty() {
            return Err(RejectReason::NoKey { column: column() });
        }
        if cell.len() > Enqueue::MAX_NAME {
            return Err(RejectReason::LongKey { column: column(), max: Enqueue::MAX_NAME });
        }
        if number::is_scientific(cell) {
            return Err(RejectReason::ScientificKey { column: column() });
        }
        Ok(cell.to_owned())
    }

    fn zone(&self, cell: &str, column: impl Fn() -> String) -> Result<Option<String>, RejectReason> {
        let zone = cell.trim();
        if zone.is_empty() {
            return Ok(None);
        }
        match jiff::tz::TimeZone::get(zone) {
            Ok(known) if !known.is_unknown() => Ok(Some(zone.to_owned())),
            _ => Err(RejectReason::Zone { column: column() }),
        }
    }
}

enum Form {
    Csv(Box<CsvRows>),
    Json(Box<JsonRows>),
    Given(Box<GivenRows>),
}

/// The rows of a list, one after another. After an error there are no more.
pub struct Rows {
    form: Form,
    failed: bool,
}

impl Rows {
    /// Returns the names of the columns of a CSV file; nothing for other lists.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.shape().names.iter().map(String::as_str).filter(|name| !name.is_empty())
    }

    /// Returns how many blank rows were skipped until now.
    #[must_use]
    pub fn blank(&self) -> u64 {
        match &self.form {
            Form::Csv(rows) => rows.blank,
            Form::Json(rows) => rows.blank,
            Form::Given(_) => 0,
        }
    }

    fn shape(&self) -> &Shape {
        match &self.form {
            Form::Csv(rows) => &rows.shape,
            Form::Json(rows) => &rows.shape,
            Form::Given(rows) => &rows.shape,
        }
    }
}

impl Iterator for Rows {
    type Item = Result<Result<Row, Rejected>, ListError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = match &mut self.form {
            Form::Csv(rows) => rows.next(),
            Form::Json(rows) => rows.next(),
            Form::Given(rows) => rows.next().map(Ok),
        };
        self.failed = matches!(next, None | Some(Err(_)));
        next
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("blank", &self.blank()).finish_non_exhaustive()
    }
}
