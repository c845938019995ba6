//! What became of a message that you sent.

use jiff::civil::DateTime;

use super::payload::Payload;
use super::read::event;
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::MessageStatus;
use crate::twilio::error::{CatalogueEntry, lookup};
use crate::twilio::wire::wire_enum;

wire_enum! {
    /// What a channel says of a message.
    ChannelEvent {
        /// It arrived.
        Delivered = "DELIVERED",
        /// It was read.
        Read = "READ",
        /// It did not arrive.
        Undelivered = "UNDELIVERED",
        /// It is on its way.
        Sent = "SENT",
    }
}

event! {
    /// What became of a message that you sent.
    ///
    /// Reports may come late, twice and out of order, and carry no time: fold them with
    /// [`apply_to`](MessageStatusUpdate::apply_to). Answer with 200 or 204 and nothing.
    ///
    /// <https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks>
    MessageStatusUpdate {
        /// The message: `SM…` or `MM…`.
        sid: String = "MessageSid" | "SmsSid",
        /// Where it is.
        status: MessageStatus = "MessageStatus" | "SmsStatus",
        /// The account it belongs to.
        account_sid: String = "AccountSid",
        /// The messaging service that sent it.
        messaging_service_sid: String = "MessagingServiceSid",
        /// Who sent it.
        from: Address = "From",
        /// Whom it is for.
        to: Address = "To",
        /// Why it failed or did not arrive: Twilio's number; see [`meaning`](MessageStatusUpdate::meaning).
        error_code: u32 = "ErrorCode",
        /// The same in words that may change: match on the number.
        error_message: Text = "ErrorMessage",
        /// When the carrier was done, as it says; see [`carrier_done`](MessageStatusUpdate::carrier_done).
        raw_dlr_done_date: String = "RawDlrDoneDate",
        /// Whom it is for, as the channel writes it.
        channel_to_address: Address = "ChannelToAddress",
        /// The channel: `whatsapp`.
        channel_prefix: String = "ChannelPrefix",
        /// The installation of the channel, `XE…`.
        channel_install_sid: String = "ChannelInstallSid",
        /// What the channel says in words.
        channel_status_message: Text = "ChannelStatusMessage",
        /// What the channel says.
        event_type: ChannelEvent = "EventType",
        /// Was it a structured message?
        structured_message: bool = "StructuredMessage",
        /// What else the channel knows.
        channel_metadata: Payload = "ChannelMetadata",
        /// The version of the API.
        api_version: String = "ApiVersion",
    }
}

impl MessageStatusUpdate {
    /// Is it over? See [`MessageStatus::is_terminal`].
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.status.as_ref().is_some_and(MessageStatus::is_terminal)
    }

    /// Folds this report into what you know, whatever came first. Says whether that changed anything.
    ///
    /// Whether a report contradicts what you know says [`MessageStatus::contradicts`].
    ///
    /// ```
    /// use switchboard::twilio::MessageStatus;
    /// use switchboard::twilio::webhook::{Event, Params};
    ///
    /// let late = Params::from_query("MessageSid=SM1&MessageStatus=sent");
    /// let mut known = MessageStatus::Delivered;
    /// if let Event::MessageStatusUpdate(update) = Event::from_params(&late) {
    ///     assert!(!update.apply_to(&mut known));
    /// }
    /// assert_eq!(known, MessageStatus::Delivered);
    /// ```
    pub fn apply_to(&self, known: &mut MessageStatus) -> bool {
        let Some(report) = &self.status else { return false };
        let folded = known.clone().fold(report.clone());
        let changed = folded != *known;
        *known = folded;
        changed
    }

    /// Returns what is known about its error: meaning, cause, fix, where to look.
    #[must_use]
    pub fn meaning(&self) -> Option<&'static CatalogueEntry> {
        self.error_code.and_then(lookup)
    }

    /// Returns when the carrier was done, by the carrier's own clock: in which time zone, nobody says.
    #[must_use]
    pub fn carrier_done(&self) -> Option<DateTime> {
        let text = self.raw_dlr_done_date.as_deref()?;
        let digits = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits {
            return None;
        }
        DateTime::strptime("%Y%m%d%H%M", format!("20{text}")).ok()
    }

    /// Returns `SID:status`, by which a second delivery is known, where `I-Twilio-Idempotency-Token` is missing.
    #[must_use]
    pub fn dedupe_key(&self) -> Option<String> {
        super::key(self.sid.as_deref(), self.status.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::super::mutation::{read_whole, survives};
    use super::*;
    use crate::twilio::webhook::Params;

    #[test]
    fn a_status_is_read_whole() {
        let update: MessageStatusUpdate = read_whole(fixtures::UNDELIVERED);
        assert_eq!(update.status, Some(MessageStatus::Undelivered));
        assert_eq!((update.is_terminal(), update.error_code), (true, Some(30003)));
        assert_eq!(update.meaning().unwrap().code, 30003);
        assert_eq!(update.carrier_done().unwrap().to_string(), "2026-01-31T23:59:00");
        assert_eq!(update.dedupe_key().unwrap(), "SM0123456789abcdef0123456789abcdef:undelivered");
        let update: MessageStatusUpdate = read_whole(fixtures::READ);
        assert_eq!(update.event_type, Some(ChannelEvent::Read));
        for pairs in [fixtures::UNDELIVERED, fixtures::READ] {
            survives::<MessageStatusUpdate>(pairs);
        }
    }

    #[test]
    fn reports_in_any_order_fold_to_the_same() {
        let words = ["queued", "sent", "delivered", "sent", "read", "delivered"];
        for turn in 0..words.len() {
            let mut known = MessageStatus::Queued;
            for at in 0..words.len() {
                let word = words[(at + turn) % words.len()];
                let pairs = [("MessageSid", "SM1"), ("MessageStatus", word)];
                MessageStatusUpdate::read(&Params::from_pairs(pairs)).apply_to(&mut known);
            }
            assert_eq!(known, MessageStatus::Read);
        }
    }

    #[test]
    fn a_date_that_is_none_is_none() {
        for text in ["", "2613312359", "26013123591", "26-01-3123", "+601312359"] {
            let update = MessageStatusUpdate { raw_dlr_done_date: Some(text.into()), ..Default::default() };
            assert_eq!(update.carrier_done(), None, "{text}");
        }
    }
}
