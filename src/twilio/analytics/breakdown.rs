//! The same figures of the whole period, and of each day, sender and country.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::figures::country;
use super::period::ResolvedDays;
use crate::phone::Address;

/// How many senders have a row of their own. A caller ID that a call passes on may be anybody's.
const MOST_SENDERS: usize = 10_000;

/// The figures of one day.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DayFigures<F> {
    /// The day, in UTC.
    pub day: Date,
    /// Its figures.
    #[serde(flatten)]
    pub figures: F,
}

/// The figures of one sender.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SenderFigures<F> {
    /// The account's own number or sender: where outbound ones come from, and where inbound ones go. `None` for those
    /// whose sender Twilio does not say, as of a messaging service that has not chosen one yet, and for all senders beyond
    /// the first 10,000.
    pub sender: Option<Address>,
    /// Its figures.
    #[serde(flatten)]
    pub figures: F,
}

/// The figures of one country.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CountryFigures<F> {
    /// The country of the person's number, ISO 3166: the recipient of outbound ones, the sender of inbound ones. The
    /// calling code, such as `+881`, if it belongs to no country; `?` if the address is not a telephone number.
    pub country: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: F,
}

/// Counts of the whole, and of each day, sender and country.
#[derive(Debug)]
pub(super) struct Breakdown<F> {
    pub(super) total: F,
    days: Vec<(Date, F)>,
    senders: BTreeMap<Option<Address>, F>,
    countries: BTreeMap<String, F>,
}

/// Figures that are sorted by how much there is.
pub(super) trait Volume {
    /// Returns how many rows were counted.
    fn volume(&self) -> u64;
}

impl<F: Default + Volume> Breakdown<F> {
    pub(super) fn new(days: &ResolvedDays) -> Self {
        Self {
            total: F::default(),
            days: days.each().map(|day| (day, F::default())).collect(),
            senders: BTreeMap::new(),
            countries: BTreeMap::new(),
        }
    }

    /// Counts a row everywhere it belongs.
    pub(super) fn count(
        &mut self,
        day: usize,
        ours: Option<&Address>,
        person: Option<&Address>,
        add: impl Fn(&mut F),
    ) {
        add(&mut self.total);
        if let Some((_, figures)) = self.days.get_mut(day) {
            add(figures);
        }
        let ours = ours.filter(|ours| !ours.is_empty()).cloned();
        let known = self.senders.len() < MOST_SENDERS || self.senders.contains_key(&ours);
        add(self.senders.entry(ours.filter(|_| known)).or_default());
        add(self.countries.entry(country(person)).or_default());
    }

    /// Returns the days in their order, and the senders and countries by volume.
    #[expect(clippy::type_complexity, reason = "the three lists of a report, taken apart at once")]
    pub(super) fn finish(self) -> (F, Vec<DayFigures<F>>, Vec<SenderFigures<F>>, Vec<CountryFigures<F>>) {
        let day = |(day, figures)| DayFigures { day, figures };
        let sender = |(sender, figures)| SenderFigures { sender, figures };
        let country = |(country, figures)| CountryFigures { country, figures };
        let mut senders: Vec<_> = self.senders.into_iter().map(sender).collect();
        let mut countries: Vec<_> = self.countries.into_iter().map(country).collect();
        senders.sort_by_key(|row| Reverse(row.figures.volume()));
        countries.sort_by_key(|row| Reverse(row.figures.volume()));
        (self.total, self.days.into_iter().map(day).collect(), senders, countries)
    }
}

#[cfg(test)]
mod tests {
    use super::super::AnalyticsPeriod;
    use super::*;

    impl Volume for u64 {
        fn volume(&self) -> u64 {
            *self
        }
    }

    #[test]
    fn senders_beyond_the_limit_share_a_row() {
        let day: Date = "2026-09-01".parse().unwrap();
        let days = AnalyticsPeriod::between(day, day).resolve().unwrap();
        let mut counts: Breakdown<u64> = Breakdown::new(&days);
        for number in 0..MOST_SENDERS + 5 {
            let sender = Address::from(format!("+1415{number:07}"));
            counts.count(0, Some(&sender), None, |count| *count += 1);
        }
        counts.count(0, Some(&"+14150000000".into()), None, |count| *count += 1);
        let (total, days, senders, countries) = counts.finish();
        assert_eq!((total, days[0].figures, countries[0].figures), (10_006, 10_006, 10_006));
        assert_eq!((senders.len(), senders[0].sender.clone(), senders[0].figures), (10_001, None, 5));
        assert_eq!((senders[1].sender.as_ref().unwrap().as_str(), senders[1].figures), ("+14150000000", 2));
    }
}
