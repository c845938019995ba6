//! The status of a message.

use crate::provider::DeliveryStatus;
use crate::twilio::wire::wire_enum;

wire_enum! {
    /// The status of a message. Values that Twilio adds later are kept as [`Unknown`](Self::Unknown).
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#message-status-values>
    MessageStatus {
        /// Scheduled for a later time.
        Scheduled = "scheduled",
        /// Accepted by a messaging service, which has not chosen a sender yet.
        Accepted = "accepted",
        /// Waits in the sender's queue.
        Queued = "queued",
        /// On its way to the carrier.
        Sending = "sending",
        /// The carrier has accepted it. If the carrier sends no reports, this is the last status.
        Sent = "sent",
        /// The carrier reported that it arrived.
        Delivered = "delivered",
        /// The carrier reported that it did not arrive.
        Undelivered = "undelivered",
        /// It could not be sent.
        Failed = "failed",
        /// It was read (WhatsApp and RCS).
        Read = "read",
        /// It was cancelled before it was sent.
        Canceled = "canceled",
        /// It arrived at some of its recipients.
        PartiallyDelivered = "partially_delivered",
        /// Twilio is receiving it.
        Receiving = "receiving",
        /// Twilio received it.
        Received = "received",
    }
}

impl MessageStatus {
    /// Returns the neutral status. Those that are not listed have the same name on both sides, or are unknown here.
    pub(in crate::twilio) fn delivery(&self) -> DeliveryStatus {
        match self {
            Self::Accepted => DeliveryStatus::Queued,
            same => same.as_str().into(),
        }
    }

    /// Is it final? After a final status no report follows, except `read` after `delivered`.
    ///
    /// `sent` is not final, although it is the last status if a carrier sends no reports.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        use MessageStatus::{Canceled, Delivered, Failed, Read, Received, Undelivered};
        matches!(self, Delivered | Undelivered | Failed | Read | Canceled | Received)
    }

    /// Is it certain that the message reached its recipient?
    #[must_use]
    pub const fn is_delivered(&self) -> bool {
        matches!(self, Self::Delivered | Self::Read | Self::Received)
    }

    /// Is it certain that the message did not reach its recipient?
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Undelivered | Self::Failed | Self::Canceled)
    }

    /// Do two reports contradict each other, as `delivered` and `failed` do?
    #[must_use]
    pub const fn contradicts(&self, other: &Self) -> bool {
        (self.is_delivered() && other.is_failure()) || (self.is_failure() && other.is_delivered())
    }

    /// Updates the status from a report that may be late, repeated or out of order: the result is the
    /// later one of the two statuses.
    ///
    /// The result is the same for every order of the same reports, and a final status stays final.
    ///
    /// ```
    /// use switchboard::twilio::MessageStatus::{Delivered, Queued, Sent};
    ///
    /// assert_eq!(Delivered.fold(Sent), Delivered); // a late "sent"
    /// assert_eq!(Queued.fold(Sent).fold(Delivered), Delivered);
    /// ```
    #[must_use]
    pub fn fold(self, report: Self) -> Self {
        // Two unknown statuses are ordered by their text, so that the order of the reports does not matter.
        if (report.rank(), report.as_str()) > (self.rank(), self.as_str()) { report } else { self }
    }

    /// Combines any number of reports, in any order. `None` for no reports.
    pub fn fold_all(reports: impl IntoIterator<Item = Self>) -> Option<Self> {
        reports.into_iter().reduce(Self::fold)
    }

    /// The position of a status in the course of a delivery.
    const fn rank(&self) -> u8 {
        match self {
            Self::Scheduled => 0,
            Self::Accepted => 1,
            Self::Queued => 2,
            Self::Receiving => 3,
            Self::Sending => 4,
            Self::Sent => 5,
            Self::Unknown(_) => 6,
            Self::PartiallyDelivered => 7,
            Self::Canceled => 8,
            Self::Failed => 9,
            Self::Undelivered => 10,
            Self::Received => 11,
            Self::Delivered => 12,
            Self::Read => 13,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_outranks_what_is_not() {
        let all = MessageStatus::KNOWN.iter().map(|word| MessageStatus::from(*word));
        let (over, under_way): (Vec<_>, Vec<_>) = all.partition(MessageStatus::is_terminal);
        assert_eq!((over.len(), under_way.len()), (6, 7));
        for (late, end) in under_way.iter().flat_map(|late| over.iter().map(move |end| (late, end))) {
            assert_eq!(end.clone().fold(late.clone()), *end);
            assert_eq!(late.clone().fold(end.clone()), *end);
        }
    }

    #[test]
    fn contradictions_are_told() {
        assert!(MessageStatus::Delivered.contradicts(&MessageStatus::Failed));
        assert!(!MessageStatus::Delivered.contradicts(&MessageStatus::Read));
    }
}
