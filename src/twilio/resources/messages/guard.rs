//! Limits on what a message may be and cost, kept before anything is sent.

use rust_decimal::Decimal;

use super::super::check;
use super::{CreateMessage, SendSms};
use crate::phone::Address;
use crate::provider::{Action, ErrorCode, ProviderError, Reason};
use crate::sms::{BillableMessage, Destination, GuardError, PriceList, destination};

/// Keeps of the prices what this recipient needs: the guard is stored with the message.
fn prices_for(to: &Address, prices: &PriceList) -> PriceList {
    match to.number().map(|number| destination(&number)) {
        Some(Destination::Country(country)) => prices.only(country),
        _ => PriceList::new(prices.currency()),
    }
}

/// Limits of your own. They are never sent to Twilio.
impl CreateMessage {
    /// Refuses it before anything is sent if its text has more segments. An MMS and a message of a channel count as one.
    #[must_use]
    pub const fn max_segments(mut self, most: u32) -> Self {
        self.guards.max_segments = Some(most);
        self
    }

    /// Refuses it before anything is sent if it costs more by these prices. Where a messaging service chooses the sender, the
    /// dearest price of the recipient's country counts; without a price it is refused.
    ///
    /// The prices of the recipient's country are kept with the message: for another recipient set it again.
    #[must_use]
    pub fn max_cost(mut self, most: Decimal, prices: &PriceList) -> Self {
        self.guards = self.guards.max_cost(most, &prices_for(&self.to, prices));
        self
    }

    /// Checks the limits. `from` is who sends it, where that is known.
    pub(super) fn check_guards(&self, from: Option<&Address>) -> Result<(), ProviderError> {
        if self.guards.is_empty() {
            return Ok(());
        }
        let message: BillableMessage = self.into();
        // The kind was set from the request's own sender; the account's number is known only now.
        let message = match (&message.kind, from) {
            (None, Some(from)) => message.sent_from(from),
            _ => message,
        };
        self.guards.check(&message).map_err(refused)
    }
}

/// Limits of your own. They are never sent to Twilio.
impl SendSms {
    /// Refuses it before anything is sent if it has more segments.
    #[must_use]
    pub const fn max_segments(mut self, most: u32) -> Self {
        self.guards.max_segments = Some(most);
        self
    }

    /// Refuses it before anything is sent if it costs more by these prices; see [`CreateMessage::max_cost`].
    #[must_use]
    pub fn max_cost(mut self, most: Decimal, prices: &PriceList) -> Self {
        self.guards = self.guards.max_cost(most, &prices_for(&self.to, prices));
        self
    }
}

fn refused(error: GuardError) -> ProviderError {
    let reason = match error {
        GuardError::Segments { .. } | GuardError::Uncounted => Reason::InvalidParameter,
        _ => Reason::BudgetSpent,
    };
    let refused = check::refuse(error.to_string()).with_code(ErrorCode::Blocked).with_reason(reason);
    refused.with_action(Action::FixRequest).with_source(error)
}

impl From<&CreateMessage> for BillableMessage {
    fn from(message: &CreateMessage) -> Self {
        let billable = match (&message.content_sid, &message.body) {
            (None, Some(body)) => Self::new(&message.to, body.clone()),
            (None, None) => Self::new(&message.to, ""),
            (Some(_), _) => Self::unknown_text(&message.to),
        };
        let media = !message.media_url.is_empty() || message.send_as_mms == Some(true);
        let billable = if media { billable.media() } else { billable };
        let billable = if message.smart_encoded == Some(true) { billable.smart() } else { billable };
        match &message.from {
            Some(from) => billable.sent_from(from),
            None => billable,
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
    use super::*;

    fn prices() -> PriceList {
        let mut prices = PriceList::new("USD");
        prices.set("US", "local", Decimal::new(1, 2));
        prices.set("US", "toll free", Decimal::new(2, 2));
        prices.set("DE", "local", Decimal::new(9, 2));
        prices
    }

    #[test]
    fn segments_are_counted_as_the_message_is_sent() {
        let message = |text: &str| CreateMessage::new("+14155551234").from("+14155550100").body(text);
        let quoted = "It’s ready. ".repeat(10);
        assert!(message(&quoted).max_segments(1).check().is_err());
        assert!(message(&quoted).smart_encoded(true).max_segments(1).check().is_ok());
        let tabs = format!("{}{}", "日".repeat(50), "\t".repeat(20));
        assert!(message(&tabs).max_segments(1).check().is_ok());
        assert!(message(&tabs).smart_encoded(true).max_segments(1).check().is_err());
        let past = message("x").param("Body", "y".repeat(1000)).max_segments(1).check().unwrap_err();
        assert!(past.to_string().contains("set it with body(..)"), "{past}");
    }

    #[test]
    fn the_sender_decides_on_the_price_and_the_dearest_counts_where_it_is_unknown() {
        let message = CreateMessage::new("+14155551234").body("x").max_cost(Decimal::new(1, 2), &prices());
        let refused = |message: &CreateMessage, from: Option<&str>| {
            message.check_guards(from.map(Address::from).as_ref()).err().map(|error| error.to_string())
        };
        assert_eq!(refused(&message, Some("+14155550100")), None);
        assert!(refused(&message, Some("+18885550100")).unwrap().contains("cost 0.02 USD"));
        assert!(refused(&message, None).unwrap().contains("cost 0.02 USD"));
        assert_eq!(message.guards.max_cost.as_ref().unwrap().prices.iter().count(), 2);
        let mut elsewhere = message;
        elsewhere.to = "+491711234567".into();
        assert!(refused(&elsewhere, Some("+14155550100")).unwrap().contains("no price for DE"));
    }

    #[test]
    fn guards_are_stored_with_the_message() {
        let sms = SendSms::new("+14155551234", "x").max_segments(1).max_cost(Decimal::new(10, 3), &prices());
        let stored: SendSms = serde_json::from_str(&serde_json::to_string(&sms).unwrap()).unwrap();
        assert_eq!(stored, sms);
        let message: CreateMessage = (&sms).into();
        let stored: CreateMessage = serde_json::from_str(&serde_json::to_string(&message).unwrap()).unwrap();
        assert_eq!((&stored, stored.guards.is_empty()), (&message, false));
        let plain = serde_json::to_string(&SendSms::new("+14155551234", "x")).unwrap();
        assert!(!plain.contains("guards"));
    }
}
