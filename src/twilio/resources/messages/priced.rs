//! Converts a message for price estimates and guards, and a guard's refusal into an error.

use super::{CreateMessage, SendSms};
use crate::provider::{Action, ErrorCode, ProviderError, Reason};
use crate::sms::{BillableMessage, GuardError};

/// Makes `guards.check(&message)?` possible before a send.
impl From<GuardError> for ProviderError {
    fn from(error: GuardError) -> Self {
        let reason = match error {
            GuardError::Segments { .. } | GuardError::Uncounted => Reason::InvalidParameter,
            _ => Reason::BudgetSpent,
        };
        let refused =
            Self::invalid_request(error.to_string()).with_code(ErrorCode::Blocked).with_reason(reason);
        refused.with_action(Action::FixRequest).with_source(error)
    }
}

impl From<&CreateMessage> for BillableMessage {
    fn from(message: &CreateMessage) -> Self {
        let outgoing = match (&message.content_sid, &message.body) {
            (None, Some(body)) => Self::new(&message.to, body.clone()),
            (None, None) => Self::new(&message.to, ""),
            (Some(_), _) => Self::unknown_text(&message.to),
        };
        let media = !message.media_url.is_empty() || message.send_as_mms == Some(true);
        let outgoing = if media { outgoing.media() } else { outgoing };
        let outgoing = if message.smart_encoded == Some(true) { outgoing.smart() } else { outgoing };
        match &message.from {
            Some(from) => outgoing.sent_from(from),
            None => outgoing,
        }
    }
}

impl From<CreateMessage> for BillableMessage {
    fn from(message: CreateMessage) -> Self {
        (&message).into()
    }
}

impl From<&SendSms> for BillableMessage {
    fn from(sms: &SendSms) -> Self {
        let message: CreateMessage = sms.into();
        message.into()
    }
}

impl From<SendSms> for BillableMessage {
    fn from(sms: SendSms) -> Self {
        (&sms).into()
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::sms::{Guards, PriceList};

    #[test]
    fn segments_are_counted_as_the_message_is_sent() {
        let message = |text: &str| CreateMessage::new("+14155551234").from("+14155550100").body(text);
        let one = Guards::new().max_segments(1);
        let quoted = "It’s ready. ".repeat(10);
        assert!(one.check(message(&quoted)).is_err());
        assert!(one.check(message(&quoted).smart_encoded(true)).is_ok());
        let tabs = format!("{}{}", "日".repeat(50), "\t".repeat(20));
        assert!(one.check(message(&tabs)).is_ok());
        assert!(one.check(message(&tabs).smart_encoded(true)).is_err());
    }

    #[test]
    fn the_sender_decides_on_the_price_and_the_dearest_counts_where_it_is_unknown() {
        let mut prices = PriceList::new("USD");
        prices.set("US", "local", Decimal::new(1, 2));
        prices.set("US", "toll free", Decimal::new(2, 2));
        let guards = Guards::new().max_cost(Decimal::new(1, 2), &prices);
        let message = SendSms::new("+14155551234", "x");
        let refused = |message: &SendSms| guards.check(message).err().map(|error| error.to_string());
        assert_eq!(refused(&message.clone().from("+14155550100")), None);
        assert!(refused(&message.clone().from("+18885550100")).unwrap().contains("cost 0.02 USD"));
        assert!(refused(&message).unwrap().contains("cost 0.02 USD"));
    }

    #[test]
    fn a_refusal_says_that_nothing_was_sent_and_what_to_change() {
        let refused = |guards: Guards| -> Result<(), ProviderError> {
            guards.check(SendSms::new("+14155551234", "x".repeat(161)))?;
            Ok(())
        };
        let error = refused(Guards::new().max_segments(1)).unwrap_err();
        assert_eq!((error.code(), error.action()), (ErrorCode::Blocked, Action::FixRequest));
        assert_eq!((error.reason(), error.is_retryable()), (Reason::InvalidParameter, false));
        assert!(error.to_string().contains("at most 1 is allowed"), "{error}");
    }
}
