//! Usage by category, calculated from the bills.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::ledger::{Item, Ledger, Tally};

/// A category: its name, its description, its units of count and usage, and the items that it sums up.
pub(super) struct Category {
    pub(super) word: &'static str,
    pub(super) description: &'static str,
    pub(super) count_unit: &'static str,
    pub(super) usage_unit: &'static str,
    items: &'static [Item],
}

const fn category(
    word: &'static str,
    description: &'static str,
    units: (&'static str, &'static str),
    items: &'static [Item],
) -> Category {
    Category { word, description, count_unit: units.0, usage_unit: units.1, items }
}

const MESSAGES: (&str, &str) = ("messages", "messages");
const SEGMENTS: (&str, &str) = ("messages", "segments");
const MINUTES: (&str, &str) = ("calls", "minutes");

pub(super) const CATEGORIES: &[Category] = &[
    category(
        "authy-authentications",
        "Verifications",
        ("verifications", "verifications"),
        &[Item::Verification],
    ),
    category("calls", "Voice Minutes", MINUTES, &[Item::Call]),
    category("calls-inbound", "Inbound Voice Minutes", MINUTES, &[]),
    category("calls-outbound", "Outbound Voice Minutes", MINUTES, &[Item::Call]),
    category("lookups", "Lookups", ("lookups", "lookups"), &[Item::Lookup]),
    category("mms", "MMS", MESSAGES, &[Item::Mms]),
    category("mms-inbound", "Inbound MMS", MESSAGES, &[]),
    category("mms-outbound", "Outbound MMS", MESSAGES, &[Item::Mms]),
    category("phonenumbers", "Phone Numbers", ("numbers", "numbers"), &[Item::PhoneNumber]),
    category("recordings", "Recordings", ("recordings", "minutes"), &[Item::Recording]),
    category("sms", "SMS", SEGMENTS, &[Item::Sms]),
    category("sms-inbound", "Inbound SMS", SEGMENTS, &[]),
    category("sms-outbound", "Outbound SMS", SEGMENTS, &[Item::Sms]),
    category(
        "transcriptions",
        "Transcriptions",
        ("transcriptions", "transcriptions"),
        &[Item::Transcription],
    ),
    category(
        "totalprice",
        "Total Price",
        ("", "usd"),
        &[
            Item::Sms,
            Item::Mms,
            Item::Call,
            Item::Recording,
            Item::Transcription,
            Item::PhoneNumber,
            Item::Verification,
            Item::Lookup,
        ],
    ),
];

/// Sums up the bills of a period by item.
pub(super) fn tallies(ledger: &Ledger, first: Date, last: Date) -> BTreeMap<Item, Tally> {
    let mut tallies: BTreeMap<Item, Tally> = BTreeMap::new();
    for (_, item, tally) in ledger.between(first, last) {
        tallies.entry(item).or_default().add(tally);
    }
    tallies
}

/// Finds a category by its name.
pub(super) fn category_of(word: &str) -> Option<&'static Category> {
    CATEGORIES.iter().find(|category| category.word == word)
}

impl Category {
    pub(super) fn sum(&self, tallies: &BTreeMap<Item, Tally>) -> Tally {
        let mut sum = Tally::default();
        for tally in self.items.iter().filter_map(|item| tallies.get(item)) {
            sum.add(*tally);
        }
        sum
    }

    /// Returns whether it has a count and a usage, or only a price.
    pub(super) fn counts(&self) -> bool {
        !self.count_unit.is_empty()
    }
}
