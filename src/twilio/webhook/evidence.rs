//! What a verified webhook of Twilio's proves.

use super::{CallStatusUpdate, Event, InboundMessage, MessageStatusUpdate, Params};
use crate::provider::{Callback, Delivery, Evidence, SendId};
use crate::twilio::calls::AnsweredBy;
use crate::twilio::error::delivery_error;

pub(in crate::twilio) fn read(url: &str, signed: &[(String, String)]) -> Option<Evidence> {
    let pairs = signed.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    match Event::from_params(&Params::from_pairs(pairs)) {
        Event::MessageStatusUpdate(update) => text_report(url, &update),
        Event::CallStatusUpdate(update) => call_report(url, &update),
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

fn inbound(message: &InboundMessage) -> Option<Evidence> {
    Some(Evidence::Inbound {
        from: message.from.clone()?,
        to: message.to.clone()?,
        pool: message.messaging_service_sid.clone(),
        consent: message.consent(),
    })
}
