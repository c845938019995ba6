//! Twilio's messages and calls in neutral words.

use crate::provider::{Delivery, FoundRow, Price, SendId};
use crate::twilio::calls::{AnsweredBy, CallDirection};
use crate::twilio::error::delivery_error;
use crate::twilio::messages::MessageDirection;
use crate::twilio::wire::Amount;
use crate::twilio::{Call, Message};

/// Twilio writes charges as negative numbers, and currencies in upper or lower case.
fn price(amount: Option<&Amount>, currency: Option<&String>) -> Option<Price> {
    let amount = -amount?.decimal()?;
    Some(Price { amount, currency: currency?.to_ascii_uppercase() })
}

pub(super) fn text_delivery(message: &Message) -> Delivery {
    let mut delivery = Delivery::new(SendId::text(&message.sid), message.status.delivery());
    delivery.error = delivery_error(message.error_code);
    delivery.segments = message.num_segments.filter(|segments| *segments > 0);
    delivery.price = price(message.price.as_ref(), message.price_unit.as_ref());
    delivery.updated = message.date_updated;
    delivery
}

pub(super) fn call_delivery(call: &Call) -> Delivery {
    let mut delivery = Delivery::new(SendId::call(&call.sid), call.status.delivery());
    delivery.price = price(call.price.as_ref(), call.price_unit.as_ref());
    delivery.updated = call.date_updated;
    delivery.picked_up_by = call.answered_by.as_ref().map(AnsweredBy::picked_up_by);
    delivery
}

pub(super) fn found_text(message: Message) -> FoundRow {
    let by_api = message.direction == Some(MessageDirection::OutboundApi);
    let mut row = FoundRow::new(text_delivery(&message), by_api);
    (row.to, row.from, row.pool) = (message.to, message.from, message.messaging_service_sid);
    (row.text, row.created) = (message.body, message.date_created);
    row
}

pub(super) fn found_call(call: Call) -> FoundRow {
    let by_api = call.direction == Some(CallDirection::OutboundApi);
    let mut row = FoundRow::new(call_delivery(&call), by_api);
    (row.to, row.from, row.created) = (call.to, call.from, call.date_created);
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{PickedUpBy, Reason, Scope};
    use crate::twilio::{CallStatus, MessageStatus};

    #[test]
    fn every_status_that_is_final_for_twilio_is_final_here() {
        for word in MessageStatus::KNOWN.iter().filter(|word| !word.starts_with("receiv")) {
            let status = MessageStatus::from(*word);
            assert_eq!(status.delivery().is_final(), status.is_terminal(), "{word}");
            assert_eq!(status.delivery().is_failure(), status.is_failure(), "{word}");
        }
        for word in CallStatus::KNOWN {
            let status = CallStatus::from(*word);
            assert_eq!(status.delivery().is_final(), status.is_terminal(), "{word}");
        }
    }

    #[test]
    fn a_failed_message_says_why_and_what_it_cost() {
        let json = r#"{"sid": "SM1", "status": "undelivered", "error_code": 30001, "price": "-0.00790",
            "price_unit": "usd", "num_segments": "2"}"#;
        let delivery = text_delivery(&serde_json::from_str(json).unwrap());
        let price = delivery.price.unwrap();
        assert_eq!((price.amount.to_string(), price.currency.as_str()), ("0.00790".to_owned(), "USD"));
        let error = delivery.error.unwrap();
        assert_eq!((error.code, error.reason, error.scope), (30001, Reason::QueueFull, Scope::Sender));
        assert_eq!((delivery.segments, delivery_error(Some(0))), (Some(2), None));
        assert_eq!(error.meaning.as_deref(), crate::twilio::error::lookup(30001).map(|entry| entry.title));
        assert!(error.advice.is_some_and(|advice| !advice.is_empty()));
    }

    #[test]
    fn a_call_says_who_picked_it_up() {
        let of = |word: &str| {
            let json = format!(r#"{{"sid": "CA1", "status": "completed", "answered_by": {word}}}"#);
            call_delivery(&serde_json::from_str(&json).unwrap()).picked_up_by
        };
        let words = [
            ("\"human\"", Some(PickedUpBy::Person)),
            ("\"fax\"", Some(PickedUpBy::Fax)),
            ("\"machine_start\"", Some(PickedUpBy::Machine)),
            ("\"machine_end_other\"", Some(PickedUpBy::Machine)),
            ("\"unknown\"", Some(PickedUpBy::Unknown)),
            ("\"a_new_word\"", Some(PickedUpBy::Unknown)),
            ("null", None),
        ];
        for (word, who) in words {
            assert_eq!(of(word), who, "{word}");
        }
    }
}
