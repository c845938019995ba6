//! Lookup of a number: `/v2/PhoneNumbers/{Number}`.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::engine::countries;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::ledger::Item;
use crate::engine::lookups::number::ParsedNumber;
use crate::engine::lookups::packages::PACKAGES;
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[Route::get("/v2/PhoneNumbers/{Number}*", fetch)];

/// In 1/100000 of a dollar, for each package.
const PRICE: u64 = 800;

fn fetch(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let wanted = wanted(request)?;
    let given = request.param("Number");
    let parsed = ParsedNumber::read(given, request.query.get("CountryCode"));
    let number = parsed.number.clone();
    let mut body = basics(&parsed);
    let table = tenant.lookups.get(&number);
    for (name, package) in PACKAGES {
        let known = table.and_then(|table| table.get(*name));
        let shown = wanted.contains(name).then(|| match known {
            Some(known) => with_error_code(known.clone()),
            None => package(&request.query),
        });
        body.insert((*name).to_owned(), shown.filter(|_| parsed.valid).unwrap_or(Value::Null));
    }
    for (key, value) in table.into_iter().flatten() {
        if !PACKAGES.iter().any(|(name, _)| name == key) {
            body.insert(key.clone(), value.clone());
        }
    }
    body.insert("url".to_owned(), json!(request.url(&format!("/v2/PhoneNumbers/{number}"))));
    let billed = wanted.iter().filter(|name| **name != "validation").count() as u64;
    if billed > 0 {
        tenant.core.ledger.bill(tenant.core.now(), Item::Lookup, billed, billed * PRICE);
    }
    Ok(FakeReply::json(StatusCode::OK, &Value::Object(body)))
}

/// Returns the packages that the client asks for.
fn wanted<'a>(request: &'a RoutedRequest<'_>) -> Result<Vec<&'a str>, Refusal> {
    let fields = request.query.get("Fields").unwrap_or_default();
    let wanted: Vec<&str> = fields.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let known = |name: &str| name == "validation" || PACKAGES.iter().any(|(package, _)| *package == name);
    match wanted.iter().find(|name| !known(name)) {
        Some(unknown) => {
            Err(Refusal::bad_request(20001, format!("Invalid parameter: Fields has an unknown {unknown}")))
        }
        None => Ok(wanted),
    }
}

/// Adds the error code that every package has.
fn with_error_code(mut package: Value) -> Value {
    if let Some(fields) = package.as_object_mut() {
        fields.entry("error_code").or_insert(Value::Null);
    }
    package
}

/// Returns the fields that every lookup has.
fn basics(parsed: &ParsedNumber) -> Map<String, Value> {
    let digits = parsed.number.trim_start_matches('+');
    let country = countries::of_digits(digits).filter(|_| parsed.valid);
    let body = json!({
        "calling_country_code": country.map(|country| country.calling_code),
        "country_code": country.map(|country| country.iso),
        "phone_number": parsed.number,
        "national_format": country.map(|country| countries::national(country, digits)),
        "valid": parsed.valid,
        "validation_errors": parsed.error.map(|error| vec![error]),
    });
    match body {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}
