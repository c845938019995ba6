//! The values of the parameters of calls.

use crate::twilio::wire::wire_enum;

wire_enum! {
    /// The HTTP method with which Twilio requests a URL of yours.
    HttpMethod {
        /// With the parameters in the query.
        Get = "GET",
        /// With the parameters in a form.
        Post = "POST",
    }
}

wire_enum! {
    /// An event of a call that Twilio reports.
    CallEvent {
        /// The call is being dialled.
        Initiated = "initiated",
        /// The call is ringing.
        Ringing = "ringing",
        /// The call was answered.
        Answered = "answered",
        /// The call has ended, with any status.
        Completed = "completed",
    }
}

wire_enum! {
    /// Whether a recording mixes both sides or keeps them on separate channels.
    RecordingChannels {
        /// Both sides mixed into one channel.
        Mono = "mono",
        /// Each side on a channel of its own.
        Dual = "dual",
    }
}

wire_enum! {
    /// Which side is recorded.
    RecordingTrack {
        /// The sound that Twilio receives from the called party.
        Inbound = "inbound",
        /// The sound that Twilio sends to the called party.
        Outbound = "outbound",
        /// Both.
        Both = "both",
    }
}

wire_enum! {
    /// Whether silence at the beginning and the end of a recording is removed.
    Trim {
        /// Silence is removed.
        TrimSilence = "trim-silence",
        /// Silence is kept.
        DoNotTrim = "do-not-trim",
    }
}

wire_enum! {
    /// An event of a recording that Twilio reports.
    RecordingEvent {
        /// Recording has started.
        InProgress = "in-progress",
        /// The recording can be downloaded.
        Completed = "completed",
        /// The call ended without a recording.
        Absent = "absent",
    }
}

wire_enum! {
    /// When answering machine detection reports its result.
    AmdMode {
        /// As soon as a machine is recognised.
        Enable = "Enable",
        /// Once the machine has finished speaking, to leave it a message.
        DetectMessageEnd = "DetectMessageEnd",
    }
}
