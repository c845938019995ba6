use std::time::Duration;

use super::*;
use switchboard::provider::SendKind;

const SECOND: Micros = 1_000_000;
const MINUTE: Micros = 60 * SECOND;
const TIMING: Timing = Timing::new();
/// The provider's clock at the read, which differs from ours by years.
const DATE: Micros = 1_000_000 * MINUTE;

fn row(marked: Micros) -> Unknown {
    Unknown {
        id: 1,
        attempt: 1,
        tenant: String::new(),
        kind: SendKind::Text,
        account: String::new(),
        address: String::new(),
        recipient: String::new(),
        request: String::new(),
        marked,
        checks: 0,
        seen: Seen::default(),
    }
}

/// A loss in the past, by the monotonic clock: marked and lost so many seconds before now.
fn loss(now: Instant, marked: Option<u64>, lost: u64) -> Loss {
    let ago = |seconds| now.checked_sub(Duration::from_secs(seconds)).unwrap();
    Loss { marked: marked.map(ago), lost: ago(lost) }
}

#[track_caller]
fn is_near(value: Option<Micros>, expected: Micros) {
    let value = value.unwrap();
    assert!((value - expected).abs() < SECOND / 2, "{} s off", (value - expected) / SECOND);
}

#[test]
fn times_of_an_attempt_of_this_process_do_not_depend_on_the_wall_clock_being_right() {
    let began = Instant::now();
    let loss = loss(began, Some(90), 70);
    // The wall clock says: marked 90 s ago, in an hour, or an hour earlier.
    for (marked, earliest) in [
        (-90 * SECOND, DATE - 90 * SECOND),
        (3600 * SECOND, DATE - 90 * SECOND),
        (-3690 * SECOND, DATE - 3690 * SECOND),
    ] {
        let seen = times(&row(marked), loss, began, DATE, 0, &TIMING);
        is_near(seen.earliest, earliest - 2 * MINUTE);
        is_near(seen.over, DATE + SECOND - 70 * SECOND + 45 * SECOND);
        assert_eq!(seen.doubtful, None);
    }
}

#[test]
fn an_attempt_of_another_process_is_over_when_this_one_has_seen_it_for_45_s() {
    let began = Instant::now();
    let seen = times(&row(-600 * SECOND), loss(began, None, 10), began, DATE, 0, &TIMING);
    is_near(seen.over, DATE + SECOND - 10 * SECOND + 45 * SECOND);
    is_near(seen.earliest, DATE - 12 * MINUTE);
    is_near(seen.doubtful, DATE - 12 * MINUTE - 25 * 60 * MINUTE);
    // The clock was set back meanwhile.
    let seen = times(&row(3600 * SECOND), loss(began, None, 10), began, DATE, 0, &TIMING);
    is_near(seen.earliest, DATE - 2 * MINUTE);
}

#[test]
fn checks_come_after_1_5_and_15_minutes_and_then_every_hour() {
    let waits = (0..5).map(|checks| wait(checks, None, &Seen::default(), &TIMING) / MINUTE);
    assert_eq!(waits.collect::<Vec<_>>(), [4, 10, 60, 60, 60]);
}

#[test]
fn the_second_read_of_a_proof_comes_as_soon_as_it_counts() {
    let seen = Seen { over: Some(DATE - MINUTE), absent: Some(DATE), ..Seen::default() };
    assert_eq!(wait(0, Some(DATE), &seen, &TIMING), 15 * MINUTE + SECOND);
    assert_eq!(wait(1, Some(DATE + 10 * MINUTE), &seen, &TIMING), 5 * MINUTE + SECOND);
    assert_eq!(wait(1, Some(DATE + 15 * MINUTE), &seen, &TIMING), 10 * MINUTE, "it had no canary");
    let early = Seen { over: Some(DATE + 30 * SECOND), ..Seen::default() };
    assert_eq!(wait(0, Some(DATE), &early, &TIMING), 31 * SECOND);
}
