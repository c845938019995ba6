//! Placing a call: the request, its checks, and the method that sends it.

use super::{
    AmdMode, Call, CallEvent, Calls, HttpMethod, RecordingChannels, RecordingEvent, RecordingTrack, Trim,
};
use crate::phone::Address;
use crate::provider::{
    ApiRequest, Callback, KeyInput, ProviderError, RequestBody, RequestClass, SendOptions,
};
use crate::sms::Text;
use crate::twilio::session::Senders;
use crate::twilio::twiml::{Gather, VoiceResponse};
use crate::twilio::wire::{Form, Parameters as _, check, request};
use crate::twilio::{other_recipient, twiml};

/// The most characters of an inline TwiML document.
pub(super) const MAX_TWIML: usize = 4000;
/// The most digits that are sent after the call is answered.
const MAX_DIGITS: usize = 32;

request! {
    /// A call with all of Twilio's parameters. Plain data: it can be stored, and placed later.
    ///
    /// It needs a [`url`](Self::url), [`twiml`](Self::twiml) or an [`application`](Self::application).
    ///
    /// ```
    /// use switchboard::twilio::CreateCall;
    /// use switchboard::twilio::calls::{AmdMode, CallEvent};
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
    CreateCall {
        /// The number or address to call: a number, `sip:…` or `client:…`.
        to: Address = "To",
        /// The caller's number: one of your numbers, or a verified one.
        from: Option<Address> = "From",
        /// The URL of the TwiML document that runs when the call is answered.
        url: Option<Text> = "Url",
        /// The HTTP method of that request; `POST` by default.
        method: Option<HttpMethod> = "Method",
        /// The TwiML document itself, at most 4,000 characters; Twilio ignores it if a URL is set.
        twiml as _: Option<Text> = "Twiml",
        /// The TwiML app that handles the call, `AP…`; its settings have precedence over URLs and callbacks.
        application_sid as application: Option<String> = "ApplicationSid",
        /// The URL of the document that Twilio requests if the first one fails.
        fallback_url: Option<Text> = "FallbackUrl",
        /// The HTTP method of that request.
        fallback_method: Option<HttpMethod> = "FallbackMethod",
        /// The URL that Twilio reports the status of the call to.
        status_callback: Option<Text> = "StatusCallback",
        /// The HTTP method of those reports.
        status_callback_method: Option<HttpMethod> = "StatusCallbackMethod",
        /// The events that Twilio reports; only the end of the call where none is set.
        status_callback_events: Vec<CallEvent> = "StatusCallbackEvent",
        /// Digits that are sent when the call is answered: at most 32 of `0-9 A-D # *`, `w` for half a second, `W` for a whole one.
        send_digits: Option<Text> = "SendDigits",
        /// How long it rings, in seconds, at most 600; 60 by default.
        timeout: Option<u32> = "Timeout",
        /// The longest it may last, in seconds.
        time_limit: Option<u32> = "TimeLimit",
        /// Record the call.
        record: Option<bool> = "Record",
        /// Whether both sides are mixed or recorded on separate channels.
        recording_channels: Option<RecordingChannels> = "RecordingChannels",
        /// Which side is recorded.
        recording_track: Option<RecordingTrack> = "RecordingTrack",
        /// Whether silence at the beginning and the end of the recording is removed.
        trim: Option<Trim> = "Trim",
        /// The URL that Twilio reports the status of the recording to.
        recording_status_callback: Option<Text> = "RecordingStatusCallback",
        /// The HTTP method of those reports.
        recording_status_callback_method: Option<HttpMethod> = "RecordingStatusCallbackMethod",
        /// The events that Twilio reports.
        recording_status_callback_events: Vec<RecordingEvent> = "RecordingStatusCallbackEvent",
        /// The recording configuration to use.
        recording_configuration_sid: Option<String> = "RecordingConfigurationId",
        /// Turns on answering machine detection.
        machine_detection: Option<AmdMode> = "MachineDetection",
        /// How long the detection may take, in seconds; 30 by default.
        machine_detection_timeout: Option<u32> = "MachineDetectionTimeout",
        /// A greeting of this length or more counts as a machine's, in milliseconds, 1,000 to 6,000.
        machine_detection_speech_threshold: Option<u32> = "MachineDetectionSpeechThreshold",
        /// The silence that ends a greeting, in milliseconds, 500 to 5,000.
        machine_detection_speech_end_threshold: Option<u32> = "MachineDetectionSpeechEndThreshold",
        /// The silence at the start after which the detection gives up, in milliseconds, 2,000 to 10,000.
        machine_detection_silence_timeout: Option<u32> = "MachineDetectionSilenceTimeout",
        /// Run the detection in parallel with the TwiML document.
        async_amd as _: Option<bool> = "AsyncAmd",
        /// The URL that Twilio then reports the result to.
        async_amd_status_callback: Option<Text> = "AsyncAmdStatusCallback",
        /// The HTTP method of those reports.
        async_amd_status_callback_method: Option<HttpMethod> = "AsyncAmdStatusCallbackMethod",
        /// The number that the called person sees, if it differs from `from`.
        caller_id: Option<Address> = "CallerId",
        /// The reason for the call, for branded calling.
        call_reason: Option<Text> = "CallReason",
        /// The token of an incoming call that is forwarded.
        call_token: Option<Text> = "CallToken",
        /// The trunk of your own carrier, `BY…`.
        byoc: Option<String> = "Byoc",
        /// The user name for a SIP address.
        sip_auth_username: Option<Text> = "SipAuthUsername",
        /// The password for a SIP address.
        sip_auth_password: Option<Text> = "SipAuthPassword",
        /// The URL that is notified if the call goes to a client.
        client_notification_url: Option<Text> = "ClientNotificationUrl",
        /// SHAKEN passports, at most five.
        passports: Option<Text> = "Passports",
    }
}

/// Recipient and document.
impl Calls {
    /// Calls somebody.
    ///
    /// A request that Twilio would certainly refuse is refused before anything is sent. The answer says that the call
    /// is queued, not that anybody answered: see [`CallStatus`](super::CallStatus).
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`]. Its [`outcome`](ProviderError::outcome) says whether the call may be ringing; a call
    /// whose outcome is unknown is never repeated automatically.
    pub async fn create(&self, call: &CreateCall) -> Result<Call, ProviderError> {
        self.create_with(call, &SendOptions::new()).await
    }

    /// Calls somebody with its own limits on time and attempts.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn create_with(&self, call: &CreateCall, options: &SendOptions) -> Result<Call, ProviderError> {
        let made = self.session.json(self.create_request(call, options)?).await;
        made.inspect(|made: &Call| other_recipient::warn(&call.to, made.to.as_ref()))
    }

    pub(in crate::twilio) fn create_request(
        &self,
        call: &CreateCall,
        options: &SendOptions,
    ) -> Result<ApiRequest, ProviderError> {
        let form = RequestBody::Form(call.form(self.session.senders())?);
        let request = ApiRequest::post("/Calls.json").body(form).recipient(&call.to);
        Ok(request.class(RequestClass::Create).options(options))
    }
}

impl CreateCall {
    /// Starts a call to a number or address.
    pub fn new(to: impl Into<Address>) -> Self {
        Self { to: to.into(), ..Self::default() }
    }

    /// Sets the TwiML document of the call.
    #[must_use]
    pub fn twiml(mut self, document: impl Into<String>) -> Self {
        self.twiml = Some(Text::new(document));
        self
    }

    /// Says a text. Markup in the text is spoken, not interpreted.
    #[must_use]
    pub fn say(self, text: impl AsRef<str>) -> Self {
        self.twiml(twiml::say(text.as_ref()))
    }

    /// Says a text, and waits for keys. Without a key, the document ends, and the call with it.
    ///
    /// `#` is a key like any other: an input has as many keys as were asked for.
    pub(in crate::twilio) fn ask(self, text: &str, keys: &KeyInput) -> Result<Self, ProviderError> {
        let mut gather = Gather::new().num_digits(keys.count).finish_on_key("").say(text);
        if let Some(url) = keys.callback.as_ref().map(Callback::to_url).transpose()? {
            // The document has no URL of its own, so that a relative one would lead nowhere.
            check::optional_url("callback of the keys", Some(&url))?;
            gather = gather.action(&url);
        }
        if let Some(wait) = keys.wait {
            let seconds = u32::try_from(wait.as_secs());
            gather = gather.timeout(seconds.map_err(|_| check::refuse("a call may not wait for so long"))?);
        }
        Ok(self.twiml(VoiceResponse::new().gather(gather)))
    }

    /// Runs answering machine detection in parallel with the TwiML document, and reports the result to a URL.
    #[must_use]
    pub fn async_amd(mut self, callback: impl Into<Text>) -> Self {
        self.async_amd = Some(true);
        self.async_amd_status_callback = Some(callback.into());
        self
    }
}

/// Checks and encoding.
impl CreateCall {
    /// Checks the call without making it: it refuses what Twilio would certainly refuse.
    /// [`create`](super::Calls::create) does this, too.
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
                "the call has nothing to do when it is answered: set a URL, TwiML, a text to say or an application",
            ));
        }
        check::optional_sid("TwiML app", self.application_sid.as_deref(), "AP")?;
        check::optional_sid("trunk", self.byoc.as_deref(), "BY")?;
        // Twilio ignores the inline document if there is a URL or an application.
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

    /// Checks the call and encodes it as Twilio expects it. If it has no caller, the account's number is added.
    fn form(&self, account: &Senders) -> Result<String, ProviderError> {
        let caller = account.caller.as_ref().filter(|_| self.from.is_none());
        self.check_from(self.from.as_ref().or(caller))
            .map_err(|error| error.with_recipient(self.to.clone()))?;
        let mut form = Form::new();
        self.write(&mut form)?;
        form.maybe("From", caller);
        Ok(form.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::super::MakeCall;
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
        let form = call.form(&Senders::default()).unwrap();
        assert!(form.contains("StatusCallbackEvent=ringing&StatusCallbackEvent=completed"), "{form}");
        assert!(form.contains("MachineDetection=DetectMessageEnd") && form.contains("Record=true"));
    }

    #[test]
    fn invalid_requests_are_refused_with_what_to_change() {
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
            let error = call.form(&Senders::default()).unwrap_err();
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
            call.form(&Senders::default()).unwrap();
        }
    }

    #[test]
    fn debug_shows_neither_words_nor_numbers_nor_passwords() {
        let call = CreateCall { sip_auth_password: Some("planted".into()), ..call().say("planted") };
        let shown = format!("{call:?} {:?}", MakeCall::say("+14155551234", "planted"));
        assert!(!shown.contains("planted") && !shown.contains("5551234"), "{shown}");
    }
}
