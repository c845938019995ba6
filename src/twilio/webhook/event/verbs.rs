//! What TwiML verbs report to their `action` URL: pressed keys and speech, dialled calls, recordings, queues.

use std::time::Duration;

use super::call::CallContext;
use super::read::{event, of_a_call};
use crate::sms::Text;
use crate::twilio::wire::wire_enum;

event! {
    /// What a caller pressed or said during `Gather`. If partial results are requested, it is also sent while the caller
    /// still speaks.
    ///
    /// Twilio expects TwiML within 15 seconds.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/gather#action>
    GatherResult {
        @within {
            /// The call.
            call: CallContext,
        }
        /// The pressed keys. `Debug` masks them, because they may be a PIN. See [`digits`](GatherResult::digits).
        digits: Text = "Digits",
        /// The key that ended the input; it is not in `digits`.
        finished_on_key: Text = "FinishedOnKey",
        /// The recognised speech.
        speech_result: Text = "SpeechResult",
        /// The confidence of the recognition, 0 to 1.
        confidence: f64 = "Confidence",
        /// Only in a partial result: the speech that may still change.
        unstable_speech_result: Text = "UnstableSpeechResult",
        /// Only in a partial result: the speech that is unlikely to change.
        stable_speech_result: Text = "StableSpeechResult",
        /// Only in a partial result: its stability, 0 to 1.
        stability: f64 = "Stability",
        /// Only in a partial result: its number, from 0. Partial results may arrive in another order.
        sequence_number: u32 = "SequenceNumber",
        /// The language of the recognition.
        language: String = "Language",
    }
}

of_a_call!(GatherResult);

impl GatherResult {
    /// Returns the keys that were pressed; `None` where there are none.
    #[must_use]
    pub fn digits(&self) -> Option<&str> {
        self.digits.as_ref().map(Text::as_str)
    }

    /// Returns the recognised speech; `None` where there is none.
    #[must_use]
    pub fn speech(&self) -> Option<&str> {
        self.speech_result.as_ref().map(Text::as_str)
    }

    /// Is this a partial result?
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.unstable_speech_result.is_some() || self.stable_speech_result.is_some()
    }
}

wire_enum! {
    /// The end of a dialled call.
    DialStatus {
        /// It was answered and has ended.
        Completed = "completed",
        /// It was answered, and continues elsewhere.
        Answered = "answered",
        /// The line was busy.
        Busy = "busy",
        /// Nobody answered.
        NoAnswer = "no-answer",
        /// It could not be connected.
        Failed = "failed",
        /// The caller hung up first.
        Canceled = "canceled",
    }
}

event! {
    /// The call that `Dial` made is over.
    ///
    /// Twilio expects TwiML within 15 seconds.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/dial#action>
    DialResult {
        @within {
            /// The call that dialled.
            call: CallContext,
        }
        /// How the dialled call ended.
        status: DialStatus = "DialCallStatus",
        /// The dialled call, `CA…`.
        dialed_sid: String = "DialCallSid",
        /// How long the dialled call lasted, in seconds.
        duration: u32 = "DialCallDuration",
        /// Were the two calls connected?
        bridged: bool = "DialBridged",
        /// The URL of the recording.
        recording_url: Text = "RecordingUrl",
        /// The recording, `RE…`.
        recording_sid: String = "RecordingSid",
        /// How long the recording is, in seconds.
        recording_duration: u32 = "RecordingDuration",
    }
}

of_a_call!(DialResult);

impl DialResult {
    /// Returns whether it was answered, by a person or by a machine. See [`was_taken`](Self::was_taken).
    #[must_use]
    pub fn was_answered(&self) -> bool {
        matches!(self.status, Some(DialStatus::Completed | DialStatus::Answered))
    }

    /// Returns whether the two calls were connected. A status of `completed` is not enough: it is also sent if the person who
    /// answered heard a [`Whisper`](crate::twilio::twiml::Whisper) and declined.
    #[must_use]
    pub fn was_taken(&self) -> bool {
        self.bridged.unwrap_or_else(|| self.was_answered())
    }

    /// Returns how long the dialled call lasted.
    #[must_use]
    pub fn talked(&self) -> Option<Duration> {
        self.duration.map(|seconds| Duration::from_secs(seconds.into()))
    }
}

event! {
    /// The message that a caller recorded with `Record`.
    ///
    /// Twilio expects TwiML within 15 seconds. The recording may not be ready yet; its
    /// [status](super::RecordingStatusUpdate) says when it is.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/record#action>
    RecordResult {
        @within {
            /// The call.
            call: CallContext,
        }
        /// The key that ended the recording, or `hangup`; see [`hung_up`](RecordResult::hung_up).
        digits: Text = "Digits",
        /// The URL of the recording.
        recording_url: Text = "RecordingUrl",
        /// The recording, `RE…`.
        recording_sid: String = "RecordingSid",
        /// How long it is, in seconds.
        recording_duration: u32 = "RecordingDuration",
    }
}

of_a_call!(RecordResult);

impl RecordResult {
    /// Returns the key that ended the recording; `None` where no key did.
    #[must_use]
    pub fn digits(&self) -> Option<&str> {
        self.digits.as_ref().map(Text::as_str).filter(|pressed| *pressed != "hangup")
    }

    /// Did the caller end the recording by hanging up?
    #[must_use]
    pub fn hung_up(&self) -> bool {
        self.digits.as_ref().is_some_and(|pressed| pressed == "hangup")
    }
}

wire_enum! {
    /// How a call left a queue.
    QueueOutcome {
        /// It was connected, and the connection is over.
        Bridged = "bridged",
        /// It is being connected.
        BridgingInProcess = "bridging-in-process",
        /// The TwiML was not valid.
        Error = "error",
        /// The caller hung up.
        Hangup = "hangup",
        /// The verb `Leave` ended the wait.
        Leave = "leave",
        /// The call was redirected while it waited.
        Redirected = "redirected",
        /// The call was redirected while it was connected.
        RedirectedFromBridged = "redirected-from-bridged",
        /// The queue was full.
        QueueFull = "queue-full",
        /// An internal error of Twilio's.
        SystemError = "system-error",
    }
}

event! {
    /// A call waits in a queue, is taken out of it, or left it.
    ///
    /// The outcome is sent to the `action` URL of `Enqueue`; position and times are sent to its `waitUrl`, repeatedly.
    /// Twilio expects TwiML within 15 seconds.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/enqueue>
    QueueResult {
        @within {
            /// The call.
            call: CallContext,
        }
        /// How it left the queue.
        outcome: QueueOutcome = "QueueResult",
        /// The queue, `QU…`.
        queue_sid: String = "QueueSid",
        /// How long the call has waited, in seconds.
        queue_time: u32 = "QueueTime",
        /// Its position in the queue, from 1.
        position: u32 = "QueuePosition",
        /// The average wait in the queue, in seconds.
        average_time: u32 = "AvgQueueTime",
        /// The number of calls in the queue.
        current_size: u32 = "CurrentQueueSize",
        /// The number of calls that the queue can hold.
        max_size: u32 = "MaxQueueSize",
        /// The call that takes this one out of the queue, `CA…`.
        dequeuing_call_sid: String = "DequeingCallSid",
    }
}

of_a_call!(QueueResult);

impl QueueResult {
    /// Is the call still waiting?
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.outcome.is_none() && self.dequeuing_call_sid.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::super::mutation::{read_whole, survives};
    use super::*;

    #[test]
    fn keys_and_words_are_read_whole() {
        let pressed: GatherResult = read_whole(fixtures::GATHER);
        assert_eq!((pressed.digits(), pressed.speech()), (Some("8642"), None));
        assert!(!pressed.is_partial());
        let said: GatherResult = read_whole(fixtures::SPEECH);
        assert_eq!((said.speech(), said.confidence), (Some("planted words"), Some(0.9)));
        let partial: GatherResult = read_whole(fixtures::PARTIAL);
        assert!(partial.is_partial() && partial.stability == Some(0.8));
        for pairs in [fixtures::GATHER, fixtures::SPEECH, fixtures::PARTIAL] {
            survives::<GatherResult>(pairs);
        }
    }

    #[test]
    fn a_recorded_dial_is_read_whole() {
        let result: DialResult = read_whole(fixtures::DIAL);
        assert_eq!((result.was_answered(), result.bridged), (true, Some(true)));
        assert_eq!(result.talked(), Some(Duration::from_secs(17)));
        assert_eq!(result.dialed_sid.as_deref(), Some("CA00000000000000000000000000000002"));
        survives::<DialResult>(fixtures::DIAL);
    }

    #[test]
    fn a_hangup_is_not_a_pressed_key() {
        let result: RecordResult = read_whole(fixtures::RECORD);
        assert_eq!((result.hung_up(), result.digits(), result.recording_duration), (true, None, Some(9)));
        let pressed = RecordResult { digits: Some("#".into()), ..Default::default() };
        assert_eq!((pressed.hung_up(), pressed.digits()), (false, Some("#")));
        survives::<RecordResult>(fixtures::RECORD);
    }

    #[test]
    fn waiting_and_leaving_are_read_whole() {
        let waiting: QueueResult = read_whole(fixtures::QUEUE_WAIT);
        assert_eq!((waiting.is_waiting(), waiting.position, waiting.current_size), (true, Some(2), Some(5)));
        let left: QueueResult = read_whole(fixtures::QUEUE_LEFT);
        assert_eq!((left.is_waiting(), left.outcome.clone()), (false, Some(QueueOutcome::QueueFull)));
        for pairs in [fixtures::QUEUE_WAIT, fixtures::QUEUE_LEFT] {
            survives::<QueueResult>(pairs);
        }
    }
}
