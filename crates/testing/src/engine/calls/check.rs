//! What Twilio checks before it places or changes a call.

use super::call::NewCall;
use super::machine::MachineDetection;
use super::status::CallStatus;
use crate::engine::core::Core;
use crate::engine::error::Refusal;
use crate::engine::form::Pairs;
use crate::engine::numbers::{AddressKind, Numbers, kind};
use crate::engine::recording::RecordingOptions;
use crate::engine::sid::is_sid;
use crate::engine::webhook::{Endpoint, is_callback_url, web_url};

const MAX_TWIML: usize = 4000;
const MAX_DIGITS: usize = 32;

/// A change of a live call.
pub(in crate::engine) enum Change {
    End(CallStatus),
    Redirect { url: Option<String>, get: bool, twiml: Option<String>, fallback: Option<Endpoint> },
    Nothing,
}

/// Checks the parameters of a new call.
pub(in crate::engine) fn check(core: &Core, numbers: &Numbers, form: &Pairs) -> Result<NewCall, Refusal> {
    let to = form.get("To").ok_or_else(|| Refusal::bad_request(21201, "A 'To' phone number is required"))?;
    let from =
        form.get("From").ok_or_else(|| Refusal::bad_request(21213, "A 'From' phone number is required"))?;
    instructions(form)?;
    recipient(to)?;
    caller(numbers, from)?;
    if core.account.trial && kind(to) == Some(AddressKind::Phone) && !numbers.is_verified(to) {
        let message = format!("The number {to} is not verified: a trial account cannot call it");
        return Err(Refusal::bad_request(21219, message));
    }
    digits(form)?;
    let url = form.owned("Url");
    Ok(NewCall {
        to: to.to_owned(),
        from: from.to_owned(),
        // A URL has precedence over a document.
        twiml: form.owned("Twiml").filter(|_| url.is_none()),
        url,
        get: form.is_get("Method"),
        fallback: fallback(form),
        machine: MachineDetection::read(form),
        time_limit: form.get("TimeLimit").and_then(|text| text.parse().ok()),
        recording: form.flag("Record").then(|| RecordingOptions::read(form, "OutboundAPI")),
        endpoint: endpoint(form)?,
        events: events(form),
    })
}

fn instructions(form: &Pairs) -> Result<(), Refusal> {
    let (url, twiml, application) = (form.get("Url"), form.get("Twiml"), form.get("ApplicationSid"));
    if url.is_none() && twiml.is_none() && application.is_none() {
        return Err(Refusal::bad_request(21205, "A Url, Twiml or ApplicationSid is required"));
    }
    if let Some(url) = url.filter(|url| web_url(url).is_none()) {
        return Err(Refusal::bad_request(21205, format!("The Url {url} is not valid")));
    }
    if twiml.is_some_and(|twiml| twiml.chars().count() > MAX_TWIML) {
        return Err(Refusal::bad_request(21658, format!("The Twiml is longer than {MAX_TWIML} characters")));
    }
    if let Some(sid) = application.filter(|sid| !is_sid(sid, &["AP"])) {
        return Err(Refusal::bad_request(20423, format!("The ApplicationSid {sid} is not valid")));
    }
    Ok(())
}

fn recipient(to: &str) -> Result<(), Refusal> {
    let (code, message) = match to {
        "+15005550001" => (21217, format!("The phone number {to} is not valid")),
        "+15005550002" => (21214, format!("The phone number {to} cannot be reached")),
        "+15005550003" => (21215, format!("You may not call the region of the phone number {to}")),
        "+15005550004" => (21216, format!("You may not call the phone number {to}")),
        _ if matches!(kind(to), Some(AddressKind::Phone | AddressKind::Channel)) => return Ok(()),
        _ => (21217, format!("The phone number {to} is not valid")),
    };
    Err(Refusal::bad_request(code, message))
}

fn caller(numbers: &Numbers, from: &str) -> Result<(), Refusal> {
    match kind(from).filter(|_| from != "+15005550001") {
        Some(AddressKind::Channel) => Ok(()),
        Some(AddressKind::Phone) if numbers.owns(from) || numbers.is_verified(from) => Ok(()),
        Some(AddressKind::Phone) => Err(Refusal::bad_request(
            21210,
            format!("The 'From' number {from} is neither yours nor a verified caller ID"),
        )),
        _ => Err(Refusal::bad_request(21212, format!("The 'From' number {from} is not valid"))),
    }
}

fn digits(form: &Pairs) -> Result<(), Refusal> {
    let Some(digits) = form.get("SendDigits") else { return Ok(()) };
    let dialable = digits.chars().all(|c| c.is_ascii_digit() || "ABCD#*wW".contains(c));
    if dialable && digits.len() <= MAX_DIGITS {
        return Ok(());
    }
    Err(Refusal::bad_request(21206, "The SendDigits are not valid"))
}

fn endpoint(form: &Pairs) -> Result<Option<Endpoint>, Refusal> {
    let Some(url) = form.owned("StatusCallback") else { return Ok(None) };
    if !is_callback_url(&url) {
        return Err(Refusal::bad_request(21609, format!("The StatusCallback URL {url} is not valid")));
    }
    Ok(Some(Endpoint { url, get: form.is_get("StatusCallbackMethod") }))
}

fn fallback(form: &Pairs) -> Option<Endpoint> {
    let url = form.owned("FallbackUrl").filter(|url| web_url(url).is_some())?;
    Some(Endpoint { url, get: form.is_get("FallbackMethod") })
}

fn events(form: &Pairs) -> Vec<String> {
    let events: Vec<String> = form.all("StatusCallbackEvent").map(str::to_owned).collect();
    if events.is_empty() { vec!["completed".to_owned()] } else { events }
}

/// Checks whether a call with this status can be changed so.
pub(in crate::engine) fn check_change(form: &Pairs, status: CallStatus) -> Result<Change, Refusal> {
    let (url, twiml) = (form.owned("Url"), form.owned("Twiml"));
    let wrong_state = || {
        Refusal::bad_request(21220, format!("The call is {} and cannot be changed like this", status.word()))
    };
    let wanted = match form.get("Status") {
        None => None,
        Some("canceled") => Some(CallStatus::Canceled),
        Some("completed") => Some(CallStatus::Completed),
        Some(other) => return Err(Refusal::bad_request(20001, format!("The status {other} cannot be set"))),
    };
    if let Some(end) = wanted {
        let possible = if end == CallStatus::Canceled { status.is_unanswered() } else { status.is_live() };
        return possible.then_some(Change::End(end)).ok_or_else(wrong_state);
    }
    if url.is_none() && twiml.is_none() {
        return Ok(Change::Nothing);
    }
    if url.is_some() && twiml.is_some() {
        return Err(Refusal::bad_request(20001, "A call can be given a Url or Twiml, not both"));
    }
    instructions(form)?;
    let (get, fallback) = (form.is_get("Method"), fallback(form));
    let change = Change::Redirect { url, get, twiml, fallback };
    if status == CallStatus::InProgress { Ok(change) } else { Err(wrong_state()) }
}
