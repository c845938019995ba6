//! Prices by country: `/v1/Messaging`, `/v1/Voice`, `/v2/Voice`, `/v1/PhoneNumbers`.

use http::StatusCode;
use serde_json::{Value, json};

use super::available_numbers::{Type, offers};
use super::countries::{self, COUNTRIES, Country};
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::ledger::amount;
use super::page;
use super::route::{Asked, Route};
use super::shelf::Shelf;
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/v1/Messaging/Countries", list),
    Route::get("/v1/Messaging/Countries/{Iso}", messaging),
    Route::get("/v1/Voice/Countries", list),
    Route::get("/v1/Voice/Countries/{Iso}", voice),
    Route::get("/v2/Voice/Countries", list),
    Route::get("/v2/Voice/Countries/{Iso}", voice),
    Route::get("/v2/Voice/Numbers/{Number}", number),
    Route::get("/v1/PhoneNumbers/Countries", list),
    Route::get("/v1/PhoneNumbers/Countries/{Iso}", phone_numbers),
];

fn list(_: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let mut rows = Shelf::default();
    for country in COUNTRIES.iter().rev() {
        rows.insert(country.iso, country);
    }
    let view = |iso: &str, country: &&Country| {
        let url = asked.url(&format!("{}/{iso}", asked.request.path));
        json!({ "country": country.name, "iso_country": iso, "url": url })
    };
    page::meta(asked, "countries", &rows, |_| true, view)
}

fn messaging(_: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let country = country(asked)?;
    let (sms_in, sms_out) = (country.prices.sms_in, country.prices.sms_out);
    let carrier = |name: &str, mcc: &str, mnc: &str| {
        let prices = [price("local", sms_out), price("toll-free", sms_out)];
        json!({ "carrier": name, "mcc": mcc, "mnc": mnc, "prices": prices })
    };
    answer(
        asked,
        country,
        json!({
            "inbound_sms_prices": [price("local", sms_in), price("toll-free", sms_in)],
            "outbound_sms_prices": [
                carrier("Example Wireless", "310", "260"),
                carrier("Other", "310", "000"),
            ],
        }),
    )
}

/// The two versions differ in one word.
fn voice(_: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let country = country(asked)?;
    let call_out = amount(country.prices.call_out);
    let name = format!("Programmable Outbound Minute - {}", country.name);
    let prefixes = if asked.request.path.starts_with("/v1/") {
        json!([{
            "prefixes": [country.calling_code],
            "friendly_name": name,
            "base_price": call_out,
            "current_price": call_out,
        }])
    } else {
        json!([{
            "destination_prefixes": [country.calling_code],
            "origination_prefixes": ["ALL"],
            "friendly_name": name,
            "base_price": call_out,
            "current_price": call_out,
        }])
    };
    answer(
        asked,
        country,
        json!({
            "inbound_call_prices": [price("local", country.prices.call_in)],
            "outbound_prefix_prices": prefixes,
        }),
    )
}

fn number(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let number = asked.name("Number");
    let digits = number.strip_prefix('+').unwrap_or(number);
    let country = countries::of_digits(digits).ok_or_else(|| asked.not_found())?;
    let inbound = tenant.numbers.owns(number).then_some(country.prices.call_in).map(amount);
    let outbound = amount(country.prices.call_out);
    let body = json!({
        "destination_number": number,
        "origination_number": asked.query.get("OriginationNumber"),
        "inbound_call_price": {
            "base_price": inbound,
            "current_price": inbound,
            "number_type": inbound.is_some().then_some("local"),
        },
        "outbound_call_prices": [{
            "base_price": outbound,
            "current_price": outbound,
            "origination_prefixes": ["ALL"],
        }],
    });
    answer(asked, country, body)
}

fn phone_numbers(_: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let country = country(asked)?;
    let types = [(Type::Local, "local"), (Type::TollFree, "toll free"), (Type::Mobile, "mobile")];
    let sold = types.into_iter().filter(|(kind, _)| offers::has(country.iso, *kind));
    let prices: Vec<Value> = sold.map(|(_, word)| price(word, country.prices.number)).collect();
    answer(asked, country, json!({ "phone_number_prices": prices }))
}

fn country(asked: &Asked<'_>) -> Result<&'static Country, Refusal> {
    countries::by_iso(asked.name("Iso")).ok_or_else(|| asked.not_found())
}

fn price(number_type: &str, price: u64) -> Value {
    let price = amount(price);
    json!({ "number_type": number_type, "base_price": price, "current_price": price })
}

/// Answers with what all prices have in common.
fn answer(asked: &Asked<'_>, country: &Country, mut body: Value) -> Answer {
    if let Some(fields) = body.as_object_mut() {
        fields.insert("country".to_owned(), json!(country.name));
        fields.insert("iso_country".to_owned(), json!(country.iso));
        fields.insert("price_unit".to_owned(), json!("USD"));
        fields.insert("url".to_owned(), json!(asked.url(&asked.request.path)));
    }
    Ok(FakeReply::json(StatusCode::OK, &body))
}
