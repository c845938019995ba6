//! Prices by country: `/v1/Messaging`, `/v1/Voice`, `/v2/Voice`, `/v1/PhoneNumbers`.

use http::StatusCode;
use serde_json::{Value, json};

use crate::engine::available_numbers::{NumberType, offers};
use crate::engine::countries::{self, COUNTRIES, Country};
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::ledger::amount;
use crate::engine::page::{self, ListFormat};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

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

fn list(_: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let mut rows = Table::default();
    for country in COUNTRIES.iter().rev() {
        rows.insert(country.iso, country);
    }
    let view = |iso: &str, country: &&Country| {
        let url = request.url(&format!("{}/{iso}", request.raw.path));
        json!({ "country": country.name, "iso_country": iso, "url": url })
    };
    page::list(request, ListFormat::Meta, "countries", &rows, |_| true, view)
}

fn messaging(_: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let country = country(request)?;
    let (sms_in, sms_out) = (country.prices.sms_in, country.prices.sms_out);
    let carrier = |name: &str, mcc: &str, mnc: &str| {
        let prices = [price("local", sms_out), price("toll-free", sms_out)];
        json!({ "carrier": name, "mcc": mcc, "mnc": mnc, "prices": prices })
    };
    answer(
        request,
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

/// Answers with voice prices. In version 2 the prefixes have another name, and there are those of the caller, too.
fn voice(_: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let country = country(request)?;
    let call_out = amount(country.prices.call_out);
    let name = format!("Programmable Outbound Minute - {}", country.name);
    let prefixes = if request.raw.path.starts_with("/v1/") {
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
        request,
        country,
        json!({
            "inbound_call_prices": [price("local", country.prices.call_in)],
            "outbound_prefix_prices": prefixes,
        }),
    )
}

fn number(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let number = request.param("Number");
    let digits = number.strip_prefix('+').unwrap_or(number);
    let country = countries::of_digits(digits).ok_or_else(|| request.not_found())?;
    let inbound = tenant.senders.numbers.owns(number).then_some(country.prices.call_in).map(amount);
    let outbound = amount(country.prices.call_out);
    let body = json!({
        "destination_number": number,
        "origination_number": request.query.get("OriginationNumber"),
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
    answer(request, country, body)
}

fn phone_numbers(_: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let country = country(request)?;
    let types =
        [(NumberType::Local, "local"), (NumberType::TollFree, "toll free"), (NumberType::Mobile, "mobile")];
    let sold = types.into_iter().filter(|(kind, _)| offers::has(country.iso, *kind));
    let prices: Vec<Value> = sold.map(|(_, word)| price(word, country.prices.number)).collect();
    answer(request, country, json!({ "phone_number_prices": prices }))
}

fn country(request: &RoutedRequest<'_>) -> Result<&'static Country, Refusal> {
    countries::by_iso(request.param("Iso")).ok_or_else(|| request.not_found())
}

fn price(number_type: &str, price: u64) -> Value {
    let price = amount(price);
    json!({ "number_type": number_type, "base_price": price, "current_price": price })
}

/// Adds the fields that all prices have.
fn answer(request: &RoutedRequest<'_>, country: &Country, mut body: Value) -> HandlerResult {
    if let Some(fields) = body.as_object_mut() {
        fields.insert("country".to_owned(), json!(country.name));
        fields.insert("iso_country".to_owned(), json!(country.iso));
        fields.insert("price_unit".to_owned(), json!("USD"));
        fields.insert("url".to_owned(), json!(request.url(&request.raw.path)));
    }
    Ok(FakeReply::json(StatusCode::OK, &body))
}
