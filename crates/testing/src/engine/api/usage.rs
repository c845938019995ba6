//! Usage records, calculated from the bills: `/2010-04-01/Accounts/{AccountSid}/Usage/Records`.

mod period;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use self::period::Period;
use crate::engine::clock::{day, iso8601};
use crate::engine::error::HandlerResult;
use crate::engine::ledger::{self, Item, Tally};
use crate::engine::page::{self, ListFormat};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/Usage/Records.json", list),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Usage/Records/{Period}.json", list),
];

/// A category: its name, its description, its units of count and usage, and the items that it sums up.
struct Category {
    word: &'static str,
    description: &'static str,
    count_unit: &'static str,
    usage_unit: &'static str,
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

const CATEGORIES: &[Category] = &[
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

/// One record: a category in a span of days.
struct Record {
    category: &'static Category,
    first: Date,
    last: Date,
    tally: Tally,
}

fn list(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let today = day(tenant.core.now());
    let created = day(tenant.core.account.created);
    let period = Period::read(request.param("Period")).ok_or_else(|| request.not_found())?;
    let spans = period.spans(&request.query, created, today)?;
    let wanted = request.query.get("Category");
    // The list begins with the row that was inserted last: the latest day, and its first category.
    let mut records = Table::default();
    for (first, last) in spans {
        let tallies = tallies(tenant, first, last);
        let categories = CATEGORIES.iter().rev().filter(|c| wanted.is_none_or(|wanted| wanted == c.word));
        for category in categories {
            let record = Record { category, first, last, tally: category.sum(&tallies) };
            records.insert(&format!("{}-{first}", category.word), record);
        }
    }
    let (account, as_of) = (request.param("AccountSid"), iso8601(tenant.core.now()).replace('Z', "+00:00"));
    page::list(
        request,
        ListFormat::Classic,
        "usage_records",
        &records,
        |_| true,
        |_, record| record.view(account, request, &as_of),
    )
}

fn tallies(tenant: &Tenant, first: Date, last: Date) -> BTreeMap<Item, Tally> {
    let mut tallies: BTreeMap<Item, Tally> = BTreeMap::new();
    for (_, item, tally) in tenant.core.ledger.between(first, last) {
        tallies.entry(item).or_default().add(tally);
    }
    tallies
}

impl Category {
    fn sum(&self, tallies: &BTreeMap<Item, Tally>) -> Tally {
        let mut sum = Tally::default();
        for tally in self.items.iter().filter_map(|item| tallies.get(item)) {
            sum.add(*tally);
        }
        sum
    }

    /// Returns whether it has a count and a usage, or only a price.
    fn counts(&self) -> bool {
        !self.count_unit.is_empty()
    }
}

impl Record {
    fn view(&self, account: &str, request: &RoutedRequest<'_>, as_of: &str) -> Value {
        let Self { category, first, last, tally } = self;
        let price = ledger::amount(tally.price);
        let word = category.word;
        json!({
            "account_sid": account,
            "api_version": "2010-04-01",
            "as_of": as_of,
            "category": word,
            "description": category.description,
            "count": category.counts().then(|| tally.count.to_string()),
            "count_unit": category.count_unit,
            "usage": if category.counts() { tally.usage.to_string() } else { price.clone() },
            "usage_unit": category.usage_unit,
            "price": price,
            "price_unit": "usd",
            "start_date": first.to_string(),
            "end_date": last.to_string(),
            "subresource_uris": subresources(account, word),
            "uri": format!("{}?Category={word}&StartDate={first}&EndDate={last}", request.raw.path),
        })
    }
}

fn subresources(account: &str, category: &str) -> Map<String, Value> {
    let uri = |period: &str| {
        json!(format!("/2010-04-01/Accounts/{account}/Usage/Records/{period}.json?Category={category}"))
    };
    period::WORDS.iter().map(|(path, key, _)| ((*key).to_owned(), uri(path))).collect()
}
