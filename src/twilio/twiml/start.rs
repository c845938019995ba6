//! What runs beside a call: its sound as a stream, a transcription, a recording.

use super::StreamTrack;
use super::macros::{children, made_empty, parameters, verb};
use crate::twilio::calls::{HttpMethod, RecordingChannels, RecordingEvent, RecordingTrack, Trim};

verb! {
    /// Starts something beside the call; the call continues with the next verb.
    ///
    /// ```
    /// use switchboard::twilio::twiml::{Start, Transcription, VoiceResponse};
    ///
    /// let transcription = Transcription::new("/transcription").language_code("en-US").partial_results(true);
    /// let document = VoiceResponse::new().start(Start::new().transcription(transcription)).dial("+14155550100");
    /// # let _ = document;
    /// ```
    ///
    /// <https://www.twilio.com/docs/voice/twiml/start>
    Start = "Start" {
        /// Sets the URL that Twilio requests once it has started.
        action: text = "action",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
    }
}

made_empty!(Start, "Starts nothing yet.");

children! { Start {
    /// Starts a stream of the call's sound.
    stream: Stream,
    /// Starts a session with a SIP recording server.
    siprec: Siprec,
    /// Starts a transcription of what is said.
    transcription: Transcription,
    /// Starts a recording.
    recording: Recording,
} }

verb! {
    /// Stops what a [`Start`] started, by its name.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/stop>
    Stop = "Stop" {
        /// Sets the URL that Twilio requests once it has stopped.
        action: text = "action",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
    }
}

made_empty!(Stop, "Stops nothing yet.");

children! { Stop {
    /// Stops the stream of that name.
    stream: Stream,
    /// Stops the SIPREC session of that name.
    siprec: Siprec,
    /// Stops the transcription of that name.
    transcription: Transcription,
    /// Stops the recording.
    recording: Recording,
} }

verb! {
    /// The sound of a call over a WebSocket: one way in a [`Start`], both ways in a [`Connect`](super::Connect).
    ///
    /// <https://www.twilio.com/docs/voice/twiml/stream>
    Stream = "Stream" {
        /// Sets a name, which is needed to stop the stream.
        name: text = "name",
        /// Sets the connector of the Twilio Marketplace that receives the stream.
        connector_name: text = "connectorName",
        /// Sets the server that receives the stream, as in `wss://example.com/sound`. A query is not passed on; use
        /// [`parameter`](Self::parameter).
        url: text = "url",
        /// Sets which side of the call is streamed.
        track: StreamTrack = "track",
        /// Sets the format of the sound, such as `audio/x-mulaw` or `audio/x-l16`.
        audio_format: text = "audioFormat",
        /// Sets the sample rate in Hz.
        sample_rate: u32 = "sampleRate",
        /// Sets the URL that Twilio reports the status of the stream to.
        status_callback: text = "statusCallback",
        /// Sets the HTTP method of those reports.
        status_callback_method: HttpMethod = "statusCallbackMethod",
    }
}

parameters!(Stream);

impl Stream {
    /// Streams to a server, as in `wss://example.com/sound`.
    pub fn new(url: impl AsRef<str>) -> Self {
        Self::open().url(url)
    }

    /// Refers to a running stream by its name, to stop it.
    pub fn named(name: impl AsRef<str>) -> Self {
        Self::open().name(name)
    }
}

verb! {
    /// A session with a SIP recording server (SIPREC), by its connector.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/siprec>
    Siprec = "Siprec" {
        /// Sets a name, which is needed to stop the session.
        name: text = "name",
        /// Sets the connector of the Twilio Marketplace that receives the call.
        connector_name: text = "connectorName",
        /// Sets which side of the call is sent.
        track: StreamTrack = "track",
        /// Sets the URL that Twilio reports the status of the session to.
        status_callback: text = "statusCallback",
        /// Sets the HTTP method of those reports.
        status_callback_method: HttpMethod = "statusCallbackMethod",
    }
}

parameters!(Siprec);

impl Siprec {
    /// Sends the call to a connector.
    pub fn new(connector_name: impl AsRef<str>) -> Self {
        Self::open().connector_name(connector_name)
    }

    /// Refers to a running session by its name, to stop it.
    pub fn named(name: impl AsRef<str>) -> Self {
        Self::open().name(name)
    }
}

verb! {
    /// A transcription of what is said, while it is said.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/transcription>
    Transcription = "Transcription" {
        /// Sets a name, which is needed to stop the transcription.
        name: text = "name",
        /// Sets the URL that receives what was said.
        status_callback_url: text = "statusCallbackUrl",
        /// Sets the HTTP method of those requests.
        status_callback_method: HttpMethod = "statusCallbackMethod",
        /// Sets which side of the call is transcribed.
        track: StreamTrack = "track",
        /// Sets the label of the caller's side in what is received.
        inbound_track_label: text = "inboundTrackLabel",
        /// Sets the label of the other side.
        outbound_track_label: text = "outboundTrackLabel",
        /// Sets whether unfinished sentences are sent, too.
        partial_results: bool = "partialResults",
        /// Sets the language that is spoken, as in `en-US`.
        language_code: text = "languageCode",
        /// Sets the provider of the transcription, such as `google` or `deepgram`.
        transcription_engine: text = "transcriptionEngine",
        /// Sets the provider's speech model.
        speech_model: text = "speechModel",
        /// Sets whether swear words become asterisks.
        profanity_filter: bool = "profanityFilter",
        /// Sets words that are likely to be said, separated by commas.
        hints: text = "hints",
        /// Sets whether punctuation is added.
        enable_automatic_punctuation: bool = "enableAutomaticPunctuation",
        /// Sets the Conversational Intelligence service, `GA…`, that analyses the transcription.
        intelligence_service: text = "intelligenceService",
    }
}

parameters!(Transcription);

children! { Transcription {
    /// Adds a setting of the transcription provider.
    config: Config,
} }

impl Transcription {
    /// Sends what is said to a URL.
    pub fn new(status_callback_url: impl AsRef<str>) -> Self {
        Self::open().status_callback_url(status_callback_url)
    }

    /// Refers to a running transcription by its name, to stop it.
    pub fn named(name: impl AsRef<str>) -> Self {
        Self::open().name(name)
    }
}

verb! {
    /// A setting of the provider behind a [`Transcription`] or a [`VirtualAgent`](super::VirtualAgent), by its name.
    Config = "Config" {
        /// Sets the name of the setting.
        name: text = "name",
        /// Sets its value.
        value: text = "value",
    }
}

impl Config {
    /// A setting with its value.
    pub fn new(name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        Self::open().name(name).value(value)
    }
}

verb! {
    /// A recording that runs beside the call. A [`Record`](super::Record) waits for what the caller says instead.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/recording>
    Recording = "Recording" {
        /// Sets whether the two sides are mixed or recorded on a channel each.
        channels: RecordingChannels = "channels",
        /// Sets which side is recorded.
        track: RecordingTrack = "track",
        /// Sets whether silence at both ends is cut off.
        trim: Trim = "trim",
        /// Sets the URL that Twilio reports the status of the recording to.
        recording_status_callback: text = "recordingStatusCallback",
        /// Sets the HTTP method of those reports.
        recording_status_callback_method: HttpMethod = "recordingStatusCallbackMethod",
        /// Sets which events Twilio reports.
        recording_status_callback_event: [RecordingEvent] = "recordingStatusCallbackEvent",
        /// Sets the configuration that the recording is made by.
        recording_configuration_id: text = "recordingConfigurationId",
    }
}

made_empty!(Recording, "Records both sides.");
