//! Whom a `Dial` calls: numbers, clients, SIP addresses, applications, WhatsApp numbers and SIM cards.

use super::super::buffer::Buffer;
use super::super::macros::{from_text, made_of_text, parameters, verb};
use crate::phone::{Address, E164};
use crate::twilio::calls::{AmdMode, CallEvent, HttpMethod};

verb! {
    /// A number that a [`Dial`](super::Dial) rings.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/number>
    Number = "Number" {
        /// Sets the keys that are sent after the answer, before the two are connected; `w` waits half a second.
        send_digits: text = "sendDigits",
        /// Sets the URL of a document that the called person hears before the two are connected.
        url: text = "url",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
        /// Sets the URL that Twilio reports the status of the call to.
        status_callback: text = "statusCallback",
        /// Sets which events Twilio reports; only the end of the call by default.
        status_callback_event: [CallEvent] = "statusCallbackEvent",
        /// Sets the HTTP method of those reports.
        status_callback_method: HttpMethod = "statusCallbackMethod",
        /// Sets the trunk of your own carrier (BYOC), `BY…`.
        byoc: text = "byoc",
        /// Turns on answering machine detection.
        machine_detection: AmdMode = "machineDetection",
        /// Sets how long the detection may take, in seconds.
        machine_detection_timeout: u32 = "machineDetectionTimeout",
        /// Sets the length in milliseconds from which a greeting is taken for a machine's.
        machine_detection_speech_threshold: u32 = "machineDetectionSpeechThreshold",
        /// Sets the milliseconds of silence that end a greeting.
        machine_detection_speech_end_threshold: u32 = "machineDetectionSpeechEndThreshold",
        /// Sets the milliseconds of silence at the start after which the detection gives up.
        machine_detection_silence_timeout: u32 = "machineDetectionSilenceTimeout",
        /// Sets the URL that Twilio reports the result of the detection to.
        amd_status_callback: text = "amdStatusCallback",
        /// Sets the HTTP method of those reports.
        amd_status_callback_method: HttpMethod = "amdStatusCallbackMethod",
    }
}

made_of_text!(Number, "Rings a number.");

impl From<&E164> for Number {
    fn from(number: &E164) -> Self {
        Self::new(number)
    }
}

impl From<&Address> for Number {
    fn from(number: &Address) -> Self {
        Self::new(number)
    }
}

verb! {
    /// A client of the Voice SDK that a [`Dial`](super::Dial) rings, by its identity.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/client>
    Client = "Client" {
        /// Sets the URL of a document that the called person hears before the two are connected.
        url: text = "url",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
        /// Sets the URL that Twilio reports the status of the call to.
        status_callback: text = "statusCallback",
        /// Sets which events Twilio reports; only the end of the call by default.
        status_callback_event: [CallEvent] = "statusCallbackEvent",
        /// Sets the HTTP method of those reports.
        status_callback_method: HttpMethod = "statusCallbackMethod",
    }
}

impl Client {
    /// Rings the client of that identity.
    pub fn new(identity: impl AsRef<str>) -> Self {
        let mut name = Buffer::new("Identity");
        name.text(identity.as_ref());
        let mut client = Self::open();
        client.0.child(name);
        client
    }
}

from_text!(Client);
parameters!(Client);

verb! {
    /// A SIP address that a [`Dial`](super::Dial) rings, or that a [`Refer`](crate::twilio::twiml::Refer) sends the
    /// caller to.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/sip>
    Sip = "Sip" {
        /// Sets the user name, where the other side asks for one.
        username: text = "username",
        /// Sets the password.
        password: text = "password",
        /// Sets the URL of a document that the called person hears before the two are connected.
        url: text = "url",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
        /// Sets the URL that Twilio reports the status of the call to.
        status_callback: text = "statusCallback",
        /// Sets which events Twilio reports; only the end of the call by default.
        status_callback_event: [CallEvent] = "statusCallbackEvent",
        /// Sets the HTTP method of those reports.
        status_callback_method: HttpMethod = "statusCallbackMethod",
        /// Turns on answering machine detection.
        machine_detection: AmdMode = "machineDetection",
        /// Sets how long the detection may take, in seconds.
        machine_detection_timeout: u32 = "machineDetectionTimeout",
        /// Sets the length in milliseconds from which a greeting is taken for a machine's.
        machine_detection_speech_threshold: u32 = "machineDetectionSpeechThreshold",
        /// Sets the milliseconds of silence that end a greeting.
        machine_detection_speech_end_threshold: u32 = "machineDetectionSpeechEndThreshold",
        /// Sets the milliseconds of silence at the start after which the detection gives up.
        machine_detection_silence_timeout: u32 = "machineDetectionSilenceTimeout",
        /// Sets the URL that Twilio reports the result of the detection to.
        amd_status_callback: text = "amdStatusCallback",
        /// Sets the HTTP method of those reports.
        amd_status_callback_method: HttpMethod = "amdStatusCallbackMethod",
    }
}

made_of_text!(Sip, "Rings a SIP address, as in `sip:alice@example.com`.");

impl Sip {
    /// Calls one of several addresses, by their priorities and weights.
    pub fn any_of(addresses: impl IntoIterator<Item = SipUri>) -> Self {
        addresses.into_iter().fold(Self::open(), Self::element)
    }

    /// Adds headers, each with its name and value.
    pub fn headers(mut self, headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> Self {
        let mut list = Buffer::new("Headers");
        for (name, value) in headers {
            let mut header = Buffer::new("Header");
            header.set("name", name.as_ref());
            header.set("value", value.as_ref());
            list.child(header);
        }
        self.0.child(list);
        self
    }
}

verb! {
    /// One of several SIP addresses.
    SipUri = "Uri" {
        /// Sets its priority: the lowest number is tried first.
        priority: u32 = "priority",
        /// Sets its share of the calls among addresses of the same priority.
        weight: u32 = "weight",
        /// Sets the user name, where the other side asks for one.
        username: text = "username",
        /// Sets the password.
        password: text = "password",
    }
}

made_of_text!(SipUri, "A SIP address, as in `sip:alice@example.com`.");

verb! {
    /// A TwiML application that a [`Dial`](super::Dial) calls, by its SID.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/application>
    Application = "Application" {
        /// Sets the URL of a document that the called person hears before the two are connected.
        url: text = "url",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
        /// Sets the URL that Twilio reports the status of the call to.
        status_callback: text = "statusCallback",
        /// Sets which events Twilio reports; only the end of the call by default.
        status_callback_event: [CallEvent] = "statusCallbackEvent",
        /// Sets the HTTP method of those reports.
        status_callback_method: HttpMethod = "statusCallbackMethod",
        /// Sets whether the application sees the number that was called first as `To`.
        copy_parent_to: bool = "copyParentTo",
        /// Sets the customer that the call is made for.
        customer_id: text = "customerId",
    }
}

impl Application {
    /// Calls the application of that SID, `AP…`.
    pub fn new(sid: impl AsRef<str>) -> Self {
        let mut name = Buffer::new("ApplicationSid");
        name.text(sid.as_ref());
        let mut application = Self::open();
        application.0.child(name);
        application
    }
}

from_text!(Application);
parameters!(Application);

verb! {
    /// A WhatsApp number that a [`Dial`](super::Dial) calls.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/whatsapp>
    WhatsApp = "WhatsApp" {
        /// Sets the URL of a document that the called person hears before the two are connected.
        url: text = "url",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
        /// Sets the URL that Twilio reports the status of the call to.
        status_callback: text = "statusCallback",
        /// Sets which events Twilio reports; only the end of the call by default.
        status_callback_event: [CallEvent] = "statusCallbackEvent",
        /// Sets the HTTP method of those reports.
        status_callback_method: HttpMethod = "statusCallbackMethod",
    }
}

made_of_text!(WhatsApp, "Calls a number over WhatsApp.");

verb! {
    /// A Twilio SIM card that a [`Dial`](super::Dial) rings, by its SID.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/sim>
    Sim = "Sim" {}
}

made_of_text!(Sim, "Rings the device with that SIM card, `DE…` or `HS…`.");
