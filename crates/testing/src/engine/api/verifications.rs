//! Verifications: `/v2/Services/{ServiceSid}/Verifications`.

use http::StatusCode;
use serde_json::{Value, json};

use super::verification_checks;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::ledger::Item;
use crate::engine::numbers::is_e164;
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::tenant::Tenant;
use crate::engine::verify::{Verification, VerificationStatus};
use crate::engine::verify_services::INVALID;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/v2/Services/{ServiceSid}/Verifications", start),
    // The last segment is a SID or an address; an e-mail address has dots, hence the `*`.
    Route::get("/v2/Services/{ServiceSid}/Verifications/{Sid}*", fetch),
    Route::post("/v2/Services/{ServiceSid}/Verifications/{Sid}*", update),
    Route::post("/v2/Services/{ServiceSid}/VerificationCheck", verification_checks::check),
];

/// The most codes that are sent for one verification.
const MAX_SENDS: usize = 5;
/// In 1/100000 of a dollar.
const PRICE: u64 = 5000;
const CHANNELS: &[&str] = &["sms", "call", "email", "whatsapp", "rcs", "sna", "auto"];
fn start(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let service = request.param("ServiceSid");
    let length = tenant.verify.services.get(service).ok_or_else(|| request.not_found())?.code_length();
    let (to, channel) = recipient(request)?;
    let custom = custom_code(request)?;
    let now = tenant.core.now();
    let sid = match tenant.verify.open(now, service, to) {
        Some(sid) => sid,
        None => begin(
            tenant,
            request,
            (to, channel),
            custom.clone().unwrap_or_else(|| tenant.verify.next_code(length)),
        ),
    };
    let attempt = tenant.core.sids.next("VL");
    let verification = tenant.verify.verifications.get_mut(&sid).ok_or_else(|| request.not_found())?;
    if verification.sends.len() >= MAX_SENDS {
        return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, 60203, "Max send attempts reached"));
    }
    if let Some(code) = custom {
        verification.code = code;
    }
    verification.sends.push((now, channel.to_ascii_uppercase(), attempt));
    (verification.channel, verification.updated) = (channel.to_owned(), now);
    tenant.core.ledger.bill(now, Item::Verification, 1, PRICE);
    answer(tenant, request, &sid, StatusCode::CREATED)
}

/// Begins a verification of an address over a channel.
fn begin(
    tenant: &mut Tenant,
    request: &RoutedRequest<'_>,
    (to, channel): (&str, &str),
    code: String,
) -> String {
    let now = tenant.core.now();
    let sid = tenant.core.sids.next("VE");
    let verification = Verification {
        service: request.param("ServiceSid").to_owned(),
        to: to.to_owned(),
        channel: channel.to_owned(),
        code,
        status: VerificationStatus::Pending,
        sends: Vec::new(),
        wrong: 0,
        amount: request.form.owned("Amount"),
        payee: request.form.owned("Payee"),
        created: now,
        updated: now,
    };
    tenant.verify.verifications.insert(&sid, verification);
    sid
}

/// Returns the address and the channel.
fn recipient<'a>(request: &'a RoutedRequest<'_>) -> Result<(&'a str, &'a str), Refusal> {
    let invalid = |param: &str| Refusal::bad_request(INVALID, format!("Invalid parameter: {param}"));
    let channel = request.form.get("Channel").ok_or_else(|| invalid("Channel"))?;
    if !CHANNELS.contains(&channel) {
        return Err(invalid("Channel"));
    }
    let mail =
        |to: &&str| to.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let good = |to: &&str| if channel == "email" { mail(to) } else { is_e164(to) };
    let to = request.form.get("To").filter(good).ok_or_else(|| invalid("To"))?;
    Ok((to, channel))
}

/// Returns the code that the request sets, whether the service allows that or not.
fn custom_code(request: &RoutedRequest<'_>) -> Result<Option<String>, Refusal> {
    let Some(code) = request.form.get("CustomCode") else { return Ok(None) };
    let good = (4..=10).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    let refusal = || Refusal::bad_request(INVALID, "Invalid parameter: CustomCode");
    good.then(|| Some(code.to_owned())).ok_or_else(refusal)
}

fn fetch(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = named(tenant, request)?;
    answer(tenant, request, &sid, StatusCode::OK)
}

fn update(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let wanted = match request.form.get("Status") {
        Some("canceled") => VerificationStatus::Canceled,
        Some("approved") => VerificationStatus::Approved,
        _ => return Err(Refusal::bad_request(INVALID, "Invalid parameter: Status")),
    };
    let sid = named(tenant, request)?;
    tenant.verify.settle(tenant.core.now(), &sid, wanted);
    answer(tenant, request, &sid, StatusCode::OK)
}

/// Finds an open verification by the SID or the address in the path. As at Twilio, one that is not open is not found.
fn named(tenant: &Tenant, request: &RoutedRequest<'_>) -> Result<String, Refusal> {
    let (service, name) = (request.param("ServiceSid"), request.param("Sid"));
    let by_sid = tenant
        .verify
        .verifications
        .get(name)
        .filter(|row| row.service == service && row.is_open(tenant.core.now()));
    let found =
        by_sid.map(|_| name.to_owned()).or_else(|| tenant.verify.open(tenant.core.now(), service, name));
    found.ok_or_else(|| request.not_found())
}

fn answer(tenant: &Tenant, request: &RoutedRequest<'_>, sid: &str, status: StatusCode) -> HandlerResult {
    let verification = tenant.verify.verifications.get(sid).ok_or_else(|| request.not_found())?;
    let mut view = verification.view(tenant.core.account_sid(), sid);
    if let Some(fields) = view.as_object_mut() {
        let url = request.url(&format!("/v2/Services/{}/Verifications/{sid}", verification.service));
        fields.insert("lookup".to_owned(), json!({}));
        fields.insert("send_code_attempts".to_owned(), verification.attempts());
        fields.insert("sna".to_owned(), Value::Null);
        fields.insert("url".to_owned(), json!(url));
    }
    Ok(FakeReply::json(status, &view))
}
