//! The header of a CSV file: what separates its columns, what they are called, and which one contains what.

use std::collections::HashMap;

use super::csv::restored;
use super::error::{all_shown, shown};
use super::records::{Fault, MAX_CELL, MAX_ROW, Record};
use super::{ListError, Options, number};

/// The maximum number of columns.
pub(super) const MAX_COLUMNS: usize = 2_000;

/// Names of columns that contain the number, in lower case and with `_` for spaces and dashes.
const NUMBER_NAMES: [&str; 18] = [
    "phone",
    "number",
    "to",
    "mobile",
    "phone_number",
    "telephone",
    "telephone_number",
    "telefon",
    "telefonnummer",
    "tel",
    "cell",
    "msisdn",
    "mobile_number",
    "mobile_phone",
    "mobil",
    "mobilnummer",
    "handy",
    "handynummer",
];

/// The columns of a list.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// Their names, trimmed. Columns at the end without a name are not among them.
    pub(super) names: Vec<String>,
    /// How many there are, with those that have no name.
    pub(super) width: usize,
    pub(super) number: usize,
    pub(super) key: Option<usize>,
    pub(super) zone: Option<usize>,
}

impl Columns {
    pub(super) fn of(header: &Record, options: &Options) -> Result<Self, ListError> {
        let line = header.line;
        match header.fault {
            Some(Fault::Quote(_)) => return Err(ListError::HeaderQuote { line }),
            Some(Fault::LargeCell(_)) => return Err(ListError::LargeHeader { line, max: MAX_CELL }),
            Some(Fault::LargeRow) => return Err(ListError::LargeHeader { line, max: MAX_ROW }),
            None if header.cells > MAX_COLUMNS => {
                return Err(ListError::TooManyColumns { line, found: header.cells, max: MAX_COLUMNS });
            }
            None => {}
        }
        let mut names: Vec<String> = header.cells().map(|cell| trimmed(restored(cell))).collect();
        check_characters(line, &names)?;
        let width = names.len();
        names.truncate(names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1));
        check_names(line, &names)?;
        let find = |wanted: &Option<String>| wanted.as_ref().map(|wanted| find(&names, wanted)).transpose();
        let number = match find(&options.number)? {
            Some(number) => number,
            None => find_number(names.iter().map(String::as_str))?,
        };
        let (key, zone) = (find(&options.key)?.filter(|&key| key != number), find(&options.zone)?);
        Ok(Self { names, width, number, key, zone })
    }

    /// Returns a column as it may be shown.
    pub(super) fn shown(&self, column: usize) -> String {
        match self.names.get(column) {
            Some(name) => shown(name),
            None => format!("column {}", column + 1),
        }
    }
}

/// Removes spaces and invisible characters around a name.
fn trimmed(name: &str) -> String {
    let invisible = |c: char| {
        c.is_whitespace()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    name.trim_matches(invisible).to_owned()
}

fn check_characters(line: u64, names: &[String]) -> Result<(), ListError> {
    for (column, name) in (1..).zip(names) {
        if name.contains('\0') {
            return Err(ListError::Binary { line });
        }
        if let Some(c) = control(name) {
            return Err(ListError::HeaderControl { line, column, character: c.into() });
        }
    }
    match names.iter().any(|name| is_number(name)) {
        true => Err(ListError::NoHeader { line }),
        false => Ok(()),
    }
}

/// Returns the first character that no cell may contain.
pub(super) fn control(text: &str) -> Option<char> {
    text.chars().find(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}

/// Is it a number, and not a name? Then the row may be the first one of a list without a header.
fn is_number(name: &str) -> bool {
    let digits = name.chars().filter(|c| c.is_numeric()).count();
    let letters = name.trim_start_matches("tel:").chars().any(char::is_alphabetic);
    number::is_scientific(name) || (digits >= 5 && !letters)
}

fn check_names(line: u64, names: &[String]) -> Result<(), ListError> {
    let mut seen = HashMap::with_capacity(names.len());
    for (column, name) in (1..).zip(names) {
        if name.is_empty() {
            return Err(ListError::NoName { line, column });
        }
        if let Some(first) = seen.insert(name.to_lowercase(), column) {
            return Err(ListError::SameName { line, first, second: column, name: shown(name) });
        }
    }
    Ok(())
}

fn find(names: &[String], wanted: &str) -> Result<usize, ListError> {
    let folded = trimmed(wanted).to_lowercase();
    names.iter().position(|name| name.to_lowercase() == folded).ok_or_else(|| ListError::NoColumn {
        wanted: shown(wanted),
        columns: all_shown(names.iter().map(String::as_str)),
    })
}

/// Finds the only name that says that it is the number's.
pub(super) fn find_number<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Result<usize, ListError> {
    let is_candidate = |name: &str| {
        let folded = name.to_lowercase().replace([' ', '-', '.'], "_");
        NUMBER_NAMES.contains(&folded.trim_end_matches('_'))
    };
    let mut candidates = names.clone().enumerate().filter(|(_, name)| is_candidate(name));
    match (candidates.next(), candidates.next()) {
        (Some((number, _)), None) => Ok(number),
        _ => Err(ListError::WhichNumber {
            candidates: names.clone().filter(|name| is_candidate(name)).map(shown).collect(),
            columns: all_shown(names),
        }),
    }
}

/// Returns the separator that the text of a header shows.
pub(super) fn separator(line: u64, header: &str) -> Result<u8, ListError> {
    let mut quoted = false;
    let outside = header.bytes().filter(|&byte| {
        quoted ^= byte == b'"';
        !quoted
    });
    let outside: Vec<u8> = outside.filter(|byte| b",;\t".contains(byte)).collect();
    let found = [(b',', "`,`"), (b';', "`;`"), (b'\t', "tabs")];
    let found = found.into_iter().filter(|(byte, _)| outside.contains(byte));
    match found.clone().map(|(byte, _)| byte).collect::<Vec<_>>().as_slice() {
        [] => Ok(b','),
        [one] => Ok(*one),
        _ => {
            let found: Vec<&str> = found.map(|(_, shown)| shown).collect();
            Err(ListError::UnclearSeparator { line, found: found.join(" and ") })
        }
    }
}

/// Checks a separator that somebody has set.
pub(super) fn checked_separator(separator: char) -> Result<u8, ListError> {
    let allowed =
        separator.is_ascii() && !separator.is_ascii_alphanumeric() && !"\"\r\n \0".contains(separator);
    u8::try_from(separator).ok().filter(|_| allowed).ok_or(ListError::BadSeparator)
}

/// Returns the separator of Excel's first line, `sep=;`, if it is one.
pub(super) fn excel_separator(line: &str) -> Option<Result<u8, ListError>> {
    let value = match line.split_at_checked(4) {
        Some((name, value)) if name.eq_ignore_ascii_case("sep=") => value,
        _ => return None,
    };
    let mut characters = value.chars();
    Some(match (characters.next(), characters.next()) {
        (Some(separator), None) => checked_separator(separator),
        _ => Err(ListError::BadSeparator),
    })
}
