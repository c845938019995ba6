//! The rows that messages and calls share, and how money, rates and countries are counted.

use std::collections::BTreeMap;
use std::fmt::Display;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::phone::Address;
use crate::provider::Price;
use crate::sms::{Destination, destination};
use crate::twilio::error::lookup;
use crate::twilio::value::Amount;

/// How many there are in one direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DirectionCount<D> {
    /// The direction, as Twilio says it.
    pub direction: D,
    /// How many.
    pub count: u64,
}

/// How many there are in one direction with one status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StatusCount<D, S> {
    /// The direction, as Twilio says it.
    pub direction: D,
    /// The status, as Twilio says it.
    pub status: S,
    /// How many.
    pub count: u64,
}

/// How often one of Twilio's error codes occurred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ErrorCount {
    /// The code.
    pub code: u32,
    /// What it means: one line; `None` if it is not in the catalogue. See [`lookup`](crate::twilio::error::lookup) for the
    /// cause and what to do.
    pub meaning: Option<&'static str>,
    /// How often.
    pub count: u64,
}

/// Returns the error codes, the most frequent first.
pub(super) fn errors(codes: BTreeMap<u32, u64>) -> Vec<ErrorCount> {
    let row = |(code, count)| ErrorCount { code, meaning: lookup(code).map(|entry| entry.title), count };
    let mut rows: Vec<_> = codes.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.count));
    rows
}

/// Returns the directions, the most frequent first, and the statuses of each.
pub(super) fn words<D: Clone + PartialEq + Display, S: Display>(
    counts: Vec<(D, S, u64)>,
) -> (Vec<DirectionCount<D>>, Vec<StatusCount<D, S>>) {
    let mut directions: Vec<DirectionCount<D>> = Vec::new();
    for (direction, _, count) in &counts {
        match directions.iter_mut().find(|row| row.direction == *direction) {
            Some(row) => row.count += count,
            None => directions.push(DirectionCount { direction: direction.clone(), count: *count }),
        }
    }
    directions.sort_by_key(|row| (std::cmp::Reverse(row.count), row.direction.to_string()));
    let row = |(direction, status, count)| StatusCount { direction, status, count };
    let mut statuses: Vec<_> = counts.into_iter().map(row).collect();
    statuses
        .sort_by_key(|row| (row.direction.to_string(), std::cmp::Reverse(row.count), row.status.to_string()));
    (directions, statuses)
}

/// Adds one to the count of a direction and a status. There are few of both, so they are searched.
pub(super) fn count_words<D: PartialEq + Clone, S: PartialEq + Clone>(
    counts: &mut Vec<(D, S, u64)>,
    direction: &D,
    status: &S,
) {
    match counts.iter_mut().find(|(d, s, _)| d == direction && s == status) {
        Some((_, _, count)) => *count += 1,
        None => counts.push((direction.clone(), status.clone(), 1)),
    }
}

/// Adds a charge to the costs, which are ordered by currency; returns false where there is none yet.
pub(super) fn charge(costs: &mut Vec<Price>, price: Option<&Amount>, unit: Option<&str>) -> bool {
    let Some(price) = price.and_then(Amount::decimal) else { return false };
    // The case of the currency varies, and both are the same money.
    let currency = unit.unwrap_or_default().to_ascii_uppercase();
    let at = match costs.binary_search_by(|cost| cost.currency.cmp(&currency)) {
        Ok(at) => at,
        Err(at) => {
            costs.insert(at, Price { amount: Decimal::ZERO, currency });
            at
        }
    };
    // Twilio writes a charge as a negative amount.
    let sum = costs.get_mut(at).and_then(|cost| Some((cost.amount.checked_sub(price)?, cost)));
    sum.map(|(sum, cost)| cost.amount = sum).is_some()
}

/// Returns a share, from 0 to 1; `None` of nothing.
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Returns the country of a person's number: ISO 3166; its calling code where it belongs to no country; `?` where the address
/// is no telephone number.
pub(super) fn country(person: Option<&Address>) -> String {
    match person.and_then(Address::number).map(|number| destination(&number)) {
        Some(Destination::Country(country)) => country.to_owned(),
        Some(Destination::Code(code)) => code,
        None => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact_by_currency_and_what_is_not_known_is_no_zero() {
        let mut costs = Vec::new();
        for (price, unit, expected) in [
            (Some("-0.00790"), Some("USD"), true),
            (Some("-0.1"), Some("usd"), true),
            (Some("0"), Some("EUR"), true),
            (Some("0.5"), Some("EUR"), true),
            (None, Some("GBP"), false),
            (Some("-1"), None, true),
        ] {
            let price = price.map(|price| Amount::parse(price).unwrap());
            assert_eq!(charge(&mut costs, price.as_ref(), unit), expected, "{price:?}");
        }
        let shown: Vec<_> = costs.iter().map(|cost| format!("{} {}", cost.amount, cost.currency)).collect();
        assert_eq!(shown, ["1 ", "-0.5 EUR", "0.10790 USD"]);
        let most = Amount::parse(&format!("-{}", Decimal::MAX)).unwrap();
        assert!(charge(&mut costs, Some(&most), Some("SEK")));
        assert!(!charge(&mut costs, Some(&most), Some("SEK")), "a sum beyond 96 bits is no price");
    }

    #[test]
    fn a_country_is_that_of_the_number_in_any_channel() {
        for (address, expected) in [
            (Some("+4915112345678"), "DE"),
            (Some("whatsapp:+14165551234"), "CA"),
            (Some("+881612345678"), "+881"),
            (Some("client:alice"), "?"),
            (None, "?"),
        ] {
            assert_eq!(country(address.map(Address::from).as_ref()), expected, "{address:?}");
        }
    }

    #[test]
    fn the_most_frequent_error_comes_first_with_its_meaning() {
        let rows = errors(BTreeMap::from([(1, 5), (21610, 2), (30003, 7)]));
        let shown: Vec<_> = rows.iter().map(|row| (row.code, row.count, row.meaning.is_some())).collect();
        assert_eq!(shown, [(30003, 7, true), (1, 5, false), (21610, 2, true)]);
        assert_eq!(rows[2].meaning, Some("the recipient has opted out"));
    }
}
