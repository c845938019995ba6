//! What a person on the telephone hears, and what the call waits for.

/// Something that the person heard on the telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heard {
    /// The words of a `Say`.
    Say(String),
    /// The URL of a sound that was played.
    Play(String),
    /// The tones of keys.
    Keys(String),
    /// Silence, in seconds.
    Pause(u32),
    /// Twilio's message that an application error has occurred. The call ends after it.
    ApplicationError,
}

/// What a live call waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitsFor {
    /// The answer to a request for a document: [`Phone::catch_up`](crate::Phone::catch_up) waits for it.
    Document,
    /// `Gather`: [`press`](crate::Phone::press), [`say`](crate::Phone::say), [`stay_silent`](crate::Phone::stay_silent).
    #[non_exhaustive]
    Input {
        /// Whether keys are accepted.
        digits: bool,
        /// Whether speech is accepted.
        speech: bool,
        /// The number of keys that ends the input.
        count: Option<usize>,
        /// The keys that end it.
        finish_on_key: String,
    },
    /// `Record`: [`record`](crate::Phone::record), [`record_until`](crate::Phone::record_until),
    /// [`stay_silent`](crate::Phone::stay_silent).
    #[non_exhaustive]
    Recording {
        /// The maximum length.
        max_seconds: u32,
        /// The keys that end it.
        finish_on_key: String,
    },
    /// `Dial`: [`dialed`](crate::Phone::dialed), [`talked`](crate::Phone::talked).
    #[non_exhaustive]
    DialedParty {
        /// The addresses of the parties: `+14155551234`, `client:alice`, `sip:…`, `queue:support`.
        parties: Vec<String>,
    },
    /// `Dial` with a `Conference`: [`dialed`](crate::Phone::dialed) leaves it.
    #[non_exhaustive]
    Conference {
        /// The name of the room.
        name: String,
    },
    /// `Enqueue`: [`leave_queue`](crate::Phone::leave_queue).
    #[non_exhaustive]
    Queue {
        /// The name of the queue.
        name: String,
    },
    /// `Connect`: [`leave_stream`](crate::Phone::leave_stream). The fake opens no stream.
    #[non_exhaustive]
    Stream {
        /// The element: `Stream` or `ConversationRelay`.
        kind: String,
        /// The URL of the stream.
        url: String,
    },
    /// `Pay`: [`pay`](crate::Phone::pay).
    Payment,
    /// `Echo`, or a [dialled party](crate::Phone::dialed_party) that was connected: only
    /// [`hang_up`](crate::Phone::hang_up) ends it.
    HangUp,
    /// The call is over.
    Nothing,
}
