//! Numbers for sale: `/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers`.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::engine::available_numbers::{NumberType, Offer, Search, offers};
use crate::engine::countries::{self, Country};
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers.json", list),
    Route::get("/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{Country}.json", fetch),
    Route::get("/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{Country}/{Type}.json", search),
];

/// The most offers in an answer.
const MAX_OFFERS: usize = 30;

fn list(_: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let account = request.param("AccountSid");
    let countries: Vec<Value> = countries::COUNTRIES.iter().map(|country| view(account, country)).collect();
    let body = json!({ "countries": countries, "uri": request.raw.path });
    Ok(FakeReply::json(StatusCode::OK, &body))
}

fn fetch(_: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let country = country(request)?;
    Ok(FakeReply::json(StatusCode::OK, &view(request.param("AccountSid"), country)))
}

/// Answers with offers. As at Twilio there is one page only: for other numbers a client changes its search.
fn search(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let country = country(request)?;
    let kind = NumberType::of_path(request.param("Type")).filter(|kind| offers::has(country.iso, *kind));
    let kind = kind.ok_or_else(|| request.not_found())?;
    let search = Search::read(&request.query)?;
    let numbers = &tenant.senders.numbers;
    let free = |offer: &Offer| !numbers.owns(&offer.number) && search.finds(offer);
    let offered = numbers.for_sale().map(offers::foreign);
    let offered =
        offered.filter(|offer| offer.iso == country.iso && offer.kind == kind && search.is_in_area(offer));
    let found = offered.chain(offers::of(country.iso, kind, search.area_code.as_deref())).filter(free);
    let found: Vec<Value> = found.take(search.limit(MAX_OFFERS)).map(|offer| offer.view()).collect();
    let uri = if request.raw.query.is_empty() {
        request.raw.path.clone()
    } else {
        format!("{}?{}", request.raw.path, request.raw.query)
    };
    Ok(FakeReply::json(StatusCode::OK, &json!({ "available_phone_numbers": found, "uri": uri })))
}

fn country(request: &RoutedRequest<'_>) -> Result<&'static Country, Refusal> {
    countries::by_iso(request.param("Country")).ok_or_else(|| request.not_found())
}

fn view(account: &str, country: &Country) -> Value {
    let uri = format!("/2010-04-01/Accounts/{account}/AvailablePhoneNumbers/{}", country.iso);
    let types = NumberType::ALL.iter().filter(|kind| offers::has(country.iso, **kind));
    let subresources: Map<String, Value> =
        types.map(|kind| (kind.key().to_owned(), json!(format!("{uri}/{}.json", kind.path())))).collect();
    json!({
        "country_code": country.iso,
        "country": country.name,
        "beta": false,
        "uri": format!("{uri}.json"),
        "subresource_uris": subresources,
    })
}
