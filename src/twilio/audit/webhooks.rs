//! The numbers of an account, and who answers them.

use std::fmt;

use jiff::Timestamp;

use super::finding::{AuditPart, Finding, FindingKind, FindingSeverity};
use super::run::Run;
use super::services::Services;
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::numbers::{ListPhoneNumbers, PhoneNumber};

/// A number of the account, as far as an audit needs it.
#[derive(Debug)]
pub(super) struct OwnedNumber {
    pub(super) sid: String,
    pub(super) number: Address,
    pub(super) voice: bool,
    pub(super) sms: bool,
    pub(super) created: Option<Timestamp>,
    /// Its type as Twilio writes it, such as `local`.
    pub(super) kind: Option<String>,
    /// Was it seen in a message?
    pub(super) used: bool,
}

impl OwnedNumber {
    pub(super) fn of(number: &PhoneNumber) -> Self {
        let can = number.capabilities.as_ref();
        Self {
            sid: number.sid.clone(),
            number: number.phone_number.clone().unwrap_or_default(),
            voice: can.is_none_or(|can| can.voice != Some(false)),
            sms: can.is_none_or(|can| can.sms != Some(false)),
            created: number.date_created,
            kind: number.kind.clone(),
            used: false,
        }
    }

    /// Returns the number as sentences show it.
    pub(super) fn shown(&self) -> impl fmt::Display {
        self.number.masked()
    }
}

/// Reads the numbers, and checks their webhooks.
pub(super) async fn check(run: &mut Run) {
    const WHAT: &str = "The numbers, their webhooks, their registration and their use were not checked.";
    let list = run.account().phone_numbers().list(&ListPhoneNumbers::new()).page_size(run.page());
    let (mut owned, mut findings) = (Vec::new(), Vec::new());
    let services = run.services.take();
    let read = run.each(AuditPart::Numbers, list, |number| {
        let own = OwnedNumber::of(&number);
        findings.extend(unanswered(&number, &own, services.as_ref()));
        findings.extend(insecure_number(&number, &own));
        owned.push(own);
    });
    let read = read.await;
    run.services = services;
    findings.into_iter().for_each(|finding| run.found(finding));
    run.own(owned);
    if let Err(error) = read {
        run.skip(AuditPart::Numbers, WHAT, &error);
    }
}

fn insecure_number(number: &PhoneNumber, own: &OwnedNumber) -> Option<Finding> {
    let urls = [
        ("SMS URL", &number.sms_url),
        ("SMS fallback URL", &number.sms_fallback_url),
        ("voice URL", &number.voice_url),
        ("voice fallback URL", &number.voice_fallback_url),
        ("status callback", &number.status_callback),
    ];
    insecure(&format!("The number {}", own.shown()), &own.sid, &urls)
        .map(|finding| finding.number(&own.number))
}

/// Finds calls and texts that reach nobody. Where the services are not known, only calls are checked.
fn unanswered(number: &PhoneNumber, own: &OwnedNumber, services: Option<&Services>) -> Option<Finding> {
    let named = |sid: &Option<String>| sid.as_ref().is_some_and(|sid| !sid.is_empty());
    let calls = own.voice
        && !is_set(number.voice_url.as_ref())
        && !named(&number.voice_application_sid)
        && !named(&number.trunk_sid);
    let texts_of_number = is_set(number.sms_url.as_ref()) || named(&number.sms_application_sid);
    let texts = own.sms
        && services.is_some_and(|services| {
            let of_service = services.of_number(&own.sid).and_then(|service| service.answered);
            !of_service.unwrap_or(texts_of_number)
        });
    let (who, flags) = match (calls, texts) {
        (true, true) => ("Calls and texts", "--voice-url https://… --sms-url https://…"),
        (true, false) => ("Calls", "--voice-url https://…"),
        (false, true) => ("Texts", "--sms-url https://…"),
        (false, false) => return None,
    };
    let finding = Finding::new(
        FindingKind::NumberWithoutWebhook,
        FindingSeverity::Warning,
        &own.sid,
        format!("{who} to {} reach nobody, because it has no webhook for them.", own.shown()),
        "Set the URL of the webhook that answers them, or a TwiML app.",
    );
    Some(finding.number(&own.number).command(format!("switchboard number configure {} {flags}", own.sid)))
}

/// Returns the finding about webhooks with plain http, if there are any.
pub(super) fn insecure(who: &str, sid: &str, urls: &[(&str, &Option<Text>)]) -> Option<Finding> {
    let plain = |url: &Option<Text>| {
        url.as_ref().and_then(|url| url.as_str().get(..7)).is_some_and(|s| s.eq_ignore_ascii_case("http://"))
    };
    let named: Vec<&str> = urls.iter().filter(|(_, url)| plain(url)).map(|(name, _)| *name).collect();
    if named.is_empty() {
        return None;
    }
    let named = named.join(", ");
    Some(Finding::new(
        FindingKind::InsecureWebhook,
        FindingSeverity::Warning,
        sid,
        format!(
            "{who} has plain http in its {named}, so whoever is on the way can read what people write and say."
        ),
        "Serve the webhook over https, and set the https form of the URL.",
    ))
}

pub(super) fn is_set(url: Option<&Text>) -> bool {
    url.is_some_and(|url| !url.is_empty())
}
