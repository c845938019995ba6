//! Finds the kind of a webhook by its parameters. The documentation of [`Event`](super::Event) has the table.

use crate::twilio::webhook::Params;
use crate::twilio::{CallStatus, MessageStatus};

/// The kinds of webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    InboundMessage,
    MessageStatusUpdate,
    InboundCall,
    CallStatusUpdate,
    GatherResult,
    DialResult,
    RecordResult,
    QueueResult,
    RecordingStatusUpdate,
    TranscriptionUpdate,
    AnsweringMachineResult,
    VerifyEvent,
    DebuggerEvent,
    Unknown,
}

/// Which of the parameters that decide the kind are present, found in one pass. For a repeated name, the first value counts.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Traits<'a> {
    message_sid: bool,
    message_status: Option<&'a str>,
    sms_status: Option<&'a str>,
    /// `Body` and others that only incoming messages have.
    text: bool,
    call_sid: bool,
    call_status: Option<&'a str>,
    callback_source: bool,
    call_duration: bool,
    answered_by: bool,
    error_url: bool,
    dial: bool,
    queue: bool,
    /// `Digits`, even empty.
    digits: bool,
    /// Speech and others that only `Gather` has.
    speech: bool,
    recorded: bool,
    recording_status: bool,
    transcription: bool,
    /// Events of conferences, streams and others that have no type here.
    other_event: bool,
    verify: bool,
    debugger: bool,
}

impl<'a> Traits<'a> {
    pub(crate) fn of(params: &'a Params) -> Self {
        let mut traits = Self::default();
        for (name, value) in params.iter() {
            traits.note(name, value);
        }
        traits
    }

    fn note(&mut self, name: &str, value: &'a str) {
        // Empty parameters are ignored, except `Digits`: an empty `Digits` means that no key was pressed, which
        // `Gather` reports, too.
        let some = !value.is_empty();
        match name {
            "MessageSid" | "SmsSid" | "SmsMessageSid" => self.message_sid |= some,
            "MessageStatus" if some => self.message_status = self.message_status.or(Some(value)),
            "SmsStatus" if some => self.sms_status = self.sms_status.or(Some(value)),
            "Body" | "NumMedia" | "OptOutType" => self.text = true,
            "CallSid" => self.call_sid |= some,
            "CallStatus" if some => self.call_status = self.call_status.or(Some(value)),
            "CallbackSource" => self.callback_source |= some,
            "CallDuration" => self.call_duration |= some,
            "AnsweredBy" | "MachineDetectionDuration" => self.answered_by |= some,
            "ErrorUrl" => self.error_url |= some,
            "DialCallStatus" => self.dial |= some,
            "QueueResult" | "QueueSid" | "QueuePosition" => self.queue |= some,
            "Digits" => self.digits = true,
            "FinishedOnKey" | "SpeechResult" | "UnstableSpeechResult" | "StableSpeechResult" => {
                self.speech = true;
            }
            "RecordingUrl" | "RecordingDuration" => self.recorded |= some,
            "RecordingStatus" => self.recording_status |= some,
            "TranscriptionSid" => self.transcription |= some,
            "StatusCallbackEvent" | "StreamEvent" => self.other_event |= some,
            "type" => {
                let of_verify = ["factor.", "challenge.", "verification."];
                self.verify |= of_verify.iter().any(|beginning| value.starts_with(beginning));
            }
            "factor_sid" | "challenge_sid" | "verification_sid" => self.verify |= some,
            "service_sid" => self.verify |= value.starts_with("VA"),
            "Payload" | "Level" => self.debugger |= some,
            _ => {}
        }
    }

    /// Returns the kind: the first row of the table that matches.
    pub(crate) fn kind(&self) -> Kind {
        if self.message_sid {
            return self.message_kind();
        }
        if self.transcription {
            return Kind::TranscriptionUpdate;
        }
        if self.recording_status {
            return Kind::RecordingStatusUpdate;
        }
        if self.call_sid {
            return self.call_kind();
        }
        if self.verify {
            return Kind::VerifyEvent;
        }
        if self.debugger { Kind::DebuggerEvent } else { Kind::Unknown }
    }

    fn message_kind(&self) -> Kind {
        match self.message_status.or(self.sms_status).map(MessageStatus::from) {
            Some(MessageStatus::Received | MessageStatus::Receiving) => Kind::InboundMessage,
            Some(_) => Kind::MessageStatusUpdate,
            None if self.text => Kind::InboundMessage,
            None => Kind::Unknown,
        }
    }

    fn call_kind(&self) -> Kind {
        let status = self.call_status.map(CallStatus::from);
        let is_over = status.as_ref().is_some_and(CallStatus::is_terminal);
        let rows = [
            (self.other_event, Kind::Unknown),
            (status.is_some() && (self.callback_source || self.call_duration), Kind::CallStatusUpdate),
            (self.answered_by && status.is_none(), Kind::AnsweringMachineResult),
            (self.error_url, Kind::InboundCall),
            (self.dial, Kind::DialResult),
            (self.queue, Kind::QueueResult),
            (self.speech, Kind::GatherResult),
            (self.recorded, Kind::RecordResult),
            (self.digits, Kind::GatherResult),
            (is_over, Kind::CallStatusUpdate),
            (status.is_some(), Kind::InboundCall),
        ];
        rows.into_iter().find(|(fits, _)| *fits).map_or(Kind::Unknown, |(_, kind)| kind)
    }

    /// Can a route for this kind accept the request, although the table may say another kind?
    pub(crate) fn can_be(&self, kind: Kind) -> bool {
        let found = self.kind();
        if found == kind {
            return true;
        }
        match kind {
            Kind::InboundCall
            | Kind::GatherResult
            | Kind::DialResult
            | Kind::RecordResult
            | Kind::QueueResult => self.wants_twiml(found, kind),
            Kind::CallStatusUpdate => self.call_sid && self.call_status.is_some() && !self.message_sid,
            Kind::AnsweringMachineResult => self.call_sid && self.answered_by && !self.message_sid,
            Kind::RecordingStatusUpdate => self.recording_status,
            Kind::TranscriptionUpdate => self.transcription,
            Kind::InboundMessage => self.message_sid && found == Kind::Unknown,
            Kind::VerifyEvent => self.verify,
            Kind::DebuggerEvent => self.debugger,
            Kind::MessageStatusUpdate | Kind::Unknown => false,
        }
    }

    /// A route that answers with TwiML accepts every request for TwiML, and no report.
    fn wants_twiml(&self, found: Kind, kind: Kind) -> bool {
        use Kind::{AnsweringMachineResult, RecordingStatusUpdate, TranscriptionUpdate};
        let own = match kind {
            Kind::GatherResult => self.speech || self.digits,
            Kind::DialResult => self.dial,
            Kind::RecordResult => self.recorded,
            Kind::QueueResult => self.queue,
            _ => false,
        };
        let report = matches!(found, AnsweringMachineResult | RecordingStatusUpdate | TranscriptionUpdate)
            || self.callback_source
            || self.other_event
            || (self.call_duration && !own);
        self.call_sid && !self.message_sid && !report
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{self as f, Pairs};
    use super::*;

    fn kind(pairs: &[(&str, &str)]) -> Kind {
        Traits::of(&Params::from_pairs(pairs.iter().copied())).kind()
    }

    pub(super) const ALL: &[(Pairs, Kind)] = &[
        (f::SMS, Kind::InboundMessage),
        (f::MMS, Kind::InboundMessage),
        (f::WHATSAPP, Kind::InboundMessage),
        (f::STOP, Kind::InboundMessage),
        (f::UNDELIVERED, Kind::MessageStatusUpdate),
        (f::READ, Kind::MessageStatusUpdate),
        (f::CALL, Kind::InboundCall),
        (f::FALLBACK, Kind::InboundCall),
        (f::CALL_COMPLETED, Kind::CallStatusUpdate),
        (f::GATHER, Kind::GatherResult),
        (f::SPEECH, Kind::GatherResult),
        (f::PARTIAL, Kind::GatherResult),
        (f::DIAL, Kind::DialResult),
        (f::RECORD, Kind::RecordResult),
        (f::QUEUE_WAIT, Kind::QueueResult),
        (f::QUEUE_LEFT, Kind::QueueResult),
        (f::RECORDING, Kind::RecordingStatusUpdate),
        (f::TRANSCRIPTION, Kind::TranscriptionUpdate),
        (f::LIVE_TRANSCRIPTION, Kind::TranscriptionUpdate),
        (f::AMD, Kind::AnsweringMachineResult),
        (f::VERIFY, Kind::VerifyEvent),
        (f::DEBUGGER, Kind::DebuggerEvent),
    ];

    #[test]
    fn every_row_of_the_table() {
        for (pairs, expected) in ALL {
            assert_eq!(kind(pairs), *expected, "{pairs:?}");
        }
    }

    #[test]
    fn parameters_of_several_kinds() {
        let ca = ("CallSid", "CA1");
        let talking = ("CallStatus", "in-progress");
        let over = ("CallStatus", "completed");
        let cases: &[(&[(&str, &str)], Kind)] = &[
            // A recording that ended with a key, a report of a recorded call, and a dialled call that was recorded.
            (&[ca, talking, ("Digits", "1"), ("RecordingUrl", "u")], Kind::RecordResult),
            (&[ca, over, ("RecordingUrl", "u"), ("CallbackSource", "x")], Kind::CallStatusUpdate),
            (&[ca, over, ("RecordingUrl", "u"), ("CallDuration", "3")], Kind::CallStatusUpdate),
            (&[ca, talking, ("DialCallStatus", "busy"), ("RecordingUrl", "u")], Kind::DialResult),
            (&[ca, ("RecordingUrl", "u"), ("RecordingStatus", "absent")], Kind::RecordingStatusUpdate),
            // Machine detection: asynchronous, before the TwiML of the call, and in a report.
            (&[ca, ("AnsweredBy", "human")], Kind::AnsweringMachineResult),
            (&[ca, talking, ("AnsweredBy", "human")], Kind::InboundCall),
            (&[ca, over, ("AnsweredBy", "human"), ("CallDuration", "1")], Kind::CallStatusUpdate),
            // No key pressed is a result, too, also after the caller hung up.
            (&[ca, talking, ("Digits", "")], Kind::GatherResult),
            (&[ca, over, ("Digits", "1")], Kind::GatherResult),
            (&[ca, talking, ("Digits", "1"), ("ErrorUrl", "u")], Kind::InboundCall),
            (&[ca, over], Kind::CallStatusUpdate),
            (&[ca, ("CallStatus", "brand-new")], Kind::InboundCall),
            // Events for which there is no kind.
            (&[ca], Kind::Unknown),
            (&[ca, ("StreamEvent", "stream-started")], Kind::Unknown),
            (&[ca, ("ConferenceSid", "CF1"), ("StatusCallbackEvent", "participant-join")], Kind::Unknown),
            // A message without a status, and one of each direction by an older name.
            (&[("MessageSid", "SM1"), ("Body", "")], Kind::InboundMessage),
            (&[("SmsSid", "SM1"), ("SmsStatus", "sent")], Kind::MessageStatusUpdate),
            (&[("SmsSid", "SM1"), ("SmsStatus", "receiving")], Kind::InboundMessage),
            // The `action` URL of TwiML's `Message` also gets the text of the message.
            (&[("MessageSid", "SM1"), ("MessageStatus", "sent"), ("Body", "x")], Kind::MessageStatusUpdate),
            (&[("MessageSid", "SM1")], Kind::Unknown),
            (&[("MessageSid", ""), ("Body", "x")], Kind::Unknown),
            (&[("type", "challenge.brand_new")], Kind::VerifyEvent),
            (&[("type", "com.twilio.messaging.message.sent")], Kind::Unknown),
            (&[], Kind::Unknown),
        ];
        for (pairs, expected) in cases {
            assert_eq!(kind(pairs), *expected, "{pairs:?}");
        }
    }

    #[test]
    fn a_route_accepts_what_can_be_its_kind_and_refuses_the_rest() {
        let can = |pairs: Pairs, kind| Traits::of(&Params::from_pairs(pairs.iter().copied())).can_be(kind);
        for (pairs, kind) in ALL {
            assert!(can(pairs, *kind), "{kind:?}");
        }
        for pairs in [f::CALL, f::FALLBACK, f::RECORD, f::DIAL, f::QUEUE_WAIT] {
            assert!(can(pairs, Kind::GatherResult), "{pairs:?}");
        }
        for pairs in [
            f::SMS,
            f::UNDELIVERED,
            f::CALL_COMPLETED,
            f::RECORDING,
            f::TRANSCRIPTION,
            f::AMD,
            f::VERIFY,
            f::DEBUGGER,
        ] {
            assert!(!can(pairs, Kind::GatherResult), "{pairs:?}");
            assert!(!can(pairs, Kind::InboundCall), "{pairs:?}");
        }
        let ended: Pairs = &[("CallSid", "CA1"), ("CallDuration", "3"), ("DialCallStatus", "completed")];
        assert!(can(ended, Kind::DialResult) && !can(ended, Kind::InboundCall));
        assert!(!can(f::UNDELIVERED, Kind::InboundMessage) && !can(f::SMS, Kind::MessageStatusUpdate));
        assert!(can(f::CALL, Kind::CallStatusUpdate) && !can(f::RECORDING, Kind::CallStatusUpdate));
    }
}
