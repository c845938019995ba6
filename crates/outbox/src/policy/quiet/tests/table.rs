//! `decisions.txt`, row by row.

use switchboard::phone::Address;
use switchboard::provider::SendKind;

use super::{QuietHours, at, shown};
use crate::policy::Purpose;

static TABLE: &str = include_str!("decisions.txt");

struct Row {
    to: Address,
    kind: SendKind,
    purpose: Purpose,
    zone: Option<&'static str>,
    at: jiff::Timestamp,
    expected: &'static str,
}

fn rows() -> Vec<(&'static str, Row)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| (line, row(line))).collect()
}

fn row(line: &'static str) -> Row {
    let cells: Vec<&str> = line.split(" | ").collect();
    let [to, kind, purpose, zone, time, expected, source] = cells[..] else { panic!("{line}") };
    assert!(source.len() > 8, "no source: {line}");
    let word = |word: &str| format!("\"{word}\"");
    Row {
        to: Address::from(to),
        kind: serde_json::from_str(&word(kind)).unwrap(),
        purpose: serde_json::from_str(&word(purpose)).unwrap(),
        zone: (zone != "-").then_some(zone),
        at: at(time),
        expected,
    }
}

fn decide(quiet: &QuietHours, row: &Row) -> String {
    shown(&quiet.decide_for(row.kind, &row.to, row.purpose, row.zone, row.at))
}

#[test]
fn each_row_of_the_table_is_decided_as_expected() {
    let rows = rows();
    assert!(rows.len() >= 200, "{}", rows.len());
    let wrong: Vec<String> = rows
        .iter()
        .map(|(line, row)| (line, decide(&QuietHours::standard(), row), row.expected))
        .filter(|(_, got, expected)| got != expected)
        .map(|(line, got, _)| format!("{line}\n    got {got}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// What was remembered of other rows changes no answer, in whatever order they are asked.
#[test]
fn remembered_answers_are_the_same() {
    let quiet = QuietHours::standard();
    let rows = rows();
    for _ in 0..5 {
        let mut order: Vec<&(&str, Row)> = rows.iter().collect();
        fastrand::shuffle(&mut order);
        for (line, row) in order {
            assert_eq!(decide(&quiet, row), row.expected, "{line}");
        }
    }
}
