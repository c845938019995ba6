//! The windows of a week, as a file writes them: `{"monday-friday": ["09:00-20:00"], "saturday-sunday": []}`.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::Weekday;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::QuietHoursError as E;

/// A part of a day in which messages may be sent, as times since midnight by the clock on the wall. The end is not part
/// of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: SignedDuration,
    pub(super) end: SignedDuration,
}

impl Window {
    pub(super) const WHOLE_DAY: Self =
        Self { start: SignedDuration::ZERO, end: SignedDuration::from_hours(24) };

    pub(super) fn contains(&self, time: SignedDuration) -> bool {
        self.start <= time && time < self.end
    }

    pub(super) fn intersect(&self, other: &Self) -> Option<Self> {
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        (start < end).then_some(Self { start, end })
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.start.as_mins(), self.end.as_mins());
        write!(f, "{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
    }
}

/// The windows of each day, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Week([Vec<Window>; 7]);

impl Week {
    pub(super) fn on(&self, day: Weekday) -> &[Window] {
        self.0.get(usize::from(day.to_monday_zero_offset().unsigned_abs())).map_or(&[], Vec::as_slice)
    }
}

pub(super) const DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The same before it is checked: what stands in the file, in its order, so that a repeated key is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hours(Vec<(String, Vec<String>)>);

impl Hours {
    /// Checks that each day stands in it exactly once.
    pub(super) fn week(&self, place: &str) -> Result<Week, E> {
        let mut days: [Option<Vec<Window>>; 7] = Default::default();
        for (name, windows) in &self.0 {
            let range =
                days_of(name).ok_or_else(|| E::UnknownDay { place: place.into(), day: name.clone() })?;
            let windows = windows.iter().map(|text| window(place, text)).collect::<Result<Vec<_>, _>>()?;
            for (slot, day) in days.iter_mut().zip(DAYS).skip(*range.start()).take(range.count()) {
                if slot.replace(sorted(place, day, windows.clone())?).is_some() {
                    return Err(E::RepeatedDay { place: place.into(), day });
                }
            }
        }
        let mut week = Week::default();
        for ((slot, day), name) in week.0.iter_mut().zip(days).zip(DAYS) {
            *slot = day.ok_or_else(|| E::MissingDay { place: place.into(), day: name })?;
        }
        Ok(week)
    }
}

/// `monday` or `monday-friday`.
fn days_of(name: &str) -> Option<std::ops::RangeInclusive<usize>> {
    let position = |day: &str| DAYS.iter().position(|known| *known == day);
    let (first, last) = name.split_once('-').unwrap_or((name, name));
    let (first, last) = (position(first)?, position(last)?);
    (first <= last).then_some(first..=last)
}

fn window(place: &str, text: &str) -> Result<Window, E> {
    let bad = || E::BadWindow { place: place.into(), window: text.into() };
    let (start, end) = text.split_once('-').ok_or_else(bad)?;
    let (start, end) = (time(start).ok_or_else(bad)?, time(end).ok_or_else(bad)?);
    if start >= end {
        return Err(E::Backwards { place: place.into(), window: text.into() });
    }
    Ok(Window { start, end })
}

/// `09:00`, at most `24:00`.
fn time(text: &str) -> Option<SignedDuration> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse::<i64>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let time = SignedDuration::from_mins(hours * 60 + minutes);
    (minutes < 60 && time <= Window::WHOLE_DAY.end).then_some(time)
}

fn sorted(place: &str, day: &'static str, mut windows: Vec<Window>) -> Result<Vec<Window>, E> {
    windows.sort_by_key(|window| window.start);
    let overlap = windows.windows(2).any(|pair| matches!(pair, [a, b] if b.start < a.end));
    if overlap { Err(E::Overlap { place: place.into(), day }) } else { Ok(windows) }
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(day, windows)| (day, windows)))
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Hours;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the windows of each day, {\"monday-sunday\": [\"09:00-20:00\"]}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Hours, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Hours(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}
