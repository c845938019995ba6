//! Messaging services: their settings, and the numbers that they send from.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::campaigns::Campaign;
use super::clock::iso8601;
use super::request::RoutedRequest;
use super::settings::{Field, FieldKind, Settings, field, method};
use super::table::Table;
use super::webhook::Endpoint;

pub(super) const FIELDS: &[Field] = &[
    field("FriendlyName", "friendly_name", FieldKind::Text(None, 64)),
    field("InboundRequestUrl", "inbound_request_url", FieldKind::Url(None)),
    method("InboundMethod", "inbound_method"),
    field("FallbackUrl", "fallback_url", FieldKind::Url(None)),
    method("FallbackMethod", "fallback_method"),
    field("StatusCallback", "status_callback", FieldKind::Url(None)),
    field("StickySender", "sticky_sender", FieldKind::Flag(true)),
    field("MmsConverter", "mms_converter", FieldKind::Flag(true)),
    field("SmartEncoding", "smart_encoding", FieldKind::Flag(true)),
    field(
        "ScanMessageContent",
        "scan_message_content",
        FieldKind::Word("inherit", &["inherit", "enable", "disable"]),
    ),
    field("FallbackToLongCode", "fallback_to_long_code", FieldKind::Flag(true)),
    field("AreaCodeGeomatch", "area_code_geomatch", FieldKind::Flag(true)),
    field("ValidityPeriod", "validity_period", FieldKind::Number(Some(36_000), 1..=36_000)),
    field("SynchronousValidation", "synchronous_validation", FieldKind::Flag(false)),
    field("Usecase", "usecase", FieldKind::Text(Some("undeclared"), 64)),
    field("UseInboundWebhookOnNumber", "use_inbound_webhook_on_number", FieldKind::Flag(false)),
];

/// A messaging service as the fake keeps it.
pub(crate) struct MessagingService {
    pub(super) settings: Settings,
    /// The SIDs of its numbers, each with the time it was added.
    pub(super) numbers: Vec<(String, Timestamp)>,
    /// Its campaign for US numbers, at most one.
    pub(super) campaigns: Table<Campaign>,
    /// Whether it answers keywords itself and reports them as `OptOutType`.
    pub(super) advanced_opt_out: bool,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

impl MessagingService {
    pub(super) fn new(settings: Settings, now: Timestamp) -> Self {
        Self {
            settings,
            numbers: Vec::new(),
            campaigns: Table::default(),
            advanced_opt_out: false,
            created: now,
            updated: now,
        }
    }

    pub(super) fn has(&self, number_sid: &str) -> bool {
        self.numbers.iter().any(|(sid, _)| sid == number_sid)
    }

    /// Returns whether its numbers are registered for US traffic.
    fn is_registered(&self) -> bool {
        self.campaigns.iter().any(|(_, campaign)| campaign.is_verified())
    }

    pub(super) fn has_advanced_opt_out(&self) -> bool {
        self.advanced_opt_out
    }

    /// Returns its webhook and its fallback for incoming messages. `None` where the webhooks of its numbers are used.
    pub(super) fn webhooks(&self) -> Option<[Option<Endpoint>; 2]> {
        let on_number = self.settings.flag("use_inbound_webhook_on_number");
        let listeners = [("inbound_request_url", "inbound_method"), ("fallback_url", "fallback_method")];
        (!on_number).then(|| listeners.map(|(url, method)| self.settings.endpoint(url, method)))
    }

    pub(super) fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        let url = request.url(&format!("/v1/Services/{sid}"));
        self.settings.write(json!({
            "sid": sid,
            "account_sid": account,
            "us_app_to_person_registered": self.is_registered(),
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
