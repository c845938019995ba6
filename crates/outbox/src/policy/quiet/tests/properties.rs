//! What holds for every recipient and every instant.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use switchboard::phone::Address;
use switchboard::provider::SendKind;

use super::{Opening, QuietHours, shown};
use crate::policy::Purpose;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn quiet(choice: u8) -> QuietHours {
    match choice % 3 {
        0 => QuietHours::standard(),
        1 => QuietHours::us(),
        _ => QuietHours::standard().assume_zone("America/Chicago").unwrap(),
    }
}

/// Numbers of one zone and of many, with many states, and of no country.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (200_u32..1000, 2_000_000_u32..9_999_999).prop_map(|(area, rest)| format!("+1{area}{rest}")),
        2 => proptest::sample::select(vec![
            "+18005550123", "+18505550123", "+12085550123", "+19075550123", "+12155550123", "+17135550123",
            "+61412345678", "+33612345678", "+79161234567", "+56221234567", "+881612345678", "messenger:1",
        ]).prop_map(str::to_owned),
        2 => (1_u64..999, 1_000_000_u64..99_999_999).prop_map(|(code, rest)| format!("+{code}{rest}")),
    ]
}

/// From 2026 to 2030, with a fraction of a second.
fn soon() -> impl Strategy<Value = Timestamp> {
    (1_767_225_600_000_i64..1_893_456_000_000).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
}

fn kind() -> impl Strategy<Value = SendKind> {
    prop_oneof![Just(SendKind::Text), Just(SendKind::Call)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// At `opens` it is open, and at no sampled instant before; the answer is the same all the time.
    #[test]
    fn closed_until_it_opens(
        choice: u8, to in number(), kind in kind(), at in soon(), parts in proptest::collection::vec(0.0_f64..1.0, 12),
    ) {
        let quiet = quiet(choice);
        let to = Address::from(to);
        let ask = |at| quiet.clone().decide_for(kind, &to, Purpose::Marketing, None, at);
        if let Opening::Closed { opens, .. } = ask(at) {
            prop_assert!(opens > at);
            let is_open = matches!(ask(opens), Opening::Open { .. });
            prop_assert!(is_open, "{}", shown(&ask(opens)));
            let last = opens.checked_sub(SignedDuration::from_nanos(1)).unwrap();
            let gap = opens.duration_since(at);
            let sampled = parts.iter().map(|part| at.checked_add(gap.mul_f64(*part)).unwrap());
            for time in sampled.chain([last]).filter(|time| *time < opens) {
                prop_assert_eq!(shown(&ask(time)), format!("closed until {opens}"), "{}", time);
            }
        }
    }

    /// Until `until` it is open, and then not.
    #[test]
    fn open_until_it_closes(
        choice: u8, to in number(), kind in kind(), at in soon(), parts in proptest::collection::vec(0.0_f64..1.0, 12),
    ) {
        let quiet = quiet(choice);
        let to = Address::from(to);
        let ask = |at| quiet.clone().decide_for(kind, &to, Purpose::Marketing, None, at);
        if let Opening::Open { until: Some(until), .. } = ask(at) {
            let last = until.checked_sub(MINUTE).unwrap();
            prop_assert!(at <= last);
            let is_open = matches!(ask(until), Opening::Open { .. });
            prop_assert!(!is_open, "{until}");
            let gap = last.duration_since(at);
            for time in parts.iter().map(|part| at.checked_add(gap.mul_f64(*part)).unwrap()).chain([last]) {
                prop_assert_eq!(shown(&ask(time)), format!("open until {until}"), "{}", time);
            }
            let late = last.checked_add(SignedDuration::from_nanos(1)).unwrap();
            let is_open = matches!(ask(late), Opening::Open { .. });
            prop_assert!(!is_open, "59.999 s before the end");
        }
    }

    /// What was asked before changes nothing, not even the reason.
    #[test]
    fn answers_do_not_depend_on_earlier_ones(
        choice: u8, to in number(), questions in proptest::collection::vec((0_u64..12 * 24 * 3600, kind()), 40),
    ) {
        let files = ["\"00:00-24:00\"", "\"08:00-08:30\"", "", "\"09:00-18:00\""];
        let own = files.get(usize::from(choice % 8)).map(|windows| super::clock::daily("US", windows));
        let quiet = own.unwrap_or_else(|| quiet(choice));
        let to = Address::from(to);
        let start: Timestamp = "2026-10-24T00:00:00.5Z".parse().unwrap();
        for (seconds, kind) in questions {
            let at = start.checked_add(SignedDuration::from_secs(i64::try_from(seconds).unwrap())).unwrap();
            let ask = |quiet: &QuietHours| quiet.decide_for(kind, &to, Purpose::Marketing, None, at);
            prop_assert_eq!(ask(&quiet), ask(&quiet.clone()), "{}", at);
        }
    }

    /// A named zone is the only one that counts: the answer is open only where the zones of the number are not asked.
    #[test]
    fn more_zones_are_never_more_permissive(to in number(), at in soon()) {
        let quiet = QuietHours::standard();
        let to = Address::from(to);
        let all = quiet.decide(&to, Purpose::Marketing, None, at);
        if let (Opening::Open { until: Some(until), .. }, super::super::Where::Place(place)) =
            (&all, super::super::place_of(&to))
        {
            for zone in super::super::place::at(place).unwrap().zone_names() {
                match quiet.decide(&to, Purpose::Marketing, Some(zone), at) {
                    Opening::Open { until: Some(alone), .. } => prop_assert!(alone >= *until, "{zone}"),
                    other => prop_assert!(false, "{zone}: {}", shown(&other)),
                }
            }
        }
    }

    #[test]
    fn nothing_panics(choice: u8, to: String, zone: Option<String>, kind in kind(), seconds: i64, nanos: u32) {
        let quiet = quiet(choice);
        let seconds = seconds.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second() - 1);
        let any = Timestamp::new(seconds, i32::try_from(nanos % 1_000_000_000).unwrap()).unwrap_or(Timestamp::MIN);
        let near_the_end = Timestamp::MAX.checked_sub(SignedDuration::from_secs(seconds.rem_euclid(1_000_000))).unwrap();
        for time in [any, near_the_end, Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
            for to in [to.as_str(), "+12125550123", "+18005550123", "+61412345678"] {
                let to = Address::from(to);
                let _ = quiet.decide_for(kind, &to, Purpose::Marketing, zone.as_deref(), time);
                let _ = quiet.decide_for(kind, &to, Purpose::Marketing, None, time);
            }
        }
    }
}
