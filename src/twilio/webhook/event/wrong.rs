//! The error for a webhook that was sent to a URL for webhooks of another kind.

use std::fmt;

use super::classify::Kind;

impl Kind {
    /// Returns its description, and the Twilio setting that holds its URL.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::InboundMessage => {
                ("an incoming message", "the incoming-message URL of the number or messaging service")
            }
            Self::MessageStatusUpdate => ("a message status", "the `StatusCallback` of the message"),
            Self::InboundCall => {
                ("a call that wants TwiML", "the voice URL of the number, or `Url` of the call")
            }
            Self::CallStatusUpdate => ("a call status", "the `StatusCallback` of the call or number"),
            Self::GatherResult => ("pressed keys or speech", "the `action` of `Gather`"),
            Self::DialResult => ("the end of a dialled call", "the `action` of `Dial`"),
            Self::RecordResult => ("what a caller recorded", "the `action` of `Record`"),
            Self::QueueResult => ("a call in a queue", "the `action` or `waitUrl` of `Enqueue`"),
            Self::RecordingStatusUpdate => ("a recording status", "the `RecordingStatusCallback`"),
            Self::TranscriptionUpdate => ("a transcription", "the `transcribeCallback` of `Record`"),
            Self::AnsweringMachineResult => ("who picked up", "the `AsyncAmdStatusCallback` of the call"),
            Self::VerifyEvent => ("a Verify event", "the webhook of the Verify service"),
            Self::DebuggerEvent => ("a debugger event", "the debugger webhook of the account"),
            Self::Unknown => ("a webhook of an unknown kind", ""),
        }
    }
}

/// A webhook was sent to a URL for webhooks of another kind. The error says which setting to change, and quotes no parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongEvent {
    pub(crate) wanted: Kind,
    pub(crate) got: Kind,
}

impl WrongEvent {
    /// Returns the kind that the URL is for, such as `an incoming message`.
    #[must_use]
    pub const fn wanted(&self) -> &'static str {
        self.wanted.words().0
    }

    /// Returns the kind that was sent, such as `a message status`.
    #[must_use]
    pub const fn got(&self) -> &'static str {
        self.got.words().0
    }
}

impl fmt::Display for WrongEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((wanted, wanted_at), (got, got_at)) = (self.wanted.words(), self.got.words());
        write!(f, "this URL is for {wanted} and received {got}: configure it as {wanted_at}")?;
        if got_at.is_empty() || self.got == self.wanted {
            return Ok(());
        }
        write!(f, ", and another one as {got_at}")
    }
}

impl std::error::Error for WrongEvent {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_says_what_to_change() {
        let wrong = WrongEvent { wanted: Kind::InboundMessage, got: Kind::MessageStatusUpdate };
        assert_eq!(
            wrong.to_string(),
            "this URL is for an incoming message and received a message status: configure it as the \
             incoming-message URL of the number or messaging service, and another one as the `StatusCallback` of the \
             message"
        );
        let unknown = WrongEvent { wanted: Kind::GatherResult, got: Kind::Unknown };
        assert_eq!(
            unknown.to_string(),
            "this URL is for pressed keys or speech and received a webhook of an unknown kind: configure it as the \
             `action` of `Gather`"
        );
        assert_eq!((wrong.wanted(), unknown.got()), ("an incoming message", "a webhook of an unknown kind"));
    }
}
