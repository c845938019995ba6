//! Realistic parameters of each kind of webhook, for tests. Personal values contain `planted` or a number.

pub(crate) type Pairs = &'static [(&'static str, &'static str)];

const AC: (&str, &str) = ("AccountSid", "AC0123456789abcdef0123456789abcdef");
const CA: (&str, &str) = ("CallSid", "CA0123456789abcdef0123456789abcdef");
const FROM: (&str, &str) = ("From", "+14155551234");
const TO: (&str, &str) = ("To", "+15005550006");
const VERSION: (&str, &str) = ("ApiVersion", "2010-04-01");
const INBOUND: (&str, &str) = ("Direction", "inbound");
const TALKING: (&str, &str) = ("CallStatus", "in-progress");

pub(crate) const SMS: Pairs = &[
    ("ToCountry", "US"),
    ("ToState", ""),
    ("SmsMessageSid", "SM0123456789abcdef0123456789abcdef"),
    ("NumMedia", "0"),
    ("ToCity", ""),
    ("FromZip", "94102"),
    ("SmsSid", "SM0123456789abcdef0123456789abcdef"),
    ("FromState", "CA"),
    ("SmsStatus", "received"),
    ("FromCity", "SAN PLANTED"),
    ("Body", "planted words"),
    ("FromCountry", "US"),
    TO,
    ("MessagingServiceSid", "MG0123456789abcdef0123456789abcdef"),
    ("ToZip", ""),
    ("NumSegments", "1"),
    ("MessageSid", "SM0123456789abcdef0123456789abcdef"),
    AC,
    FROM,
    VERSION,
];

pub(crate) const MMS: Pairs = &[
    ("MessageSid", "MM0123456789abcdef0123456789abcdef"),
    ("SmsSid", "MM0123456789abcdef0123456789abcdef"),
    ("SmsMessageSid", "MM0123456789abcdef0123456789abcdef"),
    ("SmsStatus", "received"),
    AC,
    FROM,
    TO,
    ("Body", "planted"),
    ("NumSegments", "1"),
    ("NumMedia", "2"),
    ("MediaContentType0", "image/jpeg"),
    ("MediaUrl0", "https://api.twilio.com/m/ME0"),
    ("MediaContentType1", "image/png"),
    ("MediaUrl1", "https://api.twilio.com/m/ME1"),
    ("FromCity", "SAN PLANTED"),
    ("FromState", "CA"),
    ("FromZip", "94102"),
    ("FromCountry", "US"),
    ("ToCountry", "US"),
    VERSION,
];

/// Has more parameters than one message can have, so that every field is tested.
pub(crate) const WHATSAPP: Pairs = &[
    ("SmsMessageSid", "SM0123456789abcdef0123456789abcdef"),
    ("MessageSid", "SM0123456789abcdef0123456789abcdef"),
    ("SmsStatus", "received"),
    AC,
    ("From", "whatsapp:+14155551234"),
    ("To", "whatsapp:+15005550006"),
    ("Body", "planted words"),
    ("NumMedia", "0"),
    ("NumSegments", "1"),
    ("ProfileName", "planted name"),
    ("WaId", "14155551234"),
    ("ExternalUserId", "planted-user"),
    ("MessageType", "location"),
    ("ChannelMetadata", r#"{"type":"whatsapp","data":{"context":{"ProfileName":"planted"}}}"#),
    ("Forwarded", "true"),
    ("FrequentlyForwarded", "false"),
    ("ButtonText", "planted text"),
    ("ButtonPayload", "planted-payload"),
    ("ListId", "planted-id"),
    ("ListTitle", "planted title"),
    ("InteractiveData", r#"{"form":"planted"}"#),
    ("Latitude", "52.5"),
    ("Longitude", "13.4"),
    ("Address", "planted street"),
    ("Label", "planted label"),
    ("ReferralBody", "planted ad"),
    ("ReferralHeadline", "planted head"),
    ("ReferralSourceId", "123"),
    ("ReferralSourceType", "ad"),
    ("ReferralSourceUrl", "https://fb.me/planted"),
    ("ReferralNumMedia", "1"),
    ("ReferralMediaId", "m1"),
    ("ReferralMediaContentType", "image/png"),
    ("ReferralMediaUrl", "https://x/planted"),
    ("ReferralCtwaClid", "planted-click"),
    ("OriginalRepliedMessageSender", "whatsapp:+15005550006"),
    ("OriginalRepliedMessageSid", "SM00000000000000000000000000000001"),
    VERSION,
];

pub(crate) const STOP: Pairs = &[
    ("MessageSid", "SM0123456789abcdef0123456789abcdef"),
    ("SmsStatus", "received"),
    ("OptOutType", "STOP"),
    ("Body", "Arret"),
    ("NumMedia", "0"),
    AC,
    ("MessagingServiceSid", "MG0123456789abcdef0123456789abcdef"),
    FROM,
    TO,
];

pub(crate) const UNDELIVERED: Pairs = &[
    ("SmsSid", "SM0123456789abcdef0123456789abcdef"),
    ("SmsStatus", "undelivered"),
    ("MessageStatus", "undelivered"),
    ("ErrorCode", "30003"),
    ("ErrorMessage", "planted words"),
    ("RawDlrDoneDate", "2601312359"),
    ("MessagingServiceSid", "MG0123456789abcdef0123456789abcdef"),
    ("To", "+14155551234"),
    ("From", "+15005550006"),
    ("MessageSid", "SM0123456789abcdef0123456789abcdef"),
    AC,
    VERSION,
];

pub(crate) const READ: Pairs = &[
    ("EventType", "READ"),
    ("ChannelPrefix", "whatsapp"),
    ("ChannelInstallSid", "XE0123456789abcdef0123456789abcdef"),
    ("ChannelToAddress", "+14155551234"),
    ("ChannelStatusMessage", "planted"),
    ("StructuredMessage", "false"),
    ("MessageSid", "SM0123456789abcdef0123456789abcdef"),
    ("SmsSid", "SM0123456789abcdef0123456789abcdef"),
    ("MessageStatus", "read"),
    ("SmsStatus", "read"),
    AC,
    ("To", "whatsapp:+14155551234"),
    ("From", "whatsapp:+15005550006"),
    VERSION,
];

pub(crate) const CALL: Pairs = &[
    AC,
    VERSION,
    CA,
    ("CallStatus", "ringing"),
    ("CallToken", "planted-token"),
    ("Called", "+15005550006"),
    ("CalledCity", "planted"),
    ("CalledCountry", "US"),
    ("CalledState", "planted"),
    ("CalledZip", "94103"),
    ("Caller", "+14155551234"),
    ("CallerCity", "planted"),
    ("CallerCountry", "US"),
    ("CallerName", "planted name"),
    ("CallerState", "planted"),
    ("CallerZip", "94102"),
    INBOUND,
    ("ForwardedFrom", "+14155551235"),
    FROM,
    ("FromCity", "planted"),
    ("FromCountry", "US"),
    ("FromState", "planted"),
    ("FromZip", "94102"),
    ("ParentCallSid", "CA00000000000000000000000000000001"),
    ("StirVerstat", "TN-Validation-Passed-A"),
    TO,
    ("ToCity", "planted"),
    ("ToCountry", "US"),
    ("ToState", "planted"),
    ("ToZip", "94103"),
];

pub(crate) const FALLBACK: Pairs = &[
    AC,
    CA,
    FROM,
    TO,
    ("CallStatus", "ringing"),
    INBOUND,
    VERSION,
    ("ErrorCode", "11200"),
    ("ErrorUrl", "https://example.com/voice?planted=1"),
];

pub(crate) const CALL_COMPLETED: Pairs = &[
    AC,
    VERSION,
    CA,
    ("CallStatus", "completed"),
    ("Called", "+14155551234"),
    ("Caller", "+15005550006"),
    ("Direction", "outbound-api"),
    ("From", "+15005550006"),
    ("To", "+14155551234"),
    ("AnsweredBy", "human"),
    ("CallDuration", "42"),
    ("Duration", "1"),
    ("SipResponseCode", "200"),
    ("RecordingUrl", "https://api.twilio.com/r/RE1"),
    ("RecordingSid", "RE0123456789abcdef0123456789abcdef"),
    ("RecordingDuration", "40"),
    ("Timestamp", "Sat, 31 Jan 2026 23:59:05 +0000"),
    ("CallbackSource", "call-progress-events"),
    ("SequenceNumber", "3"),
];

pub(crate) const GATHER: Pairs =
    &[AC, CA, FROM, TO, TALKING, INBOUND, VERSION, ("Digits", "8642"), ("FinishedOnKey", "#")];

pub(crate) const SPEECH: Pairs = &[
    AC,
    CA,
    FROM,
    TO,
    TALKING,
    INBOUND,
    VERSION,
    ("SpeechResult", "planted words"),
    ("Confidence", "0.9"),
    ("Language", "en-US"),
];

pub(crate) const PARTIAL: Pairs = &[
    AC,
    CA,
    FROM,
    TO,
    TALKING,
    INBOUND,
    VERSION,
    ("UnstableSpeechResult", "planted words"),
    ("StableSpeechResult", "planted"),
    ("Stability", "0.8"),
    ("SequenceNumber", "2"),
];

pub(crate) const DIAL: Pairs = &[
    AC,
    CA,
    FROM,
    TO,
    TALKING,
    INBOUND,
    VERSION,
    ("DialCallStatus", "completed"),
    ("DialCallSid", "CA00000000000000000000000000000002"),
    ("DialCallDuration", "17"),
    ("DialBridged", "true"),
    ("RecordingUrl", "https://api.twilio.com/r/RE1"),
];

/// After the caller hung up: `completed`, and not a report of the call.
pub(crate) const RECORD: Pairs = &[
    AC,
    CA,
    FROM,
    TO,
    ("CallStatus", "completed"),
    INBOUND,
    VERSION,
    ("RecordingUrl", "https://api.twilio.com/r/RE1"),
    ("RecordingSid", "RE0123456789abcdef0123456789abcdef"),
    ("RecordingDuration", "9"),
    ("Digits", "hangup"),
];

pub(crate) const QUEUE_WAIT: Pairs = &[
    AC,
    CA,
    FROM,
    TO,
    TALKING,
    INBOUND,
    VERSION,
    ("QueueSid", "QU0123456789abcdef0123456789abcdef"),
    ("QueueTime", "12"),
    ("QueuePosition", "2"),
    ("AvgQueueTime", "30"),
    ("CurrentQueueSize", "5"),
    ("MaxQueueSize", "100"),
];

pub(crate) const QUEUE_LEFT: Pairs =
    &[AC, CA, FROM, TO, TALKING, INBOUND, VERSION, ("QueueResult", "queue-full"), ("QueueTime", "0")];

pub(crate) const RECORDING: Pairs = &[
    AC,
    CA,
    ("RecordingSid", "RE0123456789abcdef0123456789abcdef"),
    ("RecordingUrl", "https://api.twilio.com/r/RE1"),
    ("RecordingStatus", "completed"),
    ("RecordingDuration", "9"),
    ("RecordingChannels", "1"),
    ("RecordingStartTime", "Sat, 31 Jan 2026 23:58:05 +0000"),
    ("RecordingSource", "RecordVerb"),
    ("RecordingTrack", "both"),
    ("ErrorCode", "0"),
    ("ConferenceSid", "CF0123456789abcdef0123456789abcdef"),
];

/// With a second URL, for which there is no field.
pub(crate) const TRANSCRIPTION: Pairs = &[
    AC,
    CA,
    FROM,
    TO,
    ("CallStatus", "completed"),
    INBOUND,
    VERSION,
    ("TranscriptionSid", "TR0123456789abcdef0123456789abcdef"),
    ("TranscriptionText", "planted words"),
    ("TranscriptionStatus", "completed"),
    ("TranscriptionUrl", "https://api.twilio.com/t/TR1"),
    ("TranscriptionType", "fast"),
    ("RecordingSid", "RE0123456789abcdef0123456789abcdef"),
    ("RecordingUrl", "https://api.twilio.com/r/RE1"),
    ("url", "https://api.twilio.com/r/RE1"),
];

pub(crate) const LIVE_TRANSCRIPTION: Pairs = &[
    AC,
    CA,
    ("TranscriptionSid", "GT0123456789abcdef0123456789abcdef"),
    ("TranscriptionEvent", "transcription-content"),
    ("TranscriptionData", r#"{"transcript":"planted","confidence":0.5}"#),
    ("Track", "inbound_track"),
    ("SequenceId", "4"),
    ("Timestamp", "2026-01-31T23:59:05.123Z"),
];

pub(crate) const AMD: Pairs =
    &[AC, CA, ("AnsweredBy", "machine_end_beep"), ("MachineDetectionDuration", "3200")];

pub(crate) const VERIFY: Pairs = &[
    ("uuid", "0b1b1a0e-7d8c-4b6f-9a53-0b9f3f4c5d6e"),
    ("type", "challenge.approved"),
    ("account_sid", "AC0123456789abcdef0123456789abcdef"),
    ("service_sid", "VA0123456789abcdef0123456789abcdef"),
    ("entity_identity", "planted-person"),
    ("factor_sid", "YF0123456789abcdef0123456789abcdef"),
    ("factor_type", "push"),
    ("factor_friendly_name", "planted phone"),
    ("challenge_sid", "YC0123456789abcdef0123456789abcdef"),
    ("challenge_details", r#"{"message":"planted"}"#),
    ("challenge_hidden_details", r#"{"ip":"planted"}"#),
    ("challenge_metadata", r#"{"os":"planted"}"#),
    ("client_ip", "planted"),
    ("verification_sid", "VE0123456789abcdef0123456789abcdef"),
    ("to", "+14155551234"),
    ("channel", "sms"),
    ("status", "approved"),
    ("date_created", "2026-01-31T23:59:05Z"),
];

pub(crate) const DEBUGGER: Pairs = &[
    ("Sid", "NO0123456789abcdef0123456789abcdef"),
    AC,
    ("ParentAccountSid", "AC0123456789abcdef0123456789abcde0"),
    ("Level", "ERROR"),
    ("Timestamp", "2026-01-31T23:59:05.123Z"),
    ("PayloadType", "application/json"),
    (
        "Payload",
        r#"{"resource_sid":"CA0123456789abcdef0123456789abcdef","service_sid":null,"error_code":"11200",
            "more_info":{"Msg":"planted"},"webhook":{"request":{"url":"https://example.com/planted"}}}"#,
    ),
];
