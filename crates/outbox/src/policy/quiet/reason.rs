//! The sentences that say why.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::law::Law;
use super::rules::Rule;
use super::week::DAYS;
use super::zone::{Clocks, INSTANT, wall_clock};

/// The name of the rule in a [`Ruling`](crate::policy::Ruling).
pub(super) const RULE: &str = "quiet-hours";

pub(super) const NOT_THIS_PURPOSE: &str = "Quiet hours do not apply to messages of this purpose.";
pub(super) const NO_RULE: &str = "No quiet hours are known for this recipient.";
pub(super) const NO_NUMBER: &str = "Quiet hours are not applied: the address is no telephone number, and no time zone is \
                                    known. Name the recipient's zone, or assume one.";
pub(super) const NO_ZONE: &str = "The number belongs to no country, so its time zone is not known. Name the recipient's \
                                  zone, or assume one.";

pub(super) fn no_such_zone(name: &str) -> String {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    format!("There is no time zone `{shown}`. Correct it, for example to America/Chicago, or leave it out.")
}

/// Why it is never open.
pub(super) fn never(clocks: &Clocks<'_>) -> String {
    match clocks.zones.len() {
        0 | 1 => "No window opens within 8 days. Correct the windows, or the recipient's zone.".to_owned(),
        zones => format!(
            "The windows of the {zones} time zones that this number may be in have no time in common within 8 days. Name \
             the recipient's zone."
        ),
    }
}

/// Which window ends next.
pub(super) fn open(clocks: &Clocks<'_>, until: Option<Timestamp>) -> String {
    match until.and_then(|until| Some((closing(clocks, until)?, until))) {
        Some((window, until)) => format!("The window is open: {}.", hours(&window, before(until))),
        None => "The window is open.".to_owned(),
    }
}

/// Which window is the last to open. The answer is the same all the time until it opens.
pub(super) fn closed(clocks: &Clocks<'_>, opens: Timestamp) -> String {
    let window = closing(clocks, before(opens)).map(|window| format!(": {}", hours(&window, opens)));
    let window = window.unwrap_or_default();
    match clocks.zones.len() {
        0 | 1 => format!("The message waits for the next window{window}."),
        zones => format!(
            "The message waits until the windows of all {zones} time zones that this number may be in are open. The last \
             of them{window}. Naming the recipient's zone shortens that."
        ),
    }
}

/// A rule, and a zone by whose clock it is asked.
struct Window<'a> {
    rule: &'a Rule,
    name: &'a str,
    zone: &'a TimeZone,
}

/// The rule that is closed at an instant, in the first zone where one is: that of the state, before that of the country.
fn closing<'a>(clocks: &Clocks<'a>, at: Timestamp) -> Option<Window<'a>> {
    let zones: &'a [(&'a str, TimeZone)] = clocks.zones;
    let law: &'a Law<'a> = clocks.law;
    zones.iter().find_map(|(name, zone)| {
        let (date, time) = wall_clock(zone, at);
        let closed = |rule: &&Rule| !rule.week.on(date.weekday()).iter().any(|window| window.contains(time));
        law.in_force(date).filter(closed).last().map(|rule| Window { rule, name, zone })
    })
}

fn before(at: Timestamp) -> Timestamp {
    at.checked_sub(INSTANT).unwrap_or(at)
}

/// `Texas, 12:00-21:00 on Sundays by the clock of America/Chicago (its source)`.
fn hours(window: &Window<'_>, at: Timestamp) -> String {
    let weekday = wall_clock(window.zone, at).0.weekday();
    let rule = window.rule;
    let windows: Vec<String> = rule.week.on(weekday).iter().map(ToString::to_string).collect();
    let windows = if windows.is_empty() { "closed".to_owned() } else { windows.join(" and ") };
    format!("{}, {windows} on {} by the clock of {} ({})", rule.name, day(weekday), window.name, rule.source)
}

fn day(day: Weekday) -> String {
    let name = DAYS.get(usize::from(day.to_monday_zero_offset().unsigned_abs())).copied().unwrap_or_default();
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| format!("{}{}s", first.to_ascii_uppercase(), letters.as_str()))
        .unwrap_or_default()
}
