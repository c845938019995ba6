//! Lists of recipients as people and programs write them. Every case is a file with what must become of each of its rows,
//! written by hand.

mod amounts;
mod encodings;
mod headers;
mod json;
mod numbers;
mod oracle;
mod quotes;
mod rejects;
mod separators;

use std::io::Read;

use switchboard_outbox::campaign::Recipients;

/// What must become of a row, or of the rest of the file.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    /// It is accepted: its line, its number, and all its values in alphabetical order of their names.
    Row(u64, String, Vec<(String, String)>),
    /// It is rejected, and the reason contains this text.
    Rejected(u64, String),
    /// The list ends with an error that contains this text.
    Fatal(String),
}

fn row(line: u64, to: &str, values: &[(&str, &str)]) -> Outcome {
    let values = values.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
    Outcome::Row(line, to.to_owned(), values.collect())
}

fn rejected(line: u64, reason: &str) -> Outcome {
    Outcome::Rejected(line, reason.to_owned())
}

fn fatal(error: &str) -> Outcome {
    Outcome::Fatal(error.to_owned())
}

/// A file and what must become of it.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    json: bool,
    options: fn(Recipients) -> Recipients,
    blank: u64,
    outcomes: Vec<Outcome>,
}

impl Case {
    fn csv(name: &'static str, bytes: impl AsRef<[u8]>, outcomes: impl Into<Vec<Outcome>>) -> Self {
        let (bytes, outcomes) = (bytes.as_ref().to_vec(), outcomes.into());
        Self { name, bytes, json: false, options: |list| list, blank: 0, outcomes }
    }

    fn json(name: &'static str, bytes: impl AsRef<[u8]>, outcomes: impl Into<Vec<Outcome>>) -> Self {
        Self { json: true, ..Self::csv(name, bytes, outcomes) }
    }

    fn with(self, options: fn(Recipients) -> Recipients) -> Self {
        Self { options, ..self }
    }

    fn blank(self, blank: u64) -> Self {
        Self { blank, ..self }
    }
}

/// A file that is read in pieces of a given size.
struct Pieces {
    bytes: std::io::Cursor<Vec<u8>>,
    size: usize,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let size = self.size.min(into.len());
        self.bytes.read(&mut into[..size])
    }
}

/// Reads a whole file. Everything that it prints must be free of its cells.
fn outcomes(case: &Case, size: usize) -> (Vec<Outcome>, u64) {
    let file = Pieces { bytes: std::io::Cursor::new(case.bytes.clone()), size };
    let list = if case.json { Recipients::json_lines(file) } else { Recipients::csv(file) };
    let mut outcomes = Vec::new();
    let mut rows = match (case.options)(list).read() {
        Ok(rows) => rows,
        Err(error) => return (vec![fatal_of(case, &error)], 0),
    };
    for row in &mut rows {
        outcomes.push(match row {
            Ok(Ok(row)) => {
                let text = |value: &serde_json::Value| match value {
                    serde_json::Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                let values = row.values.iter().map(|(name, value)| (name.clone(), text(value)));
                assert_clean(case, &format!("{row:?}"));
                Outcome::Row(row.line, row.to.to_string(), values.collect())
            }
            Ok(Err(rejected)) => {
                assert_clean(case, &format!("{rejected} {rejected:?}"));
                Outcome::Rejected(rejected.line, rejected.reason.to_string())
            }
            Err(error) => fatal_of(case, &error),
        });
    }
    (outcomes, rows.blank())
}

fn fatal_of(case: &Case, error: &(dyn std::error::Error + 'static)) -> Outcome {
    assert_clean(case, &format!("{error} {error:?}"));
    Outcome::Fatal(error.to_string())
}

/// No text for a log may contain a number with more than four of its digits, or the planted name.
fn assert_clean(case: &Case, printed: &str) {
    assert!(!printed.contains("Ada"), "{}: {printed}", case.name);
    assert!(!printed.contains('\n'), "{}: {printed}", case.name);
    // The example in the reasons, the limits, and large numbers of lines and cells.
    let known = ["+14155551234", "1048576", "4194304", "262147", "2359299", "3000001"];
    let printed = known.iter().fold(printed.to_owned(), |printed, known| printed.replace(known, ""));
    let longest = printed.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    assert!(longest <= 5, "{}: {printed}", case.name);
}

/// Is this what was expected? Of reasons and errors, a part is.
fn fits(found: &Outcome, expected: &Outcome) -> bool {
    match (found, expected) {
        (Outcome::Rejected(line, found), Outcome::Rejected(at, part)) => line == at && found.contains(part),
        (Outcome::Fatal(found), Outcome::Fatal(part)) => found.contains(part),
        _ => found == expected,
    }
}

fn check(cases: Vec<Case>) {
    for case in cases {
        // In small pieces too, because every character and line end is then cut somewhere.
        let sizes = if case.bytes.len() < 10_000 { [1_000_000, 1, 3] } else { [1_000_000, 65_536, 10_007] };
        for size in sizes {
            let (found, blank) = outcomes(&case, size);
            let all_fit = found.len() == case.outcomes.len()
                && found.iter().zip(&case.outcomes).all(|(found, expected)| fits(found, expected));
            let expected = case.outcomes.iter().map(Some).chain(std::iter::repeat(None));
            let shown = found
                .iter()
                .zip(expected)
                .filter(|(found, expected)| expected.is_none_or(|e| !fits(found, e)));
            let shown: Vec<String> = shown.take(5).map(|pair| format!("{pair:.300?}")).collect();
            assert!(all_fit, "{} in pieces of {size}: {} rows\n{}", case.name, found.len(), shown.join("\n"));
            assert_eq!(blank, case.blank, "{}: blank rows", case.name);
        }
    }
}

/// Files of one header, `phone,name`.
const ADA: (&str, &str) = ("name", "Ada");
const N1: &str = "+14155551234";
const N2: &str = "+442071838750";
const P1: (&str, &str) = ("phone", N1);
const P2: (&str, &str) = ("phone", N2);
