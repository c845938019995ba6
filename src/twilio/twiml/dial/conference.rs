//! Where a `Dial` puts several people together: a conference, and a queue.

use super::super::macros::{made_of_text, verb};
use super::super::{ConferenceBeep, ConferenceEvent, ConferenceRecord};
use crate::twilio::{HttpMethod, RecordingEvent, Trim};

verb! {
    /// A conference that a [`Dial`](super::Dial) joins, by its name; the first who joins opens it.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/conference>
    Conference = "Conference" {
        /// Sets whether they cannot be heard.
        muted: bool = "muted",
        /// Sets when it beeps; when somebody comes or goes, where it is not set.
        beep: ConferenceBeep = "beep",
        /// Sets whether it starts when they come.
        start_conference_on_enter: bool = "startConferenceOnEnter",
        /// Sets whether it ends when they go.
        end_conference_on_exit: bool = "endConferenceOnExit",
        /// Sets the document that is heard until it starts, a [`WaitResponse`](crate::twilio::twiml::WaitResponse); none
        /// where the text is empty.
        wait_url: text = "waitUrl",
        /// Sets how it is asked for.
        wait_method: HttpMethod = "waitMethod",
        /// Sets how many may be in it; 250 where it is not set.
        max_participants: u32 = "maxParticipants",
        /// Sets whether it is recorded.
        record: ConferenceRecord = "record",
        /// Sets the region where it is mixed.
        region: text = "region",
        /// Sets the call, `CA…`, whose side alone hears them.
        coach: text = "coach",
        /// Sets whether silence at both ends of the recording is cut off.
        trim: Trim = "trim",
        /// Sets where Twilio reports what becomes of it.
        status_callback: text = "statusCallback",
        /// Sets when Twilio reports it.
        status_callback_event: [ConferenceEvent] = "statusCallbackEvent",
        /// Sets how Twilio reports it.
        status_callback_method: HttpMethod = "statusCallbackMethod",
        /// Sets where Twilio reports what becomes of the recording.
        recording_status_callback: text = "recordingStatusCallback",
        /// Sets how Twilio reports that.
        recording_status_callback_method: HttpMethod = "recordingStatusCallbackMethod",
        /// Sets when Twilio reports that.
        recording_status_callback_event: [RecordingEvent] = "recordingStatusCallbackEvent",
        /// Sets the configuration that the recording is made by.
        recording_configuration_id: text = "recordingConfigurationId",
        /// Sets the older form of the callback for recordings.
        event_callback_url: text = "eventCallbackUrl",
        /// Sets how much jitter is smoothed out: `large`, `medium`, `small`, `off`.
        jitter_buffer_size: text = "jitterBufferSize",
        /// Sets a name for them, unique in it.
        participant_label: text = "participantLabel",
    }
}

made_of_text!(Conference, "Joins the conference of that name.");

verb! {
    /// A queue whose first a [`Dial`](super::Dial) takes.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/queue>
    Queue = "Queue" {
        /// Sets the document that the one who waits hears before they are put through.
        url: text = "url",
        /// Sets how it is asked for.
        method: HttpMethod = "method",
        /// Sets the reservation of `TaskRouter`, `WR…`, whose call is taken.
        reservation_sid: text = "reservationSid",
        /// Sets what the worker of `TaskRouter` does afterwards, `WA…`.
        post_work_activity_sid: text = "postWorkActivitySid",
    }
}

made_of_text!(Queue, "Takes the first who waits in the queue of that name.");
