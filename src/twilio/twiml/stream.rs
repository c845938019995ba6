//! The sound of a call, carried to a program of yours.

use super::macros::{children, made_empty, parameters, verb};
use super::{ConversationRelay, StreamTrack};
use crate::twilio::HttpMethod;

verb! {
    /// Starts something beside the call, which goes on.
    ///
    /// A `Siprec`, a `Transcription` or a `Recording` goes in with [`element`](Self::element).
    ///
    /// <https://www.twilio.com/docs/voice/twiml/start>
    Start = "Start" {
        /// Sets a URL that is told.
        action: text = "action",
        /// Sets how it is told.
        method: HttpMethod = "method",
    }
}

made_empty!(Start, "Starts nothing yet.");

children! { Start {
    /// Starts a stream.
    stream: Stream,
} }

verb! {
    /// Stops what a [`Start`] started, by its name.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/stop>
    Stop = "Stop" {
        /// Sets a URL that is told.
        action: text = "action",
        /// Sets how it is told.
        method: HttpMethod = "method",
    }
}

made_empty!(Stop, "Stops nothing yet.");

children! { Stop {
    /// Stops the stream of that name.
    stream: Stream,
} }

verb! {
    /// Connects the call to a program, both ways, until one of them hangs up.
    ///
    /// A `Room`, a `Conversation` or a `VirtualAgent` goes in with [`element`](Self::element).
    ///
    /// <https://www.twilio.com/docs/voice/twiml/connect>
    Connect = "Connect" {
        /// Sets the URL of the document that runs when it is over.
        action: text = "action",
        /// Sets how it is asked for.
        method: HttpMethod = "method",
    }
}

made_empty!(Connect, "Connects to nothing yet.");

children! { Connect {
    /// Carries the sound, both ways.
    stream: Stream,
    /// Carries what is said as text, both ways.
    conversation_relay: ConversationRelay,
} }

verb! {
    /// The sound of a call over a WebSocket.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/stream>
    Stream = "Stream" {
        /// Sets its name, to stop it by.
        name: text = "name",
        /// Sets the connector that takes it.
        connector_name: text = "connectorName",
        /// Sets where it goes, as in `wss://example.com/sound`; a query in it is not passed on, parameters are.
        url: text = "url",
        /// Sets which side it carries.
        track: StreamTrack = "track",
        /// Sets where Twilio reports what becomes of it.
        status_callback: text = "statusCallback",
        /// Sets how Twilio reports it.
        status_callback_method: HttpMethod = "statusCallbackMethod",
    }
}

parameters!(Stream);

impl Stream {
    /// Carries the sound to a URL, as in `wss://example.com/sound`.
    pub fn new(url: impl AsRef<str>) -> Self {
        Self::open().url(url)
    }

    /// Names a stream that runs, to stop it.
    pub fn named(name: impl AsRef<str>) -> Self {
        Self::open().name(name)
    }
}
