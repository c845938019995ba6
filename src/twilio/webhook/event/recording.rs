//! Status of recordings, and their transcriptions.

use jiff::Timestamp;

use super::call::CallContext;
use super::content::Payload;
use super::read::{event, of_a_call};
use crate::sms::Text;
use crate::twilio::calls::RecordingTrack;
use crate::twilio::recordings::{RecordingSource, RecordingStatus};
use crate::twilio::transcriptions::TranscriptionStatus;

event! {
    /// The status of a recording changed.
    ///
    /// Answer with 200 or 204 and an empty body.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback>
    RecordingStatusUpdate {
        /// The recording, `RE…`.
        sid: String = "RecordingSid",
        /// The recording status.
        status: RecordingStatus = "RecordingStatus",
        /// The account it belongs to.
        account_sid: String = "AccountSid",
        /// The recorded call, `CA…`.
        call_sid: String = "CallSid",
        /// The recorded conference, `CF…`.
        conference_sid: String = "ConferenceSid",
        /// The URL of the recording.
        url: Text = "RecordingUrl",
        /// Its length in seconds, once it is complete.
        duration: u32 = "RecordingDuration",
        /// The number of its channels, 1 or 2.
        channels: u32 = "RecordingChannels",
        /// When the recording began.
        start_time: Timestamp = "RecordingStartTime",
        /// What started the recording.
        source: RecordingSource = "RecordingSource",
        /// The side of the call that is recorded.
        track: RecordingTrack = "RecordingTrack",
        /// The Twilio error code, if the recording is absent.
        error_code: u32 = "ErrorCode",
    }
}

impl RecordingStatusUpdate {
    /// Returns whether the recording can be downloaded.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.status == Some(RecordingStatus::Completed)
    }

    /// Returns `SID:status`, which identifies a repeated delivery where `I-Twilio-Idempotency-Token` is missing.
    #[must_use]
    pub fn dedupe_key(&self) -> Option<String> {
        super::key(self.sid.as_deref(), self.status.as_ref())
    }
}

event! {
    /// The transcription of a recording, or of a call in real time.
    ///
    /// Answer with 200 or 204 and an empty body.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/record#transcribecallback>
    TranscriptionUpdate {
        @within {
            /// The call.
            call: CallContext,
        }
        /// The transcription: `TR…`, or `GT…` in real time.
        sid: String = "TranscriptionSid",
        /// The transcription status.
        status: TranscriptionStatus = "TranscriptionStatus",
        /// The transcribed text.
        text: Text = "TranscriptionText",
        /// The URL of the transcription.
        url: Text = "TranscriptionUrl",
        /// The kind of the transcription: `fast`.
        kind: String = "TranscriptionType",
        /// The transcribed recording, `RE…`.
        recording_sid: String = "RecordingSid",
        /// The URL of the recording.
        recording_url: Text = "RecordingUrl",
        /// In real time: `transcription-started`, `transcription-content` and the like.
        event: String = "TranscriptionEvent",
        /// In real time: the transcribed text with its confidence.
        data: Payload = "TranscriptionData",
        /// In real time: the side that spoke, `inbound_track` or `outbound_track`.
        track: String = "Track",
        /// In real time: the number of this event. They may arrive in another order.
        sequence_number: u32 = "SequenceId",
        /// In real time: when it was said.
        timestamp: Timestamp = "Timestamp",
    }
}

of_a_call!(TranscriptionUpdate);

impl TranscriptionUpdate {
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

    #[test]
    fn a_complete_recording_is_read_whole() {
        let update: RecordingStatusUpdate = read_whole(fixtures::RECORDING);
        assert_eq!((update.is_ready(), update.duration, update.channels), (true, Some(9), Some(1)));
        assert_eq!(update.source, Some(RecordingSource::RecordVerb));
        assert_eq!(update.dedupe_key().unwrap(), "RE0123456789abcdef0123456789abcdef:completed");
        survives::<RecordingStatusUpdate>(fixtures::RECORDING);
    }

    #[test]
    fn a_transcription_is_read_and_its_second_url_is_kept() {
        let update: TranscriptionUpdate = survives(fixtures::TRANSCRIPTION);
        assert_eq!(update.status, Some(TranscriptionStatus::Completed));
        assert_eq!(update.text.as_ref().unwrap(), "planted words");
        assert_eq!(update.extra.iter().collect::<Vec<_>>(), [("url", "https://api.twilio.com/r/RE1")]);
        assert_eq!(update.dedupe_key().unwrap(), "TR0123456789abcdef0123456789abcdef:completed");
        let live: TranscriptionUpdate = read_whole(fixtures::LIVE_TRANSCRIPTION);
        assert_eq!(live.data.as_ref().unwrap().value()["confidence"], 0.5);
        assert_eq!(live.dedupe_key(), None);
        survives::<TranscriptionUpdate>(fixtures::LIVE_TRANSCRIPTION);
    }
}
