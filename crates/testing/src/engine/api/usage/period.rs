//! The days of a list of usage records, and how they are grouped into records.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::engine::error::Refusal;
use crate::engine::form::Pairs;

/// How days are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    /// All days in one record.
    Whole,
    Daily,
    Monthly,
    Yearly,
    Today,
    Yesterday,
    ThisMonth,
    LastMonth,
}

/// Every grouping with its name in the path and in JSON.
pub(super) const WORDS: &[(&str, &str, Period)] = &[
    ("AllTime", "all_time", Period::Whole),
    ("Daily", "daily", Period::Daily),
    ("LastMonth", "last_month", Period::LastMonth),
    ("Monthly", "monthly", Period::Monthly),
    ("ThisMonth", "this_month", Period::ThisMonth),
    ("Today", "today", Period::Today),
    ("Yearly", "yearly", Period::Yearly),
    ("Yesterday", "yesterday", Period::Yesterday),
];

impl Period {
    /// Reads the name in the path.
    pub(super) fn read(word: &str) -> Option<Self> {
        if word.is_empty() {
            return Some(Self::Whole);
        }
        WORDS.iter().find(|(path, ..)| *path == word).map(|(.., period)| *period)
    }

    /// Returns the spans of days, oldest first. They begin when the account was created.
    pub(super) fn spans(
        self,
        query: &Pairs,
        created: Date,
        today: Date,
    ) -> Result<Vec<(Date, Date)>, Refusal> {
        let first = date(query, "StartDate", today)?.unwrap_or(created);
        let last = date(query, "EndDate", today)?.unwrap_or(today);
        let yesterday = today.yesterday().unwrap_or(today);
        let month = today.first_of_month();
        let before = month.yesterday().unwrap_or(month);
        Ok(match self {
            Self::Whole => vec![(first, last)],
            Self::Today => vec![(today, today)],
            Self::Yesterday => vec![(yesterday, yesterday)],
            Self::ThisMonth => vec![(month, today)],
            Self::LastMonth => vec![(before.first_of_month(), before)],
            Self::Daily => cut(first.max(created), last, |day| day),
            Self::Monthly => cut(first.max(created), last, Date::last_of_month),
            Self::Yearly => cut(first.max(created), last, Date::last_of_year),
        })
    }
}

/// Splits the days into spans; `end` returns the last day of the span that a day is in.
fn cut(first: Date, last: Date, end: impl Fn(Date) -> Date) -> Vec<(Date, Date)> {
    let mut spans = Vec::new();
    let mut next = Some(first);
    while let Some(start) = next.filter(|day| *day <= last) {
        let stop = end(start).min(last);
        spans.push((start, stop));
        next = stop.tomorrow().ok();
    }
    spans
}

/// Reads a day, absolute or relative to today: `2026-01-05`, `-30days`.
fn date(query: &Pairs, name: &str, today: Date) -> Result<Option<Date>, Refusal> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let days = text.strip_suffix("days").and_then(|days| days.trim_start_matches('+').parse::<i32>().ok());
    let day = match days {
        Some(days) => today.checked_add(days.days()).ok(),
        None => text.get(..10).and_then(|day| day.parse().ok()),
    };
    let refusal =
        || Refusal::bad_request(20001, format!("The {name} {text} is neither YYYY-MM-DD nor -30days"));
    day.map(Some).ok_or_else(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_cut_at_the_end_of_their_month_or_year() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let (created, today) = (day("2025-11-29"), day("2026-01-02"));
        let spans = |word: &str, query: &str| {
            let query = Pairs::decode(query.as_bytes());
            let spans = Period::read(word).unwrap().spans(&query, created, today).unwrap();
            spans.into_iter().map(|(first, last)| format!("{first} {last}")).collect::<Vec<_>>()
        };
        assert_eq!(spans("", ""), ["2025-11-29 2026-01-02"]);
        assert_eq!(spans("", "StartDate=-1days&EndDate=%2B1days"), ["2026-01-01 2026-01-03"]);
        assert_eq!(
            spans("Monthly", ""),
            ["2025-11-29 2025-11-30", "2025-12-01 2025-12-31", "2026-01-01 2026-01-02"]
        );
        assert_eq!(spans("Yearly", ""), ["2025-11-29 2025-12-31", "2026-01-01 2026-01-02"]);
        assert_eq!(
            spans("Daily", "StartDate=2026-01-01"),
            ["2026-01-01 2026-01-01", "2026-01-02 2026-01-02"]
        );
        assert_eq!(spans("Daily", "StartDate=1990-01-01&EndDate=2025-11-29"), ["2025-11-29 2025-11-29"]);
        assert_eq!(spans("LastMonth", ""), ["2025-12-01 2025-12-31"]);
        assert_eq!(spans("ThisMonth", ""), ["2026-01-01 2026-01-02"]);
        assert_eq!(spans("Yesterday", ""), ["2026-01-01 2026-01-01"]);
        assert_eq!(Period::read("Weekly"), None);
        assert!(date(&Pairs::decode(b"StartDate=soon"), "StartDate", today).is_err());
    }
}
