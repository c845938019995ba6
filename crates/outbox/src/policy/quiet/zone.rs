//! When the windows are open, by the clocks of several time zones at once.
//!
//! All arithmetic of time zones is jiff's. The only question asked here is what the clock on the wall shows at an
//! instant; so a window end in an hour that is skipped or repeated needs no rule of its own.

use jiff::civil::{Date, Time};
use jiff::tz::{self, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use super::law::Law;
use super::week::Window;

/// The shortest validity that providers accept: in less than that, a text could not be sent before the window closes.
const SHORTEST: SignedDuration = SignedDuration::from_secs(60);
/// The resolution of the clock.
pub(super) const INSTANT: SignedDuration = SignedDuration::from_nanos(1);
/// How far ahead an opening counts. The windows repeat every week.
const HORIZON: SignedDuration = SignedDuration::from_hours(8 * 24);
/// How far ahead is looked: what is not in sight here stays so for two days, and need not be looked for again.
const SIGHT: SignedDuration = SignedDuration::from_hours(10 * 24);

/// Loads a time zone from the system's database, or from the bundled one: some systems leave out the older names.
pub(super) fn load(name: &str) -> Option<TimeZone> {
    let found = tz::db().get(name).or_else(|_| TimeZoneDatabase::bundled().get(name));
    found.ok().filter(|zone| !zone.is_unknown())
}

/// The clocks that all have to show an open window.
pub(super) struct Clocks<'a> {
    pub(super) law: &'a Law<'a>,
    pub(super) zones: &'a [(&'a str, TimeZone)],
}

/// What is true from an instant on, at least until its end.
struct Span {
    open: bool,
    end: Timestamp,
}

/// What comes next, and the last instant at which that is still true.
pub(super) enum Next {
    /// It is open now, until the end, or beyond the horizon.
    Open(Option<Timestamp>, Timestamp),
    /// It opens at the time.
    Closed(Timestamp, Timestamp),
    /// It opens at no time within the horizon.
    Never(Timestamp),
}

impl Clocks<'_> {
    pub(super) fn next(&self, at: Timestamp) -> Next {
        let (horizon, sight) = (later(at, HORIZON), later(at, SIGHT));
        let beyond = |time: Timestamp| at.max(time.checked_sub(HORIZON).unwrap_or(at));
        match self.first_window(at, sight) {
            Some((start, end)) if start == at => match end.filter(|end| *end < horizon) {
                Some(end) => Next::Open(Some(end), at.max(end.checked_sub(SHORTEST).unwrap_or(at))),
                None => Next::Open(None, beyond(end.unwrap_or(sight))),
            },
            Some((start, _)) if start < horizon => {
                Next::Closed(start, start.checked_sub(INSTANT).unwrap_or(at))
            }
            Some((start, _)) => Next::Never(beyond(start)),
            None => Next::Never(beyond(sight)),
        }
    }

    /// Returns the first time in which it is open for long enough, and when that ends, if it is in sight.
    fn first_window(&self, at: Timestamp, sight: Timestamp) -> Option<(Timestamp, Option<Timestamp>)> {
        let mut time = at;
        while time < sight {
            let span = self.span(time);
            if !span.open {
                time = span.end;
                continue;
            }
            match self.open_until(span.end, sight) {
                Some(end) if end.duration_since(time) < SHORTEST => time = end,
                end => return Some((time, end)),
            }
        }
        None
    }

    /// Returns the first instant from this one on at which it is closed.
    fn open_until(&self, mut time: Timestamp, sight: Timestamp) -> Option<Timestamp> {
        while time < sight {
            let span = self.span(time);
            if !span.open {
                return Some(time);
            }
            time = span.end;
        }
        None
    }

    fn span(&self, at: Timestamp) -> Span {
        let mut all_open = Span { open: true, end: Timestamp::MAX };
        let mut closed_until = None;
        for (_, zone) in self.zones {
            let span = self.span_in(zone, at);
            if span.open {
                all_open.end = all_open.end.min(span.end);
            } else {
                closed_until = closed_until.max(Some(span.end));
            }
        }
        closed_until.map_or(all_open, |end| Span { open: false, end })
    }

    /// Until the next transition of the zone its clock runs evenly, so the end of a window is a difference of times.
    fn span_in(&self, zone: &TimeZone, at: Timestamp) -> Span {
        let (date, time) = wall_clock(zone, at);
        let windows = self.law.windows(date);
        let current = windows.iter().find(|window| window.contains(time));
        let boundary = match current {
            Some(window) => window.end,
            None => windows.iter().map(|w| w.start).find(|s| *s > time).unwrap_or(Window::WHOLE_DAY.end),
        };
        let end = later(at, boundary - time);
        let transition = zone.following(at).next().map(|transition| transition.timestamp());
        Span { open: current.is_some(), end: transition.map_or(end, |transition| transition.min(end)) }
    }
}

/// Returns the date in a zone, and the time that its clocks show, since midnight.
pub(super) fn wall_clock(zone: &TimeZone, at: Timestamp) -> (Date, SignedDuration) {
    let local = zone.to_datetime(at);
    (local.date(), local.time().duration_since(Time::midnight()))
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
