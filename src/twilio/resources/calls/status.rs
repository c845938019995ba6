//! The status of a call.

use crate::provider::DeliveryStatus;
use crate::twilio::wire::wire_enum;

wire_enum! {
    /// The status of a call. Values that Twilio adds later are kept as [`Unknown`](Self::Unknown).
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#call-status-values>
    CallStatus {
        /// The call waits to be dialled.
        Queued = "queued",
        /// The call is being dialled; occurs in callbacks only.
        Initiated = "initiated",
        /// The call is ringing.
        Ringing = "ringing",
        /// The call was answered, by a person or a machine.
        InProgress = "in-progress",
        /// The call was answered, by a person or a machine, and has ended.
        Completed = "completed",
        /// The line was busy.
        Busy = "busy",
        /// The call could not be connected.
        Failed = "failed",
        /// Nobody answered.
        NoAnswer = "no-answer",
        /// The call was canceled before anybody answered.
        Canceled = "canceled",
    }
}

impl CallStatus {
    /// Returns the neutral status. Those that are not listed have the same name on both sides, or are unknown here.
    pub(in crate::twilio) fn delivery(&self) -> DeliveryStatus {
        match self {
            Self::Initiated => DeliveryStatus::Sending,
            same => same.as_str().into(),
        }
    }

    /// Has the call ended?
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled)
    }

    /// Updates the status from a report that may be late, repeated or out of order: the result is the
    /// later one of the two statuses.
    ///
    /// The result is the same for every order of the same reports, and a call that has ended stays ended.
    #[must_use]
    pub fn fold(self, report: Self) -> Self {
        // Two unknown statuses are ordered by their text, so that the order of the reports does not matter.
        if (report.rank(), report.as_str()) > (self.rank(), self.as_str()) { report } else { self }
    }

    /// Combines any number of reports, in any order. `None` for no reports.
    pub fn fold_all(reports: impl IntoIterator<Item = Self>) -> Option<Self> {
        reports.into_iter().reduce(Self::fold)
    }

    /// The position of a status in the course of a call.
    const fn rank(&self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Initiated => 1,
            Self::Ringing => 2,
            Self::Unknown(_) => 3,
            Self::InProgress => 4,
            Self::Canceled => 5,
            Self::NoAnswer => 6,
            Self::Busy => 7,
            Self::Failed => 8,
            Self::Completed => 9,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_outranks_what_is_not() {
        let all = CallStatus::KNOWN.iter().map(|word| CallStatus::from(*word));
        let (over, under_way): (Vec<_>, Vec<_>) = all.partition(CallStatus::is_terminal);
        assert_eq!((over.len(), under_way.len()), (5, 4));
        for (late, end) in under_way.iter().flat_map(|late| over.iter().map(move |end| (late, end))) {
            assert_eq!(end.clone().fold(late.clone()), *end);
            assert_eq!(late.clone().fold(end.clone()), *end);
        }
    }
}
