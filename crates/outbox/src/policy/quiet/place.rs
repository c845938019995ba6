//! Where a telephone number may be, by its first digits.
//!
//! The table is `data/number-places.txt`, made from libphonenumber's (Apache-2.0); its head says how.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use jiff::tz::TimeZone;

use super::zone;

static TABLE: &str = include_str!("../data/number-places.txt");

/// The longest prefix in the table has eight digits; nine fit into the key.
const LONGEST: usize = 9;

/// A country and perhaps its state, with all time zones that a number may be in.
#[derive(Debug)]
pub(super) struct Place {
    /// `US-FL`, `DE`.
    pub(super) code: &'static str,
    /// Are these all zones of the calling code?
    pub(super) whole: bool,
    zones: Box<[u16]>,
}

impl Place {
    /// Returns the country: `US` of `US-FL`.
    pub(super) fn country(&self) -> &'static str {
        self.code.split_once('-').map_or(self.code, |(country, _)| country)
    }

    /// Is it the whole of +1?
    pub(super) fn is_north_american(&self) -> bool {
        self.whole && self.code == "US"
    }

    /// Returns the zones with their names.
    pub(super) fn zones(&self) -> impl Iterator<Item = (&'static str, TimeZone)> + '_ {
        self.zones.iter().filter_map(|index| PLACES.zones.get(usize::from(*index))?.named())
    }

    /// Returns the names of the zones.
    pub(super) fn zone_names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.zones.iter().filter_map(|index| Some(PLACES.zones.get(usize::from(*index))?.name))
    }
}

/// A time zone that is loaded when it is first needed.
#[derive(Debug)]
struct Zone {
    name: &'static str,
    loaded: OnceLock<Option<TimeZone>>,
}

impl Zone {
    fn named(&self) -> Option<(&'static str, TimeZone)> {
        Some((self.name, self.loaded.get_or_init(|| zone::load(self.name)).clone()?))
    }
}

#[derive(Debug, Default)]
struct Places {
    places: Vec<Place>,
    zones: Vec<Zone>,
    /// For each length, the prefixes in order, and their places.
    prefixes: [Vec<(u32, u16)>; LONGEST + 1],
}

static PLACES: LazyLock<Places> = LazyLock::new(|| Places::read(TABLE));

/// Returns the place of a number, from its digits without the plus sign, with an index that names it. `None` where the
/// calling code belongs to no country, as of satellite telephones.
pub(super) fn of(digits: &str) -> Option<u16> {
    PLACES.find(digits)
}

pub(super) fn at(index: u16) -> Option<&'static Place> {
    PLACES.places.get(usize::from(index))
}

/// Does any number belong to the place?
pub(super) fn exists(code: &str) -> bool {
    PLACES.places.iter().any(|place| place.code == code || place.country() == code)
}

impl Places {
    fn read(table: &'static str) -> Self {
        let mut places = Self::default();
        let mut zones = HashMap::new();
        let mut known = HashMap::new();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            places.read_line(line, &mut zones, &mut known);
        }
        places
    }

    /// A line that cannot be read is left out; a test proves that there is none.
    fn read_line(
        &mut self,
        line: &'static str,
        zones: &mut HashMap<&'static str, u16>,
        known: &mut HashMap<(&'static str, &'static str), u16>,
    ) -> Option<()> {
        let (prefix, rest) = line.split_once('|')?;
        let (code, names) = rest.split_once('|')?;
        let key: u32 = prefix.parse().ok()?;
        let index = match known.get(&(code, names)) {
            Some(index) => *index,
            None => {
                let index = u16::try_from(self.places.len()).ok()?;
                // The lines are sorted, so a shorter prefix was read before.
                let whole = self.find(prefix).is_none();
                let zones = names.split('&').filter_map(|name| self.zone(name, zones)).collect();
                self.places.push(Place { code, whole, zones });
                known.insert((code, names), index);
                index
            }
        };
        self.prefixes.get_mut(prefix.len())?.push((key, index));
        Some(())
    }

    fn zone(&mut self, name: &'static str, zones: &mut HashMap<&'static str, u16>) -> Option<u16> {
        if let Some(index) = zones.get(name) {
            return Some(*index);
        }
        let index = u16::try_from(self.zones.len()).ok()?;
        self.zones.push(Zone { name, loaded: OnceLock::new() });
        zones.insert(name, index);
        Some(index)
    }

    fn find(&self, digits: &str) -> Option<u16> {
        let longest = digits.len().min(LONGEST);
        (1..=longest).rev().find_map(|length| {
            let prefixes = self.prefixes.get(length).filter(|prefixes| !prefixes.is_empty())?;
            let key: u32 = digits.get(..length)?.parse().ok()?;
            let found = prefixes.binary_search_by_key(&key, |(prefix, _)| *prefix).ok()?;
            prefixes.get(found).map(|(_, place)| *place)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_every_zone_exists() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        let read: usize = PLACES.prefixes.iter().map(Vec::len).sum();
        assert_eq!(read, lines);
        assert!(PLACES.prefixes.iter().all(|prefixes| prefixes.is_sorted()));
        for zone in &PLACES.zones {
            assert!(zone.named().is_some(), "{}", zone.name);
        }
    }

    #[test]
    fn numbers_have_a_place_and_zones() {
        let cases = [
            ("12125551234", "US-NY", "America/New_York"),
            ("18505551234", "US-FL", "America/Chicago America/New_York"),
            ("14485551234", "US-FL", "America/Chicago America/New_York"),
            ("12195551234", "US-IN", "America/Chicago America/New_York"),
            ("19155551234", "US-TX", "America/Denver"),
            ("17875551234", "US-PR", "America/Puerto_Rico"),
            ("18765551234", "JM", "America/Jamaica"),
            ("14165551234", "CA-ON", "America/Toronto"),
            ("4915112345678", "DE", "Europe/Berlin"),
            ("919876543210", "IN", "Asia/Calcutta"),
            ("77011234567", "KZ", "Asia/Almaty Asia/Aqtobe"),
            ("64211234567", "NZ", "Pacific/Auckland Pacific/Chatham"),
        ];
        for (digits, code, zones) in cases {
            let place = at(of(digits).unwrap()).unwrap();
            assert_eq!(place.code, code, "{digits}");
            assert_eq!(place.zone_names().collect::<Vec<_>>().join(" "), zones, "{digits}");
        }
        assert!(at(of("18005551234").unwrap()).unwrap().whole);
        assert_eq!(at(of("18005551234").unwrap()).unwrap().zone_names().count(), 42);
        for mobile in ["61412345678", "79161234567", "642112345678"] {
            assert!(at(of(mobile).unwrap()).unwrap().whole, "{mobile}");
        }
        for nowhere in ["88161234567", "999123456", "80012345678", "", "x"] {
            assert_eq!(of(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn each_state_has_an_area_code() {
        let states = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ \
                      NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR VI GU AS MP";
        for state in states.split_whitespace() {
            assert!(exists(&format!("US-{state}")), "{state}");
        }
        assert!(exists("US") && exists("DE") && !exists("UK") && !exists("US-XX"));
    }
}
