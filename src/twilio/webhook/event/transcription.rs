//! What was said in a recording or in a call.

use jiff::Timestamp;

use super::call::CallContext;
use super::payload::Payload;
use super::read::{event, of_a_call};
use crate::sms::Text;
use crate::twilio::TranscriptionStatus;

event! {
    /// What was said in a recording; or, where the call is transcribed while it runs, in the call.
    ///
    /// Answer with 200 or 204 and nothing.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/record#transcribecallback>
    TranscriptionUpdate {
        @within {
            /// The call.
            call: CallContext,
        }
        /// The transcription: `TR…`, or `GT…` of a call that runs.
        sid: String = "TranscriptionSid",
        /// Where it is.
        status: TranscriptionStatus = "TranscriptionStatus",
        /// What was said.
        text: Text = "TranscriptionText",
        /// Where it can be read.
        url: Text = "TranscriptionUrl",
        /// How it was made: `fast`.
        kind: String = "TranscriptionType",
        /// The recording it was made of, `RE…`.
        recording_sid: String = "RecordingSid",
        /// Where the recording can be downloaded.
        recording_url: Text = "RecordingUrl",
        /// Of a call that runs: `transcription-started`, `transcription-content` and the like.
        event: String = "TranscriptionEvent",
        /// Of a call that runs: what was said, and how sure that is.
        data: Payload = "TranscriptionData",
        /// Of a call that runs: who spoke, `inbound_track` or `outbound_track`.
        track: String = "Track",
        /// Of a call that runs: its place among these events. They may arrive in another order.
        sequence_number: u32 = "SequenceId",
        /// Of a call that runs: when it happened.
        timestamp: Timestamp = "Timestamp",
    }
}

of_a_call!(TranscriptionUpdate);

impl TranscriptionUpdate {
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
