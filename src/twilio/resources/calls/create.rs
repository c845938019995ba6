//! Whom to call, and what happens then.

use serde::{Deserialize, Serialize};

use super::super::{SendOptions, check};
use crate::phone::Address;
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::transport::Form;
use crate::twilio::twiml;
use crate::twilio::wire::wire_enum;

/// The most characters of a document that goes with the request.
pub(super) const MAX_TWIML: usize = 4000;
/// The most keys that are pressed after the call is picked up.
const MAX_DIGITS: usize = 32;

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

/// A call to somebody: all that most programs need. For everything else see [`CreateCall`].
///
/// ```
/// use switchboard::twilio::MakeCall;
///
/// let call = MakeCall::say("+14155551234", "The build is broken").from("+14155550100");
/// # let _ = call;
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MakeCall {
    /// Whom it is for.
    pub to: Address,
    /// Who calls; the credentials' phone number where it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Address>,
    /// The URL of the document that says what happens once it is picked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Text>,
    /// That document itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twiml: Option<Text>,
    /// Where Twilio reports what becomes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_callback: Option<Text>,
}

impl MakeCall {
    /// Calls somebody and says a text. Markup in it is spoken, not obeyed.
    pub fn say(to: impl Into<Address>, text: impl AsRef<str>) -> Self {
        Self::twiml(to, twiml::say(text.as_ref()))
    }

    /// Calls somebody and does what a TwiML document says, at most 4,000 characters.
    pub fn twiml(to: impl Into<Address>, document: impl Into<String>) -> Self {
        Self { twiml: Some(Text::new(document)), ..Self::to(to) }
    }

    /// Calls somebody and does what the TwiML document at a URL says.
    pub fn url(to: impl Into<Address>, url: impl Into<Text>) -> Self {
        Self { url: Some(url.into()), ..Self::to(to) }
    }

    fn to(to: impl Into<Address>) -> Self {
        Self { to: to.into(), from: None, url: None, twiml: None, status_callback: None }
    }

    /// Sets who calls: a number of yours, or a verified one.
    #[must_use]
    pub fn from(mut self, from: impl Into<Address>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Sets where Twilio reports what becomes of it.
    #[must_use]
    pub fn status_callback(mut self, url: impl Into<Text>) -> Self {
        self.status_callback = Some(url.into());
        self
    }
}

impl From<&MakeCall> for CreateCall {
    fn from(call: &MakeCall) -> Self {
        Self {
            to: call.to.clone(),
            from: call.from.clone(),
            url: call.url.clone(),
            twiml: call.twiml.clone(),
            status_callback: call.status_callback.clone(),
            ..Self::default()
        }
    }
}

/// A call with everything that Twilio knows about calls. Plain data: it can be stored and made later.
///
/// It needs one of [`url`](Self::url), [`twiml`](Self::twiml) and an [`application`](Self::application).
///
/// ```
/// use switchboard::twilio::{AmdMode, CallEvent, CreateCall};
///
/// let call = CreateCall::new("+14155551234")
///     .url("https://example.com/greeting")
///     .machine_detection(AmdMode::Enable)
///     .status_callback("https://example.com/calls")
///     .status_callback_events([CallEvent::Answered, CallEvent::Completed]);
/// # let _ = call;
/// ```
///
/// <https://www.twilio.com/docs/voice/api/call-resource#request-body-parameters>
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CreateCall {
    /// Whom it is for: a number, `sip:…` or `client:…`.
    pub to: Address,
    /// Who calls: a number of yours, or a verified one.
    pub from: Option<Address>,
    /// The URL of the document that says what happens once it is picked up.
    pub url: Option<Text>,
    /// How Twilio asks for it. `POST` where it is not set.
    pub method: Option<HttpMethod>,
    /// That document itself, at most 4,000 characters; ignored by Twilio where a URL is set.
    pub twiml: Option<Text>,
    /// The TwiML app that says what happens, `AP…`; it beats URLs and callbacks.
    pub application_sid: Option<String>,
    /// The document for when the other cannot be had.
    pub fallback_url: Option<Text>,
    /// How Twilio asks for that one.
    pub fallback_method: Option<HttpMethod>,
    /// Where Twilio reports what becomes of it.
    pub status_callback: Option<Text>,
    /// How Twilio reports it.
    pub status_callback_method: Option<HttpMethod>,
    /// When Twilio reports; only when it is over, where none is set.
    pub status_callback_events: Vec<CallEvent>,
    /// Keys pressed once it is picked up: at most 32 of `0-9 A-D # *`, `w` for half a second, `W` for a whole one.
    pub send_digits: Option<Text>,
    /// How long it rings, in seconds, at most 600; 60 where it is not set.
    pub timeout: Option<u32>,
    /// The longest it may last, in seconds.
    pub time_limit: Option<u32>,
    /// Record it.
    pub record: Option<bool>,
    /// How the recording keeps the two sides.
    pub recording_channels: Option<RecordingChannels>,
    /// Which side is recorded.
    pub recording_track: Option<RecordingTrack>,
    /// Whether silence at both ends of the recording is cut off.
    pub trim: Option<Trim>,
    /// Where Twilio reports what becomes of the recording.
    pub recording_status_callback: Option<Text>,
    /// How Twilio reports it.
    pub recording_status_callback_method: Option<HttpMethod>,
    /// When Twilio reports it.
    pub recording_status_callback_events: Vec<RecordingEvent>,
    /// The recording configuration it is recorded by.
    pub recording_configuration_sid: Option<String>,
    /// Find out whether a machine picked up.
    pub machine_detection: Option<AmdMode>,
    /// How long to try, in seconds; 30 where it is not set.
    pub machine_detection_timeout: Option<u32>,
    /// How long a machine is taken to speak at least, in milliseconds, 1,000 to 6,000.
    pub machine_detection_speech_threshold: Option<u32>,
    /// How long the silence after speech is taken to be, in milliseconds, 500 to 5,000.
    pub machine_detection_speech_end_threshold: Option<u32>,
    /// How long the silence before speech is taken to be, in milliseconds, 2,000 to 10,000.
    pub machine_detection_silence_timeout: Option<u32>,
    /// Find out while the document already runs.
    pub async_amd: Option<bool>,
    /// Where Twilio then reports it.
    pub async_amd_status_callback: Option<Text>,
    /// How Twilio reports it.
    pub async_amd_status_callback_method: Option<HttpMethod>,
    /// The number that is shown to the one called, where it differs from `from`.
    pub caller_id: Option<Address>,
    /// Why you call, for branded calling.
    pub call_reason: Option<Text>,
    /// The token of an incoming call that is passed on.
    pub call_token: Option<Text>,
    /// The trunk of your own carrier, `BY…`.
    pub byoc: Option<String>,
    /// The user name for a SIP address.
    pub sip_auth_username: Option<Text>,
    /// The password for a SIP address.
    pub sip_auth_password: Option<Text>,
    /// Where a client is told of the call.
    pub client_notification_url: Option<Text>,
    /// SHAKEN passports, at most five.
    pub passports: Option<Text>,
    /// Parameters that are not known here, sent as they are.
    pub more: Vec<(String, Text)>,
    /// How it is sent; not stored.
    #[serde(skip)]
    pub options: SendOptions,
}

/// What happens, and to whom.
impl CreateCall {
    /// Starts a call to somebody.
    pub fn new(to: impl Into<Address>) -> Self {
        Self { to: to.into(), ..Self::default() }
    }

    /// Sets who calls.
    #[must_use]
    pub fn from(mut self, from: impl Into<Address>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Does what the document at a URL says.
    #[must_use]
    pub fn url(mut self, url: impl Into<Text>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Does what a document says.
    #[must_use]
    pub fn twiml(mut self, document: impl Into<String>) -> Self {
        self.twiml = Some(Text::new(document));
        self
    }

    /// Says a text. Markup in it is spoken, not obeyed.
    #[must_use]
    pub fn say(self, text: impl AsRef<str>) -> Self {
        self.twiml(twiml::say(text.as_ref()))
    }

    /// Does what a TwiML app says, `AP…`.
    #[must_use]
    pub fn application(mut self, sid: impl Into<String>) -> Self {
        self.application_sid = Some(sid.into());
        self
    }

    /// Sets the document for when the other cannot be had.
    #[must_use]
    pub fn fallback_url(mut self, url: impl Into<Text>) -> Self {
        self.fallback_url = Some(url.into());
        self
    }

    /// Sets where Twilio reports what becomes of it.
    #[must_use]
    pub fn status_callback(mut self, url: impl Into<Text>) -> Self {
        self.status_callback = Some(url.into());
        self
    }

    /// Sets when Twilio reports.
    #[must_use]
    pub fn status_callback_events(mut self, events: impl IntoIterator<Item = CallEvent>) -> Self {
        self.status_callback_events = events.into_iter().collect();
        self
    }

    /// Presses keys once it is picked up.
    #[must_use]
    pub fn send_digits(mut self, digits: impl Into<Text>) -> Self {
        self.send_digits = Some(digits.into());
        self
    }

    /// Sets how long it rings, in seconds.
    #[must_use]
    pub fn timeout(mut self, seconds: u32) -> Self {
        self.timeout = Some(seconds);
        self
    }

    /// Sets the longest it may last, in seconds.
    #[must_use]
    pub fn time_limit(mut self, seconds: u32) -> Self {
        self.time_limit = Some(seconds);
        self
    }

    /// Records it.
    #[must_use]
    pub fn record(mut self, yes: bool) -> Self {
        self.record = Some(yes);
        self
    }

    /// Sets how the recording keeps the two sides.
    #[must_use]
    pub fn recording_channels(mut self, channels: RecordingChannels) -> Self {
        self.recording_channels = Some(channels);
        self
    }

    /// Sets where Twilio reports what becomes of the recording.
    #[must_use]
    pub fn recording_status_callback(mut self, url: impl Into<Text>) -> Self {
        self.recording_status_callback = Some(url.into());
        self
    }

    /// Finds out whether a machine picked up.
    #[must_use]
    pub fn machine_detection(mut self, mode: AmdMode) -> Self {
        self.machine_detection = Some(mode);
        self
    }

    /// Finds out while the document already runs, and reports it to a URL.
    #[must_use]
    pub fn async_amd(mut self, callback: impl Into<Text>) -> Self {
        self.async_amd = Some(true);
        self.async_amd_status_callback = Some(callback.into());
        self
    }

    /// Shows another number to the one called.
    #[must_use]
    pub fn caller_id(mut self, number: impl Into<Address>) -> Self {
        self.caller_id = Some(number.into());
        self
    }

    /// Adds a parameter that is not known here.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.more.push((name.into(), value.into()));
        self
    }

    /// Sets how it is sent.
    #[must_use]
    pub fn options(mut self, options: SendOptions) -> Self {
        self.options = options;
        self
    }
}

/// On its way out.
impl CreateCall {
    /// Checks what can surely be known to be wrong. [`create`](super::Calls::create) does so by itself.
    ///
    /// # Errors
    /// `INVALID_REQUEST`, saying what to change.
    pub fn check(&self) -> Result<(), ProviderError> {
        self.check_from(self.from.as_ref()).map_err(|error| error.with_recipient(self.to.clone()))
    }

    fn check_from(&self, from: Option<&Address>) -> Result<(), ProviderError> {
        check::recipient(&self.to)?;
        let from = from.ok_or_else(|| {
            check::missing("there is no caller: set from(..), or the credentials' phone number")
        })?;
        check::sender(from)?;
        if self.url.is_none() && self.twiml.is_none() && self.application_sid.is_none() {
            return Err(check::missing(
                "there is nothing to do once it is picked up: set a URL, TwiML, a text to say or an application",
            ));
        }
        check::optional_sid("TwiML app", self.application_sid.as_deref(), "AP")?;
        check::optional_sid("trunk", self.byoc.as_deref(), "BY")?;
        // Where there is a URL or an application, Twilio does not look at it.
        let used = self.twiml.as_ref().filter(|_| self.url.is_none() && self.application_sid.is_none());
        check::longest("TwiML", used, MAX_TWIML)?;
        for (what, url) in [
            ("URL", &self.url),
            ("fallback URL", &self.fallback_url),
            ("recording callback", &self.recording_status_callback),
            ("machine detection callback", &self.async_amd_status_callback),
        ] {
            check::optional_url(what, url.as_ref().map(Text::as_str))?;
        }
        check::callback(self.status_callback.as_ref())?;
        self.check_numbers()
    }

    fn check_numbers(&self) -> Result<(), ProviderError> {
        if let Some(digits) = &self.send_digits {
            let key = |c: char| c.is_ascii_digit() || "ABCDabcd#*wW".contains(c);
            if digits.as_str().len() > MAX_DIGITS || !digits.as_str().chars().all(key) {
                return Err(check::refuse(
                    "the digits to send must be at most 32 of 0-9, A-D, #, *, w and W",
                ));
            }
        }
        check::range("ringing time in seconds", self.timeout, 0, 600)?;
        check::range("speech threshold in ms", self.machine_detection_speech_threshold, 1000, 6000)?;
        check::range("speech end threshold in ms", self.machine_detection_speech_end_threshold, 500, 5000)?;
        check::range("silence timeout in ms", self.machine_detection_silence_timeout, 2000, 10_000)
    }

    /// Checks it and writes it as Twilio takes it. Without a caller of its own it comes from `account`.
    pub(super) fn form(&self, account: Option<&Address>) -> Result<String, ProviderError> {
        let from = self.from.as_ref().or(account);
        self.check_from(from).map_err(|error| error.with_recipient(self.to.clone()))?;
        let mut form = Form::new();
        form.put("To", &self.to)
            .maybe("From", from)
            .maybe("Url", self.url.as_ref())
            .maybe("Method", self.method.as_ref())
            .maybe("Twiml", self.twiml.as_ref())
            .maybe("ApplicationSid", self.application_sid.as_ref())
            .maybe("FallbackUrl", self.fallback_url.as_ref())
            .maybe("FallbackMethod", self.fallback_method.as_ref())
            .maybe("StatusCallback", self.status_callback.as_ref())
            .maybe("StatusCallbackMethod", self.status_callback_method.as_ref())
            .each("StatusCallbackEvent", &self.status_callback_events)
            .maybe("SendDigits", self.send_digits.as_ref())
            .display("Timeout", self.timeout)
            .display("TimeLimit", self.time_limit);
        self.recording(&mut form);
        self.detection(&mut form);
        form.maybe("CallerId", self.caller_id.as_ref())
            .maybe("CallReason", self.call_reason.as_ref())
            .maybe("CallToken", self.call_token.as_ref())
            .maybe("Byoc", self.byoc.as_ref())
            .maybe("SipAuthUsername", self.sip_auth_username.as_ref())
            .maybe("SipAuthPassword", self.sip_auth_password.as_ref())
            .maybe("ClientNotificationUrl", self.client_notification_url.as_ref())
            .maybe("Passports", self.passports.as_ref());
        for (name, value) in &self.more {
            form.put(name, value);
        }
        Ok(form.finish())
    }

    fn recording(&self, form: &mut Form) {
        form.display("Record", self.record)
            .maybe("RecordingChannels", self.recording_channels.as_ref())
            .maybe("RecordingTrack", self.recording_track.as_ref())
            .maybe("Trim", self.trim.as_ref())
            .maybe("RecordingStatusCallback", self.recording_status_callback.as_ref())
            .maybe("RecordingStatusCallbackMethod", self.recording_status_callback_method.as_ref())
            .each("RecordingStatusCallbackEvent", &self.recording_status_callback_events)
            .maybe("RecordingConfigurationId", self.recording_configuration_sid.as_ref());
    }

    fn detection(&self, form: &mut Form) {
        form.maybe("MachineDetection", self.machine_detection.as_ref())
            .display("MachineDetectionTimeout", self.machine_detection_timeout)
            .display("MachineDetectionSpeechThreshold", self.machine_detection_speech_threshold)
            .display("MachineDetectionSpeechEndThreshold", self.machine_detection_speech_end_threshold)
            .display("MachineDetectionSilenceTimeout", self.machine_detection_silence_timeout)
            .display("AsyncAmd", self.async_amd)
            .maybe("AsyncAmdStatusCallback", self.async_amd_status_callback.as_ref())
            .maybe("AsyncAmdStatusCallbackMethod", self.async_amd_status_callback_method.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> CreateCall {
        CreateCall::new("+14155551234").from("+14155550100").say("Hello")
    }

    #[test]
    fn events_are_repeated_keys() {
        let call = call()
            .status_callback("https://e.com/s")
            .status_callback_events([CallEvent::Ringing, CallEvent::Completed])
            .machine_detection(AmdMode::DetectMessageEnd)
            .record(true);
        let form = call.form(None).unwrap();
        assert!(form.contains("StatusCallbackEvent=ringing&StatusCallbackEvent=completed"), "{form}");
        assert!(form.contains("MachineDetection=DetectMessageEnd") && form.contains("Record=true"));
    }

    #[test]
    fn what_is_surely_wrong_is_refused_with_what_to_change() {
        let bare = CreateCall::new("+14155551234").from("+14155550100");
        let cases = [
            (CreateCall::new("").say("x"), "no recipient"),
            (CreateCall::new("+14155551234").say("x"), "no caller"),
            (bare.clone(), "nothing to do"),
            (bare.clone().twiml("x".repeat(4001)), "4001 characters"),
            (bare.clone().url("example.com"), "URL is no URL"),
            (bare.application("AP1"), "must start with \"AP\""),
            (call().send_digits("12x"), "0-9"),
            (call().send_digits("1".repeat(33)), "at most 32"),
            (call().timeout(601), "from 0 to 600"),
            (CreateCall { machine_detection_silence_timeout: Some(2), ..call() }, "from 2000 to 10000"),
        ];
        for (call, expected) in cases {
            let error = call.form(None).unwrap_err();
            assert!(error.to_string().contains(expected), "{error} lacks {expected:?}");
        }
    }

    #[test]
    fn what_twilio_takes_is_not_refused() {
        for call in [
            CreateCall::new("client:alice").from("+14155550100").url("https://e.com/x?y=1#rc=2"),
            CreateCall::new("sip:bob@example.com").from("alice").twiml("x".repeat(4000)),
            call().send_digits("ww12*#D"),
            call().url("https://e.com"),
            call().timeout(600),
        ] {
            call.form(None).unwrap();
        }
    }

    #[test]
    fn debug_shows_neither_words_nor_numbers_nor_passwords() {
        let call = CreateCall { sip_auth_password: Some("planted".into()), ..call().say("planted") };
        let shown = format!("{call:?} {:?}", MakeCall::say("+14155551234", "planted"));
        assert!(!shown.contains("planted") && !shown.contains("5551234"), "{shown}");
    }
}
