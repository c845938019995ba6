//! The apostrophe before cells that a spreadsheet would run as a formula.

use std::borrow::Cow;

/// The characters that begin a formula, or that a spreadsheet may drop before it reads one. The full-width signs count as
/// the ASCII ones in East Asian versions of Excel.
const fn begins_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠' | '\u{feff}')
}

/// Would a spreadsheet run this cell, apart from apostrophes before it?
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(begins_formula)
}

/// Is the whole cell a number of E.164, with nothing between its digits?
pub(crate) fn is_e164(cell: &str) -> bool {
    match cell.as_bytes() {
        [b'+', b'1'..=b'9', rest @ ..] => {
            (5..=14).contains(&rest.len()) && rest.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// Puts an apostrophe before a cell that a spreadsheet would run.
pub(crate) fn protect(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) && !is_e164(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// Takes off the apostrophe that [`protect`] puts before a cell. `None` if there is none.
#[cfg(any(test, feature = "campaign"))]
pub(crate) fn restore(cell: &str) -> Option<&str> {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_get_an_apostrophe() {
        let cases = [
            ("", ""),
            ("Ada", "Ada"),
            ("'Ada'", "'Ada'"),
            ("'", "'"),
            ("a=b", "a=b"),
            (" =1", " =1"),
            ("+14155551234", "+14155551234"),
            ("+1 415 555 1234", "'+1 415 555 1234"),
            ("+14155551234+1", "'+14155551234+1"),
            ("+04155551234", "'+04155551234"),
            ("+1234567890123456", "'+1234567890123456"),
            ("=1+1", "'=1+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("＝1", "'＝1"),
            ("\u{feff}=1", "'\u{feff}=1"),
            ("'=1", "''=1"),
            ("''=1", "'''=1"),
            ("'+14155551234", "''+14155551234"),
        ];
        for (cell, written) in cases {
            assert_eq!(protect(cell), written, "{cell:?}");
            assert_eq!(restore(written).unwrap_or(written), cell, "{written:?}");
        }
    }
}
