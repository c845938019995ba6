//! Why a list cannot be read at all.

use std::io;

use switchboard::phone::ParsePhoneError;

/// Why a list cannot be read, or not further. It never shows a cell. Column names are shown, shortened, and only the last
/// four digits of those that contain a number.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// Reading the file failed.
    #[error("the list cannot be read: {0}")]
    Read(#[source] io::Error),
    /// There is nothing in it.
    #[error("the list is empty: its first row must name the columns")]
    Empty,
    /// It is another kind of file. The beginning of the file says so.
    #[error("the list is {what}: save it as \"CSV UTF-8\" and give that file")]
    NotText {
        /// What it is.
        what: &'static str,
    },
    /// A byte is not text in the encoding of the list, so that is another encoding, such as Windows-1252.
    #[error(
        "line {line}: the byte 0x{byte:02X} at position {position} of the file is not {}: save the list as \
         \"CSV UTF-8\" and give it again; the rows before this line are not affected", encoding(*utf16)
    )]
    Encoding {
        /// The line, counted from 1.
        line: u64,
        /// The position of the byte in the file, counted from 1.
        position: u64,
        /// The byte.
        byte: u8,
        /// Does the file begin with a byte order mark of UTF-16?
        utf16: bool,
    },
    /// A NUL character in the header: the file is not text.
    #[error(
        "line {line}: there is a NUL character in the header, so this is not a text file: save it as \"CSV UTF-8\""
    )]
    Binary {
        /// The line of the header.
        line: u64,
    },
    /// A quote is opened and never closed, so the rest of the file is one cell.
    #[error(
        "line {line}: a quote is opened on this line and never closed: close it, or double it if it is part of the cell"
    )]
    OpenQuote {
        /// The line of the quote, counted from 1.
        line: u64,
    },
    /// The header has no end.
    #[error("line {line}: the header has more than {max} bytes: is this a list?")]
    LargeHeader {
        /// The line of the header.
        line: u64,
        /// The maximum size.
        max: usize,
    },
    /// The header has too many columns.
    #[error("line {line}: the header has {found} columns, but at most {max} are read: remove the others")]
    TooManyColumns {
        /// The line of the header.
        line: u64,
        /// Their number.
        found: usize,
        /// The maximum number.
        max: usize,
    },
    /// The first row contains a telephone number, so it is not a header.
    #[error(
        "line {line}: there is a number where the names of the columns should be: add a first row with their names"
    )]
    NoHeader {
        /// The line of the first row.
        line: u64,
    },
    /// The header breaks the rules for quotes.
    #[error("line {line}: there is a quote in the wrong place in the header: remove it")]
    HeaderQuote {
        /// The line of the header.
        line: u64,
    },
    /// A column name contains a control character.
    #[error(
        "line {line}: the name of column {column} contains the control character U+{character:04X}: remove it"
    )]
    HeaderControl {
        /// The line of the header.
        line: u64,
        /// The column, counted from 1.
        column: usize,
        /// The character.
        character: u32,
    },
    /// A column has no name, and is not at the end.
    #[error("line {line}: column {column} has no name: name it or delete it")]
    NoName {
        /// The line of the header.
        line: u64,
        /// The column, counted from 1.
        column: usize,
    },
    /// Two columns have the same name, apart from upper and lower case and spaces around it.
    #[error("line {line}: columns {first} and {second} have the same name, {name}: rename one of them")]
    SameName {
        /// The line of the header.
        line: u64,
        /// The first of them, counted from 1.
        first: usize,
        /// The second of them.
        second: usize,
        /// Their name.
        name: String,
    },
    /// The header contains several of the characters that may separate columns.
    #[error(
        "line {line}: the separator is not clear, because the header contains {found}: set it with `separator`"
    )]
    UnclearSeparator {
        /// The line of the header.
        line: u64,
        /// The characters.
        found: String,
    },
    /// The separator cannot be one: it is not a single ASCII character, or it is a quote, a line end, a space, a letter or a
    /// digit.
    #[error("the separator must be one ASCII character, and no quote, line end, space, letter or digit")]
    BadSeparator,
    /// There is no column with this name.
    #[error("there is no column {wanted}; the columns are: {columns}")]
    NoColumn {
        /// The wanted name.
        wanted: String,
        /// The names of all columns.
        columns: String,
    },
    /// No column, or more than one, has a name that says that it contains the numbers.
    #[error(
        "{} could contain the numbers: name it with `number_column`; the columns are: {columns}",
        candidates_text(candidates)
    )]
    WhichNumber {
        /// The names of the columns that could.
        candidates: Vec<String>,
        /// The names of all columns.
        columns: String,
    },
    /// The list is one JSON array instead of one object a line.
    #[error(
        "the list is a JSON array: write one object a line, without brackets around them and commas between them"
    )]
    JsonArray,
    /// No country has this code.
    #[error("the country of the list is unknown: {0}")]
    Country(#[source] ParsePhoneError),
}

const fn encoding(utf16: bool) -> &'static str {
    if utf16 { "UTF-16" } else { "UTF-8" }
}

fn candidates_text(candidates: &[String]) -> String {
    if candidates.is_empty() {
        return "no column is called `phone` or `number`, so it is not clear which one".to_owned();
    }
    format!("{} columns ({})", candidates.len(), candidates.join(", "))
}

/// The most characters of a column name that are shown.
const SHOWN: usize = 40;

/// Returns a column name as it may be shown: on one line, shortened, and without a number.
pub(super) fn shown(name: &str) -> String {
    let digits: Vec<char> = name.chars().filter(|c| c.is_numeric()).collect();
    if digits.len() > 4 {
        let last = digits.iter().skip(digits.len().saturating_sub(4).max(4));
        return format!("\"…{}\"", last.collect::<String>());
    }
    let short: String = name.chars().take(SHOWN).collect();
    let more = if short.len() < name.len() { "…" } else { "" };
    format!("\"{}{more}\"", short.escape_debug())
}

/// Returns a list of column names as it may be shown.
pub(super) fn all_shown<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = names.take(31).map(shown).collect();
    if names.len() > 30 {
        names.pop();
        names.push("…".to_owned());
    }
    names.join(", ")
}
