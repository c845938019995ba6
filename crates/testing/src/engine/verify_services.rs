//! Verify services and their settings.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::clock::iso8601;
use super::request::RoutedRequest;
use super::settings::{Field, FieldKind, Settings, field};

/// The error code for an invalid parameter.
pub(super) const INVALID: u32 = 60200;
const SID: usize = 34;
const TEXT: usize = 256;

pub(super) const FIELDS: &[Field] = &[
    field("FriendlyName", "friendly_name", FieldKind::Text(None, 32)),
    field("CodeLength", "code_length", FieldKind::Number(Some(6), 4..=10)),
    field("LookupEnabled", "lookup_enabled", FieldKind::Flag(false)),
    field("Psd2Enabled", "psd2_enabled", FieldKind::Flag(false)),
    field("SkipSmsToLandlines", "skip_sms_to_landlines", FieldKind::Flag(false)),
    field("DtmfInputRequired", "dtmf_input_required", FieldKind::Flag(true)),
    field("TtsName", "tts_name", FieldKind::Text(None, TEXT)),
    field("DoNotShareWarningEnabled", "do_not_share_warning_enabled", FieldKind::Flag(false)),
    field("CustomCodeEnabled", "custom_code_enabled", FieldKind::Flag(false)),
    field("DefaultTemplateSid", "default_template_sid", FieldKind::Text(None, SID)),
    field("VerifyEventSubscriptionEnabled", "verify_event_subscription_enabled", FieldKind::Flag(false)),
    field("Push.IncludeDate", "push.include_date", FieldKind::Flag(false)),
    field("Push.ApnCredentialSid", "push.apn_credential_sid", FieldKind::Text(None, SID)),
    field("Push.FcmCredentialSid", "push.fcm_credential_sid", FieldKind::Text(None, SID)),
    field("Totp.Issuer", "totp.issuer", FieldKind::Text(None, TEXT)),
    field("Totp.TimeStep", "totp.time_step", FieldKind::Number(None, 20..=60)),
    field("Totp.CodeLength", "totp.code_length", FieldKind::Number(None, 3..=8)),
    field("Totp.Skew", "totp.skew", FieldKind::Number(None, 0..=2)),
    field("Whatsapp.MsgServiceSid", "whatsapp.msg_service_sid", FieldKind::Text(None, SID)),
    field("Whatsapp.From", "whatsapp.from", FieldKind::Text(None, TEXT)),
    field("Passkeys.RelyingParty.Id", "passkeys.relying_party.id", FieldKind::Text(None, TEXT)),
    field("Passkeys.RelyingParty.Name", "passkeys.relying_party.name", FieldKind::Text(None, TEXT)),
    field("Passkeys.RelyingParty.Origins", "passkeys.relying_party.origins", FieldKind::Texts),
    field(
        "Passkeys.AuthenticatorAttachment",
        "passkeys.authenticator_attachment",
        FieldKind::Text(None, TEXT),
    ),
    field(
        "Passkeys.DiscoverableCredentials",
        "passkeys.discoverable_credentials",
        FieldKind::Text(None, TEXT),
    ),
    field("Passkeys.UserVerification", "passkeys.user_verification", FieldKind::Text(None, TEXT)),
];
/// A service as the fake keeps it.
pub(crate) struct VerifyService {
    pub(super) settings: Settings,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

impl VerifyService {
    /// Returns how many digits its codes have.
    pub(super) fn code_length(&self) -> usize {
        self.settings.number("code_length").and_then(|length| usize::try_from(length).ok()).unwrap_or(6)
    }

    pub(super) fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        let url = request.url(&format!("/v2/Services/{sid}"));
        self.settings.write(json!({
            "sid": sid,
            "account_sid": account,
            "date_created": iso8601(self.created),
            "date_updated": iso8601(self.updated),
            "links": links(&url),
            "url": url,
        }))
    }
}

fn links(url: &str) -> Map<String, Value> {
    [
        ("verification_checks", "VerificationCheck"),
        ("verifications", "Verifications"),
        ("rate_limits", "RateLimits"),
        ("messaging_configurations", "MessagingConfigurations"),
        ("entities", "Entities"),
        ("webhooks", "Webhooks"),
        ("access_tokens", "AccessTokens"),
    ]
    .into_iter()
    .map(|(key, path)| (key.to_owned(), json!(format!("{url}/{path}"))))
    .collect()
}
