//! Tables as CSV, for reports and rejected rows. It knows nothing of what is in them.

mod cell;

use std::io::{self, Write};

use self::cell::protect;
#[cfg(feature = "campaign")]
pub(crate) use self::cell::{is_e164, restore};

/// Writes a table as CSV that a spreadsheet does not run.
///
/// A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula. So such a cell gets an apostrophe before
/// it, and also one that begins with a tab, a return, a line feed, a byte order mark or the full-width form of one of these
/// signs. A cell
/// that begins with apostrophes before such a character gets one more. A whole number of E.164, such as `+14155551234`,
/// gets none. `campaign::Recipients::csv` takes the apostrophe off again, so each cell comes back as it was.
///
/// Cells are quoted as in RFC 4180, and rows end with CRLF. Rows may have different lengths.
///
/// This protects those who open the file with the separator it was written with. A spreadsheet that splits at another
/// character sees other cells, so choose the [separator](Self::with_separator) that its users have: `;` in most of Europe.
///
/// ```
/// use switchboard_outbox::Table;
///
/// let mut table = Table::new(Vec::new());
/// table.row(["number", "name"])?;
/// table.row(["+14155551234", "=HYPERLINK(\"https://example.com\")"])?;
/// let csv = String::from_utf8(table.finish()?)?;
/// assert_eq!(csv, "number,name\r\n+14155551234,\"'=HYPERLINK(\"\"https://example.com\"\")\"\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Table<W: Write> {
    write: io::BufWriter<W>,
    separator: u8,
}

impl<W: Write> Table<W> {
    /// Creates a table with commas.
    pub fn new(write: W) -> Self {
        Self::with_separator(write, b',')
    }

    /// Creates a table with another separator, an ASCII character.
    pub fn with_separator(write: W, separator: u8) -> Self {
        Self { write: io::BufWriter::new(write), separator }
    }

    /// Writes one row.
    ///
    /// # Errors
    /// Errors of the file.
    pub fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) -> io::Result<()> {
        let (mut is_first, mut is_empty) = (true, true);
        for cell in cells {
            if !is_first {
                self.write.write_all(&[self.separator])?;
            }
            is_empty &= is_first && cell.as_ref().is_empty();
            is_first = false;
            self.cell(&protect(cell.as_ref()))?;
        }
        // A row of one empty cell would be an empty line, which readers skip.
        self.write.write_all(if is_empty { b"\"\"\r\n" } else { b"\r\n" })
    }

    fn cell(&mut self, cell: &str) -> io::Result<()> {
        let is_quoted = |byte: &u8| [self.separator, b'"', b'\r', b'\n'].contains(byte);
        if cell.as_bytes().iter().any(is_quoted) {
            write!(self.write, "\"{}\"", cell.replace('"', "\"\""))
        } else {
            self.write.write_all(cell.as_bytes())
        }
    }

    /// Writes everything to the file, and returns the file.
    ///
    /// # Errors
    /// Errors of the file.
    pub fn finish(self) -> io::Result<W> {
        self.write.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

impl<W: Write> std::fmt::Debug for Table<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Table")
    }
}
