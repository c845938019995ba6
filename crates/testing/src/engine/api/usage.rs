//! Usage records, calculated from the bills: `/2010-04-01/Accounts/{AccountSid}/Usage/Records`.

mod period;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use self::period::Period;
use crate::engine::clock::{day, iso8601};
use crate::engine::error::HandlerResult;
use crate::engine::ledger::{self, Tally};
use crate::engine::page::{self, ListFormat};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::usage::{self, CATEGORIES, Category};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/Usage/Records.json", list),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Usage/Records/{Period}.json", list),
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
        let tallies = usage::tallies(&tenant.core.ledger, first, last);
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
