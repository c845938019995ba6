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
        /// It is being dialled.
        Initiated = "initiated",
        /// It rings.
        Ringing = "ringing",
        /// It was picked up.
        Answered = "answered",
        /// It is over, in whatever way.
        Completed = "completed",
    }
}

wire_enum! {
    /// How a recording keeps the two sides.
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
        /// What comes from the one called.
        Inbound = "inbound",
        /// What goes to the one called.
        Outbound = "outbound",
        /// Both.
        Both = "both",
    }
}

wire_enum! {
    /// Whether silence at both ends of a recording is cut off.
    Trim {
        /// It is.
        TrimSilence = "trim-silence",
        /// It is not.
        DoNotTrim = "do-not-trim",
    }
}

wire_enum! {
    /// An event of a recording that Twilio reports.
    RecordingEvent {
        /// It runs.
        InProgress = "in-progress",
        /// It can be downloaded.
        Completed = "completed",
        /// There is no recording.
        Absent = "absent",
    }
}

wire_enum! {
    /// How Twilio finds out whether a machine picked up.
    AmdMode {
        /// Reports a machine as soon as it is recognised.
        Enable = "Enable",
        /// Once the machine has finished speaking, to leave it a message.
        DetectMessageEnd = "DetectMessageEnd",
    }
}
