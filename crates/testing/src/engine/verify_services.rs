//! Verify: its services, `/v2/Services`.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::clock::iso8601;
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::page;
use super::route::{Asked, Route};
use super::settings::{Field, Kind, Settings, field};
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/v2/Services", list),
    Route::post("/v2/Services", create),
    Route::get("/v2/Services/{Sid}", fetch),
    Route::post("/v2/Services/{Sid}", update),
    Route::delete("/v2/Services/{Sid}", delete),
];

/// The code of every parameter that cannot be.
pub(super) const INVALID: u32 = 60200;
const SID: usize = 34;
const TEXT: usize = 256;

const FIELDS: &[Field] = &[
    field("FriendlyName", "friendly_name", Kind::Text(None, 32)),
    field("CodeLength", "code_length", Kind::Number(Some(6), 4..=10)),
    field("LookupEnabled", "lookup_enabled", Kind::Flag(false)),
    field("Psd2Enabled", "psd2_enabled", Kind::Flag(false)),
    field("SkipSmsToLandlines", "skip_sms_to_landlines", Kind::Flag(false)),
    field("DtmfInputRequired", "dtmf_input_required", Kind::Flag(true)),
    field("TtsName", "tts_name", Kind::Text(None, TEXT)),
    field("DoNotShareWarningEnabled", "do_not_share_warning_enabled", Kind::Flag(false)),
    field("CustomCodeEnabled", "custom_code_enabled", Kind::Flag(false)),
    field("DefaultTemplateSid", "default_template_sid", Kind::Text(None, SID)),
    field("VerifyEventSubscriptionEnabled", "verify_event_subscription_enabled", Kind::Flag(false)),
    field("Push.IncludeDate", "push.include_date", Kind::Flag(false)),
    field("Push.ApnCredentialSid", "push.apn_credential_sid", Kind::Text(None, SID)),
    field("Push.FcmCredentialSid", "push.fcm_credential_sid", Kind::Text(None, SID)),
    field("Totp.Issuer", "totp.issuer", Kind::Text(None, TEXT)),
    field("Totp.TimeStep", "totp.time_step", Kind::Number(None, 20..=60)),
    field("Totp.CodeLength", "totp.code_length", Kind::Number(None, 3..=8)),
    field("Totp.Skew", "totp.skew", Kind::Number(None, 0..=2)),
    field("Whatsapp.MsgServiceSid", "whatsapp.msg_service_sid", Kind::Text(None, SID)),
    field("Whatsapp.From", "whatsapp.from", Kind::Text(None, TEXT)),
    field("Passkeys.RelyingParty.Id", "passkeys.relying_party.id", Kind::Text(None, TEXT)),
    field("Passkeys.RelyingParty.Name", "passkeys.relying_party.name", Kind::Text(None, TEXT)),
    field("Passkeys.RelyingParty.Origins", "passkeys.relying_party.origins", Kind::Texts),
    field("Passkeys.AuthenticatorAttachment", "passkeys.authenticator_attachment", Kind::Text(None, TEXT)),
    field("Passkeys.DiscoverableCredentials", "passkeys.discoverable_credentials", Kind::Text(None, TEXT)),
    field("Passkeys.UserVerification", "passkeys.user_verification", Kind::Text(None, TEXT)),
];

/// A service as the fake keeps it.
pub(super) struct VerifyService {
    settings: Settings,
    created: Timestamp,
    updated: Timestamp,
}

fn list(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let account = tenant.account_sid();
    page::meta(asked, "services", &tenant.verify, |_| true, |sid, service| service.view(asked, account, sid))
}

fn create(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    if asked.form.get("FriendlyName").is_none() {
        return Err(Refusal::bad(INVALID, "Invalid parameter: FriendlyName"));
    }
    let mut settings = Settings::of(FIELDS);
    take(&mut settings, asked)?;
    let now = tenant.clock.now();
    let sid = tenant.sids.next("VA");
    tenant.verify.insert(&sid, VerifyService { settings, created: now, updated: now });
    answer(tenant, asked, &sid, StatusCode::CREATED)
}

fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    answer(tenant, asked, asked.name("Sid"), StatusCode::OK)
}

fn update(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    let now = tenant.clock.now();
    let service = tenant.verify.get_mut(sid).ok_or_else(|| asked.not_found())?;
    take(&mut service.settings, asked)?;
    service.updated = now;
    answer(tenant, asked, sid, StatusCode::OK)
}

fn delete(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = asked.name("Sid");
    tenant.verify.remove(sid).ok_or_else(|| asked.not_found())?;
    tenant.verifications.retain(|verification| verification.service() != sid);
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

/// A name with five digits in a row could be taken for a code.
fn take(settings: &mut Settings, asked: &Asked<'_>) -> Result<(), Refusal> {
    let name = asked.form.get("FriendlyName").unwrap_or_default();
    let digits = name.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    if digits > Some(4) {
        return Err(Refusal::bad(INVALID, "Invalid parameter: FriendlyName has too many digits in a row"));
    }
    settings.take(&asked.form, INVALID)
}

fn answer(tenant: &Tenant, asked: &Asked<'_>, sid: &str, status: StatusCode) -> Answer {
    let service = tenant.verify.get(sid).ok_or_else(|| asked.not_found())?;
    Ok(FakeReply::json(status, &service.view(asked, tenant.account_sid(), sid)))
}

impl VerifyService {
    /// Digits of the codes it makes.
    pub(super) fn code_length(&self) -> usize {
        self.settings.number("code_length").and_then(|length| usize::try_from(length).ok()).unwrap_or(6)
    }

    fn view(&self, asked: &Asked<'_>, account: &str, sid: &str) -> Value {
        let url = asked.url(&format!("/v2/Services/{sid}"));
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
