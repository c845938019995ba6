//! Telephone numbers that an account owns, and their settings.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::available_numbers::{NumberType, Offer};
use super::clock::rfc2822;
use super::form::Pairs;
use super::settings::{Field, FieldKind, Settings, field, method};

/// The length of a SID.
const SID: usize = 34;

const FIELDS: &[Field] = &[
    field("FriendlyName", "friendly_name", FieldKind::Text(None, 64)),
    field("SmsUrl", "sms_url", FieldKind::Url(Some(""))),
    method("SmsMethod", "sms_method"),
    field("SmsFallbackUrl", "sms_fallback_url", FieldKind::Url(Some(""))),
    method("SmsFallbackMethod", "sms_fallback_method"),
    field("SmsApplicationSid", "sms_application_sid", FieldKind::Text(Some(""), SID)),
    field("VoiceUrl", "voice_url", FieldKind::Url(None)),
    method("VoiceMethod", "voice_method"),
    field("VoiceFallbackUrl", "voice_fallback_url", FieldKind::Url(None)),
    method("VoiceFallbackMethod", "voice_fallback_method"),
    field("VoiceApplicationSid", "voice_application_sid", FieldKind::Text(None, SID)),
    field("VoiceCallerIdLookup", "voice_caller_id_lookup", FieldKind::Flag(false)),
    field("VoiceReceiveMode", "voice_receive_mode", FieldKind::Word("voice", &["voice", "fax"])),
    field("StatusCallback", "status_callback", FieldKind::Url(Some(""))),
    method("StatusCallbackMethod", "status_callback_method"),
    field("TrunkSid", "trunk_sid", FieldKind::Text(None, SID)),
    field("EmergencyStatus", "emergency_status", FieldKind::Word("Inactive", &["Active", "Inactive"])),
    field("EmergencyAddressSid", "emergency_address_sid", FieldKind::Text(None, SID)),
    field("AddressSid", "address_sid", FieldKind::Text(None, SID)),
    field("IdentitySid", "identity_sid", FieldKind::Text(None, SID)),
    field("BundleSid", "bundle_sid", FieldKind::Text(None, SID)),
];

/// A number of the account.
pub(crate) struct IncomingNumber {
    pub(super) number: String,
    pub(super) kind: NumberType,
    pub(super) capabilities: Value,
    pub(super) address_requirements: &'static str,
    pub(super) settings: Settings,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

impl IncomingNumber {
    pub(super) fn new(offer: &Offer, now: Timestamp) -> Self {
        let mut settings = Settings::with_defaults(FIELDS);
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

    /// Returns its capabilities as messaging services write them.
    pub(super) fn abilities(&self) -> Vec<&'static str> {
        let can = |key: &str| self.capabilities.get(key).and_then(Value::as_bool).unwrap_or_default();
        [("mms", "MMS"), ("sms", "SMS"), ("voice", "Voice")]
            .into_iter()
            .filter(|(key, _)| can(key))
            .map(|(_, word)| word)
            .collect()
    }

    pub(super) fn view(&self, account: &str, sid: &str) -> Value {
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

/// Removes the voice application when a trunk is set, and the trunk when an application is set.
pub(super) fn reconcile(settings: &mut Settings, form: &Pairs) {
    if form.get("TrunkSid").is_some() {
        settings.set("voice_application_sid", "");
    } else if form.get("VoiceApplicationSid").is_some() {
        settings.set("trunk_sid", "");
    }
}
