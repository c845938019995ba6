//! The status of a message.

use crate::twilio::wire::wire_enum;

wire_enum! {
    /// The status of a message. New words are kept as [`Unknown`](Self::Unknown).
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#message-status-values>
    MessageStatus {
        /// Scheduled for a later time.
        Scheduled = "scheduled",
        /// A messaging service has it, and will choose a sender.
        Accepted = "accepted",
        /// Waits in the sender's queue.
        Queued = "queued",
        /// On its way to the carrier.
        Sending = "sending",
        /// The carrier has it. Where a carrier reports nothing, it stays so.
        Sent = "sent",
        /// The carrier says that it arrived.
        Delivered = "delivered",
        /// The carrier says that it did not arrive.
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
    /// Is it final? After a final status no report follows, except `read` after `delivered`.
    ///
    /// `sent` is not final, although it is the last status where a carrier reports nothing.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        use MessageStatus::{Canceled, Delivered, Failed, Read, Received, Undelivered};
        matches!(self, Delivered | Undelivered | Failed | Read | Canceled | Received)
    }

    /// Did it surely reach its recipient?
    #[must_use]
    pub const fn is_delivered(&self) -> bool {
        matches!(self, Self::Delivered | Self::Read | Self::Received)
    }

    /// Did it surely not reach its recipient?
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Undelivered | Self::Failed | Self::Canceled)
    }

    /// Do two reports contradict each other, as `delivered` and `failed` do?
    #[must_use]
    pub const fn contradicts(&self, other: &Self) -> bool {
        (self.is_delivered() && other.is_failure()) || (self.is_failure() && other.is_delivered())
    }

    /// Updates the status from a report that may be late, repeated or out of order: of the two, the status that is
    /// further along counts.
    ///
    /// The result is the same for every order of the same reports, and what is over never starts again.
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

    /// How far along it is.
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
