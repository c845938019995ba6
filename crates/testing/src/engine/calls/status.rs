//! The statuses of a call.

/// The statuses of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum CallStatus {
    Queued,
    Ringing,
    InProgress,
    Completed,
    Busy,
    Failed,
    NoAnswer,
    Canceled,
}

impl CallStatus {
    /// Returns the status as Twilio writes it.
    pub(in crate::engine) const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
        }
    }

    /// Reads a status that ends a call.
    pub(in crate::engine) fn ending(word: &str) -> Option<Self> {
        [Self::Completed, Self::Busy, Self::Failed, Self::NoAnswer, Self::Canceled]
            .into_iter()
            .find(|status| status.word() == word)
    }

    pub(in crate::engine) const fn next(self) -> Option<Self> {
        match self {
            Self::Queued => Some(Self::Ringing),
            Self::Ringing => Some(Self::InProgress),
            Self::InProgress => Some(Self::Completed),
            _ => None,
        }
    }

    /// Returns whether it was not answered yet.
    pub(in crate::engine) const fn is_unanswered(self) -> bool {
        matches!(self, Self::Queued | Self::Ringing)
    }

    /// Returns whether it is not over yet.
    pub(in crate::engine) const fn is_live(self) -> bool {
        self.next().is_some()
    }
}
