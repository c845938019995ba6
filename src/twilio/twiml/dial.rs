//! Somebody else, put through.

use super::DialRecord;
use super::macros::{children, made_empty, verb};
use crate::twilio::{HttpMethod, RecordingEvent, RecordingTrack, Trim};

mod conference;
mod endpoint;

pub use conference::{Conference, Queue};
pub use endpoint::{Application, Client, Number, Sim, Sip, SipUri, WhatsApp};

verb! {
    /// Puts the caller through to somebody else: up to ten numbers, clients and SIP addresses at the same time, of which
    /// the first to answer gets the call; or a conference; or the first who waits in a queue.
    ///
    /// ```
    /// use switchboard::twilio::twiml::{Dial, Number, VoiceResponse};
    ///
    /// let one = VoiceResponse::new().dial("+14155550100");
    /// let first_to_answer = VoiceResponse::new().dial(
    ///     Dial::new().timeout(20).action("/dialled").number("+14155550100").number(Number::new("+14155550101").url("/whisper")),
    /// );
    /// # let _ = (one, first_to_answer);
    /// ```
    ///
    /// A verb may not stand in it:
    ///
    /// ```compile_fail,E0599
    /// let dial = switchboard::twilio::twiml::Dial::new().say("One moment");
    /// ```
    ///
    /// <https://www.twilio.com/docs/voice/twiml/dial>
    Dial = "Dial" {
        /// Sets the URL of the document that runs when the dialled call is over.
        action: text = "action",
        /// Sets how it is asked for.
        method: HttpMethod = "method",
        /// Sets how long it rings, in seconds; 30 where it is not set.
        timeout: u32 = "timeout",
        /// Sets whether the caller leaves the dialled call with `*`.
        hangup_on_star: bool = "hangupOnStar",
        /// Sets the longest it may last, in seconds; 14,400 where it is not set.
        time_limit: u32 = "timeLimit",
        /// Sets the number that is shown: the caller's, or one of yours.
        caller_id: text = "callerId",
        /// Sets whether it is recorded.
        record: DialRecord = "record",
        /// Sets whether silence at both ends of the recording is cut off.
        trim: Trim = "trim",
        /// Sets which side is recorded.
        recording_track: RecordingTrack = "recordingTrack",
        /// Sets where Twilio reports what becomes of the recording.
        recording_status_callback: text = "recordingStatusCallback",
        /// Sets how Twilio reports it.
        recording_status_callback_method: HttpMethod = "recordingStatusCallbackMethod",
        /// Sets when Twilio reports it.
        recording_status_callback_event: [RecordingEvent] = "recordingStatusCallbackEvent",
        /// Sets the recording configuration it is recorded by.
        recording_configuration_id: text = "recordingConfigurationId",
        /// Sets whether the caller hears it ring until somebody answers, and pays from then on.
        answer_on_bridge: bool = "answerOnBridge",
        /// Sets the country whose ringing is heard, as in `us`.
        ring_tone: text = "ringTone",
        /// Sets whether they are dialled one after the other.
        sequential: bool = "sequential",
        /// Sets where Twilio asks what to do when the dialled side refers the call.
        refer_url: text = "referUrl",
        /// Sets how Twilio asks there.
        refer_method: HttpMethod = "referMethod",
        /// Sets the events that are reported.
        events: text = "events",
        /// Sets SHAKEN passports.
        passports: text = "passports",
    }
}

made_empty!(Dial, "Dials nobody yet.");

children! { Dial {
    /// Dials a number.
    number: Number,
    /// Rings a client of the Voice SDK.
    client: Client,
    /// Dials a SIP address.
    sip: Sip,
    /// Joins a conference.
    conference: Conference,
    /// Takes the first who waits in a queue.
    queue: Queue,
    /// Calls a TwiML application.
    application: Application,
    /// Calls a number over WhatsApp.
    whatsapp: WhatsApp,
    /// Rings a Twilio SIM card.
    sim: Sim,
} }

/// A number that is dialled.
impl From<&str> for Dial {
    fn from(number: &str) -> Self {
        Self::new().number(number)
    }
}

/// A number that is dialled.
impl From<String> for Dial {
    fn from(number: String) -> Self {
        Self::new().number(number)
    }
}

/// A number that is dialled.
impl From<&String> for Dial {
    fn from(number: &String) -> Self {
        Self::new().number(number)
    }
}
