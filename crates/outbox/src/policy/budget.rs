//! Budgets: how many messages may be sent, or what they may cost, in a day or in all.

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use switchboard::phone::E164;
use switchboard::sms::{BillableMessage, Destination, PriceList, destination, estimate};

use super::Ruling;
use super::emergency::BUDGET;
use crate::enqueue::Payload;
use crate::error::OutboxError;
use crate::timing::Micros;

/// The version of the rules below. The limits are the program's.
pub(super) const VERSION: &str = "2026-11-22";
/// The share of a budget that a worker reserves at once.
const SLICE: i64 = 100;
/// The maximum number of messages that a worker reserves at once.
const MOST_MESSAGES: i64 = 4_096;
/// A message that waits for a budget without a period is asked about again after this time.
const AGAIN: Micros = 3_600_000_000;

/// A limit on what is sent: on the number of messages, or on their cost.
///
/// A message counts when it is marked to be sent, and each further attempt counts again. One that surely was not sent is
/// given back. A message beyond the limit waits for the next day, also if the limit is raised meanwhile. If the budget has
/// no days, it is asked about every hour.
///
/// Workers reserve parts of a budget: a hundredth of it, at most 4,096 messages. The limit is never passed. A worker that is
/// killed loses what it had reserved, so that much less is sent until the end of the day. The event log gets the
/// event `budget` when 50, 80 and 100 % are reserved, once each.
///
/// ```
/// use switchboard::sms::PriceList;
/// use switchboard_outbox::policy::{Budget, Policy};
///
/// let mut prices = PriceList::new("USD");
/// prices.set("US", "local", "0.0083".parse()?);
/// let policy = Policy::new()
///     .budget(Budget::messages("texts", 10_000)?.each_tenant().per_day("America/New_York")?)
///     .budget(Budget::cost("spend", "50".parse()?, prices)?.per_day("UTC")?);
/// # let _ = policy;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Budget {
    name: String,
    /// In messages, or in millionths of the currency.
    most: i64,
    /// The prices of a limit on the cost.
    prices: Option<PriceList>,
    day: Option<TimeZone>,
    each: Each,
}

/// Whose messages share a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Each {
    All,
    Tenant,
    Country,
    Campaign,
}

/// The part of a budget that a message uses: that of its day, tenant or country.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Bucket {
    /// The name of the budget.
    pub(crate) budget: String,
    /// `2026-11-22 tenant blue-door`, `total`.
    pub(crate) part: String,
}

/// What one message uses of one budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) bucket: Bucket,
    pub(crate) amount: i64,
    /// The limit.
    pub(crate) most: i64,
    /// How much a worker reserves at once.
    pub(crate) slice: i64,
    /// When to ask again if it is spent.
    pub(crate) again: Micros,
}

/// What a budget asks about a message.
#[derive(Debug)]
pub(crate) struct Spend<'m> {
    pub(crate) to: &'m str,
    pub(crate) tenant: &'m str,
    /// 0: none.
    pub(crate) campaign: i64,
    pub(crate) request: &'m str,
    pub(crate) is_emergency: bool,
}

impl Budget {
    /// The maximum length of a name, in bytes.
    pub const MAX_NAME: usize = 100;

    /// Limits the number of messages.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if the name is empty or too long.
    pub fn messages(name: impl Into<String>, most: u64) -> Result<Self, OutboxError> {
        Self::new(name.into(), i64::try_from(most).unwrap_or(i64::MAX), None)
    }

    /// Limits the cost, computed with these prices and in their currency. A message without a price is blocked. Calls
    /// have no price.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if the name is empty or too long, or the limit is negative or too large.
    pub fn cost(name: impl Into<String>, most: Decimal, prices: PriceList) -> Result<Self, OutboxError> {
        let Some(most) = millionths(most).filter(|most| *most >= 0) else {
            return Err(OutboxError::invalid("the limit of a budget must be positive, and below 10^12"));
        };
        Self::new(name.into(), most, Some(prices))
    }

    /// The budget of emergencies.
    pub(super) fn of_emergencies(most: u64) -> Self {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        Self { name: BUDGET.to_owned(), most, prices: None, day: Some(TimeZone::UTC), each: Each::All }
    }

    fn new(name: String, most: i64, prices: Option<PriceList>) -> Result<Self, OutboxError> {
        if name.trim().is_empty() || name.len() > Self::MAX_NAME || name.contains('\0') {
            return Err(OutboxError::invalid("the name of a budget must have 1 to 100 bytes, and no NUL"));
        }
        if name == BUDGET {
            return Err(OutboxError::invalid("a budget of this name is made by `Policy::emergencies`"));
        }
        Ok(Self { name, most, prices, day: None, each: Each::All })
    }

    /// Applies the limit to each day, which begins and ends in this time zone.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if the time zone is not known.
    pub fn per_day(mut self, zone: &str) -> Result<Self, OutboxError> {
        let zone = TimeZone::get(zone).map_err(|_| {
            OutboxError::invalid(
                "the time zone of the budget is not known: use a name such as America/Chicago",
            )
        })?;
        self.day = Some(zone);
        Ok(self)
    }

    /// Applies the limit to each tenant.
    #[must_use]
    pub const fn each_tenant(mut self) -> Self {
        self.each = Each::Tenant;
        self
    }

    /// Applies the limit to the messages to each country.
    #[must_use]
    pub const fn each_country(mut self) -> Self {
        self.each = Each::Country;
        self
    }

    /// Applies the limit to each campaign. Other messages are not counted. The parts of such a budget are named by
    /// the numbers of the campaigns.
    #[must_use]
    pub const fn each_campaign(mut self) -> Self {
        self.each = Each::Campaign;
        self
    }

    /// Does it count this message?
    pub(super) const fn counts(&self, spend: &Spend<'_>) -> bool {
        !matches!(self.each, Each::Campaign) || spend.campaign != 0
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn prices(&self) -> Option<&PriceList> {
        self.prices.as_ref()
    }

    /// What a message uses of it, or the rule that refuses it because its cost is not known.
    pub(crate) fn charge(&self, spend: &Spend<'_>, at: Timestamp) -> Result<Charge, Ruling> {
        let amount = match &self.prices {
            Some(prices) => self.price(spend, prices)?,
            None => 1,
        };
        let (day, again) = self.day(at);
        let whose = match self.each {
            Each::All => String::new(),
            Each::Tenant => format!(" tenant {}", spend.tenant),
            Each::Country => format!(" {}", country(spend.to)),
            Each::Campaign => format!(" campaign {}", spend.campaign),
        };
        let most_at_once = if self.prices.is_none() { MOST_MESSAGES } else { i64::MAX };
        Ok(Charge {
            bucket: Bucket { budget: self.name.clone(), part: day + &whose + &self.unit() },
            amount,
            most: self.most,
            slice: (self.most / SLICE).clamp(amount, most_at_once.max(amount)),
            again,
        })
    }

    /// The same budget in another unit has parts of its own.
    fn unit(&self) -> String {
        self.prices.as_ref().map_or(String::new(), |prices| format!(" {}", prices.currency()))
    }

    fn price(&self, spend: &Spend<'_>, prices: &PriceList) -> Result<i64, Ruling> {
        let unknown = |reason: &str| {
            let budget = &self.name;
            let reason = format!("the budget {budget} limits the cost, and the cost is not known: {reason}");
            Ruling::new("budget", VERSION, reason)
        };
        let message = billable(spend.request).ok_or_else(|| unknown("only texts have a price"))?;
        let estimate = estimate([message], prices);
        if let Some(row) = estimate.unpriced.first() {
            return Err(unknown(&row.reason));
        }
        millionths(estimate.total).ok_or_else(|| unknown("it is too high to be computed"))
    }

    /// The day, and when the next one begins; or the name of the only part.
    fn day(&self, at: Timestamp) -> (String, Micros) {
        let again = at.as_microsecond().saturating_add(AGAIN);
        let Some(zone) = &self.day else { return ("total".to_owned(), again) };
        let local = at.to_zoned(zone.clone());
        let next = local.checked_add(1.day()).and_then(|next| next.start_of_day());
        let next = next.map_or(again, |next| next.timestamp().as_microsecond());
        (local.date().to_string(), next)
    }
}

impl Charge {
    pub(crate) fn spent(&self) -> Ruling {
        let Bucket { budget, part } = &self.bucket;
        let reason = format!("the budget {budget} is spent ({part}): the message waits");
        Ruling::new("budget", VERSION, reason)
    }
}

/// What the price of a stored request depends on; `None` if it is not a text.
pub(crate) fn billable(request: &str) -> Option<BillableMessage> {
    let Ok(Payload::Text(text)) = serde_json::from_str(request) else { return None };
    let mut message = match text.text.as_ref().filter(|_| text.template.is_none()) {
        Some(body) => BillableMessage::new(text.to.clone(), body.clone()),
        None => BillableMessage::unknown_text(text.to.clone()),
    };
    message.media = !text.media.is_empty();
    Some(message)
}

/// The country of a recipient's number.
pub(crate) fn country(to: &str) -> String {
    let (_, number) = to.rsplit_once(':').unwrap_or(("", to));
    match E164::parse(number).map(|number| destination(&number)) {
        Ok(Destination::Country(country)) => country.to_owned(),
        Ok(Destination::Code(code)) => code,
        _ => "other".to_owned(),
    }
}

/// Rounded up.
fn millionths(amount: Decimal) -> Option<i64> {
    (amount.checked_mul(Decimal::from(1_000_000))?)
        .ceil()
        .to_i64()
        .filter(|amount| *amount < 1_000_000_000_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(to: &'static str, request: &'static str) -> Spend<'static> {
        Spend { to, tenant: "t", campaign: 7, request, is_emergency: false }
    }

    const TEXT: &str = r#"{"text":{"to":"+14155551234","text":"Hi"}}"#;

    fn prices() -> PriceList {
        let mut prices = PriceList::new("USD");
        prices.set("US", "local", "0.0079123".parse().unwrap());
        prices
    }

    #[test]
    fn days_begin_in_the_zone_of_the_budget() {
        let budget = Budget::messages("b", 1_000).unwrap().per_day("America/New_York").unwrap();
        // The clocks are set back in this night: the day has 25 hours.
        let at: Timestamp = "2026-11-01T04:30:00Z".parse().unwrap();
        let charge = budget.charge(&spend("+14155551234", TEXT), at).unwrap();
        assert_eq!((charge.bucket.part.as_str(), charge.amount, charge.slice), ("2026-11-01", 1, 10));
        let next: Timestamp = "2026-11-02T05:00:00Z".parse().unwrap();
        assert_eq!(charge.again, next.as_microsecond());
    }

    #[test]
    fn tenants_and_countries_have_parts_of_their_own() {
        let at = Timestamp::UNIX_EPOCH;
        let part = |budget: Budget, to| budget.charge(&spend(to, TEXT), at).unwrap().bucket.part;
        let budget = || Budget::messages("b", 5).unwrap();
        assert_eq!(part(budget(), "+14155551234"), "total");
        assert_eq!(part(budget().each_tenant(), "+14155551234"), "total tenant t");
        assert_eq!(part(budget().each_country(), "whatsapp:+442071234567"), "total GB");
        assert_eq!(part(budget().each_country(), "+870776123456"), "total +870");
        assert_eq!(part(budget().each_campaign(), "+14155551234"), "total campaign 7");
        let outside = Spend { campaign: 0, ..spend("+14155551234", TEXT) };
        assert!(budget().each_tenant().counts(&outside) && !budget().each_campaign().counts(&outside));
    }

    #[test]
    fn a_cost_is_rounded_up_and_a_message_without_a_price_is_refused() {
        let budget = Budget::cost("b", "50".parse().unwrap(), prices()).unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let charge = budget.charge(&spend("+14155551234", TEXT), at).unwrap();
        assert_eq!((charge.amount, charge.most, charge.slice), (7_913, 50_000_000, 500_000));
        for request in [
            r#"{"text":{"to":"+442071234567","text":"Hi"}}"#,
            r#"{"call":{"to":"+14155551234","content":{"say":"Hi"}}}"#,
            "no JSON",
        ] {
            let refused = budget.charge(&spend("+14155551234", request), at).unwrap_err();
            assert!(refused.reason.contains("the cost is not known"), "{refused}");
        }
    }

    #[test]
    fn a_budget_is_checked() {
        assert!(Budget::messages(" ", 1).is_err());
        assert!(Budget::messages("b".repeat(101), 1).is_err());
        assert!(Budget::messages("emergency", 1).is_err());
        assert!(Budget::cost("b", "-1".parse().unwrap(), prices()).is_err());
        assert!(Budget::cost("b", Decimal::MAX, prices()).is_err());
        assert!(Budget::messages("b", 1).unwrap().per_day("Moon/Base").is_err());
    }
}
