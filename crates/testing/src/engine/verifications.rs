//! Verifications: a code goes out, and comes back right, wrong or too late.

mod check;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::iso8601;
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::ledger::Item;
use super::numbers::is_e164;
use super::route::{Asked, Route};
use super::tenant::Tenant;
use super::verify_services::INVALID;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/v2/Services/{ServiceSid}/Verifications", start),
    // By SID or by address, and the address of an e-mail has dots in it.
    Route::get("/v2/Services/{ServiceSid}/Verifications/{Sid}*", fetch),
    Route::post("/v2/Services/{ServiceSid}/Verifications/{Sid}*", update),
    Route::post("/v2/Services/{ServiceSid}/VerificationCheck", check::check),
];

/// How long a code is good.
const VALIDITY: i64 = 600;
/// Codes that are sent, and guesses that are taken, before it is enough.
const MAX_SENDS: usize = 5;
const MAX_CHECKS: u32 = 5;
/// In 1/100000 of a dollar.
const PRICE: u64 = 5000;
const CHANNELS: &[&str] = &["sms", "call", "email", "whatsapp", "rcs", "sna", "auto"];
/// The code nobody set, as long as the service wants it.
const CODE: &str = "1234567890";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Pending,
    Approved,
    Canceled,
    MaxAttemptsReached,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Canceled => "canceled",
            Self::MaxAttemptsReached => "max_attempts_reached",
        }
    }
}

/// A verification as the fake keeps it.
pub(super) struct Verification {
    service: String,
    to: String,
    channel: String,
    code: String,
    status: Status,
    /// When a code was sent, by which channel, and the SID of that attempt.
    sends: Vec<(Timestamp, String, String)>,
    /// Wrong codes so far.
    wrong: u32,
    amount: Option<String>,
    payee: Option<String>,
    created: Timestamp,
    updated: Timestamp,
}

fn start(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let service = asked.name("ServiceSid");
    let length = tenant.verify.get(service).ok_or_else(|| asked.not_found())?.code_length();
    let (to, channel) = recipient(asked)?;
    let custom = custom_code(asked)?;
    let now = tenant.clock.now();
    let sid = match tenant.open_verification(service, to) {
        Some(sid) => sid,
        None => {
            let code = custom.clone().unwrap_or_else(|| tenant.next_code(length));
            tenant.begin_verification(asked, to, channel, code)
        }
    };
    let attempt = tenant.sids.next("VL");
    let verification = tenant.verifications.get_mut(&sid).ok_or_else(|| asked.not_found())?;
    if verification.sends.len() >= MAX_SENDS {
        return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, 60203, "Max send attempts reached"));
    }
    if let Some(code) = custom {
        verification.code = code;
    }
    verification.sends.push((now, channel.to_ascii_uppercase(), attempt));
    (verification.channel, verification.updated) = (channel.to_owned(), now);
    tenant.ledger.bill(now, Item::Verification, 1, PRICE);
    answer(tenant, asked, &sid, StatusCode::CREATED)
}

/// Reads where the code goes to.
fn recipient<'a>(asked: &'a Asked<'_>) -> Result<(&'a str, &'a str), Refusal> {
    let invalid = |param: &str| Refusal::bad(INVALID, format!("Invalid parameter: {param}"));
    let channel = asked.form.get("Channel").ok_or_else(|| invalid("Channel"))?;
    if !CHANNELS.contains(&channel) {
        return Err(invalid("Channel"));
    }
    let mail =
        |to: &&str| to.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let good = |to: &&str| if channel == "email" { mail(to) } else { is_e164(to) };
    let to = asked.form.get("To").filter(good).ok_or_else(|| invalid("To"))?;
    Ok((to, channel))
}

/// A code of the caller's own is taken whatever the service says of such codes.
fn custom_code(asked: &Asked<'_>) -> Result<Option<String>, Refusal> {
    let Some(code) = asked.form.get("CustomCode") else { return Ok(None) };
    let good = (4..=10).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    let refusal = || Refusal::bad(INVALID, "Invalid parameter: CustomCode");
    good.then(|| Some(code.to_owned())).ok_or_else(refusal)
}

fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let sid = named(tenant, asked)?;
    answer(tenant, asked, &sid, StatusCode::OK)
}

fn update(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let wanted = match asked.form.get("Status") {
        Some("canceled") => Status::Canceled,
        Some("approved") => Status::Approved,
        _ => return Err(Refusal::bad(INVALID, "Invalid parameter: Status")),
    };
    let sid = named(tenant, asked)?;
    tenant.settle_verification(&sid, wanted);
    answer(tenant, asked, &sid, StatusCode::OK)
}

/// Finds an open verification by the SID or the address in the path. One that is over is gone, as at Twilio.
fn named(tenant: &Tenant, asked: &Asked<'_>) -> Result<String, Refusal> {
    let (service, name) = (asked.name("ServiceSid"), asked.name("Sid"));
    let by_sid =
        tenant.verifications.get(name).filter(|row| row.service == service && row.is_open(tenant.now()));
    let found = by_sid.map(|_| name.to_owned()).or_else(|| tenant.open_verification(service, name));
    found.ok_or_else(|| asked.not_found())
}

fn answer(tenant: &Tenant, asked: &Asked<'_>, sid: &str, status: StatusCode) -> Answer {
    let verification = tenant.verifications.get(sid).ok_or_else(|| asked.not_found())?;
    let mut view = verification.view(tenant.account_sid(), sid);
    if let Some(fields) = view.as_object_mut() {
        let url = asked.url(&format!("/v2/Services/{}/Verifications/{sid}", verification.service));
        fields.insert("lookup".to_owned(), json!({}));
        fields.insert("send_code_attempts".to_owned(), verification.attempts());
        fields.insert("sna".to_owned(), Value::Null);
        fields.insert("url".to_owned(), json!(url));
    }
    Ok(FakeReply::json(status, &view))
}

impl Verification {
    pub(super) fn service(&self) -> &str {
        &self.service
    }

    /// Can it still be approved, or at least be guessed at?
    fn is_open(&self, now: Timestamp) -> bool {
        let over = matches!(self.status, Status::Approved | Status::Canceled);
        !over && now.as_second() - self.created.as_second() < VALIDITY
    }

    fn attempts(&self) -> Value {
        let attempt = |(time, channel, sid): &(Timestamp, String, String)| json!({ "time": iso8601(*time), "channel": channel, "attempt_sid": sid });
        self.sends.iter().map(attempt).collect()
    }

    /// What a verification and its check have in common.
    fn view(&self, account: &str, sid: &str) -> Value {
        json!({
            "sid": sid,
            "service_sid": self.service,
            "account_sid": account,
            "to": self.to,
            "channel": self.channel,
            "status": self.status.word(),
            "valid": self.status == Status::Approved,
            "amount": self.amount,
            "payee": self.payee,
            "date_created": iso8601(self.created),
            "date_updated": iso8601(self.updated),
        })
    }
}

/// The codes to come.
#[derive(Default)]
pub(super) struct Codes {
    set: Option<String>,
}

impl Tenant {
    fn next_code(&self, length: usize) -> String {
        self.codes.set.clone().unwrap_or_else(|| CODE.chars().take(length).collect())
    }

    fn begin_verification(&mut self, asked: &Asked<'_>, to: &str, channel: &str, code: String) -> String {
        let now = self.clock.now();
        let sid = self.sids.next("VE");
        let verification = Verification {
            service: asked.name("ServiceSid").to_owned(),
            to: to.to_owned(),
            channel: channel.to_owned(),
            code,
            status: Status::Pending,
            sends: Vec::new(),
            wrong: 0,
            amount: asked.form.owned("Amount"),
            payee: asked.form.owned("Payee"),
            created: now,
            updated: now,
        };
        self.verifications.insert(&sid, verification);
        sid
    }

    /// Finds the open verification of an address.
    fn open_verification(&self, service: &str, to: &str) -> Option<String> {
        let now = self.clock.now();
        let newest = self.verifications.iter().rev().find(|(_, row)| row.service == service && row.to == to);
        newest.filter(|(_, row)| row.is_open(now)).map(|(sid, _)| sid.to_owned())
    }

    fn settle_verification(&mut self, sid: &str, status: Status) {
        let now = self.clock.now();
        if let Some(verification) = self.verifications.get_mut(sid) {
            (verification.status, verification.updated) = (status, now);
        }
    }

    /// Sets the code of the verifications to come.
    pub(crate) fn set_code(&mut self, code: &str) {
        self.codes.set = Some(code.to_owned());
    }

    /// Returns the code that an address has to give just now, whatever service sent it.
    pub(crate) fn verification_code(&self, to: &str) -> Option<String> {
        let now = self.clock.now();
        let newest = self.verifications.iter().rev().find(|(_, row)| row.to == to && row.is_open(now));
        newest.map(|(_, row)| row.code.clone())
    }
}
