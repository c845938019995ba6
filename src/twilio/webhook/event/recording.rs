//! What became of a recording.

use jiff::Timestamp;

use super::read::event;
use crate::sms::Text;
use crate::twilio::{RecordingSource, RecordingStatus, RecordingTrack};

event! {
    /// What became of a recording.
    ///
    /// Answer with 200 or 204 and nothing.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback>
    RecordingStatusUpdate {
        /// The recording, `RE…`.
        sid: String = "RecordingSid",
        /// Where it is.
        status: RecordingStatus = "RecordingStatus",
        /// The account it belongs to.
        account_sid: String = "AccountSid",
        /// The call it was made of, `CA…`.
        call_sid: String = "CallSid",
        /// The conference it was made of, `CF…`.
        conference_sid: String = "ConferenceSid",
        /// Where it can be downloaded.
        url: Text = "RecordingUrl",
        /// How long it is, in seconds; once it is complete.
        duration: u32 = "RecordingDuration",
        /// Its channels, 1 or 2.
        channels: u32 = "RecordingChannels",
        /// When it began.
        start_time: Timestamp = "RecordingStartTime",
        /// What made it.
        source: RecordingSource = "RecordingSource",
        /// Which side of the call is in it.
        track: RecordingTrack = "RecordingTrack",
        /// Why there is nothing in it: Twilio's number.
        error_code: u32 = "ErrorCode",
    }
}

impl RecordingStatusUpdate {
    /// Can it be downloaded?
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.status == Some(RecordingStatus::Completed)
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

    #[test]
    fn a_complete_recording_is_read_whole() {
        let update: RecordingStatusUpdate = read_whole(fixtures::RECORDING);
        assert_eq!((update.is_ready(), update.duration, update.channels), (true, Some(9), Some(1)));
        assert_eq!(update.source, Some(RecordingSource::RecordVerb));
        assert_eq!(update.dedupe_key().unwrap(), "RE0123456789abcdef0123456789abcdef:completed");
        survives::<RecordingStatusUpdate>(fixtures::RECORDING);
    }
}
