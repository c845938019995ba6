//! Recording what the caller says.

use super::macros::{made_empty, verb};
use crate::twilio::calls::{HttpMethod, RecordingEvent, Trim};

verb! {
    /// Records what the caller says, then continues with the document at its action. If the caller says nothing, there is no
    /// recording, and the next verb runs.
    ///
    /// Set an action: without one the call continues with this document again, and records again.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/record>
    Record = "Record" {
        /// Sets the URL of the document that runs next; the URL of this document by default.
        action: text = "action",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
        /// Sets how many seconds of silence end the recording; 5 by default.
        timeout: u32 = "timeout",
        /// Sets the keys that end the recording; any by default.
        finish_on_key: text = "finishOnKey",
        /// Sets the longest it may last, in seconds; 3,600 by default.
        max_length: u32 = "maxLength",
        /// Sets whether it beeps first.
        play_beep: bool = "playBeep",
        /// Sets whether silence at both ends is removed.
        trim: Trim = "trim",
        /// Sets the URL that Twilio reports the status of the recording to.
        recording_status_callback: text = "recordingStatusCallback",
        /// Sets the HTTP method of those reports.
        recording_status_callback_method: HttpMethod = "recordingStatusCallbackMethod",
        /// Sets which events Twilio reports; only the completed recording by default.
        recording_status_callback_event: [RecordingEvent] = "recordingStatusCallbackEvent",
        /// Sets whether the recording is transcribed; English only, up to two minutes.
        transcribe: bool = "transcribe",
        /// Sets the URL that receives the transcription; this also turns `transcribe` on.
        transcribe_callback: text = "transcribeCallback",
        /// Sets the configuration that the recording is made by.
        recording_configuration_id: text = "recordingConfigurationId",
    }
}

made_empty!(Record, "Records what the caller says.");
