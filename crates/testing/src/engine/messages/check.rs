//! What Twilio checks before it accepts a message.

use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;

use super::message::NewMessage;
use super::messaging::Messaging;
use crate::engine::error::Refusal;
use crate::engine::filter;
use crate::engine::form::Pairs;
use crate::engine::numbers::{AddressKind, kind};
use crate::engine::senders::ServiceSender;
use crate::engine::sid::is_sid;
use crate::engine::webhook::{Endpoint, is_callback_url, web_url};

const MAX_BODY: usize = 1600;
const MAX_MEDIA: usize = 10;
/// In seconds; also what a message without a `ValidityPeriod` has.
const MAX_VALIDITY: u64 = 36_000;
/// Seconds from now to the earliest and to the latest `SendAt`.
const SCHEDULE: std::ops::RangeInclusive<i64> = 300..=35 * 24 * 3600;
const TRIAL_PREFIX: &str = "Sent from your Twilio trial account - ";

/// Checks the parameters in the order of the answers Twilio gives.
pub(in crate::engine) fn check(messaging: &Messaging<'_>, form: &Pairs) -> Result<NewMessage, Refusal> {
    let to = form.get("To").ok_or_else(|| Refusal::bad_request(21604, "A 'To' phone number is required"))?;
    let (from, service) = (form.get("From"), form.get("MessagingServiceSid"));
    if from.is_none() && service.is_none() {
        return Err(Refusal::bad_request(21603, "A 'From' phone number or a messaging service is required"));
    }
    let media: Vec<String> = form.all("MediaUrl").map(str::to_owned).collect();
    content(form, &media)?;
    recipient(to, from)?;
    service.map_or(Ok(()), |service| check_service(messaging, service, from, to))?;
    from.map_or(Ok(()), |from| sender(messaging, from, to))?;
    deliverable(messaging, to, from, service)?;
    let validity = delivery(form)?.or_else(|| messaging.senders.service_validity(service?));
    room_in_queue(messaging, from, service)?;
    let send_at = schedule(form, messaging.core.now(), service)?;
    let body = text(messaging, form);
    let callback = form.owned("StatusCallback").or_else(|| messaging.senders.service_callback(service?));
    Ok(NewMessage {
        to: to.to_owned(),
        from: from.map(str::to_owned),
        service: service.map(str::to_owned),
        content_sid: form.owned("ContentSid"),
        body: if messaging.core.account.trial { format!("{TRIAL_PREFIX}{body}") } else { body },
        media,
        endpoint: callback.map(|url| Endpoint { url, get: false }),
        send_at,
        validity: validity.unwrap_or(Duration::from_secs(MAX_VALIDITY)),
        feedback: form.flag("ProvideFeedback"),
    })
}

/// Returns the body, or the text of the template with its variables.
fn text(messaging: &Messaging<'_>, form: &Pairs) -> String {
    let rendered =
        form.get("ContentSid").and_then(|sid| messaging.contents.render(sid, form.get("ContentVariables")));
    rendered.or_else(|| form.owned("Body")).unwrap_or_default()
}

fn content(form: &Pairs, media: &[String]) -> Result<(), Refusal> {
    let (body, content, variables) = (form.get("Body"), form.get("ContentSid"), form.get("ContentVariables"));
    if variables.is_some() && content.is_none() {
        return Err(Refusal::bad_request(21654, "ContentVariables are given without a ContentSid"));
    }
    if body.is_none() && media.is_empty() && content.is_none() {
        return Err(Refusal::bad_request(21602, "A message body, media or content is required"));
    }
    if body.is_some_and(|body| body.chars().count() > MAX_BODY) {
        return Err(Refusal::bad_request(
            21617,
            format!("The message body is longer than {MAX_BODY} characters"),
        ));
    }
    if media.len() > MAX_MEDIA {
        return Err(Refusal::bad_request(
            21623,
            format!("A message can have no more than {MAX_MEDIA} media URLs"),
        ));
    }
    if let Some(url) = media.iter().find(|url| web_url(url).is_none()) {
        return Err(Refusal::bad_request(21620, format!("The media URL {url} is not valid")));
    }
    if let Some(sid) = content.filter(|sid| !is_sid(sid, &["HX"])) {
        return Err(Refusal::bad_request(21655, format!("The ContentSid {sid} is not valid")));
    }
    if variables.is_some_and(|text| serde_json::from_str::<serde_json::Map<_, _>>(text).is_err()) {
        return Err(Refusal::bad_request(21656, "The ContentVariables are not a JSON object"));
    }
    Ok(())
}

fn recipient(to: &str, from: Option<&str>) -> Result<(), Refusal> {
    let reachable =
        matches!(kind(to), Some(AddressKind::Phone | AddressKind::Channel)) && to != "+15005550001";
    if !reachable {
        return Err(Refusal::bad_request(21211, format!("The 'To' number {to} is not a valid phone number")));
    }
    if from == Some(to) {
        return Err(Refusal::bad_request(21266, "'To' and 'From' number cannot be the same"));
    }
    Ok(())
}

/// Checks the messaging service. One that the fake does not know counts as one that has numbers.
fn check_service(messaging: &Messaging<'_>, sid: &str, from: Option<&str>, to: &str) -> Result<(), Refusal> {
    if is_sid(sid, &["MG"]) {
        if from.is_none() && matches!(messaging.senders.pick_sender(sid, to), ServiceSender::Empty) {
            return Err(Refusal::bad_request(
                21703,
                format!("The messaging service {sid} has no number to send from"),
            ));
        }
        return Ok(());
    }
    let code = if sid.starts_with("MG") { 21705 } else { 21701 };
    Err(Refusal::bad_request(code, format!("The messaging service {sid} is not valid")))
}

fn sender(messaging: &Messaging<'_>, from: &str, to: &str) -> Result<(), Refusal> {
    let kind = kind(from).filter(|_| from != "+15005550001");
    let Some(kind) = kind else {
        return Err(Refusal::bad_request(21212, format!("The 'From' number {from} is not a valid sender")));
    };
    if from == "+15005550008" {
        return Err(Refusal::bad_request(
            21611,
            format!("The 'From' number {from} has too many messages in its queue"),
        ));
    }
    if matches!(kind, AddressKind::Phone | AddressKind::ShortCode) && !messaging.senders.numbers.owns(from) {
        let message =
            format!("The 'From' number {from} does not belong to your account, or cannot send to {to}");
        return Err(Refusal::bad_request(21606, message));
    }
    Ok(())
}

/// Checks for Twilio's magic recipients, geo permissions, opt-outs and the limits of a trial account.
fn deliverable(
    messaging: &Messaging<'_>,
    to: &str,
    from: Option<&str>,
    service: Option<&str>,
) -> Result<(), Refusal> {
    let sender = messaging.senders.sender_for(from, service, to);
    let from = from.unwrap_or("any number of the messaging service");
    let is_permitted = to != "+15005550003" && messaging.senders.geo.permit(to);
    let (code, message) = match to {
        "+15005550002" => (21612, format!("The 'To' number {to} cannot be reached from {from}")),
        "+15005550004" => (21610, format!("The recipient {to} has opted out of messages from {from}")),
        _ if !is_permitted => {
            (21408, format!("You may not send messages to the region of the 'To' number {to}"))
        }
        "+15005550009" => (21614, format!("The 'To' number {to} is not a mobile number")),
        _ if messaging.senders.numbers.is_opted_out(to, &sender) => {
            (21610, format!("The recipient {to} has opted out of messages from {from}"))
        }
        _ if messaging.core.account.trial && !messaging.senders.numbers.is_verified(to) => {
            (21608, format!("The number {to} is not verified: a trial account cannot send to it"))
        }
        _ => return Ok(()),
    };
    Err(Refusal::bad_request(code, message))
}

/// Refuses a message whose sender has a full queue. A messaging service accepts it, and the message fails later.
fn room_in_queue(
    messaging: &Messaging<'_>,
    from: Option<&str>,
    service: Option<&str>,
) -> Result<(), Refusal> {
    let Some(from) = from.filter(|_| service.is_none()) else { return Ok(()) };
    let Some(status) = messaging.messages.queues.refusal(from) else { return Ok(()) };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Err(Refusal::new(status, 21611, format!("The 'From' number {from} has too many messages in its queue")))
}

/// Checks the options of the delivery, and returns how long the message may wait, where it says so.
fn delivery(form: &Pairs) -> Result<Option<Duration>, Refusal> {
    if let Some(url) = form.get("StatusCallback").filter(|url| !is_callback_url(url)) {
        return Err(Refusal::bad_request(21609, format!("The StatusCallback URL {url} is not valid")));
    }
    let Some(text) = form.get("ValidityPeriod") else { return Ok(None) };
    let seconds = text.parse::<u64>().ok().filter(|seconds| (1..=MAX_VALIDITY).contains(seconds));
    seconds.map(|seconds| Some(Duration::from_secs(seconds))).ok_or_else(|| {
        Refusal::bad_request(
            21624,
            format!("The ValidityPeriod {text} is not a number from 1 to {MAX_VALIDITY}"),
        )
    })
}

fn schedule(form: &Pairs, now: Timestamp, service: Option<&str>) -> Result<Option<Timestamp>, Refusal> {
    let (how, at) = (form.get("ScheduleType"), form.get("SendAt"));
    if how.is_none() && at.is_none() {
        return Ok(None);
    }
    if how != Some("fixed") {
        return Err(Refusal::bad_request(35126, "The ScheduleType must be fixed"));
    }
    if service.is_none() {
        return Err(Refusal::bad_request(35118, "A scheduled message needs a MessagingServiceSid"));
    }
    let at = at.ok_or_else(|| Refusal::bad_request(35111, "A scheduled message needs a SendAt"))?;
    let time = filter::instant(at).filter(|time| SCHEDULE.contains(&(time.as_second() - now.as_second())));
    let refusal = || {
        Refusal::bad_request(35115, format!("The SendAt {at} is not between 5 minutes and 35 days from now"))
    };
    time.map(Some).ok_or_else(refusal)
}
