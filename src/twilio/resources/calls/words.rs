//! The words that requests about calls are made of.

use crate::twilio::wire::wire_enum;

wire_enum! {
    /// How Twilio asks a URL of yours.
    HttpMethod {
        /// With the parameters in the query.
        Get = "GET",
        /// With the parameters in a form.
        Post = "POST",
    }
}

wire_enum! {
    /// When Twilio reports what becomes of a call.
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
        /// Mixed.
        Mono = "mono",
        /// Apart.
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
    /// When Twilio reports what becomes of a recording.
    RecordingEvent {
        /// It runs.
        InProgress = "in-progress",
        /// It can be had.
        Completed = "completed",
        /// There is nothing to be had.
        Absent = "absent",
    }
}

wire_enum! {
    /// How Twilio finds out whether a machine picked up.
    AmdMode {
        /// As early as it can tell.
        Enable = "Enable",
        /// Once the machine has finished speaking, to leave it a message.
        DetectMessageEnd = "DetectMessageEnd",
    }
}
