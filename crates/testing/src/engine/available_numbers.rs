//! Numbers that can be bought: `/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers`.

pub(super) mod offers;
mod search;

use http::StatusCode;
use serde_json::{Map, Value, json};

use self::offers::Offer;
pub(super) use self::offers::Type;
use self::search::Search;
use super::countries::{self, Country};
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::route::{Asked, Route};
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers.json", list),
    Route::get("/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{Country}.json", fetch),
    Route::get("/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{Country}/{Type}.json", search),
];

/// Offers of one answer, unless the client wants fewer.
const MAX_OFFERS: usize = 30;

fn list(_: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let account = asked.name("AccountSid");
    let countries: Vec<Value> = countries::COUNTRIES.iter().map(|country| view(account, country)).collect();
    let body = json!({ "countries": countries, "uri": asked.request.path });
    Ok(FakeReply::json(StatusCode::OK, &body))
}

fn fetch(_: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let country = country(asked)?;
    Ok(FakeReply::json(StatusCode::OK, &view(asked.name("AccountSid"), country)))
}

/// No page and no link: a client that wants others asks otherwise.
fn search(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let country = country(asked)?;
    let kind = Type::of_path(asked.name("Type")).filter(|kind| offers::has(country.iso, *kind));
    let kind = kind.ok_or_else(|| asked.not_found())?;
    let search = Search::read(&asked.query)?;
    let free = |offer: &Offer| !tenant.numbers.owns(&offer.number) && search.finds(offer);
    let found = offers::of(country.iso, kind, search.area_code.as_deref()).filter(free);
    let found: Vec<Value> = found.take(search.limit(MAX_OFFERS)).map(|offer| offer.view()).collect();
    let uri = if asked.request.query.is_empty() {
        asked.request.path.clone()
    } else {
        format!("{}?{}", asked.request.path, asked.request.query)
    };
    Ok(FakeReply::json(StatusCode::OK, &json!({ "available_phone_numbers": found, "uri": uri })))
}

fn country(asked: &Asked<'_>) -> Result<&'static Country, Refusal> {
    countries::by_iso(asked.name("Country")).ok_or_else(|| asked.not_found())
}

fn view(account: &str, country: &Country) -> Value {
    let uri = format!("/2010-04-01/Accounts/{account}/AvailablePhoneNumbers/{}", country.iso);
    let types = Type::ALL.iter().filter(|kind| offers::has(country.iso, **kind));
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
