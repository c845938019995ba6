//! The file of rejected rows.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::records::Records;
use super::source::Source;
use super::{ListError, Rejected, Rows};
use crate::table::{Table, restore};

/// UTF-8 with a byte order mark: without it, Excel reads another encoding.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes rejected rows into a CSV file: the line, the reason and the cells of each.
///
/// The file has the separator and the columns of the list, so it can be corrected and given as a list itself. Its first
/// two columns are `line` and `reason`; they have another name if the list has such a column. The rejected rows of JSON
/// Lines and of an iterator are one cell, `record`. Cells are written as [`Table`] does.
///
/// Each row is one write to the file, so a process that is killed leaves whole rows. The file that it left is continued:
/// rows up to the last one in it are not written again, and a row that a power failure cut is removed. So the rows must be
/// written in the order of their lines.
///
/// ```no_run
/// use switchboard_outbox::campaign::{Recipients, Rejects};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rows = Recipients::csv(std::fs::File::open("list.csv")?).read()?;
/// let mut rejects = Rejects::open("rejects.csv", &rows)?;
/// for row in rows {
///     if let Err(rejected) = row? {
///         rejects.write(&rejected)?;
///     }
/// }
/// rejects.sync()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Rejects {
    file: File,
    /// Its size.
    size: u64,
    separator: u8,
    last_line: Option<u64>,
}

/// Why the file of rejected rows cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RejectsError {
    /// The file cannot be read or written.
    #[error("the file of rejected rows cannot be written: {0}")]
    File(#[from] io::Error),
    /// There is such a file, but not of this list.
    #[error("{} is not the file of rejected rows of this list, or was changed: name another file, or delete it", path.display())]
    OtherFile {
        /// The file.
        path: PathBuf,
    },
}

impl Rejects {
    /// Opens the file of a list, or creates it. Only its owner can read a file that is created.
    ///
    /// # Errors
    /// [`RejectsError::OtherFile`] if the file belongs to another list; errors of the file.
    pub fn open(path: impl AsRef<Path>, rows: &Rows) -> Result<Self, RejectsError> {
        let path = path.as_ref();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        let (header, separator) = (header(rows), rows.shape().separator);
        let found = match found(&file, separator, &header) {
            Ok(found) => found,
            Err(ListError::Read(error)) => return Err(error.into()),
            Err(_) => return Err(RejectsError::OtherFile { path: path.to_owned() }),
        };
        file.set_len(found.size)?;
        file.seek(SeekFrom::Start(found.size))?;
        let mut rejects = Self { file, size: found.size, separator, last_line: found.last_line };
        if found.size == 0 {
            rejects.append(&[MARK, &row_bytes(separator, &header)?].concat())?;
        }
        Ok(rejects)
    }

    /// Opens the file of a list and empties it, or creates it.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn create(path: impl AsRef<Path>, rows: &Rows) -> Result<Self, RejectsError> {
        let mut rejects = Self::open(path, rows)?;
        let header = [MARK, &row_bytes(rejects.separator, &header(rows))?].concat();
        rejects.size = header.len() as u64;
        rejects.file.set_len(rejects.size)?;
        rejects.file.seek(SeekFrom::End(0))?;
        rejects.last_line = None;
        Ok(rejects)
    }

    /// Returns the line of the last row in the file.
    #[must_use]
    pub const fn last_line(&self) -> Option<u64> {
        self.last_line
    }

    /// Writes a row, unless it is in the file already. Returns whether it was written.
    ///
    /// # Errors
    /// Errors of the file.
    pub fn write(&mut self, rejected: &Rejected) -> Result<bool, RejectsError> {
        if self.last_line >= Some(rejected.line) {
            return Ok(false);
        }
        let mut cells = vec![rejected.line.to_string(), rejected.reason.to_string()];
        cells.extend(rejected.cells.iter().cloned());
        self.append(&row_bytes(self.separator, &cells)?)?;
        self.last_line = Some(rejected.line);
        Ok(true)
    }

    fn append(&mut self, row: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(row);
        if written.is_err() {
            // The disk may be full, and a part of the row in the file.
            self.file.set_len(self.size)?;
            self.file.seek(SeekFrom::Start(self.size))?;
        } else {
            self.size += row.len() as u64;
        }
        written
    }

    /// Waits until all rows are on disk, where a power failure does not remove them.
    ///
    /// # Errors
    /// Errors of the file.
    pub fn sync(&self) -> Result<(), RejectsError> {
        Ok(self.file.sync_data()?)
    }
}

fn row_bytes(separator: u8, cells: &[String]) -> io::Result<Vec<u8>> {
    let mut table = Table::with_separator(Vec::new(), separator);
    table.row(cells)?;
    table.finish()
}

fn header(rows: &Rows) -> Vec<String> {
    let names = match rows.shape().names.as_slice() {
        [] => vec!["record".to_owned()],
        names => names.to_vec(),
    };
    let free = |name: &str| {
        let taken = |wanted: &String| names.iter().any(|name| name.to_lowercase() == *wanted);
        let mut others = (2..).map(|n| format!("{name}_{n}"));
        if taken(&name.to_owned()) { others.find(|other| !taken(other)) } else { Some(name.to_owned()) }
    };
    let mut header: Vec<String> = ["line", "reason"].into_iter().filter_map(free).collect();
    header.extend(names);
    header
}

/// What is in a file: its size without a row that was cut, and the line of its last row.
struct Found {
    size: u64,
    last_line: Option<u64>,
}

fn found(file: &File, separator: u8, header: &[String]) -> Result<Found, ListError> {
    let all = file.metadata().map_err(ListError::Read)?.len();
    let beginning = [MARK, &row_bytes(separator, header).map_err(ListError::Read)?].concat();
    let mut found = Found { size: 0, last_line: None };
    if is_cut_beginning(file, all, &beginning)? {
        return Ok(found);
    }
    let file = file.try_clone().map_err(ListError::Read)?;
    let mut records = Records::new(Source::open(Box::new(file))?);
    records.set_separator(separator);
    let mut first = true;
    loop {
        let cells: Vec<String> = match records.read() {
            Ok(Some(record)) if record.ended => {
                record.cells().take(header.len()).map(str::to_owned).collect()
            }
            Err(ListError::Read(error)) => return Err(ListError::Read(error)),
            // The header is whole, so the last row was cut: in a cell with quotes, in a character, or elsewhere.
            Ok(_) | Err(ListError::OpenQuote { .. }) if !first => return Ok(found),
            Err(ListError::Encoding { position, .. }) if !first && position + 4 > all => return Ok(found),
            Ok(_) => return Err(ListError::Empty),
            Err(error) => return Err(error),
        };
        if !records.skip_lf().unwrap_or(true) {
            return Ok(found);
        }
        let line = cells.first().and_then(|line| line.parse().ok());
        match (first, line) {
            (true, _) if same(&cells, header) => {}
            (false, Some(line)) => found.last_line = Some(line),
            _ => return Err(ListError::Empty),
        }
        found.size = MARK.len() as u64 + records.whole;
        first = false;
    }
}

/// Is the file empty, or only a part of the first row?
fn is_cut_beginning(mut file: &File, all: u64, beginning: &[u8]) -> Result<bool, ListError> {
    use std::io::Read;
    let mut read = Vec::new();
    file.take(beginning.len() as u64).read_to_end(&mut read).map_err(ListError::Read)?;
    file.rewind().map_err(ListError::Read)?;
    Ok(all < beginning.len() as u64 && beginning.starts_with(&read))
}

/// Are these the cells of the header, as [`Table`] writes them?
fn same(cells: &[String], header: &[String]) -> bool {
    cells.iter().map(|cell| restore(cell).unwrap_or(cell)).eq(header.iter().map(String::as_str))
}
