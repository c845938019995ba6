//! Windows that begin or end in an hour that the clocks skip or repeat, and reasons.

use switchboard::phone::Address;

use super::{Opening, QuietHours, at, marketing, shown};
use crate::policy::{Decision, Purpose, Ruling};

pub(super) fn daily(place: &str, windows: &str) -> QuietHours {
    QuietHours::from_json(&format!(
        r#"{{"version":"1","windows":[{{"place":"{place}","source":"a test","hours":{{"monday-sunday":[{windows}]}}}}]}}"#
    ))
    .unwrap()
}

/// Each row: the window, the recipient, the instant, and what is expected. New York skips 02:00-03:00 on 2026-03-08 (from
/// 07:00 UTC) and repeats 01:00-02:00 on 2026-11-01 (05:00 and 06:00 UTC). Lord Howe changes by half an hour: it repeats
/// 01:30-02:00 on 2026-04-05 (from 14:30 and 15:00 UTC of the day before). Samoa skipped all of 2011-12-30.
#[test]
fn a_window_follows_the_clock_on_the_wall() {
    let (york, howe, samoa) = ("+12125550123", "+61412345678", "+68521234");
    let cases = [
        ("\"00:30-02:30\"", york, "2026-03-08T06:00:00Z", "open until 2026-03-08T07:00:00Z"),
        ("\"02:30-04:00\"", york, "2026-03-08T06:00:00Z", "closed until 2026-03-08T07:00:00Z"),
        ("\"02:30-04:00\"", york, "2026-03-08T07:00:00Z", "open until 2026-03-08T08:00:00Z"),
        ("\"02:10-02:50\"", york, "2026-03-08T06:00:00Z", "closed until 2026-03-09T06:10:00Z"),
        ("\"00:30-01:30\"", york, "2026-11-01T04:45:00Z", "open until 2026-11-01T05:30:00Z"),
        ("\"00:30-01:30\"", york, "2026-11-01T05:30:00Z", "closed until 2026-11-01T06:00:00Z"),
        ("\"00:30-01:30\"", york, "2026-11-01T06:00:00Z", "open until 2026-11-01T06:30:00Z"),
        ("\"01:30-04:00\"", york, "2026-11-01T05:30:00Z", "open until 2026-11-01T06:00:00Z"),
        ("\"01:30-04:00\"", york, "2026-11-01T06:10:00Z", "closed until 2026-11-01T06:30:00Z"),
        ("\"00:00-24:00\"", york, "2026-03-08T06:00:00Z", "open"),
        ("\"00:00-12:00\", \"12:00-24:00\"", york, "2026-03-08T06:00:00Z", "open"),
        ("\"22:00-24:00\", \"00:00-02:00\"", york, "2026-06-01T03:00:00Z", "open until 2026-06-01T06:00:00Z"),
        ("\"01:40-03:00\"", howe, "2026-04-04T14:45:00Z", "open until 2026-04-04T15:00:00Z"),
        ("\"01:40-03:00\"", howe, "2026-04-04T15:05:00Z", "closed until 2026-04-04T15:10:00Z"),
        ("\"09:00-20:00\"", samoa, "2011-12-30T06:00:00Z", "closed until 2011-12-30T19:00:00Z"),
    ];
    for (windows, to, time, expected) in cases {
        let zone = (to == howe).then_some("Australia/Lord_Howe");
        for place in ["US", "AU", "WS"] {
            if super::super::place_of(&to.into()) == super::super::place_of(&example(place).into()) {
                let opening = daily(place, windows).decide(&to.into(), Purpose::Marketing, zone, at(time));
                assert_eq!(shown(&opening), expected, "{windows} {time}");
            }
        }
    }
}

fn example(place: &str) -> &'static str {
    match place {
        "US" => "+12125550123",
        "AU" => "+61412345678",
        _ => "+68521234",
    }
}

/// A window shorter than the shortest validity is as good as none.
#[test]
fn windows_without_time_in_common_never_open() {
    let quiet = daily("US", "\"08:00-09:00\"");
    let opening = marketing(&quiet, "+18505550123", "2026-06-01T06:00:00Z");
    let Opening::Never { because } = &opening else { panic!("{opening:?}") };
    assert!(because.reason.contains("2 time zones") && because.reason.contains("Name the recipient's zone"));
    assert!(matches!(Decision::from(opening), Decision::Block { .. }));
    let none = marketing(&daily("US", ""), "+12125550123", "2026-06-01T06:00:00Z");
    let Opening::Never { because } = none else { panic!("{none:?}") };
    assert!(because.reason.contains("No window opens within 8 days"), "{because}");
}

fn because(opening: Opening) -> Ruling {
    match opening {
        Opening::Open { because, .. } | Opening::Closed { because, .. } | Opening::Never { because } => {
            because
        }
    }
}

#[test]
fn a_reason_names_the_rule_its_hours_and_its_source() {
    let quiet = QuietHours::standard();
    let cases = [
        (
            "+17135550123",
            "2026-11-22T16:00:00Z",
            "next window: Texas, 12:00-21:00 on Sundays by the clock of America/Chicago (Tex. Bus. & Com. Code",
        ),
        (
            "+12155550123",
            "2026-11-22T16:00:00Z",
            "next window: Pennsylvania, 08:00-21:00 on Mondays by the clock of",
        ),
        (
            "+18505550123",
            "2026-07-15T12:30:00Z",
            "all 2 time zones that this number may be in are open. The last of them: Florida, 08:00-20:00 on Wednesdays by the clock of America/Chicago",
        ),
        (
            "+18505550123",
            "2026-07-15T14:30:00Z",
            "The window is open: Florida, 08:00-20:00 on Wednesdays by the clock of",
        ),
        (
            "+12125550123",
            "2026-07-15T02:30:00Z",
            "The message waits for the next window: United States, 08:00-21:00 on Wednesdays",
        ),
        ("+18005550123", "2026-07-15T02:30:00Z", "all 42 time zones that this number may be in are open."),
        ("+881612345678", "2026-07-15T02:30:00Z", "Name the recipient's zone, or assume one."),
    ];
    for (to, time, part) in cases {
        let ruling = because(marketing(&quiet, to, time));
        assert!(ruling.reason.contains(part), "{to}: {}", ruling.reason);
        assert_eq!((ruling.rule.as_str(), ruling.version.as_str()), ("quiet-hours", quiet.version()));
        assert!(!ruling.reason.contains(to.trim_start_matches('+')), "a number in {}", ruling.reason);
    }
    let wrong = quiet.decide(
        &"+12125550123".into(),
        Purpose::Marketing,
        Some("Mars\n/Base"),
        at("2026-07-15T02:30:00Z"),
    );
    assert!(because(wrong).reason.contains("no time zone `Mars/Base`"));
}

/// `+61` mobile numbers keep their own zones, and area codes too.
#[test]
fn an_assumed_zone_counts_where_the_digits_tell_nothing() {
    let quiet = QuietHours::standard().assume_zone("America/Chicago").unwrap();
    let time = "2026-01-15T15:00:00Z"; // 09:00 in Chicago
    let cases = [
        ("+18005550123", "open until 2026-01-16T03:00:00Z"),
        ("+881612345678", "open until 2026-01-16T02:00:00Z"),
        ("messenger:1", "open until 2026-01-16T02:00:00Z"),
        ("+12085550123", "closed until 2026-01-15T16:00:00Z"), // Idaho: 8 in Los Angeles
        ("+18505550123", "open until 2026-01-16T01:00:00Z"),   // Florida: 20 in New York
        ("+4930123456", "open until 2026-01-15T19:00:00Z"),
        ("+61412345678", "closed until 2026-01-16T02:30:00Z"), // 9 in Cocos
    ];
    for (to, expected) in cases {
        assert_eq!(shown(&marketing(&quiet, to, time)), expected, "{to}");
    }
    let sydney = QuietHours::standard().assume_zone("Australia/Sydney").unwrap();
    assert_eq!(shown(&marketing(&sydney, "+61412345678", time)), "closed until 2026-01-15T22:00:00Z");
    assert_eq!(shown(&marketing(&sydney, "+61891234567", time)), "closed until 2026-01-16T01:00:00Z"); // Perth
}

#[test]
fn the_rules_of_the_usa_leave_other_countries_open() {
    let quiet = QuietHours::us();
    let time = at("2026-01-15T04:00:00Z");
    for to in ["+4930123456", "+14165550123", "+881612345678", "messenger:1"] {
        assert_eq!(shown(&marketing(&quiet, to, "2026-01-15T04:00:00Z")), "open", "{to}");
    }
    let named = quiet.decide(&"messenger:1".into(), Purpose::Marketing, Some("Europe/Berlin"), time);
    assert_eq!(shown(&named), "open");
    assert_eq!(
        shown(&marketing(&quiet, "+12125550123", "2026-01-15T04:00:00Z")),
        "closed until 2026-01-15T13:00:00Z"
    );
}

#[test]
fn purposes_are_chosen() {
    let quiet = QuietHours::standard().for_purposes([Purpose::Transactional]);
    let night = at("2026-01-15T04:00:00Z");
    let ask = |purpose| shown(&quiet.decide(&Address::from("+12125550123"), purpose, None, night));
    assert_eq!(ask(Purpose::Marketing), "open");
    assert_eq!(ask(Purpose::Transactional), "closed until 2026-01-15T13:00:00Z");
}

/// What a decision costs, for many different numbers at one instant: far less than a message may cost in all.
/// `cargo test --release -p switchboard-outbox --lib decisions_are_fast -- --ignored --nocapture` prints it.
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout, reason = "a measurement")]
fn decisions_are_fast() {
    const COUNT: u32 = 50_000;
    let area_code = |n: u32| format!("+1{}", 200 + n * 31 % 790);
    let calling_code = |n: u32| format!("+{}", 1 + n * 31 % 990);
    let worlds: [(&str, &dyn Fn(u32) -> String); 2] = [("+1", &area_code), ("the world", &calling_code)];
    for (name, prefix) in worlds {
        let numbers: Vec<Address> =
            (0..COUNT).map(|n| format!("{}{}", prefix(n), 2_000_000 + n * 7919 % 7_999_999).into()).collect();
        let quiet = QuietHours::standard();
        for time in ["2026-07-15T15:00:00.123456Z", "2026-07-15T15:00:01Z", "2026-07-16T02:00:00Z"] {
            let start = std::time::Instant::now();
            for number in &numbers {
                std::hint::black_box(quiet.decide(number, Purpose::Marketing, None, at(time)));
            }
            let each = start.elapsed() / COUNT;
            println!("{name}, {time}: {each:?} a decision");
            let most = if cfg!(debug_assertions) { 100 } else { 10 };
            assert!(each.as_micros() < most, "{each:?}");
        }
    }
}
