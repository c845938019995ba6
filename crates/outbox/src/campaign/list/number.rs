//! The number in a cell. What would need a guess is refused, with what to change.

use switchboard::phone::{Country, E164, ParsePhoneError};

/// Why a cell is not one telephone number. It never shows more than the last four digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberProblem {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// A spreadsheet has shortened the number, as in `4.41E+11`. The digits are lost.
    #[error(
        "a spreadsheet has shortened it to a power of ten, and the digits are lost: format the column as text in the \
         original, enter the number again, and save as \"CSV UTF-8\""
    )]
    Scientific,
    /// It has decimal places, as in `14155551234.0`.
    #[error("it has decimal places: format the column as text in the original, and save as \"CSV UTF-8\"")]
    Decimal,
    /// It has no country code, and the list has no country.
    #[error(
        "it does not begin with + and the country code, and is never completed: write it as +14155551234, or name the \
         country of the list with `country`; if a spreadsheet has removed the + or a zero, format the column as text"
    )]
    NoCountry,
    /// It begins neither with the `+` nor with the zero that numbers of its country begin with. Either may be lost, and
    /// these are different numbers.
    #[error(
        "it begins neither with + nor with 0, so one of them is lost: write it with + and the country code, or with the \
         0; if a spreadsheet has removed it, format the column as text in the original"
    )]
    ZeroLost,
    /// There are two numbers in the cell, or a slash that may separate two.
    #[error(
        "there is more than one number, or a slash that may separate two: write one number, without a slash"
    )]
    Several,
    /// It has an extension, as in `ext. 5`.
    #[error("it has an extension, which cannot be texted: remove it")]
    Extension,
    /// It contains a character that numbers do not have.
    #[error("it contains {0:?}: write digits only, after + and the country code")]
    Character(char),
    /// It is not a number, or is in no numbering plan.
    #[error(transparent)]
    Phone(#[from] ParsePhoneError),
}

/// Reads the number in a cell.
pub(super) fn number(cell: &str, country: Option<Country>) -> Result<E164, NumberProblem> {
    if country.is_none() && crate::table::is_e164(cell) {
        return Ok(E164::parse(cell)?);
    }
    if cell.len() > 1_000 {
        return Err(ParsePhoneError::TooMuchText.into());
    }
    let plain = plain(cell);
    let plain = without_scheme(plain.trim());
    refuse(plain)?;
    let plain = without_slash(plain)?;
    match country {
        Some(country) => national(&plain, country),
        None if plain.trim_start_matches(['(', ' ']).starts_with('+') => Ok(E164::parse(&plain)?),
        None => Err(NumberProblem::NoCountry),
    }
}

/// Removes what nobody sees, and writes spaces, dashes and full-width characters in ASCII. None of this changes the number.
fn plain(cell: &str) -> String {
    let ascii = |c| match c {
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => None,
        '\u{2060}'..='\u{2069}' | '\u{feff}' => None,
        '０'..='９' | '＋' | '（' | '）' | '－' | '．' | '／' => {
            char::from_u32(u32::from(c) - 0xFEE0)
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        _ if c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}') => Some(' '),
        _ => Some(c),
    };
    cell.chars().filter_map(ascii).collect()
}

/// Drops the `tel:` of RFC 3966.
fn without_scheme(text: &str) -> &str {
    match text.split_at_checked(4) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tel:") => rest.trim_start(),
        _ => text,
    }
}

fn refuse(plain: &str) -> Result<(), NumberProblem> {
    if plain.is_empty() {
        return Err(NumberProblem::Empty);
    }
    if is_scientific(plain) {
        return Err(NumberProblem::Scientific);
    }
    if is_decimal(plain) {
        return Err(NumberProblem::Decimal);
    }
    let is_separator =
        |c: char| matches!(c, '/' | '|' | '\\' | ',' | ';' | '&' | '\n' | '\r' | '\t') || c.is_alphabetic();
    let numbers = |text: &str| text.split(is_separator).filter(|part| digits(part) >= 6).count();
    let second_plus =
        plain.rfind('+').and_then(|at| plain.get(..at)).is_some_and(|before| digits(before) >= 6);
    if second_plus || numbers(plain) > 1 {
        return Err(NumberProblem::Several);
    }
    let begins = plain.trim_start_matches(['(', ' ']);
    let first = plain.len() - begins.len();
    let other = plain.char_indices().find(|&(at, c)| match c {
        '+' => at != first,
        '-' | '.' | '/' => at == first,
        _ => !(c.is_ascii_digit() || "() ".contains(c)),
    });
    match other {
        Some((at, _)) if is_extension(plain.split_at(at)) => Err(NumberProblem::Extension),
        Some((_, c)) => Err(NumberProblem::Character(c)),
        None => Ok(()),
    }
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Is what follows a number its extension?
fn is_extension((number, rest): (&str, &str)) -> bool {
    let rest = rest.to_lowercase();
    let words = ["extension", "ext", ";ext", "x", "#", "durchwahl", "dw"];
    let digits_only = |text: &str| text.chars().all(|c| c.is_ascii_digit() || ".:= ".contains(c));
    digits(number) >= 6
        && (1..=7).contains(&digits(&rest))
        && words.iter().any(|word| rest.strip_prefix(word).is_some_and(digits_only))
}

/// `4.41E+11`, `4,41e+11`, `4E11`.
pub(super) fn is_scientific(text: &str) -> bool {
    let text = text.trim().trim_start_matches(['+', '-']);
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let exponent = exponent.trim_start_matches(['+', '-']);
    let only_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    only_digits(exponent)
        && mantissa.split(['.', ',']).count() <= 2
        && mantissa.split(['.', ',']).all(only_digits)
}

/// `14155551234.0`: one group of five or more digits, then one or two decimal places.
fn is_decimal(plain: &str) -> bool {
    let text = plain.trim_start_matches(['+', '-']);
    let Some((whole, places)) = text.split_once(['.', ',']) else { return false };
    let only_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    whole.len() >= 5 && only_digits(whole) && (1..=2).contains(&places.len()) && only_digits(places)
}

/// Removes the slash of `030/1234567` and `+49 171/1234567`, which stands after an area code. After more digits, or before a
/// zero, it may separate two numbers.
fn without_slash(plain: &str) -> Result<String, NumberProblem> {
    let Some((before, after)) = plain.split_once('/') else { return Ok(plain.to_owned()) };
    let (before, after) = (before.trim(), after.trim());
    let area = match before.strip_prefix('+') {
        Some(international) => international.split_once([' ', '-']).map(|(_, area)| area),
        None => before.strip_prefix('0').or_else(|| before.strip_prefix("(0")),
    };
    let area = area.map(|area| area.trim_matches(['(', ')', ' ']));
    let is_area =
        area.is_some_and(|area| (1..=5).contains(&area.len()) && area.bytes().all(|b| b.is_ascii_digit()));
    if !is_area || after.contains('/') || after.starts_with(['0', '+', '(']) || digits(after) < 4 {
        return Err(NumberProblem::Several);
    }
    Ok(format!("{before} {after}"))
}

fn national(plain: &str, country: Country) -> Result<E164, NumberProblem> {
    let number = E164::parse_in(plain, country)?;
    // libphonenumber reads 4931123456 in Germany as 04931 123456, which may as well be +49 31 123456.
    let as_written = plain.trim_start_matches(['(', ' ']);
    if as_written.starts_with(|c: char| matches!(c, '1'..='9'))
        && number.national().trim_start_matches('(').starts_with('0')
    {
        return Err(NumberProblem::ZeroLost);
    }
    Ok(number)
}
