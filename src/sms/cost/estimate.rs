//! What a list of messages will cost.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

use super::{BillableMessage, Destination, GuardError, Guards, PriceList, table};

/// What a list of messages will cost.
///
/// Messages whose price is not known are listed in [`unpriced`](Self::unpriced), with the reason, and are not included in the
/// total. `Display` writes a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Estimate {
    /// The currency, ISO 4217.
    pub currency: String,
    /// The number of messages, with and without a price.
    pub messages: u64,
    /// The number of billed units: segments, and one for each message that is billed as a whole.
    pub segments: u64,
    /// The cost of the messages with a price: the exact sum of the rows.
    pub total: Decimal,
    /// The messages with a price, by country and kind of sender.
    pub by_country: Vec<EstimateRow>,
    /// The messages without a price.
    pub unpriced: Vec<UnpricedRow>,
    /// The number of segments of the longest message, and its position in the list, from 0.
    pub longest: Option<(u64, u64)>,
}

/// The messages to one country from one kind of sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EstimateRow {
    /// The country, ISO 3166.
    pub country: String,
    /// The kind of sender, or `mms`, `whatsapp`.
    pub kind: String,
    /// The number of messages.
    pub messages: u64,
    /// The number of billed units.
    pub segments: u64,
    /// The price of one segment.
    pub price: Decimal,
    /// The cost of all of them.
    pub cost: Decimal,
}

/// Messages without a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UnpricedRow {
    /// The country, ISO 3166; the calling code, such as `+881`, if it belongs to no country; `?` if the recipient is not a
    /// number.
    pub destination: String,
    /// The kind of sender, or `mms`, `whatsapp`.
    pub kind: String,
    /// The number of messages.
    pub messages: u64,
    /// The number of billed units, as far as it is known.
    pub segments: u64,
    /// Why there is no price, and what to do.
    pub reason: String,
}

/// Estimates what a list of messages will cost. The list is read once and not stored.
///
/// Segments are counted from the text. Carrier fees and taxes are not included. The number of segments that the provider
/// bills is in its response to each send.
///
/// ```
/// use switchboard::sms::{PriceList, estimate};
///
/// let mut prices = PriceList::new("USD");
/// prices.set("US", "local", "0.0079".parse()?);
/// let messages = [("+14155551234", "Your table is ready"), ("+14155550177", "Your table is ready")];
/// let estimate = estimate(messages, &prices);
/// assert_eq!((estimate.segments, estimate.total), (2, "0.0158".parse()?));
/// assert!(estimate.unpriced.is_empty());
/// # Ok::<(), rust_decimal::Error>(())
/// ```
pub fn estimate<M: Into<BillableMessage>>(
    messages: impl IntoIterator<Item = M>,
    prices: &PriceList,
) -> Estimate {
    let mut counted = Counted::default();
    for message in messages {
        counted.add(&message.into());
    }
    counted.priced(prices)
}

/// Messages and segments of one destination and kind. Messages whose text is not known are counted separately.
#[derive(Default)]
struct Counted {
    groups: BTreeMap<(Option<Destination>, String, bool), (u64, u64)>,
    messages: u64,
    longest: Option<(u64, u64)>,
}

impl Counted {
    fn add(&mut self, message: &BillableMessage) {
        let units = message.units();
        let key = (message.destination(), message.priced_as(), units.is_some());
        let (messages, segments) = self.groups.entry(key).or_default();
        *messages += 1;
        *segments = segments.saturating_add(units.unwrap_or_default());
        if units > self.longest.map(|(segments, _)| segments) {
            self.longest = units.map(|units| (units, self.messages));
        }
        self.messages += 1;
    }

    fn priced(self, prices: &PriceList) -> Estimate {
        let mut estimate = Estimate {
            currency: prices.currency().to_owned(),
            messages: self.messages,
            segments: self.groups.values().fold(0, |sum, (_, segments)| sum.saturating_add(*segments)),
            total: Decimal::ZERO,
            by_country: Vec::new(),
            unpriced: Vec::new(),
            longest: self.longest,
        };
        for ((destination, kind, known), (messages, segments)) in self.groups {
            let row = price(prices, destination.as_ref(), &kind, known).and_then(|(country, price)| {
                let too_large = || "the cost is too large for a 96-bit decimal: split the list".to_owned();
                let cost = price.checked_mul(Decimal::from(segments)).ok_or_else(too_large)?;
                let total = estimate.total.checked_add(cost).ok_or_else(too_large)?;
                Ok((EstimateRow { country, kind: kind.clone(), messages, segments, price, cost }, total))
            });
            match row {
                Ok((row, total)) => {
                    estimate.total = total;
                    estimate.by_country.push(row);
                }
                Err(reason) => {
                    let destination = shown(destination);
                    estimate.unpriced.push(UnpricedRow { destination, kind, messages, segments, reason });
                }
            }
        }
        estimate
    }
}

fn shown(destination: Option<Destination>) -> String {
    match destination {
        Some(Destination::Country(country)) => country.to_owned(),
        Some(Destination::Code(code)) => code,
        None => "?".to_owned(),
    }
}

/// The country and the price of a segment, or why there is none.
pub(super) fn price(
    prices: &PriceList,
    destination: Option<&Destination>,
    kind: &str,
    known: bool,
) -> Result<(String, Decimal), String> {
    if !known {
        return Err(
            "its text is a template of the provider, so its segments are not known: count them by hand"
                .to_owned(),
        );
    }
    let country = match destination {
        Some(Destination::Country(country)) => *country,
        Some(Destination::Code(code)) => {
            return Err(format!("the calling code {code} belongs to no known country: check the number"));
        }
        None => return Err("the recipient has no telephone number: check the address".to_owned()),
    };
    if let Some(price) = prices.segment(country, kind) {
        return Ok((country.to_owned(), price));
    }
    let kinds: Vec<_> = prices.kinds(country).collect();
    Err(match kinds.as_slice() {
        [] => format!("the price list has no price for {country}: add one"),
        kinds => format!(
            "the price list has no price for {kind} to {country}: add one, or use one of {}",
            kinds.join(", ")
        ),
    })
}

impl Estimate {
    /// Checks the whole list against limits: the segments of each message, and the total cost.
    ///
    /// The prices are those of the estimate. Only the amount and the currency of [`Guards::max_cost`] are used.
    ///
    /// # Errors
    /// [`GuardError`] says which limit is exceeded. If there is a limit on cost, a message without a price is an error, too.
    pub fn check(&self, guards: &Guards) -> Result<(), GuardError> {
        guards.check_segments(self.longest.map(|(segments, _)| segments))?;
        let Some(limit) = &guards.max_cost else { return Ok(()) };
        limit.check_currency(&self.currency)?;
        if let Some(row) = self.unpriced.first() {
            return Err(GuardError::Unpriced { reason: row.reason.clone() });
        }
        limit.check(self.total)
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table::write(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prices() -> PriceList {
        let mut prices = PriceList::new("USD");
        for (country, kind, price) in [
            ("US", "local", "0.0079"),
            ("US", "mms", "0.02"),
            ("US", "toll free", "0.0075"),
            ("DE", "local", "0.112"),
            ("GB", "mobile", "0.0463"),
        ] {
            prices.set(country, kind, price.parse().unwrap());
        }
        prices
    }

    fn list() -> Vec<BillableMessage> {
        let (us, de) = ("+14155551234", "+491711234567");
        vec![
            BillableMessage::new(us, "Your table is ready"),
            BillableMessage::new(us, "x".repeat(161)),
            BillableMessage::new(us, "x").kind("toll free"),
            BillableMessage::new(us, "x").media(),
            BillableMessage::new(de, "“Ihr Tisch ist frei”"),
            BillableMessage::new("+447700900123", "x"),
            BillableMessage::new("+33612345678", "x"),
            BillableMessage::new("+881612345678", "x"),
            BillableMessage::new("whatsapp:+14155551234", "x"),
            BillableMessage::unknown_text(us),
            BillableMessage::new("nobody", "x"),
        ]
    }

    #[test]
    fn an_estimate_lists_messages_without_a_price_separately() {
        let estimate = estimate(list(), &prices());
        assert_eq!((estimate.messages, estimate.segments), (11, 11));
        assert_eq!((estimate.total.to_string().as_str(), estimate.longest), ("0.1632", Some((2, 1))));
        insta::assert_snapshot!(estimate.to_string(), @r"
        country  kind       messages  segments   price    cost
        DE       local             1         1   0.112   0.112
        US       local             2         3  0.0079  0.0237
        US       mms               1         1    0.02    0.02
        US       toll free         1         1  0.0075  0.0075
        total                      5         6     USD  0.1632
        no price: ?, local, 1 message, 1 segment: the recipient has no telephone number: check the address
        no price: FR, local, 1 message, 1 segment: the price list has no price for FR: add one
        no price: GB, local, 1 message, 1 segment: the price list has no price for local to GB: add one, or use one of mobile
        no price: US, local, 1 message, 0 segments: its text is a template of the provider, so its segments are not known: count them by hand
        no price: US, whatsapp, 1 message, 1 segment: the price list has no price for whatsapp to US: add one, or use one of local, mms, toll free
        no price: +881, local, 1 message, 1 segment: the calling code +881 belongs to no known country: check the number
        ");
        let json = serde_json::to_value(&estimate).unwrap();
        assert_eq!((&json["total"], &json["byCountry"][0]["country"]), (&"0.1632".into(), &"DE".into()));
    }

    #[test]
    fn a_cost_that_is_too_large_is_reported() {
        let mut prices = PriceList::new("USD");
        prices.set("US", "local", Decimal::MAX);
        let estimate = estimate([("+14155551234", "x".repeat(161))], &prices);
        assert_eq!(
            (estimate.total, estimate.unpriced[0].reason.as_str()),
            (Decimal::ZERO, "the cost is too large for a 96-bit decimal: split the list")
        );
    }

    proptest! {
        #[test]
        fn the_rows_add_up_to_the_totals(
            messages in proptest::collection::vec(("\\+(1415|1416|49171|4477|881|7701)[0-9]{7}", "[a-zł]{0,400}", any::<bool>()), 0..40),
            price in "0\\.0[0-9]{1,6}",
        ) {
            let mut prices = prices();
            prices.set("KZ", "local", price.parse().unwrap());
            let messages: Vec<_> = messages.into_iter().map(|(to, body, media)| {
                let message = BillableMessage::new(to, body);
                if media { message.media() } else { message }
            }).collect();
            let estimate = estimate(messages.clone(), &prices);
            let rows = &estimate.by_country;
            prop_assert_eq!(rows.iter().map(|row| row.cost).sum::<Decimal>(), estimate.total);
            prop_assert!(rows.iter().all(|row| row.cost == row.price * Decimal::from(row.segments)));
            let counted = |pick: fn(&EstimateRow) -> u64, rest: fn(&UnpricedRow) -> u64| {
                rows.iter().map(pick).sum::<u64>() + estimate.unpriced.iter().map(rest).sum::<u64>()
            };
            prop_assert_eq!(counted(|row| row.messages, |row| row.messages), estimate.messages);
            prop_assert_eq!(counted(|row| row.segments, |row| row.segments), estimate.segments);
            let each = messages.iter().map(|message| super::estimate([message.clone()], &prices).total);
            prop_assert_eq!(each.sum::<Decimal>(), estimate.total);
        }
    }
}
