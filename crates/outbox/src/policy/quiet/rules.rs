//! The windows as a file: read, checked, and written again.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use switchboard::provider::SendKind;

use super::week::{Hours, Week};
use super::{QuietHoursError as E, place, zone};
use crate::policy::Purpose;

/// The place that stands for all countries without an entry.
pub(super) const OTHERS: &str = "*";

static STANDARD: &str = include_str!("../data/quiet-hours.json");

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct File {
    pub(super) version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) assume_zone: Option<String>,
    #[serde(default = "marketing")]
    pub(super) purposes: Vec<Purpose>,
    windows: Vec<Entry>,
}

/// The windows of one place, from one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    place: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default = "texts_and_calls")]
    kinds: Vec<SendKind>,
    hours: Hours,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
    #[serde(default)]
    basis: Basis,
    #[serde(default)]
    verified: bool,
    source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// Why the hours are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Basis {
    Law,
    /// Carriers or their associations demand it.
    Industry,
    #[default]
    Choice,
}

fn marketing() -> Vec<Purpose> {
    vec![Purpose::Marketing]
}

fn texts_and_calls() -> Vec<SendKind> {
    vec![SendKind::Text, SendKind::Call]
}

/// An entry that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) place: String,
    pub(super) name: String,
    pub(super) source: String,
    pub(super) week: Week,
    kinds: Vec<SendKind>,
    from: Option<Date>,
    until: Option<Date>,
}

impl Rule {
    pub(super) fn applies_to(&self, kind: SendKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Is it in force on a date? `from` is its first day, `until` the first day without it.
    pub(super) fn is_in_force(&self, date: Date) -> bool {
        self.from.is_none_or(|from| from <= date) && self.until.is_none_or(|until| date < until)
    }
}

impl File {
    pub(super) fn standard() -> Self {
        // A test reads it; without windows, nothing would be restricted.
        Self::from_json(STANDARD).unwrap_or_else(|_| Self::empty())
    }

    fn empty() -> Self {
        Self {
            version: String::new(),
            note: None,
            assume_zone: None,
            purposes: marketing(),
            windows: Vec::new(),
        }
    }

    pub(super) fn from_json(text: &str) -> Result<Self, E> {
        serde_json::from_str(text).map_err(|error| E::Json(error.to_string()))
    }

    pub(super) fn to_json(&self) -> String {
        // Strings, lists and numbers only: it cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Leaves only the entries of one country.
    pub(super) fn only(mut self, country: &str) -> Self {
        let state = format!("{country}-");
        self.windows.retain(|entry| entry.place == country || entry.place.starts_with(&state));
        self
    }

    pub(super) fn check(&self) -> Result<Vec<Rule>, E> {
        if self.version.trim().is_empty() {
            return Err(E::NoVersion);
        }
        if let Some(name) = &self.assume_zone
            && zone::load(name).is_none()
        {
            return Err(E::UnknownZone(name.clone()));
        }
        self.windows.iter().map(Entry::check).collect()
    }
}

impl Entry {
    fn check(&self) -> Result<Rule, E> {
        let place = &self.place;
        if place != OTHERS && !place::exists(place) {
            return Err(E::UnknownPlace(place.clone()));
        }
        if self.source.trim().is_empty() {
            return Err(E::NoSource(place.clone()));
        }
        if self.kinds.is_empty() {
            return Err(E::NoKinds(place.clone()));
        }
        if matches!((self.from, self.until), (Some(from), Some(until)) if until < from) {
            return Err(E::BadDates(place.clone()));
        }
        Ok(Rule {
            place: place.clone(),
            name: self.name.clone().unwrap_or_else(|| place.clone()),
            source: self.source.clone(),
            week: self.hours.week(place)?,
            kinds: self.kinds.clone(),
            from: self.from,
            until: self.until,
        })
    }
}
