//! Lookup: what is known of a number, `/v2/PhoneNumbers/{Number}`.

mod packages;
mod shape;

use std::collections::HashMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use self::packages::PACKAGES;
use self::shape::Shape;
use super::countries;
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::ledger::Item;
use super::route::{Asked, Route};
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[Route::get("/v2/PhoneNumbers/{Number}*", fetch)];

/// In 1/100000 of a dollar, for each package.
const PRICE: u64 = 800;

/// What a test wants to be known of a number.
#[derive(Default)]
pub(super) struct Lookups(HashMap<String, Map<String, Value>>);

fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let wanted = wanted(asked)?;
    let given = asked.name("Number");
    let shape = Shape::read(given, asked.query.get("CountryCode"));
    let number = shape.number.clone();
    let mut body = shape.view();
    let table = tenant.lookups.0.get(&number);
    for (name, package) in PACKAGES {
        let known = table.and_then(|table| table.get(*name));
        let shown = wanted.contains(name).then(|| match known {
            Some(known) => with_error_code(known.clone()),
            None => package(&asked.query),
        });
        body.insert((*name).to_owned(), shown.filter(|_| shape.valid).unwrap_or(Value::Null));
    }
    for (key, value) in table.into_iter().flatten() {
        if !PACKAGES.iter().any(|(name, _)| name == key) {
            body.insert(key.clone(), value.clone());
        }
    }
    body.insert("url".to_owned(), json!(asked.url(&format!("/v2/PhoneNumbers/{number}"))));
    let billed = wanted.iter().filter(|name| **name != "validation").count() as u64;
    if billed > 0 {
        tenant.ledger.bill(tenant.clock.now(), Item::Lookup, billed, billed * PRICE);
    }
    Ok(FakeReply::json(StatusCode::OK, &Value::Object(body)))
}

/// Reads which packages are wanted.
fn wanted<'a>(asked: &'a Asked<'_>) -> Result<Vec<&'a str>, Refusal> {
    let fields = asked.query.get("Fields").unwrap_or_default();
    let wanted: Vec<&str> = fields.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let known = |name: &str| name == "validation" || PACKAGES.iter().any(|(package, _)| *package == name);
    match wanted.iter().find(|name| !known(name)) {
        Some(unknown) => {
            Err(Refusal::bad(20001, format!("Invalid parameter: Fields has an unknown {unknown}")))
        }
        None => Ok(wanted),
    }
}

/// A package says for itself whether it failed.
fn with_error_code(mut package: Value) -> Value {
    if let Some(fields) = package.as_object_mut() {
        fields.entry("error_code").or_insert(Value::Null);
    }
    package
}

impl Shape {
    fn view(&self) -> Map<String, Value> {
        let digits = self.number.trim_start_matches('+');
        let country = countries::of_digits(digits).filter(|_| self.valid);
        let body = json!({
            "calling_country_code": country.map(|country| country.calling_code),
            "country_code": country.map(|country| country.iso),
            "phone_number": self.number,
            "national_format": country.map(|country| countries::national(country, digits)),
            "valid": self.valid,
            "validation_errors": self.error.map(|error| vec![error]),
        });
        match body {
            Value::Object(body) => body,
            _ => Map::new(),
        }
    }
}

impl Tenant {
    /// Sets what is known of a number. Is it an object?
    pub(crate) fn set_lookup(&mut self, number: &str, answer: Value) -> bool {
        let Value::Object(answer) = answer else { return false };
        self.lookups.0.insert(number.to_owned(), answer);
        true
    }
}
