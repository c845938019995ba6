//! What can be set of a number.

use crate::engine::form::Pairs;
use crate::engine::settings::{Field, Kind, Settings, field, method};

/// Characters of a SID.
const SID: usize = 34;

pub(super) const FIELDS: &[Field] = &[
    field("FriendlyName", "friendly_name", Kind::Text(None, 64)),
    field("SmsUrl", "sms_url", Kind::Url(Some(""))),
    method("SmsMethod", "sms_method"),
    field("SmsFallbackUrl", "sms_fallback_url", Kind::Url(Some(""))),
    method("SmsFallbackMethod", "sms_fallback_method"),
    field("SmsApplicationSid", "sms_application_sid", Kind::Text(Some(""), SID)),
    field("VoiceUrl", "voice_url", Kind::Url(None)),
    method("VoiceMethod", "voice_method"),
    field("VoiceFallbackUrl", "voice_fallback_url", Kind::Url(None)),
    method("VoiceFallbackMethod", "voice_fallback_method"),
    field("VoiceApplicationSid", "voice_application_sid", Kind::Text(None, SID)),
    field("VoiceCallerIdLookup", "voice_caller_id_lookup", Kind::Flag(false)),
    field("VoiceReceiveMode", "voice_receive_mode", Kind::Word("voice", &["voice", "fax"])),
    field("StatusCallback", "status_callback", Kind::Url(Some(""))),
    method("StatusCallbackMethod", "status_callback_method"),
    field("TrunkSid", "trunk_sid", Kind::Text(None, SID)),
    field("EmergencyStatus", "emergency_status", Kind::Word("Inactive", &["Active", "Inactive"])),
    field("EmergencyAddressSid", "emergency_address_sid", Kind::Text(None, SID)),
    field("AddressSid", "address_sid", Kind::Text(None, SID)),
    field("IdentitySid", "identity_sid", Kind::Text(None, SID)),
    field("BundleSid", "bundle_sid", Kind::Text(None, SID)),
];

/// A trunk and an application of voice drive each other out.
pub(super) fn settle(settings: &mut Settings, form: &Pairs) {
    if form.get("TrunkSid").is_some() {
        settings.set("voice_application_sid", "");
    } else if form.get("VoiceApplicationSid").is_some() {
        settings.set("trunk_sid", "");
    }
}
