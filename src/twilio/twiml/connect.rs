//! What takes over a call: a stream both ways, an AI service, a video room, a conversation.

use super::macros::{children, made_empty, made_of_text, parameters, verb};
use super::{Config, ConversationEvent, ConversationRelay, DialRecord, Stream};
use crate::twilio::calls::{HttpMethod, RecordingEvent, Trim};

verb! {
    /// Connects the call to a program, both ways, until one of them hangs up.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/connect>
    Connect = "Connect" {
        /// Sets the URL of the document that runs when the connection is over.
        action: text = "action",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
    }
}

made_empty!(Connect, "Connects to nothing yet.");

children! { Connect {
    /// Streams the sound, both ways.
    stream: Stream,
    /// Sends what is said as text, both ways.
    conversation_relay: ConversationRelay,
    /// Connects to a session that a [`ConversationRelay`] configuration describes.
    conversation_relay_session: ConversationRelaySession,
    /// Connects to a virtual agent, such as Dialogflow's.
    virtual_agent: VirtualAgent,
    /// Connects to a session of an AI connector.
    ai_session: AiSession,
    /// Connects to a Twilio Video room.
    room: Room,
    /// Connects to a Twilio conversation.
    conversation: Conversation,
} }

verb! {
    /// A Twilio Video room that the caller joins by its name, with sound only.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/connect/room>
    Room = "Room" {
        /// Sets the caller's identity in the room.
        participant_identity: text = "participantIdentity",
    }
}

made_of_text!(Room, "Joins the room of that name.");

verb! {
    /// A virtual agent that talks with the caller, by its connector.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/connect/virtualagent>
    VirtualAgent = "VirtualAgent" {
        /// Sets the connector that is configured in the Twilio Console.
        connector_name: text = "connectorName",
        /// Sets the language of the conversation, as in `en-US`.
        language: text = "language",
        /// Sets whether the agent judges the mood of what is said.
        sentiment_analysis: bool = "sentimentAnalysis",
        /// Sets the URL that Twilio reports the status of the agent to.
        status_callback: text = "statusCallback",
        /// Sets the HTTP method of those reports.
        status_callback_method: HttpMethod = "statusCallbackMethod",
    }
}

parameters!(VirtualAgent);

children! { VirtualAgent {
    /// Adds a setting of the agent.
    config: Config,
} }

impl VirtualAgent {
    /// Connects to the agent of a connector.
    pub fn new(connector_name: impl AsRef<str>) -> Self {
        Self::open().connector_name(connector_name)
    }
}

verb! {
    /// A session of an AI connector.
    AiSession = "AiSession" {
        /// Sets the connector.
        ai_connector: text = "aiConnector",
        /// Sets the configuration of the session.
        ai_session_configuration: text = "aiSessionConfiguration",
    }
}

impl AiSession {
    /// Connects to a session of that connector.
    pub fn new(ai_connector: impl AsRef<str>) -> Self {
        Self::open().ai_connector(ai_connector)
    }
}

verb! {
    /// A session whose settings are stored at Twilio, instead of written into a [`ConversationRelay`].
    ConversationRelaySession = "ConversationRelaySession" {
        /// Sets the connector.
        connector: text = "connector",
        /// Sets the configuration of the session.
        session_configuration: text = "sessionConfiguration",
    }
}

impl ConversationRelaySession {
    /// Connects to a session of that connector.
    pub fn new(connector: impl AsRef<str>) -> Self {
        Self::open().connector(connector)
    }
}

verb! {
    /// A Twilio conversation that the caller joins.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/connect/conversation>
    Conversation = "Conversation" {
        /// Sets the Conversations service, `IS…`, whose conversation it is.
        service_instance_sid: text = "serviceInstanceSid",
        /// Sets whether a conversation is created if none exists.
        inbound_autocreation: bool = "inboundAutocreation",
        /// Sets after how many seconds a task without a worker is given up.
        routing_assignment_timeout: u32 = "routingAssignmentTimeout",
        /// Sets how many seconds a caller waits for somebody to join.
        inbound_timeout: u32 = "inboundTimeout",
        /// Sets the URL of the document that a participant hears first.
        url: text = "url",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
        /// Sets whether the call is recorded.
        record: DialRecord = "record",
        /// Sets whether silence at both ends of the recording is removed.
        trim: Trim = "trim",
        /// Sets the URL that Twilio reports the status of the recording to.
        recording_status_callback: text = "recordingStatusCallback",
        /// Sets the HTTP method of those reports.
        recording_status_callback_method: HttpMethod = "recordingStatusCallbackMethod",
        /// Sets which of its events Twilio reports.
        recording_status_callback_event: [RecordingEvent] = "recordingStatusCallbackEvent",
        /// Sets the URL that Twilio reports the status of the call to.
        status_callback: text = "statusCallback",
        /// Sets the HTTP method of those reports.
        status_callback_method: HttpMethod = "statusCallbackMethod",
        /// Sets which of its events Twilio reports.
        status_callback_event: [ConversationEvent] = "statusCallbackEvent",
    }
}

impl Conversation {
    /// Joins a conversation of that service, `IS…`.
    pub fn new(service_instance_sid: impl AsRef<str>) -> Self {
        Self::open().service_instance_sid(service_instance_sid)
    }
}
