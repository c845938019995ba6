//! `price`: what texts, calls and numbers cost in a country, and the price list of dry runs.

use clap::Subcommand;
use futures_util::stream;
use serde::Serialize;
use switchboard::phone::Country;
use switchboard::sms::PriceList;
use switchboard::twilio::TwilioAccount;
use switchboard::twilio::prices::{NumberPrice, NumberPrices, SmsPrices, VoicePrices};
use switchboard::twilio::value::Amount;
use switchboard::{ErrorCode, ProviderError};

use crate::context::Context;
use crate::failure::Failure;
use crate::price;
use crate::record::own_record;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what the account pays in a country
    Show {
        /// The country, two letters: US, GB
        country: String,
    },
    /// Keep the prices of texts, for dry runs; without a country, those that are kept are read again
    Refresh {
        /// The countries, two letters each: US, GB
        countries: Vec<String>,
    },
}

/// One price.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    country: String,
    /// What is paid for.
    product: &'static str,
    unit: &'static str,
    /// The kind of own number.
    kind: Option<String>,
    /// The carrier, or the numbers with certain digits, to which it goes.
    destination: Option<String>,
    price: Option<String>,
    list_price: Option<String>,
    currency: Option<String>,
}

own_record!(Row, open: true {
    "COUNTRY" = "country", "FOR" = "product", "KIND" = "kind", "TO" = "destination", "PRICE" = "price",
    "CURRENCY" = "currency", "A" = "unit",
}, more: ["listPrice"]);

/// What was kept for dry runs.
#[derive(Debug, Serialize)]
struct Kept {
    countries: Vec<String>,
    prices: usize,
    currency: String,
    file: String,
}

own_record!(Kept { "COUNTRIES" = "countries", "PRICES" = "prices", "CURRENCY" = "currency", "FILE" = "file" });

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Show { country } => show(context, &country).await,
        Command::Refresh { countries } => refresh(context, countries).await,
    }
}

fn parsed(country: &str) -> Result<Country, Failure> {
    Country::parse(country).map_err(|error| Failure::usage(format!("COUNTRY: {error}")))
}

async fn show(context: &Context, country: &str) -> Result<(), Failure> {
    context.out.check_fields::<Row>()?;
    let country = parsed(country)?;
    let prices = context.account().await?.prices();
    let mut rows = Vec::new();
    if let Some(texts) = there(prices.sms(country.as_str()).await)? {
        rows.extend(of_texts(country, texts));
    }
    if let Some(calls) = there(prices.voice(country.as_str()).await)? {
        rows.extend(of_calls(country, calls));
    }
    if let Some(numbers) = there(prices.numbers(country.as_str()).await)? {
        rows.extend(of_numbers(country, numbers));
    }
    let empty = format!("Twilio has no prices for {country}");
    context.out.list(stream::iter(rows.into_iter().map(Ok::<_, Failure>)), &empty).await
}

/// A product that a country does not have is not found.
fn there<T>(prices: Result<T, ProviderError>) -> Result<Option<T>, ProviderError> {
    match prices {
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        prices => prices.map(Some),
    }
}

fn text(amount: Option<Amount>) -> Option<String> {
    amount.as_ref().map(price::written)
}

fn row(country: Country, product: &'static str, unit: &'static str, price: NumberPrice) -> Row {
    Row {
        country: country.to_string(),
        product,
        unit,
        kind: price.number_type,
        destination: None,
        price: text(price.current_price),
        list_price: text(price.base_price),
        currency: None,
    }
}

fn of_texts(country: Country, prices: SmsPrices) -> Vec<Row> {
    let currency = prices.price_unit;
    let mut rows = Vec::new();
    for carrier in prices.outbound.into_iter().flatten() {
        for price in carrier.prices.into_iter().flatten() {
            let destination = carrier.carrier.clone();
            rows.push(Row { destination, ..row(country, "text sent", "segment", price) });
        }
    }
    let received = prices.inbound.into_iter().flatten();
    rows.extend(received.map(|price| row(country, "text received", "segment", price)));
    in_currency(rows, &currency)
}

fn of_calls(country: Country, prices: VoicePrices) -> Vec<Row> {
    let currency = prices.price_unit;
    let mut rows = Vec::new();
    for prefix in prices.outbound.into_iter().flatten() {
        let price = NumberPrice::default();
        rows.push(Row {
            destination: prefix.friendly_name,
            price: text(prefix.current_price),
            list_price: text(prefix.base_price),
            ..row(country, "call made", "minute", price)
        });
    }
    let received = prices.inbound.into_iter().flatten();
    rows.extend(received.map(|price| row(country, "call received", "minute", price)));
    in_currency(rows, &currency)
}

fn of_numbers(country: Country, prices: NumberPrices) -> Vec<Row> {
    let rows = prices.prices.into_iter().flatten().map(|price| row(country, "number", "month", price));
    in_currency(rows.collect(), &prices.price_unit)
}

fn in_currency(mut rows: Vec<Row>, currency: &Option<String>) -> Vec<Row> {
    rows.iter_mut().for_each(|row| row.currency.clone_from(currency));
    rows
}

async fn refresh(context: &Context, countries: Vec<String>) -> Result<(), Failure> {
    context.out.check_fields::<Kept>()?;
    let kept = price::known(None)?;
    let countries = match (&kept, countries.is_empty()) {
        (Some(kept), true) => {
            let mut all: Vec<String> = kept.iter().map(|(country, ..)| country.to_owned()).collect();
            all.dedup();
            all
        }
        _ => countries,
    };
    if countries.is_empty() {
        return Err(Failure::usage("COUNTRY: no prices are kept yet, so say of which countries")
            .todo("for instance `switchboard price refresh US GB`"));
    }
    let countries = countries.iter().map(|country| parsed(country)).collect::<Result<Vec<_>, _>>()?;
    let (list, read) = fetched(&context.account().await?, kept, &countries).await?;
    let kept = Kept {
        file: price::keep(&list)?.display().to_string(),
        countries: countries.iter().map(Country::to_string).collect(),
        prices: read,
        currency: list.currency().to_owned(),
    };
    let many = if read == 1 { "price" } else { "prices" };
    let sentence = format!("{read} {many} of {} are kept in {}", kept.countries.join(", "), kept.file);
    context.out.done(&sentence, &kept)
}

/// The list with the prices of these countries as they are now. Prices of kinds that Twilio does not list, such as those that a
/// person has added for pictures, stay.
async fn fetched(
    account: &TwilioAccount,
    kept: Option<PriceList>,
    countries: &[Country],
) -> Result<(PriceList, usize), Failure> {
    let (mut list, mut read) = (None::<PriceList>, 0);
    for country in countries {
        let prices = account.prices().sms(country.as_str()).await;
        let prices = prices.map_err(|error| Failure::from(error).while_doing(country.as_str()))?;
        let currency = prices.price_unit.clone().unwrap_or_default();
        read += prices.add_to(list.get_or_insert_with(|| PriceList::new(currency)))?;
    }
    let mut list = list.unwrap_or_else(|| PriceList::new("USD"));
    let Some(kept) = kept else { return Ok((list, read)) };
    if !kept.currency().eq_ignore_ascii_case(list.currency()) {
        return Err(Failure::usage(format!(
            "the prices of this account are in {}, but those that are kept are in {}",
            list.currency(),
            kept.currency()
        ))
        .todo("delete the file of prices first, if this account is the one for dry runs"));
    }
    for (country, kind, price) in kept.iter() {
        if list.segment(country, kind).is_none() {
            list.set(country, kind, price);
        }
    }
    Ok((list, read))
}
