//! What became of a call that a call dialled.

use std::time::Duration;

use super::call::CallContext;
use super::read::{event, of_a_call};
use crate::sms::Text;
use crate::twilio::wire::wire_enum;

wire_enum! {
    /// What became of a call that a call dialled.
    DialStatus {
        /// It was answered and is over.
        Completed = "completed",
        /// It was answered, and goes on elsewhere.
        Answered = "answered",
        /// The line was busy.
        Busy = "busy",
        /// Nobody picked up.
        NoAnswer = "no-answer",
        /// It could not be connected.
        Failed = "failed",
        /// The caller hung up first.
        Canceled = "canceled",
    }
}

event! {
    /// What became of a call that `Dial` made.
    ///
    /// Twilio expects TwiML within 15 seconds.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/dial#action>
    DialResult {
        @within {
            /// The call that dialled.
            call: CallContext,
        }
        /// What became of the other one.
        status: DialStatus = "DialCallStatus",
        /// The other one, `CA…`.
        dialed_sid: String = "DialCallSid",
        /// How long it was talked on, in seconds.
        duration: u32 = "DialCallDuration",
        /// Were the two connected?
        bridged: bool = "DialBridged",
        /// Where the recording can be downloaded.
        recording_url: Text = "RecordingUrl",
        /// The recording, `RE…`.
        recording_sid: String = "RecordingSid",
        /// How long the recording is, in seconds.
        recording_duration: u32 = "RecordingDuration",
    }
}

of_a_call!(DialResult);

impl DialResult {
    /// Did somebody, or something, pick up? See [`was_taken`](Self::was_taken).
    #[must_use]
    pub fn was_answered(&self) -> bool {
        matches!(self.status, Some(DialStatus::Completed | DialStatus::Answered))
    }

    /// Did somebody take the call? A status of `completed` does not tell: it is there, too, where whoever answered
    /// heard a [`Whisper`](crate::twilio::twiml::Whisper) and declined.
    #[must_use]
    pub fn was_taken(&self) -> bool {
        self.bridged.unwrap_or_else(|| self.was_answered())
    }

    /// Returns how long it was talked on.
    #[must_use]
    pub fn talked(&self) -> Option<Duration> {
        self.duration.map(|seconds| Duration::from_secs(seconds.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::super::mutation::{read_whole, survives};
    use super::*;

    #[test]
    fn a_recorded_dial_is_read_whole() {
        let result: DialResult = read_whole(fixtures::DIAL);
        assert_eq!((result.was_answered(), result.bridged), (true, Some(true)));
        assert_eq!(result.talked(), Some(Duration::from_secs(17)));
        assert_eq!(result.dialed_sid.as_deref(), Some("CA00000000000000000000000000000002"));
        survives::<DialResult>(fixtures::DIAL);
    }
}
