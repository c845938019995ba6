//! What one segment costs.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What one segment of a text costs, by country and kind of sender.
///
/// Fill it with [`set`](Self::set), from a JSON file, or from Twilio's prices (`SmsPrices::add_to`). The JSON is
/// `{"currency": "USD", "prices": {"US": {"local": "0.0079"}}}`, with prices as strings, so that they stay exact.
///
/// A kind of sender may be any word. Twilio's prices use `local`, `mobile`, `national`, `toll free` and `shortcode`.
/// Messages that are billed as a whole, not by segment, have their own kind: `mms`, or the name of the channel, such as
/// `whatsapp`.
///
/// ```
/// use switchboard::sms::PriceList;
///
/// let mut prices = PriceList::new("USD");
/// prices.set("US", "local", "0.0079".parse()?);
/// prices.set("US", "toll free", "0.0079".parse()?);
/// assert_eq!(prices.segment("US", "local").map(|price| price * rust_decimal::Decimal::from(3)), Some("0.0237".parse()?));
/// assert_eq!(prices.segment("DE", "local"), None);
/// # Ok::<(), rust_decimal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct PriceList {
    currency: String,
    /// By country (ISO 3166) and kind of sender.
    prices: BTreeMap<String, BTreeMap<String, Decimal>>,
}

/// The JSON form, in which country and kind may be in upper or lower case.
#[derive(Deserialize)]
struct Stored {
    currency: String,
    prices: BTreeMap<String, BTreeMap<String, Decimal>>,
}

impl TryFrom<Stored> for PriceList {
    type Error = String;
    fn try_from(stored: Stored) -> Result<Self, String> {
        let mut list = Self::new(stored.currency);
        for (country, kinds) in &stored.prices {
            for (kind, price) in kinds {
                if price.is_sign_negative() {
                    return Err(format!(
                        "the price of {kind} in {country} is negative: write it without the minus sign that bills have"
                    ));
                }
                list.set(country, kind, *price);
            }
        }
        Ok(list)
    }
}

impl PriceList {
    /// Starts an empty list in a currency, ISO 4217.
    pub fn new(currency: impl Into<String>) -> Self {
        Self { currency: currency.into(), prices: BTreeMap::new() }
    }

    /// Returns the currency.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Sets what one segment costs. Countries are ISO 3166; kinds are words such as `local`, `mobile`, `shortcode`.
    ///
    /// The sign is dropped: bills show prices with a minus, and with a negative price no cost limit would ever be
    /// reached.
    pub fn set(&mut self, country: &str, kind: &str, price: Decimal) {
        let kinds = self.prices.entry(country.to_ascii_uppercase()).or_default();
        kinds.insert(kind.to_ascii_lowercase(), price.abs());
    }

    /// Sets what one segment costs, unless the list has a higher price: where carriers differ, the highest counts.
    pub fn raise(&mut self, country: &str, kind: &str, price: Decimal) {
        if self.segment(country, kind).is_none_or(|known| known < price) {
            self.set(country, kind, price);
        }
    }

    /// Returns what one segment costs.
    #[must_use]
    pub fn segment(&self, country: &str, kind: &str) -> Option<Decimal> {
        self.prices.get(&country.to_ascii_uppercase())?.get(&kind.to_ascii_lowercase()).copied()
    }

    /// Returns the highest price of a segment in a country, of any kind of sender that is billed by segment.
    #[must_use]
    pub fn highest(&self, country: &str) -> Option<Decimal> {
        let kinds = self.prices.get(&country.to_ascii_uppercase())?;
        kinds.iter().filter(|(kind, _)| !super::is_flat(kind)).map(|(_, price)| *price).max()
    }

    /// Returns the kinds of sender that have a price in a country.
    pub fn kinds(&self, country: &str) -> impl Iterator<Item = &str> {
        self.prices
            .get(&country.to_ascii_uppercase())
            .into_iter()
            .flat_map(|kinds| kinds.keys().map(String::as_str))
    }

    /// Returns the list with the prices of one country only.
    #[must_use]
    pub fn only(&self, country: &str) -> Self {
        let country = country.to_ascii_uppercase();
        let prices = self.prices.get_key_value(&country);
        let prices = prices.map(|(country, kinds)| (country.clone(), kinds.clone())).into_iter().collect();
        Self { currency: self.currency.clone(), prices }
    }

    /// Returns every price: country, kind of sender, price of a segment.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, Decimal)> {
        let kinds = self.prices.iter();
        kinds.flat_map(|(country, kinds)| {
            kinds.iter().map(|(kind, price)| (country.as_str(), kind.as_str(), *price))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_be_in_any_case_and_negative_prices_are_refused() {
        let read = |price| {
            let json = format!(r#"{{"currency": "USD", "prices": {{"us": {{"Local": "{price}"}}}}}}"#);
            serde_json::from_str::<PriceList>(&json)
        };
        assert_eq!(read("0.0079").unwrap().segment("US", "local"), Some("0.0079".parse().unwrap()));
        assert!(read("-0.0079").unwrap_err().to_string().contains("is negative"));
        let mut list = PriceList::new("USD");
        list.set("US", "local", "-0.0079".parse().unwrap());
        assert_eq!(list.segment("US", "local"), Some("0.0079".parse().unwrap()));
    }

    #[test]
    fn the_highest_price_of_several_carriers_counts_and_a_list_is_serialised() {
        let mut prices = PriceList::new("EUR");
        for price in ["0.05", "0.07", "0.06"] {
            prices.raise("de", "Mobile", price.parse().unwrap());
        }
        assert_eq!(prices.segment("DE", "mobile"), Some("0.07".parse().unwrap()));
        let stored = serde_json::to_string(&prices).unwrap();
        assert_eq!(serde_json::from_str::<PriceList>(&stored).unwrap(), prices);
        assert_eq!(prices.iter().count(), 1);
    }

    #[test]
    fn a_file_is_read_exactly() {
        let file = r#"{"currency": "USD", "prices": {"US": {"local": "0.0079", "shortcode": "0.00750", "mms": "0.02"}}}"#;
        let prices: PriceList = serde_json::from_str(file).unwrap();
        assert_eq!(prices.segment("us", "shortcode").unwrap().to_string(), "0.00750");
        assert_eq!(prices.highest("US").unwrap().to_string(), "0.0079");
        assert_eq!(prices.kinds("US").collect::<Vec<_>>(), ["local", "mms", "shortcode"]);
        assert_eq!(prices.only("us"), prices);
        assert_eq!((prices.only("DE").iter().count(), prices.highest("DE")), (0, None));
    }
}
