//! The status of a call.

use crate::twilio::wire::wire_enum;

wire_enum! {
    /// The status of a call. New words are kept as [`Unknown`](Self::Unknown).
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#call-status-values>
    CallStatus {
        /// Waits to be dialled.
        Queued = "queued",
        /// Is being dialled; a word of callbacks only.
        Initiated = "initiated",
        /// It rings.
        Ringing = "ringing",
        /// Somebody, or something, picked up.
        InProgress = "in-progress",
        /// It was answered and is over. An answering machine answers, too.
        Completed = "completed",
        /// The line was busy.
        Busy = "busy",
        /// It could not be connected.
        Failed = "failed",
        /// Nobody picked up.
        NoAnswer = "no-answer",
        /// It was ended before anybody picked up.
        Canceled = "canceled",
    }
}

impl CallStatus {
    /// Is it over?
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled)
    }

    /// Updates the status from a report that may be late, repeated or out of order: of the two, the status that is
    /// further along counts.
    ///
    /// The result is the same for every order of the same reports, and what is over never starts again.
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
