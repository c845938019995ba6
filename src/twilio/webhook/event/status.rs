//! Delivery status of a message that you sent.

use jiff::civil::DateTime;

use super::content::Payload;
use super::read::event;
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::MessageStatus;
use crate::twilio::error::{CatalogueEntry, lookup};
use crate::twilio::wire::wire_enum;

wire_enum! {
    /// What happened to a message, as the channel reports it.
    ChannelEvent {
        /// It was delivered.
        Delivered = "DELIVERED",
        /// It was read.
        Read = "READ",
        /// It was not delivered.
        Undelivered = "UNDELIVERED",
        /// It was sent.
        Sent = "SENT",
    }
}

event! {
    /// The delivery status of a message that you sent.
    ///
    /// Reports may be late, repeated or out of order, and have no timestamp: combine them with
    /// [`apply_to`](MessageStatusUpdate::apply_to). Answer with 200 or 204 and an empty body.
    ///
    /// <https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks>
    MessageStatusUpdate {
        /// The message: `SM…` or `MM…`.
        sid: String = "MessageSid" | "SmsSid",
        /// The delivery status.
        status: MessageStatus = "MessageStatus" | "SmsStatus",
        /// The account it belongs to.
        account_sid: String = "AccountSid",
        /// The messaging service that sent it.
        messaging_service_sid: String = "MessagingServiceSid",
        /// Who sent it.
        from: Address = "From",
        /// Who receives it.
        to: Address = "To",
        /// The Twilio error code, if it failed or was not delivered; see [`meaning`](MessageStatusUpdate::meaning).
        error_code: u32 = "ErrorCode",
        /// The text of the error, which may change; match on the code.
        error_message: Text = "ErrorMessage",
        /// When the carrier finished, as it reported; see [`carrier_done`](MessageStatusUpdate::carrier_done).
        raw_dlr_done_date: String = "RawDlrDoneDate",
        /// Who receives it, as the channel writes the address.
        channel_to_address: Address = "ChannelToAddress",
        /// The channel: `whatsapp`.
        channel_prefix: String = "ChannelPrefix",
        /// The installation of the channel, `XE…`.
        channel_install_sid: String = "ChannelInstallSid",
        /// The status in the channel's words.
        channel_status_message: Text = "ChannelStatusMessage",
        /// What happened, as the channel reports it.
        event_type: ChannelEvent = "EventType",
        /// Was it a structured message?
        structured_message: bool = "StructuredMessage",
        /// Further data of the channel.
        channel_metadata: Payload = "ChannelMetadata",
        /// The version of the API.
        api_version: String = "ApiVersion",
    }
}

impl MessageStatusUpdate {
    /// Is the status final? See [`MessageStatus::is_terminal`].
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.status.as_ref().is_some_and(MessageStatus::is_terminal)
    }

    /// Updates the status that you stored; reports may arrive in any order. Returns whether it changed.
    ///
    /// [`MessageStatus::contradicts`] says whether a report contradicts the stored status.
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

    /// Returns what is known about the error code: meaning, cause, fix, documentation.
    #[must_use]
    pub fn meaning(&self) -> Option<&'static CatalogueEntry> {
        self.error_code.and_then(lookup)
    }

    /// Returns when the carrier finished, in the carrier's local time. The time zone is not known.
    #[must_use]
    pub fn carrier_done(&self) -> Option<DateTime> {
        let text = self.raw_dlr_done_date.as_deref()?;
        let digits = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits {
            return None;
        }
        DateTime::strptime("%Y%m%d%H%M", format!("20{text}")).ok()
    }

    /// Returns `SID:status`, which identifies a repeated delivery where `I-Twilio-Idempotency-Token` is missing.
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
    fn reports_in_any_order_give_the_same_status() {
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
    fn an_invalid_carrier_date_is_none() {
        for text in ["", "2613312359", "26013123591", "26-01-3123", "+601312359"] {
            let update = MessageStatusUpdate { raw_dlr_done_date: Some(text.into()), ..Default::default() };
            assert_eq!(update.carrier_done(), None, "{text}");
        }
    }
}
