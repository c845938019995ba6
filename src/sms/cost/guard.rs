//! Limits on segments and cost, checked before anything is sent.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::estimate::price;
use super::{BillableMessage, Destination, PriceList};

/// Limits on the segments and the cost of a message, or of a list of messages.
///
/// ```
/// use switchboard::sms::{Guards, PriceList, estimate};
///
/// let mut prices = PriceList::new("USD");
/// prices.set("US", "local", "0.0079".parse()?);
/// let campaign = estimate([("+14155551234", "Hello")], &prices);
/// assert!(campaign.check(&Guards::new().max_segments(1).max_cost("10".parse()?, &prices)).is_ok());
/// let error = campaign.check(&Guards::new().max_cost("0.005".parse()?, &prices)).unwrap_err();
/// assert_eq!(error.to_string(), "it would cost 0.0079 USD, but at most 0.005 USD is allowed: send less, or raise the limit");
/// # Ok::<(), rust_decimal::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Guards {
    /// The maximum number of segments of each message.
    #[serde(alias = "max_segments", skip_serializing_if = "Option::is_none")]
    pub max_segments: Option<u32>,
    /// The maximum cost.
    #[serde(alias = "max_cost", skip_serializing_if = "Option::is_none")]
    pub max_cost: Option<CostLimit>,
}

/// A maximum cost, and the prices to compute the cost with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CostLimit {
    /// The maximum, in the currency of the prices.
    pub most: Decimal,
    /// The prices.
    pub prices: PriceList,
}

/// Why a guard refused. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// A text is too long.
    #[error("the text has {segments} segments, but at most {most} {} allowed: shorten it, or raise the limit", if *.most == 1 { "is" } else { "are" })]
    Segments {
        /// Its segments.
        segments: u64,
        /// The most that are allowed.
        most: u32,
    },
    /// It costs too much.
    #[error(
        "it would cost {cost} {currency}, but at most {most} {currency} is allowed: send less, or raise the limit"
    )]
    Cost {
        /// What it would cost.
        cost: Decimal,
        /// The most that is allowed.
        most: Decimal,
        /// The currency.
        currency: String,
    },
    /// The cost is unknown, so the limit on it cannot be checked.
    #[error("the cost is unknown, so the limit on it cannot be checked: {reason}")]
    Unpriced {
        /// Why, and what to do.
        reason: String,
    },
    /// The number of segments is unknown, so the limit on it cannot be checked.
    #[error(
        "the number of segments is unknown, so the limit on it cannot be checked: the text is a template of the provider; remove the limit for this message"
    )]
    Uncounted,
    /// The limit and the estimate have different currencies.
    #[error("the limit is in {limit}, but the estimate is in {estimate}: use the same currency for both")]
    Currencies {
        /// The limit's.
        limit: String,
        /// The estimate's.
        estimate: String,
    },
}

impl Guards {
    /// Allows everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum number of segments of each message. A message that is billed as a whole, such as an MMS, has one.
    #[must_use]
    pub const fn max_segments(mut self, most: u32) -> Self {
        self.max_segments = Some(most);
        self
    }

    /// Sets the maximum cost, computed with these prices and in their currency.
    #[must_use]
    pub fn max_cost(mut self, most: Decimal, prices: &PriceList) -> Self {
        self.max_cost = Some(CostLimit { most, prices: prices.clone() });
        self
    }

    /// Is there no limit?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.max_segments.is_none() && self.max_cost.is_none()
    }

    /// Checks one message before it is sent. If the kind of sender is not set, the highest price of the country is used.
    ///
    /// ```
    /// use switchboard::sms::Guards;
    /// use switchboard::twilio::{SendSms, TwilioAccount};
    ///
    /// # async fn run(account: TwilioAccount) -> Result<(), switchboard::ProviderError> {
    /// let sms = SendSms::new("+14155551234", "Your table is ready");
    /// Guards::new().max_segments(2).check(&sms)?;
    /// account.send(&sms.into()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`GuardError`] says which limit is exceeded. If there is a limit on segments or cost, a message of which that number is
    /// unknown is refused.
    pub fn check(&self, message: impl Into<BillableMessage>) -> Result<(), GuardError> {
        let message = message.into();
        let units = message.units();
        if self.max_segments.is_some() && units.is_none() {
            return Err(GuardError::Uncounted);
        }
        self.check_segments(units)?;
        let Some(limit) = &self.max_cost else { return Ok(()) };
        let unpriced = |reason| GuardError::Unpriced { reason };
        let destination = message.destination();
        let kind = message.priced_as();
        let dearest = match &destination {
            Some(Destination::Country(country)) if message.kind.is_none() && !super::is_flat(&kind) => {
                limit.prices.highest(country).filter(|_| units.is_some())
            }
            _ => None,
        };
        let price = match dearest {
            Some(price) => price,
            None => price(&limit.prices, destination.as_ref(), &kind, units.is_some()).map_err(unpriced)?.1,
        };
        let cost = price.checked_mul(Decimal::from(units.unwrap_or_default()));
        limit.check(cost.ok_or_else(|| unpriced("it is too large for a 96-bit decimal".to_owned()))?)
    }

    pub(super) fn check_segments(&self, segments: Option<u64>) -> Result<(), GuardError> {
        match (self.max_segments, segments) {
            (Some(most), Some(segments)) if segments > u64::from(most) => {
                Err(GuardError::Segments { segments, most })
            }
            _ => Ok(()),
        }
    }
}

impl CostLimit {
    pub(super) fn check(&self, cost: Decimal) -> Result<(), GuardError> {
        if cost <= self.most {
            return Ok(());
        }
        let currency = self.prices.currency().to_owned();
        Err(GuardError::Cost { cost, most: self.most, currency })
    }

    pub(super) fn check_currency(&self, estimate: &str) -> Result<(), GuardError> {
        let limit = self.prices.currency();
        if limit.eq_ignore_ascii_case(estimate) {
            return Ok(());
        }
        Err(GuardError::Currencies { limit: limit.to_owned(), estimate: estimate.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::estimate;
    use super::*;

    fn prices() -> PriceList {
        let mut prices = PriceList::new("USD");
        prices.set("US", "local", "0.01".parse().unwrap());
        prices.set("US", "shortcode", "0.02".parse().unwrap());
        prices.set("US", "mms", "0.05".parse().unwrap());
        prices
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_message_exactly_at_the_limit_is_allowed() {
        let two = BillableMessage::new("+14155551234", "x".repeat(161)).kind("local");
        assert!(Guards::new().max_segments(2).check(&two).is_ok());
        assert_eq!(
            Guards::new().max_segments(1).check(&two).unwrap_err().to_string(),
            "the text has 2 segments, but at most 1 is allowed: shorten it, or raise the limit"
        );
        assert!(Guards::new().max_cost(decimal("0.02"), &prices()).check(&two).is_ok());
        assert_eq!(
            Guards::new().max_cost(decimal("0.0199"), &prices()).check(&two).unwrap_err().to_string(),
            "it would cost 0.02 USD, but at most 0.0199 USD is allowed: send less, or raise the limit"
        );
    }

    #[test]
    fn an_unknown_cost_is_refused_and_the_highest_price_is_used_without_a_kind() {
        let dear = Guards::new().max_cost(decimal("0.015"), &prices());
        let cases = [
            (BillableMessage::new("+14155551234", "x").kind("local"), None),
            (BillableMessage::new("+14155551234", "x"), Some("cost 0.02 USD")),
            (BillableMessage::new("+14155551234", "x").media(), Some("cost 0.05 USD")),
            (BillableMessage::new("+491711234567", "x"), Some("no price for DE")),
            (
                BillableMessage::new("+14155551234", "x").kind("mobile"),
                Some("use one of local, mms, shortcode"),
            ),
            (BillableMessage::new("+881612345678", "x"), Some("+881 belongs to no known country")),
            (BillableMessage::unknown_text("+14155551234"), Some("template of the provider")),
            (BillableMessage::new("whatsapp:+14155551234", "x"), Some("no price for whatsapp")),
        ];
        for (message, expected) in cases {
            match (dear.check(&message), expected) {
                (Ok(()), None) => {}
                (Err(error), Some(expected)) => assert!(error.to_string().contains(expected), "{error}"),
                (other, _) => panic!("{message:?}: {other:?}"),
            }
        }
        let error =
            Guards::new().max_segments(9).check(BillableMessage::unknown_text("+14155551234")).unwrap_err();
        assert_eq!(error, GuardError::Uncounted);
    }

    #[test]
    fn a_whole_list_is_checked() {
        let list = estimate(vec![("+14155551234", "x"); 100], &prices());
        assert!(list.check(&Guards::new().max_segments(1).max_cost(decimal("1"), &prices())).is_ok());
        assert!(list.check(&Guards::new().max_cost(decimal("0.99"), &prices())).is_err());
        assert!(list.check(&Guards::new().max_segments(0)).is_err());
        let euro = Guards::new().max_cost(decimal("9"), &PriceList::new("EUR"));
        assert!(matches!(list.check(&euro), Err(GuardError::Currencies { .. })));
        let odd = estimate([("+14155551234", "x"), ("+881612345678", "x")], &prices());
        let error = odd.check(&Guards::new().max_cost(decimal("9"), &prices())).unwrap_err();
        assert!(error.to_string().contains("+881"), "{error}");
    }

    #[test]
    fn guards_are_stored() {
        let mistyped = serde_json::from_str::<Guards>(r#"{"maxSegment": 1}"#);
        assert!(mistyped.is_err(), "a mistyped limit would be ignored");
        let guards = Guards::new().max_segments(2).max_cost(decimal("0.020"), &prices().only("US"));
        let json = serde_json::to_string(&guards).unwrap();
        assert_eq!(serde_json::from_str::<Guards>(&json).unwrap(), guards);
        assert_eq!(serde_json::to_string(&Guards::new()).unwrap(), "{}");
    }
}
