//! What the other says, recorded.

use super::macros::{made_empty, verb};
use crate::twilio::{HttpMethod, RecordingEvent, Trim};

verb! {
    /// Records what the other says, then goes on at its action. Silence from the start records nothing, and what stands
    /// after it in the document runs.
    ///
    /// Without an action it goes on at the URL of this document, which records again: set one.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/record>
    Record = "Record" {
        /// Sets the URL of the document that runs next; the one of this document where it is not set.
        action: text = "action",
        /// Sets how it is asked for.
        method: HttpMethod = "method",
        /// Sets after how many seconds of silence it ends; 5 where it is not set.
        timeout: u32 = "timeout",
        /// Sets the keys that end it; any where it is not set.
        finish_on_key: text = "finishOnKey",
        /// Sets the longest it may last, in seconds; 3,600 where it is not set.
        max_length: u32 = "maxLength",
        /// Sets whether it beeps first.
        play_beep: bool = "playBeep",
        /// Sets whether silence at both ends is cut off.
        trim: Trim = "trim",
        /// Sets where Twilio reports what becomes of the recording.
        recording_status_callback: text = "recordingStatusCallback",
        /// Sets how Twilio reports it.
        recording_status_callback_method: HttpMethod = "recordingStatusCallbackMethod",
        /// Sets when Twilio reports it; once it can be had, where none is set.
        recording_status_callback_event: [RecordingEvent] = "recordingStatusCallbackEvent",
        /// Sets whether it is written down: in English, and up to two minutes.
        transcribe: bool = "transcribe",
        /// Sets where Twilio posts what was written down; it is written down then.
        transcribe_callback: text = "transcribeCallback",
        /// Sets the recording configuration it is recorded by.
        recording_configuration_id: text = "recordingConfigurationId",
    }
}

made_empty!(Record, "Records what the other says.");
