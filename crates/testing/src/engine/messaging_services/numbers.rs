//! The numbers of a messaging service.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::MessagingService;
use crate::engine::clock::iso8601;
use crate::engine::countries;
use crate::engine::error::{Answer, Refusal};
use crate::engine::exchange::FakeReply;
use crate::engine::page;
use crate::engine::route::Asked;
use crate::engine::shelf::Shelf;
use crate::engine::tenant::Tenant;

pub(super) fn list(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let mut rows = Shelf::default();
    for (sid, added) in &service(tenant, asked)?.numbers {
        rows.insert(sid, *added);
    }
    page::meta(asked, "phone_numbers", &rows, |_| true, |sid, added| view(tenant, asked, sid, *added))
}

pub(super) fn add(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    service(tenant, asked)?;
    let sid = asked.form.get("PhoneNumberSid");
    let sid = sid.ok_or_else(|| Refusal::bad(20001, "A PhoneNumberSid is required"))?;
    if tenant.incoming.get(sid).is_none() {
        let message = format!("The PhoneNumberSid {sid} is none of the account's");
        return Err(Refusal::new(StatusCode::NOT_FOUND, 20404, message));
    }
    let taken = tenant.services.iter().find(|(_, other)| other.has(sid)).map(|(sid, _)| sid.to_owned());
    match taken {
        Some(other) if other == asked.name("ServiceSid") => {
            return Err(Refusal::new(StatusCode::CONFLICT, 21710, "The number is in the service already"));
        }
        Some(_) => {
            return Err(Refusal::new(StatusCode::CONFLICT, 21712, "The number is in another service"));
        }
        None => {}
    }
    let now = tenant.clock.now();
    if let Some(service) = tenant.services.get_mut(asked.name("ServiceSid")) {
        service.numbers.push((sid.to_owned(), now));
    }
    Ok(FakeReply::json(StatusCode::CREATED, &view(tenant, asked, sid, now)))
}

pub(super) fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    let found = service(tenant, asked)?.numbers.iter().find(|(number, _)| number == sid);
    let (_, added) = found.ok_or_else(|| asked.not_found())?;
    Ok(FakeReply::json(StatusCode::OK, &view(tenant, asked, sid, *added)))
}

pub(super) fn remove(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    if !service(tenant, asked)?.has(sid) {
        return Err(asked.not_found());
    }
    if let Some(service) = tenant.services.get_mut(asked.name("ServiceSid")) {
        service.numbers.retain(|(number, _)| number != sid);
    }
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

fn service<'e>(tenant: &'e Tenant, asked: &Asked<'_>) -> Result<&'e MessagingService, Refusal> {
    tenant.services.get(asked.name("ServiceSid")).ok_or_else(|| asked.not_found())
}

impl MessagingService {
    fn has(&self, number_sid: &str) -> bool {
        self.numbers.iter().any(|(sid, _)| sid == number_sid)
    }
}

fn view(tenant: &Tenant, asked: &Asked<'_>, sid: &str, added: Timestamp) -> Value {
    let service = asked.name("ServiceSid");
    let row = tenant.incoming.get(sid);
    let number = row.map_or("", |row| row.number.as_str());
    json!({
        "sid": sid,
        "account_sid": tenant.account_sid(),
        "service_sid": service,
        "phone_number": number,
        "country_code": countries::of_digits(number.trim_start_matches('+')).map(|country| country.iso),
        "capabilities": row.map(|row| row.abilities()).unwrap_or_default(),
        "date_created": iso8601(added),
        "date_updated": iso8601(added),
        "url": asked.url(&format!("/v1/Services/{service}/PhoneNumbers/{sid}")),
    })
}
