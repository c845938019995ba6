//! The bills of an account by day and category. The balance and the usage records are calculated from them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::clock;

/// The credit of a new account, in 1/100000 of a dollar: 100 dollars.
const CREDIT: i64 = 10_000_000;

/// A category of what is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    Sms,
    Mms,
    Call,
    Recording,
    Transcription,
    PhoneNumber,
    Verification,
    Lookup,
}

/// A sum of bills: how many there are, how many units, and the price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) usage: u64,
    /// In 1/100000 of a dollar.
    pub(super) price: u64,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.count += other.count;
        self.usage += other.usage;
        self.price += other.price;
    }
}

/// The account's bills. They stay when the billed resource is deleted.
#[derive(Debug)]
pub(crate) struct Ledger {
    days: BTreeMap<(Date, Item), Tally>,
    spent: u64,
    /// How many bills there are.
    pub(super) bills: u64,
    /// What the account was given, in 1/100000 of a dollar.
    credit: i64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { days: BTreeMap::new(), spent: 0, bills: 0, credit: CREDIT }
    }
}

impl Ledger {
    /// Sets what is left, in 1/100000 of a dollar. The bills stay.
    pub(crate) fn set_balance(&mut self, left: i64) {
        self.credit = left.saturating_add(i64::try_from(self.spent).unwrap_or(i64::MAX));
    }

    /// Adds one bill: its category, how many units, and the price in 1/100000 of a dollar.
    pub(super) fn bill(&mut self, now: Timestamp, item: Item, usage: u64, price: u64) {
        self.days.entry((clock::day(now), item)).or_default().add(Tally { count: 1, usage, price });
        self.spent += price;
        self.bills += 1;
    }

    /// Iterates over the bills of a period, by day and by item.
    pub(super) fn between(&self, first: Date, last: Date) -> impl Iterator<Item = (Date, Item, Tally)> {
        let days = self.days.iter().filter(move |((day, _), _)| (first..=last).contains(day));
        days.map(|((day, item), tally)| (*day, *item, *tally))
    }

    /// Returns the remaining credit: `99.99210`. It may be negative.
    pub(super) fn balance(&self) -> String {
        let left = self.credit - i64::try_from(self.spent).unwrap_or(i64::MAX);
        let sign = if left < 0 { "-" } else { "" };
        format!("{sign}{}", amount(left.unsigned_abs()))
    }
}

/// Writes an amount that is given in 1/100000 of a dollar, with five decimals.
pub(super) fn amount(hundred_thousandths: u64) -> String {
    format!("{}.{:05}", hundred_thousandths / 100_000, hundred_thousandths % 100_000)
}

/// Writes a charge, which Twilio gives as a negative amount.
pub(super) fn charge(hundred_thousandths: u64) -> String {
    format!("-{}", amount(hundred_thousandths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_are_exact_texts() {
        assert_eq!([charge(790), charge(1580), charge(120_000)], ["-0.00790", "-0.01580", "-1.20000"]);
    }

    #[test]
    fn the_balance_can_become_negative() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.balance(), "100.00000");
        ledger.bill(Timestamp::UNIX_EPOCH, Item::Sms, 1, 790);
        assert_eq!(ledger.balance(), "99.99210");
        ledger.bill(Timestamp::UNIX_EPOCH, Item::Call, 1, CREDIT.unsigned_abs());
        assert_eq!(ledger.balance(), "-0.00790");
        assert_eq!(ledger.between(Date::MIN, Date::MAX).count(), 2);
        ledger.set_balance(350_000);
        assert_eq!(ledger.balance(), "3.50000");
        ledger.bill(Timestamp::UNIX_EPOCH, Item::Sms, 1, 400_000);
        assert_eq!(ledger.balance(), "-0.50000");
    }
}
