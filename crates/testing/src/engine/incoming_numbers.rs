//! Numbers of the account: `/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers`.

mod buy;
mod settings;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::available_numbers::Type;
use super::available_numbers::offers::{self, Offer};
use super::callbacks::Listener;
use super::clock::rfc2822;
use super::error::Answer;
use super::exchange::FakeReply;
use super::numbers::is_e164;
use super::page;
use super::route::{Asked, Route};
use super::settings::Settings;
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json", list),
    Route::post("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json", buy::buy),
    // `Local`, `Mobile` and `TollFree` look like a SID; the handlers tell them apart.
    Route::get("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json", fetch_or_list),
    Route::post("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json", update_or_buy),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json", release),
];

/// A number of the account.
pub(super) struct IncomingNumber {
    pub(super) number: String,
    kind: Type,
    capabilities: Value,
    address_requirements: &'static str,
    settings: Settings,
    created: Timestamp,
    updated: Timestamp,
}

fn fetch_or_list(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    if Type::of_path(asked.name("Sid")).is_some() { list(tenant, asked) } else { fetch(tenant, asked) }
}

fn update_or_buy(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    if Type::of_path(asked.name("Sid")).is_some() { buy::buy(tenant, asked) } else { update(tenant, asked) }
}

fn list(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let kind = Type::of_path(asked.name("Sid"));
    let query = &asked.query;
    let keep = |row: &IncomingNumber| {
        kind.is_none_or(|kind| row.kind == kind)
            && query.get("PhoneNumber").is_none_or(|pattern| contains(&row.number, pattern))
            && query.get("FriendlyName").is_none_or(|name| row.settings.text("friendly_name") == Some(name))
            // All are bought from Twilio, and none is new.
            && query.get("Origin").is_none_or(|origin| origin == "twilio")
    };
    let account = asked.name("AccountSid");
    page::list(asked, "incoming_phone_numbers", &tenant.incoming, keep, |sid, row| row.view(account, sid))
}

/// Is the pattern in the number? A `*` stands for one digit.
fn contains(number: &str, pattern: &str) -> bool {
    let (number, pattern) = (number.as_bytes(), pattern.as_bytes());
    let fits =
        |window: &[u8]| window.iter().zip(pattern).all(|(given, wanted)| *wanted == b'*' || given == wanted);
    pattern.is_empty() || number.windows(pattern.len()).any(fits)
}

fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    answer(tenant, asked, asked.name("Sid"), StatusCode::OK)
}

fn update(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    let now = tenant.clock.now();
    let row = tenant.incoming.get_mut(sid).ok_or_else(|| asked.not_found())?;
    row.settings.take(&asked.form, 20001)?;
    settings::settle(&mut row.settings, &asked.form);
    row.updated = now;
    answer(tenant, asked, sid, StatusCode::OK)
}

fn release(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    let row = tenant.incoming.remove(sid).ok_or_else(|| asked.not_found())?;
    tenant.numbers.disown(&row.number);
    tenant.leave_services(sid);
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

fn answer(tenant: &Tenant, asked: &Asked<'_>, sid: &str, status: StatusCode) -> Answer {
    let row = tenant.incoming.get(sid).ok_or_else(|| asked.not_found())?;
    Ok(FakeReply::json(status, &row.view(asked.name("AccountSid"), sid)))
}

impl IncomingNumber {
    fn new(offer: &Offer, now: Timestamp) -> Self {
        let mut settings = Settings::of(settings::FIELDS);
        settings.set("friendly_name", &offer.friendly_name());
        Self {
            number: offer.number.clone(),
            kind: offer.kind,
            capabilities: offer.capabilities(),
            address_requirements: offer.address,
            settings,
            created: now,
            updated: now,
        }
    }

    /// The words of what it can do, as messaging services list them.
    pub(super) fn abilities(&self) -> Vec<&'static str> {
        let can = |key: &str| self.capabilities.get(key).and_then(Value::as_bool).unwrap_or_default();
        [("mms", "MMS"), ("sms", "SMS"), ("voice", "Voice")]
            .into_iter()
            .filter(|(key, _)| can(key))
            .map(|(_, word)| word)
            .collect()
    }

    fn view(&self, account: &str, sid: &str) -> Value {
        self.settings.write(json!({
            "sid": sid,
            "account_sid": account,
            "api_version": "2010-04-01",
            "phone_number": self.number,
            "capabilities": self.capabilities,
            "address_requirements": self.address_requirements,
            "beta": false,
            "origin": "twilio",
            "status": "in-use",
            "type": self.kind.word(),
            "emergency_address_status": "unregistered",
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "uri": format!("/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{sid}.json"),
        }))
    }
}

impl Tenant {
    /// Gives the account a sender. A telephone number is listed; a short code sends only.
    pub(crate) fn own_number(&mut self, number: &str) {
        self.numbers.own(number);
        if is_e164(number) && self.incoming_of(number).is_none() {
            let sid = self.sids.next("PN");
            self.list_number(&sid, number);
        }
    }

    /// Lists a number among the account's.
    pub(super) fn list_number(&mut self, sid: &str, number: &str) {
        let offer = offers::find(number).unwrap_or_else(|| offers::foreign(number));
        let row = IncomingNumber::new(&offer, self.clock.now());
        self.incoming.insert(sid, row);
    }

    /// What a number of the account's asks for with one of its URLs.
    pub(super) fn number_listener(&self, number: &str, url: &str, method: &str) -> Option<Listener> {
        self.incoming.get(&self.incoming_of(number)?)?.settings.listener(url, method)
    }

    /// Sets the URL of a number. Is the number one of the account's?
    pub(crate) fn set_number_url(&mut self, number: &str, key: &str, url: &str) -> bool {
        let sid = self.incoming_of(number).unwrap_or_default();
        self.incoming.get_mut(&sid).map(|row| row.settings.set(key, url)).is_some()
    }

    /// Finds the SID of a number of the account's.
    pub(crate) fn incoming_of(&self, number: &str) -> Option<String> {
        self.incoming.iter().find(|(_, row)| row.number == number).map(|(sid, _)| sid.to_owned())
    }
}
