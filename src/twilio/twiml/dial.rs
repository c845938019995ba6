//! Connects the caller to somebody else.

use super::DialRecord;
use super::macros::{children, made_empty, verb};
use crate::twilio::calls::{HttpMethod, RecordingEvent, RecordingTrack, Trim};

mod conference;
mod endpoint;

pub use conference::{Conference, Queue};
pub use endpoint::{Application, Client, Number, Sim, Sip, SipUri, WhatsApp};

verb! {
    /// Connects the caller to somebody else: to up to ten numbers, clients and SIP addresses, which ring at the same time and
    /// of which the first to answer gets the call; to a conference; or to the first caller in a queue.
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
    /// It cannot contain a verb, which does not compile:
    ///
    /// ```compile_fail,E0599
    /// let dial = switchboard::twilio::twiml::Dial::new().say("One moment");
    /// ```
    ///
    /// <https://www.twilio.com/docs/voice/twiml/dial>
    Dial = "Dial" {
        /// Sets the URL of the document that runs when the dialled call is over.
        action: text = "action",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
        /// Sets how long it rings, in seconds; 30 by default.
        timeout: u32 = "timeout",
        /// Sets whether the caller leaves the dialled call with `*`.
        hangup_on_star: bool = "hangupOnStar",
        /// Sets the longest it may last, in seconds; 14,400 by default.
        time_limit: u32 = "timeLimit",
        /// Sets the number that the called person sees: the caller's, or one of yours.
        caller_id: text = "callerId",
        /// Sets whether it is recorded.
        record: DialRecord = "record",
        /// Sets whether silence at both ends of the recording is removed.
        trim: Trim = "trim",
        /// Sets which side is recorded.
        recording_track: RecordingTrack = "recordingTrack",
        /// Sets the URL that Twilio reports the status of the recording to.
        recording_status_callback: text = "recordingStatusCallback",
        /// Sets the HTTP method of those reports.
        recording_status_callback_method: HttpMethod = "recordingStatusCallbackMethod",
        /// Sets which events Twilio reports.
        recording_status_callback_event: [RecordingEvent] = "recordingStatusCallbackEvent",
        /// Sets the configuration that the recording is made by.
        recording_configuration_id: text = "recordingConfigurationId",
        /// Sets whether the caller hears ringing, and is not charged, until somebody answers.
        answer_on_bridge: bool = "answerOnBridge",
        /// Sets the country whose ringing tone the caller hears, as in `us`.
        ring_tone: text = "ringTone",
        /// Sets whether the parties are dialled one after the other instead of all at once.
        sequential: bool = "sequential",
        /// Sets the URL that Twilio requests when the called side transfers the call (SIP REFER).
        refer_url: text = "referUrl",
        /// Sets the HTTP method of that request.
        refer_method: HttpMethod = "referMethod",
        /// Sets the events that are reported.
        events: text = "events",
        /// Sets SHAKEN identity passports, as base64 separated by commas.
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
    /// Connects to the first caller in a queue.
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
