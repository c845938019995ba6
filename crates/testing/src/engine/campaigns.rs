//! Campaigns of messaging services for US numbers (A2P 10DLC).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::brands::RegistrationError;
use super::clock::iso8601;
use super::error::Refusal;
use super::form::Pairs;
use super::request::RoutedRequest;
use super::settings::{Field, FieldKind, Settings, field};

/// The use cases, each with its name and whether carriers must approve it after its registration.
pub(super) const USECASES: &[(&str, &str, bool)] = &[
    ("2FA", "Two-Factor authentication (2FA)", false),
    ("ACCOUNT_NOTIFICATION", "Account Notification", false),
    ("AGENTS_FRANCHISES", "Agents and Franchises", true),
    ("CHARITY", "Charity", false),
    ("PROXY", "Proxy", true),
    ("CUSTOMER_CARE", "Customer Care", false),
    ("DELIVERY_NOTIFICATION", "Delivery Notification", false),
    ("EMERGENCY", "Emergency", true),
    ("FRAUD_ALERT", "Fraud Alert Messaging", false),
    ("HIGHER_EDUCATION", "Higher Education", false),
    ("K12_EDUCATION", "K-12 Education", true),
    ("LOW_VOLUME", "Low Volume Mixed", false),
    ("MARKETING", "Marketing", false),
    ("MIXED", "Mixed", false),
    ("POLITICAL", "Political", true),
    ("POLLING_VOTING", "Polling and voting", false),
    ("PUBLIC_SERVICE_ANNOUNCEMENT", "Public Service Announcement", false),
    ("SECURITY_ALERT", "Security Alert", false),
    ("SWEEPSTAKE", "Sweepstake", true),
];

/// The use case of the brands of one person, and the only one of them.
pub(super) const SOLE_PROPRIETOR: (&str, &str, bool) = ("SOLE_PROPRIETOR", "Sole Proprietor", false);

const FIELDS: &[Field] = &[
    field("BrandRegistrationSid", "brand_registration_sid", FieldKind::Text(None, 34)),
    field("Description", "description", FieldKind::Text(None, 4096)),
    field("MessageFlow", "message_flow", FieldKind::Text(None, 2048)),
    field("MessageSamples", "message_samples", FieldKind::Texts),
    field("UsAppToPersonUsecase", "us_app_to_person_usecase", FieldKind::Text(None, 64)),
    field("HasEmbeddedLinks", "has_embedded_links", FieldKind::Flag(false)),
    field("HasEmbeddedPhone", "has_embedded_phone", FieldKind::Flag(false)),
    field("SubscriberOptIn", "subscriber_opt_in", FieldKind::Flag(true)),
    field("AgeGated", "age_gated", FieldKind::Flag(false)),
    field("DirectLending", "direct_lending", FieldKind::Flag(false)),
    field("OptInMessage", "opt_in_message", FieldKind::Text(None, 320)),
    field(
        "OptOutMessage",
        "opt_out_message",
        FieldKind::Text(Some("You have been unsubscribed. Reply START to subscribe again."), 320),
    ),
    field("HelpMessage", "help_message", FieldKind::Text(Some("Reply STOP to unsubscribe."), 320)),
    field("OptInKeywords", "opt_in_keywords", FieldKind::Texts),
    field("OptOutKeywords", "opt_out_keywords", FieldKind::Texts),
    field("HelpKeywords", "help_keywords", FieldKind::Texts),
];

/// The parameters that a new campaign must have.
pub(super) const NEEDED: &[&str] = &[
    "BrandRegistrationSid",
    "UsAppToPersonUsecase",
    "Description",
    "MessageFlow",
    "MessageSamples",
    "HasEmbeddedLinks",
    "HasEmbeddedPhone",
];

/// The parameters that an update must have. It can change no others.
pub(super) const UPDATABLE: &[&str] = &[
    "Description",
    "MessageFlow",
    "MessageSamples",
    "HasEmbeddedLinks",
    "HasEmbeddedPhone",
    "AgeGated",
    "DirectLending",
];

/// A campaign as the fake keeps it.
pub(crate) struct Campaign {
    settings: Settings,
    pub(super) mock: bool,
    pub(super) status: &'static str,
    error: Option<RegistrationError>,
    created: Timestamp,
    updated: Timestamp,
}

impl Campaign {
    pub(super) fn new(form: &Pairs, mock: bool, now: Timestamp) -> Result<Self, Refusal> {
        check(form, NEEDED)?;
        let mut settings = Settings::with_defaults(FIELDS);
        settings.apply(form, 20001)?;
        Ok(Self { settings, mock, status: "PENDING", error: None, created: now, updated: now })
    }

    /// Corrects it and submits it again, which only a refused one can be.
    pub(super) fn update(&mut self, form: &Pairs, now: Timestamp) -> Result<(), Refusal> {
        if self.status != "FAILED" {
            return Err(Refusal::bad_request(20001, "Only a campaign that failed can be updated"));
        }
        check(form, UPDATABLE)?;
        self.settings.apply(&form.only(UPDATABLE), 20001)?;
        (self.status, self.error, self.updated) = ("PENDING", None, now);
        Ok(())
    }

    /// Approves it, or refuses it with a reason.
    pub(super) fn decide(&mut self, error: Option<RegistrationError>) {
        self.status = if error.is_some() { "FAILED" } else { "VERIFIED" };
        self.error = error;
    }

    pub(super) fn is_verified(&self) -> bool {
        self.status == "VERIFIED"
    }

    pub(super) fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        let service = request.param("ServiceSid");
        let mut view = self.settings.write(json!({
            "sid": sid,
            "account_sid": account,
            "messaging_service_sid": service,
            "campaign_status": self.status,
            "campaign_id": self.is_verified().then(|| format!("C{}", sid.get(2..8).unwrap_or_default().to_ascii_uppercase())),
            "is_externally_registered": false,
            "rate_limits": self.is_verified().then(|| json!({
                "att": { "mps": 600, "msg_class": "A" },
                "tmobile": { "brand_tier": "TOP" },
            })),
            "mock": self.mock,
            "errors": self.error.iter().map(RegistrationError::view).collect::<Vec<_>>(),
            "date_created": iso8601(self.created),
            "date_updated": iso8601(self.updated),
            "url": request.url(&format!("/v1/Services/{service}/Compliance/Usa2p/{sid}")),
        }));
        if let Some(fields) = view.as_object_mut() {
            with_default_keywords(fields);
        }
        view
    }
}

/// Adds the keywords that Twilio uses where none are given.
fn with_default_keywords(fields: &mut Map<String, Value>) {
    for (key, words) in [
        ("opt_in_keywords", &["START"] as &[_]),
        ("opt_out_keywords", &["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"]),
        ("help_keywords", &["HELP", "INFO"]),
    ] {
        if fields.get(key).is_none_or(Value::is_null) {
            fields.insert(key.to_owned(), json!(words));
        }
    }
}

/// Checks that everything is there, and the lengths that have a minimum.
fn check(form: &Pairs, needed: &[&str]) -> Result<(), Refusal> {
    let bad = |message: String| Refusal::bad_request(20001, message);
    if let Some(missing) = needed.iter().find(|name| form.get(name).is_none()) {
        return Err(bad(format!("Missing required parameter {missing} in the post body")));
    }
    for (name, least) in [("Description", 40), ("MessageFlow", 40), ("MessageSamples", 20)] {
        if form.all(name).any(|text| text.chars().count() < least) {
            return Err(bad(format!("The {name} is shorter than {least} characters")));
        }
    }
    if form.all("MessageSamples").any(|text| text.chars().count() > 1024) {
        return Err(bad("The MessageSamples are longer than 1024 characters".to_owned()));
    }
    match form.all("MessageSamples").count() {
        2..=5 => Ok(()),
        count => Err(bad(format!("There must be 2 to 5 MessageSamples, not {count}"))),
    }
}
