//! Rules as a file: what is refused and why, and the file that comes with it.

use serde_json::{Value, json};

use super::{QuietHours, marketing, shown};
use crate::policy::QuietHoursError;

fn file(change: impl FnOnce(&mut Value)) -> String {
    let mut value = json!({
        "version": "2026-11-22",
        "windows": [{
            "place": "US",
            "source": "a test",
            "hours": { "monday-friday": ["09:00-12:00", "14:00-20:00"], "saturday": ["09:00-24:00"], "sunday": [] },
        }],
    });
    change(&mut value);
    value.to_string()
}

fn with_hours(hours: Value) -> String {
    file(|value| value["windows"][0]["hours"] = hours)
}

#[test]
fn a_file_of_ones_own_is_used() {
    let quiet = QuietHours::from_json(&file(|_| ())).unwrap();
    assert_eq!(quiet.version(), "2026-11-22");
    let cases = [
        ("2026-06-17T15:59:00Z", "open until 2026-06-17T16:00:00Z"), // Wednesday, 11:59 EDT
        ("2026-06-17T16:30:00Z", "closed until 2026-06-17T18:00:00Z"), // the pause at noon
        ("2026-06-21T02:00:00Z", "open until 2026-06-21T04:00:00Z"), // Saturday 22:00
        ("2026-06-21T16:00:00Z", "closed until 2026-06-22T13:00:00Z"), // Sunday
    ];
    for (time, expected) in cases {
        assert_eq!(shown(&marketing(&quiet, "+12125550123", time)), expected, "{time}");
    }
    assert_eq!(shown(&marketing(&quiet, "+4930123456", "2026-06-17T01:00:00Z")), "open");
}

#[test]
fn what_is_written_is_read_back() {
    for quiet in [
        QuietHours::standard(),
        QuietHours::us(),
        QuietHours::standard().assume_zone("America/Chicago").unwrap().for_purposes([]),
        QuietHours::from_json(&file(|_| ())).unwrap(),
    ] {
        let text = quiet.to_json();
        let again = QuietHours::from_json(&text).unwrap();
        assert_eq!(again.to_json(), text);
        assert_eq!(again.file, quiet.file);
        assert_eq!(again.rules, quiet.rules);
        assert_eq!(again.assumed, quiet.assumed);
    }
}

/// Both come with rules; a file that cannot be read would leave them without.
#[test]
fn the_data_can_be_read() {
    let count =
        |quiet: &QuietHours, prefix: &str| quiet.rules.iter().filter(|r| r.place.starts_with(prefix)).count();
    let (all, us) = (QuietHours::standard(), QuietHours::us());
    assert!(count(&all, "US-") >= 12 && count(&all, "US-") == count(&us, "US-"));
    assert!(count(&all, "") > count(&us, "") && count(&us, "US") == count(&us, ""));
    assert!(all.version().parse::<jiff::civil::Date>().is_ok());
    let value: Value = serde_json::from_str(&all.to_json()).unwrap();
    assert!(value["note"].as_str().unwrap().contains("Not legal advice"));
    for rule in &all.rules {
        assert!(rule.source.len() > 10, "{}", rule.place);
    }
}

#[test]
fn errors_say_what_to_change() {
    let days = |hours: Value| QuietHours::from_json(&with_hours(hours));
    let cases: Vec<(Result<QuietHours, QuietHoursError>, &str)> = vec![
        (QuietHours::from_json("[]"), "cannot be read"),
        (QuietHours::from_json(&file(|v| v["window"] = json!([]))), "unknown field `window`"),
        (QuietHours::from_json(&file(|v| v["windows"][0]["hour"] = json!([]))), "unknown field `hour`"),
        (QuietHours::from_json(&file(|v| v["windows"][0]["source"] = json!(null))), "invalid type: null"),
        (QuietHours::from_json(&file(|v| v["windows"][0]["source"] = json!(" "))), "US: the source is empty"),
        (QuietHours::from_json(&file(|v| v["windows"][0]["kinds"] = json!([]))), "US: `kinds` is empty"),
        (
            QuietHours::from_json(&file(|v| v["windows"][0]["kinds"] = json!(["fax"]))),
            "unknown variant `fax`",
        ),
        (QuietHours::from_json(&file(|v| v["windows"][0]["place"] = json!("UK"))), "place `UK`"),
        (QuietHours::from_json(&file(|v| v["windows"][0]["place"] = json!("US-FLA"))), "place `US-FLA`"),
        (QuietHours::from_json(&file(|v| v["windows"][0]["from"] = json!("2026-02-30"))), "cannot be read"),
        (
            QuietHours::from_json(&file(|v| {
                v["windows"][0]["from"] = json!("2026-02-02");
                v["windows"][0]["until"] = json!("2026-02-01");
            })),
            "US: `until` is before `from`",
        ),
        (QuietHours::from_json(&file(|v| v["version"] = json!(""))), "need a version"),
        (
            QuietHours::from_json(&file(|v| v["assumeZone"] = json!("America/Dallas"))),
            "no time zone `America/Dallas`",
        ),
        (QuietHours::standard().assume_zone("CST6"), "no time zone `CST6`"),
        (days(json!({"monday-sunday": ["09:00-24:30"]})), "US: `09:00-24:30` is no window"),
        (days(json!({"monday-sunday": ["9:00-20:00"]})), "US: `9:00-20:00` is no window"),
        (days(json!({"monday-sunday": ["09:00-19:60"]})), "is no window"),
        (days(json!({"monday-sunday": ["09:00"]})), "is no window"),
        (days(json!({"monday-sunday": ["+9:00-20:00"]})), "is no window"),
        (days(json!({"monday-sunday": ["20:00-09:00"]})), "written on both days"),
        (days(json!({"monday-sunday": ["09:00-12:00", "11:00-13:00"]})), "two windows overlap on monday"),
        (days(json!({"monday-friday": []})), "US: saturday is missing"),
        (days(json!({"monday-sunday": [], "sunday": []})), "US: sunday stands in it twice"),
        (days(json!({"weekdays": []})), "US: `weekdays` is no day"),
        (days(json!({"friday-monday": []})), "US: `friday-monday` is no day"),
        (
            QuietHours::from_json(
                r#"{"version":"1","windows":[{"place":"US","source":"x","hours":{"monday-sunday":[],"monday-sunday":[]}}]}"#,
            ),
            "US: monday stands in it twice",
        ),
    ];
    for (result, part) in cases {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(part), "{part}: {error}");
        assert!(!error.contains('\n'));
    }
}

/// A rule begins and ends by the calendar of the recipient's zone; before that, the rule for other countries applies.
#[test]
fn a_rule_is_in_force_from_its_first_day_to_its_last() {
    let quiet = QuietHours::from_json(
        r#"{"version":"1","windows":[
            {"place":"DE","source":"x","from":"2026-06-02","until":"2026-06-04","hours":{"monday-sunday":["12:00-13:00"]}},
            {"place":"*","source":"x","hours":{"monday-sunday":["09:00-20:00"]}}]}"#,
    )
    .unwrap();
    let cases = [
        ("2026-06-01T07:00:00Z", "open until 2026-06-01T18:00:00Z"),
        ("2026-06-01T18:00:00Z", "closed until 2026-06-02T10:00:00Z"),
        ("2026-06-03T11:00:00Z", "closed until 2026-06-04T07:00:00Z"),
    ];
    for (time, expected) in cases {
        assert_eq!(shown(&marketing(&quiet, "+4930123456", time)), expected, "{time}");
    }
}
