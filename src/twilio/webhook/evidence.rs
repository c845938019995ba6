//! What a verified webhook of Twilio's proves.

use super::{CallStatusUpdate, Event, GatherResult, InboundMessage, MessageStatusUpdate, Params};
use crate::provider::{Callback, Delivery, Evidence, SendId};
use crate::twilio::calls::AnsweredBy;
use crate::twilio::error::delivery_error;

pub(in crate::twilio) fn read(url: &str, signed: &[(String, String)]) -> Option<Evidence> {
    let pairs = signed.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    match Event::from_params(&Params::from_pairs(pairs)) {
        Event::MessageStatusUpdate(update) => text_report(url, &update),
        Event::CallStatusUpdate(update) => call_report(url, &update),
        Event::GatherResult(result) => keys_report(url, &result),
        Event::InboundMessage(message) | Event::HelpRequested(message) => inbound(&message),
        Event::OptedOut(change) | Event::OptedIn(change) => inbound(&change.message),
        _ => None,
    }
}

fn text_report(url: &str, update: &MessageStatusUpdate) -> Option<Evidence> {
    let mut delivery =
        Delivery::new(SendId::text(update.sid.as_deref()?), update.status.as_ref()?.delivery());
    delivery.error = delivery_error(update.error_code);
    Some(Evidence::Delivery { delivery, reference: Callback::reference_in(url) })
}

fn call_report(url: &str, update: &CallStatusUpdate) -> Option<Evidence> {
    let call = &update.call;
    let mut delivery = Delivery::new(SendId::call(call.sid.as_deref()?), call.status.as_ref()?.delivery());
    delivery.updated = update.timestamp;
    delivery.picked_up_by = call.answered_by.as_ref().map(AnsweredBy::picked_up_by);
    Some(Evidence::Delivery { delivery, reference: Callback::reference_in(url) })
}

/// The keys of a call. What is said instead, and what belongs to another program, is no evidence.
fn keys_report(url: &str, result: &GatherResult) -> Option<Evidence> {
    let (call, reference) = (&result.call, Callback::reference_in(url));
    let mut delivery = Delivery::new(SendId::call(call.sid.as_deref()?), call.status.as_ref()?.delivery());
    delivery.picked_up_by = call.answered_by.as_ref().map(AnsweredBy::picked_up_by);
    delivery.pressed = result.digits.clone().filter(|digits| !digits.is_empty());
    (delivery.pressed.is_some() || reference.is_some()).then_some(Evidence::Delivery { delivery, reference })
}

fn inbound(message: &InboundMessage) -> Option<Evidence> {
    Some(Evidence::Inbound {
        from: message.from.clone()?,
        to: message.to.clone()?,
        pool: message.messaging_service_sid.clone(),
        consent: message.consent(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{DeliveryStatus, PickedUpBy};

    /// The call's status, who picked up, what was pressed, and the reference.
    type Seen = Option<(DeliveryStatus, Option<PickedUpBy>, Option<String>, Option<String>)>;

    fn seen(url: &str, form: &[(&str, &str)]) -> Seen {
        let form: Vec<_> = form.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        match read(url, &form)? {
            Evidence::Delivery { delivery, reference } => {
                assert_eq!(delivery.id, SendId::call("CA1"));
                let pressed = delivery.pressed.map(|keys| keys.as_str().to_owned());
                Some((delivery.status, delivery.picked_up_by, pressed, reference))
            }
            Evidence::Inbound { .. } => None,
        }
    }

    #[test]
    fn pressed_keys_are_evidence_of_their_call() {
        let (ours, other) = ("https://e.com/k?sbref=r1", "https://e.com/k");
        let (ca, talks) = (("CallSid", "CA1"), ("CallStatus", "in-progress"));
        let at = |by: Option<PickedUpBy>, keys: Option<&str>, reference: Option<&str>| {
            Some((DeliveryStatus::InProgress, by, keys.map(Into::into), reference.map(Into::into)))
        };
        let (one, silent, said) = (("Digits", "1"), ("Digits", ""), ("SpeechResult", "yes"));
        let human = ("AnsweredBy", "human");
        assert_eq!(seen(ours, &[ca, talks, one, human]), at(Some(PickedUpBy::Person), Some("1"), Some("r1")));
        assert_eq!(seen(other, &[ca, talks, one]), at(None, Some("1"), None));
        assert_eq!(seen(ours, &[ca, talks, silent]), at(None, None, Some("r1")));
        assert_eq!(seen(ours, &[ca, talks, said]), at(None, None, Some("r1")));
        for none in [&[ca, talks, silent][..], &[ca, talks, said], &[talks, one], &[ca, one]] {
            assert_eq!(seen(other, none), None, "{none:?}");
        }
        let over = [ca, ("CallStatus", "completed"), ("CallDuration", "9"), ("AnsweredBy", "machine_start")];
        let expected = (DeliveryStatus::Completed, Some(PickedUpBy::Machine), None, Some("r1".to_owned()));
        assert_eq!(seen(ours, &over), Some(expected));
    }
}
