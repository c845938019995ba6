//! Messaging services and their numbers: `/v1/Services`.

mod numbers;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::callbacks::Listener;
use super::clock::iso8601;
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::page;
use super::route::{Asked, Route};
use super::settings::{Field, Kind, Settings, field, method};
use super::sid::mix;
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/v1/Services", list),
    Route::post("/v1/Services", create),
    Route::get("/v1/Services/{Sid}", fetch),
    Route::post("/v1/Services/{Sid}", update),
    Route::delete("/v1/Services/{Sid}", delete),
    Route::get("/v1/Services/{ServiceSid}/PhoneNumbers", numbers::list),
    Route::post("/v1/Services/{ServiceSid}/PhoneNumbers", numbers::add),
    Route::get("/v1/Services/{ServiceSid}/PhoneNumbers/{Sid}", numbers::fetch),
    Route::delete("/v1/Services/{ServiceSid}/PhoneNumbers/{Sid}", numbers::remove),
];

const FIELDS: &[Field] = &[
    field("FriendlyName", "friendly_name", Kind::Text(None, 64)),
    field("InboundRequestUrl", "inbound_request_url", Kind::Url(None)),
    method("InboundMethod", "inbound_method"),
    field("FallbackUrl", "fallback_url", Kind::Url(None)),
    method("FallbackMethod", "fallback_method"),
    field("StatusCallback", "status_callback", Kind::Url(None)),
    field("StickySender", "sticky_sender", Kind::Flag(true)),
    field("MmsConverter", "mms_converter", Kind::Flag(true)),
    field("SmartEncoding", "smart_encoding", Kind::Flag(true)),
    field(
        "ScanMessageContent",
        "scan_message_content",
        Kind::Word("inherit", &["inherit", "enable", "disable"]),
    ),
    field("FallbackToLongCode", "fallback_to_long_code", Kind::Flag(true)),
    field("AreaCodeGeomatch", "area_code_geomatch", Kind::Flag(true)),
    field("ValidityPeriod", "validity_period", Kind::Number(Some(36_000), 1..=36_000)),
    field("SynchronousValidation", "synchronous_validation", Kind::Flag(false)),
    field("Usecase", "usecase", Kind::Text(Some("undeclared"), 64)),
    field("UseInboundWebhookOnNumber", "use_inbound_webhook_on_number", Kind::Flag(false)),
];

/// A messaging service as the fake keeps it.
pub(super) struct MessagingService {
    settings: Settings,
    /// The SIDs of its numbers, each with the time it was added.
    numbers: Vec<(String, Timestamp)>,
    /// Does it answer keywords itself, and say so?
    advanced_opt_out: bool,
    created: Timestamp,
    updated: Timestamp,
}

fn list(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let account = tenant.account_sid();
    page::meta(
        asked,
        "services",
        &tenant.services,
        |_| true,
        |sid, service| service.view(asked, account, sid),
    )
}

fn create(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    if asked.form.get("FriendlyName").is_none() {
        return Err(Refusal::bad(20001, "A FriendlyName is required"));
    }
    let mut settings = Settings::of(FIELDS);
    settings.take(&asked.form, 20001)?;
    let now = tenant.clock.now();
    let sid = tenant.sids.next("MG");
    let service = MessagingService {
        settings,
        numbers: Vec::new(),
        advanced_opt_out: false,
        created: now,
        updated: now,
    };
    tenant.services.insert(&sid, service);
    answer(tenant, asked, &sid, StatusCode::CREATED)
}

fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    answer(tenant, asked, asked.name("Sid"), StatusCode::OK)
}

fn update(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    let now = tenant.clock.now();
    let service = tenant.services.get_mut(sid).ok_or_else(|| asked.not_found())?;
    service.settings.take(&asked.form, 20001)?;
    service.updated = now;
    answer(tenant, asked, sid, StatusCode::OK)
}

fn delete(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    tenant.services.remove(asked.name("Sid")).ok_or_else(|| asked.not_found())?;
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

fn answer(tenant: &Tenant, asked: &Asked<'_>, sid: &str, status: StatusCode) -> Answer {
    let service = tenant.services.get(sid).ok_or_else(|| asked.not_found())?;
    Ok(FakeReply::json(status, &service.view(asked, tenant.account_sid(), sid)))
}

impl MessagingService {
    pub(super) fn has_advanced_opt_out(&self) -> bool {
        self.advanced_opt_out
    }

    /// Where it wants to hear of messages to its numbers, and where else when that fails; `None` leaves it to them.
    pub(super) fn webhooks(&self) -> Option<[Option<Listener>; 2]> {
        let on_number = self.settings.flag("use_inbound_webhook_on_number");
        let listeners = [("inbound_request_url", "inbound_method"), ("fallback_url", "fallback_method")];
        (!on_number).then(|| listeners.map(|(url, method)| self.settings.listener(url, method)))
    }

    fn view(&self, asked: &Asked<'_>, account: &str, sid: &str) -> Value {
        let url = asked.url(&format!("/v1/Services/{sid}"));
        self.settings.write(json!({
            "sid": sid,
            "account_sid": account,
            "us_app_to_person_registered": false,
            "date_created": iso8601(self.created),
            "date_updated": iso8601(self.updated),
            "links": links(&url),
            "url": url,
        }))
    }
}

fn links(url: &str) -> Map<String, Value> {
    [
        ("phone_numbers", "PhoneNumbers"),
        ("short_codes", "ShortCodes"),
        ("alpha_senders", "AlphaSenders"),
        ("messages", "Messages"),
        ("us_app_to_person", "Compliance/Usa2p"),
        ("us_app_to_person_usecases", "Compliance/Usa2p/Usecases"),
        ("channel_senders", "ChannelSenders"),
        ("destination_alpha_senders", "DestinationAlphaSenders"),
    ]
    .into_iter()
    .map(|(key, path)| (key.to_owned(), json!(format!("{url}/{path}"))))
    .collect()
}

/// What a message that names a service gets from it.
pub(super) enum Pool {
    /// The fake does not know the service: it has every number.
    Unknown,
    /// It knows the service, and there is nothing to send from.
    Empty,
    /// One of its numbers, always the same one for the same recipient.
    Number(String),
}

impl Tenant {
    /// Picks the number of a service for a recipient.
    pub(super) fn pick_sender(&self, service: &str, to: &str) -> Pool {
        let Some(service) = self.services.get(service) else { return Pool::Unknown };
        let seed = to.bytes().fold(0, |seed, byte| mix(seed ^ u64::from(byte)));
        let count = service.numbers.len().max(1) as u64;
        let picked = usize::try_from(seed % count).unwrap_or(0);
        let number = service.numbers.get(picked).and_then(|(sid, _)| self.incoming.get(sid));
        number.map_or(Pool::Empty, |row| Pool::Number(row.number.clone()))
    }

    /// Where a service wants to hear of its messages.
    pub(super) fn service_callback(&self, service: &str) -> Option<String> {
        let callback = self.services.get(service)?.settings.text("status_callback")?;
        Some(callback.to_owned()).filter(|url| !url.is_empty())
    }

    /// The service that a number of the account's is in.
    pub(super) fn service_of(&self, number: &str) -> Option<(&str, &MessagingService)> {
        let sid = self.incoming_of(number)?;
        self.services.iter().find(|(_, service)| service.numbers.iter().any(|(other, _)| *other == sid))
    }

    /// The numbers that share what somebody says to one of them: its service's, or it alone.
    pub(super) fn siblings(&self, number: &str) -> Vec<String> {
        let Some((_, service)) = self.service_of(number) else { return vec![number.to_owned()] };
        let rows = service.numbers.iter().filter_map(|(sid, _)| self.incoming.get(sid));
        rows.map(|row| row.number.clone()).collect()
    }

    /// Lets a service answer keywords itself, and say so to the webhook. Is there such a service?
    pub(crate) fn use_advanced_opt_out(&mut self, sid: &str) -> bool {
        self.services.get_mut(sid).map(|service| service.advanced_opt_out = true).is_some()
    }

    /// A number that was released is in no service any more.
    pub(super) fn leave_services(&mut self, number_sid: &str) {
        self.services.each_mut(|service| service.numbers.retain(|(sid, _)| sid != number_sid));
    }
}
