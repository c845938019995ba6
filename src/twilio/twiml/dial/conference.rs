//! What a `Dial` joins: a conference or a queue.

use super::super::macros::{made_of_text, verb};
use super::super::{ConferenceBeep, ConferenceEvent, ConferenceRecord};
use crate::twilio::calls::{HttpMethod, RecordingEvent, Trim};

verb! {
    /// A conference that a [`Dial`](super::Dial) joins, by its name. It is created when the first caller joins.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/conference>
    Conference = "Conference" {
        /// Sets whether the participant is muted.
        muted: bool = "muted",
        /// Sets when a beep is heard; when somebody comes or goes by default.
        beep: ConferenceBeep = "beep",
        /// Sets whether the conference starts when this participant joins.
        start_conference_on_enter: bool = "startConferenceOnEnter",
        /// Sets whether the conference ends when this participant leaves.
        end_conference_on_exit: bool = "endConferenceOnExit",
        /// Sets the URL of the document that is heard until the conference starts, a
        /// [`WaitResponse`](crate::twilio::twiml::WaitResponse). An empty text means silence.
        wait_url: text = "waitUrl",
        /// Sets the HTTP method of that request.
        wait_method: HttpMethod = "waitMethod",
        /// Sets how many participants it may have; 250 by default.
        max_participants: u32 = "maxParticipants",
        /// Sets whether it is recorded.
        record: ConferenceRecord = "record",
        /// Sets the region where the sound is mixed.
        region: text = "region",
        /// Sets the call, `CA…`, that this participant coaches: only its side hears them.
        coach: text = "coach",
        /// Sets whether silence at both ends of the recording is removed.
        trim: Trim = "trim",
        /// Sets the URL that Twilio reports the status of the conference to.
        status_callback: text = "statusCallback",
        /// Sets which events Twilio reports.
        status_callback_event: [ConferenceEvent] = "statusCallbackEvent",
        /// Sets the HTTP method of those reports.
        status_callback_method: HttpMethod = "statusCallbackMethod",
        /// Sets the URL that Twilio reports the status of the recording to.
        recording_status_callback: text = "recordingStatusCallback",
        /// Sets the HTTP method of those reports.
        recording_status_callback_method: HttpMethod = "recordingStatusCallbackMethod",
        /// Sets which events Twilio reports.
        recording_status_callback_event: [RecordingEvent] = "recordingStatusCallbackEvent",
        /// Sets the configuration that the recording is made by.
        recording_configuration_id: text = "recordingConfigurationId",
        /// Sets the older form of `recording_status_callback`.
        event_callback_url: text = "eventCallbackUrl",
        /// Sets the size of the jitter buffer: `large`, `medium`, `small`, `off`.
        jitter_buffer_size: text = "jitterBufferSize",
        /// Sets a name for this participant, unique in the conference.
        participant_label: text = "participantLabel",
    }
}

made_of_text!(Conference, "Joins the conference of that name.");

verb! {
    /// A queue whose first caller a [`Dial`](super::Dial) connects to.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/queue>
    Queue = "Queue" {
        /// Sets the URL of the document that the waiting caller hears before the two are connected.
        url: text = "url",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
        /// Sets the `TaskRouter` reservation, `WR…`, whose call is answered.
        reservation_sid: text = "reservationSid",
        /// Sets the activity, `WA…`, of the `TaskRouter` worker after the call.
        post_work_activity_sid: text = "postWorkActivitySid",
    }
}

made_of_text!(Queue, "Connects to the first caller in the queue of that name.");
