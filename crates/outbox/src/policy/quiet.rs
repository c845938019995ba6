//! Quiet hours: when a message may go to a number, by the local time of the person.
//!
//! [`QuietHours::decide`] answers an [`Opening`] for a recipient and an instant. It needs no network, no database and no
//! clock of its own.
//!
//! # Which time zones
//! The caller's own knowledge about the recipient wins. Otherwise all zones count that the number may be in, by its first
//! digits, and the window must be open in **every** one of them:
//! - In +1, those of the whole area code: numbers of area code 850 may be in Eastern or in Central time. New exchanges are
//!   opened all the time, so a table of exchanges would be wrong for them.
//! - Elsewhere, those that libphonenumber's map of prefixes names; and those of the whole country where it names none, as
//!   for mobile numbers in Australia.
//! - For numbers of +1 without a place (toll-free, 500, 700, 900, and area codes that the map does not know yet), all zones
//!   of +1, from Guam to Newfoundland. In winter, those are open together from 22:00 to 00:30 UTC. Tell
//!   [`QuietHours::assume_zone`] if you know better.
//! - A number of no country (satellite telephones, +800) has no zone. With a rule for it, the answer is
//!   [`Opening::Never`], until a zone is named or assumed.
//!
//! **What the digits cannot tell**: numbers are ported, people move and keep their number, and people travel. The law
//! looks at where the person is. If you know the recipient's zone or address, name the zone.
//!
//! # Which rules
//! Those of the country and, in the USA, of the state of the area code; a message must be allowed by both. A state's rule
//! is chosen by the number also where the caller names the zone. For numbers of +1 without a place, the rules of the USA
//! apply, and those of no state. For all other countries there is a cautious window that is our choice, and not law.
//! Some rules are about calls and say nothing of texts, as the French decree, so each rule names what it applies to.
//!
//! The rules are data (`policy/data/quiet-hours.json`): each with its source, the date from which it is in force, whether
//! the source was the law itself (`verified`), and what it leaves out. Public holidays are not in it. **This is not legal
//! advice**: rules change, courts differ about them, and an error in the data is possible. [`QuietHours::from_json`] reads
//! a file of your own.
//!
//! # Addresses that are no number
//! `whatsapp:+1…`, and every other channel before a number, counts as that number. Any other address (`messenger:…`,
//! `client:…`, a short code) has no place. With a zone that is named or assumed, the window for other countries applies;
//! without one, the answer is open, because the rules are about telephone numbers.
//!
//! # What a window means
//! A window is open while the clocks on the wall in a zone show a time in it: from its first instant, to the instant
//! before its end. That also says what happens when the clocks change. If a window ends at 02:30 and the hour from 02:00 to
//! 03:00 is skipped, it ends when the clock jumps; if it begins at 02:30, it begins at that instant, when the clocks show
//! 03:00. If the hour from 01:00 to 02:00 comes twice, a window that ends at 01:30 ends at the first 01:30, and is open
//! again from the second 01:00 to the second 01:30. `until` and `opens` are exact instants. All arithmetic of zones is
//! jiff's, with the time zone database of the system, or else the bundled one; a zone is read once in a process.
//!
//! If a window ends in less than 60 seconds, the answer is closed until the next one: no provider accepts a shorter
//! validity, so a text accepted now could leave later.

mod error;
mod law;
mod memory;
mod place;
mod reason;
mod rules;
mod week;
mod zone;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use switchboard::phone::Address;
use switchboard::provider::SendKind;

pub use self::error::QuietHoursError;

use self::law::Law;
use self::memory::{Answer, Memory, Question, Where, ZoneOf};
use self::place::Place;
use self::rules::{File, Rule};
use self::zone::{Clocks, Next};
use super::{Decision, Purpose, Ruling};

/// When messages may go to whom. See the [module](self) for what it knows and what it cannot know.
///
/// ```
/// use switchboard_outbox::policy::{Opening, Purpose, QuietHours};
///
/// let quiet = QuietHours::standard();
/// let sunday_morning = "2026-11-22T16:00:00Z".parse()?; // 10:00 in Houston
/// match quiet.decide(&"+17135550123".into(), Purpose::Marketing, None, sunday_morning) {
///     Opening::Closed { opens, .. } => assert_eq!(opens.to_string(), "2026-11-22T18:00:00Z"), // noon, in Texas
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct QuietHours {
    file: File,
    rules: Vec<Rule>,
    assumed: Option<TimeZone>,
    memory: Memory,
}

/// May a message go to a recipient at an instant?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "opening")]
#[non_exhaustive]
pub enum Opening {
    /// Yes.
    Open {
        /// The first instant at which it may not, at least 60 s away: the validity of a message should end before it.
        /// `None` if that is more than 8 days away.
        until: Option<Timestamp>,
        /// The window that ends then.
        because: Ruling,
    },
    /// Not now.
    Closed {
        /// The first instant at which it may.
        opens: Timestamp,
        /// The window that is the last to open.
        because: Ruling,
    },
    /// Not within 8 days, and not without a change: the windows have no time in common, no zone is known for the number, or
    /// the caller named a zone that does not exist.
    Never {
        /// Why, and what to change.
        because: Ruling,
    },
}

/// Open is allowed, closed is deferred, never is blocked.
impl From<Opening> for Decision {
    fn from(opening: Opening) -> Self {
        match opening {
            Opening::Open { .. } => Self::Allow,
            Opening::Closed { opens, because } => Self::Defer { until: opens, because },
            Opening::Never { because } => Self::Block { because },
        }
    }
}

impl QuietHours {
    /// All rules this version knows, and a cautious window, 9 to 20 o'clock, for countries without one.
    #[must_use]
    pub fn standard() -> Self {
        Self::of(File::standard()).unwrap_or_else(|_| Self::without_rules(File::standard()))
    }

    /// The rules of the USA and its states. Numbers of other countries are not restricted.
    #[must_use]
    pub fn us() -> Self {
        let file = File::standard().only("US");
        Self::of(file.clone()).unwrap_or_else(|_| Self::without_rules(file))
    }

    /// Reads rules of your own, of the form that [`QuietHours::to_json`] writes.
    ///
    /// ```
    /// use switchboard_outbox::policy::QuietHours;
    ///
    /// let quiet = QuietHours::from_json(r#"{
    ///     "version": "2026-11-22",
    ///     "assumeZone": "America/Chicago",
    ///     "windows": [
    ///         { "place": "US", "source": "our lawyers",
    ///           "hours": { "monday-friday": ["09:00-12:00", "14:00-20:00"], "saturday-sunday": [] } },
    ///         { "place": "*", "source": "our choice", "kinds": ["text"], "hours": { "monday-sunday": ["09:00-20:00"] } }
    ///     ]
    /// }"#)?;
    /// assert_eq!(quiet.version(), "2026-11-22");
    /// # Ok::<(), switchboard_outbox::policy::QuietHoursError>(())
    /// ```
    ///
    /// `place` is a country, a state (`US-FL`), or `*` for all countries without an entry. `from` is the first day of a
    /// rule and `until` the first day without it, both optional. If several entries apply, a message must be allowed by
    /// all of them.
    ///
    /// # Errors
    /// [`QuietHoursError`] says what to change.
    pub fn from_json(text: &str) -> Result<Self, QuietHoursError> {
        Self::of(File::from_json(text)?)
    }

    /// Writes all of it, with its sources.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.file.to_json()
    }

    /// Returns the version of the data, a date.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.file.version
    }

    /// Assumes a time zone for recipients that have none, or so many that it means nothing: toll-free and other numbers of
    /// +1 without a place, numbers of no country, and addresses that are no number. It also counts for numbers of a country
    /// whose digits do not tell the zone (Australian mobile numbers), if the zone is one of that country's.
    ///
    /// # Errors
    /// [`QuietHoursError::UnknownZone`].
    pub fn assume_zone(mut self, zone: &str) -> Result<Self, QuietHoursError> {
        self.file.assume_zone = Some(zone.to_owned());
        Self::of(self.file)
    }

    /// Says for which purposes quiet hours are kept: marketing, unless this is called.
    #[must_use]
    pub fn for_purposes(mut self, purposes: impl IntoIterator<Item = Purpose>) -> Self {
        self.file.purposes = purposes.into_iter().collect();
        self
    }

    /// Answers whether a text may go to a recipient at an instant. A `zone` is what the caller knows about this recipient
    /// and wins over the digits; `Etc/Unknown` means that he knows nothing.
    #[must_use]
    pub fn decide(&self, to: &Address, purpose: Purpose, zone: Option<&str>, at: Timestamp) -> Opening {
        self.decide_for(SendKind::Text, to, purpose, zone, at)
    }

    /// Answers the same for a text or a call.
    #[must_use]
    pub fn decide_for(
        &self,
        kind: SendKind,
        to: &Address,
        purpose: Purpose,
        zone: Option<&str>,
        at: Timestamp,
    ) -> Opening {
        if !self.file.purposes.contains(&purpose) {
            return self.without_end(reason::NOT_THIS_PURPOSE);
        }
        let place = place_of(to);
        let (zone_of, named) = match zone.filter(|name| *name != "Etc/Unknown") {
            None => (self.zone_of(place), None),
            Some(name) => match self.memory.zone(name) {
                Some((id, zone)) => (ZoneOf::Named(id), Some((name, zone))),
                None => return Opening::Never { because: self.ruling(reason::no_such_zone(name)) },
            },
        };
        let question = Question { place, kind, zone: zone_of };
        let known = self.memory.get(question, at);
        let answer = known.unwrap_or_else(|| self.memory.put(question, self.answer(question, named, at)));
        answer.opening.clone()
    }

    fn of(file: File) -> Result<Self, QuietHoursError> {
        let rules = file.check()?;
        let assumed = file.assume_zone.as_deref().and_then(zone::load);
        Ok(Self { file, rules, assumed, memory: Memory::default() })
    }

    fn without_rules(file: File) -> Self {
        Self { file, rules: Vec::new(), assumed: None, memory: Memory::default() }
    }

    /// Does the assumed zone count for this recipient?
    fn zone_of(&self, place: Where) -> ZoneOf {
        let Some(assumed) = self.file.assume_zone.as_deref() else { return ZoneOf::Place };
        let Where::Place(index) = place else { return ZoneOf::Assumed };
        let counts = place::at(index).is_some_and(|place| {
            place.whole && (place.is_north_american() || place.zone_names().any(|zone| zone == assumed))
        });
        if counts { ZoneOf::Assumed } else { ZoneOf::Place }
    }

    fn answer(&self, question: Question, named: Option<(&str, TimeZone)>, at: Timestamp) -> Answer {
        let place = match question.place {
            Where::Place(index) => place::at(index),
            Where::Nowhere | Where::NoNumber => None,
        };
        let law = Law::of(&self.rules, place, question.kind);
        if law.is_empty() {
            return always(self.without_end(reason::NO_RULE));
        }
        let zones = self.zones(question.zone, place, named);
        match (zones.is_empty(), question.place) {
            (true, Where::NoNumber) => always(self.without_end(reason::NO_NUMBER)),
            (true, _) => always(Opening::Never { because: self.ruling(reason::NO_ZONE) }),
            (false, _) => self.search(&Clocks { law: &law, zones: &zones }, at),
        }
    }

    fn zones<'a>(
        &'a self,
        zone_of: ZoneOf,
        place: Option<&'static Place>,
        named: Option<(&'a str, TimeZone)>,
    ) -> Vec<(&'a str, TimeZone)> {
        match zone_of {
            ZoneOf::Named(_) => named.into_iter().collect(),
            ZoneOf::Assumed => {
                self.file.assume_zone.as_deref().zip(self.assumed.clone()).into_iter().collect()
            }
            ZoneOf::Place => place.into_iter().flat_map(Place::zones).collect(),
        }
    }

    fn search(&self, clocks: &Clocks<'_>, at: Timestamp) -> Answer {
        let (opening, to) = match clocks.next(at) {
            Next::Open(until, to) => {
                (Opening::Open { until, because: self.ruling(reason::open(clocks, until)) }, to)
            }
            Next::Closed(opens, to) => {
                (Opening::Closed { opens, because: self.ruling(reason::closed(clocks, opens)) }, to)
            }
            Next::Never(to) => (Opening::Never { because: self.ruling(reason::never(clocks)) }, to),
        };
        Answer { from: at, to, opening }
    }

    fn without_end(&self, reason: &str) -> Opening {
        Opening::Open { until: None, because: self.ruling(reason) }
    }

    fn ruling(&self, reason: impl Into<String>) -> Ruling {
        Ruling::new(reason::RULE, self.version(), reason)
    }
}

/// An answer to which the time does not matter.
fn always(opening: Opening) -> Answer {
    Answer { from: Timestamp::MIN, to: Timestamp::MAX, opening }
}

fn place_of(to: &Address) -> Where {
    match to.number() {
        None => Where::NoNumber,
        Some(number) => {
            place::of(number.as_str().trim_start_matches('+')).map_or(Where::Nowhere, Where::Place)
        }
    }
}
