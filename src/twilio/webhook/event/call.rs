//! Events of calls: the request for TwiML, the call status, and the result of answering-machine detection.

use std::time::Duration;

use jiff::Timestamp;

use super::content::Place;
use super::read::{event, of_a_call, part};
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::CallStatus;
use crate::twilio::calls::{AnsweredBy, CallDirection};
use crate::twilio::wire::wire_enum;

wire_enum! {
    /// How well the carriers could verify the caller's number (STIR/SHAKEN).
    StirVerstat {
        /// Full attestation: the carrier knows the caller, and the number is the caller's.
        PassedA = "TN-Validation-Passed-A",
        /// Partial attestation: the carrier knows the caller, but not whether the number is theirs.
        PassedB = "TN-Validation-Passed-B",
        /// Gateway attestation: the carrier only forwards the call.
        PassedC = "TN-Validation-Passed-C",
        /// Claims full attestation, but the signature is not valid.
        FailedA = "TN-Validation-Failed-A",
        /// Claims partial attestation, but the signature is not valid.
        FailedB = "TN-Validation-Failed-B",
        /// Claims gateway attestation, but the signature is not valid.
        FailedC = "TN-Validation-Failed-C",
        /// The signature is not valid.
        Failed = "TN-Validation-Failed",
        /// There is no attestation.
        NoValidation = "No-TN-Validation",
    }
}

part! {
    /// The call of an event: the parameters that all events of calls have.
    ///
    /// <https://www.twilio.com/docs/voice/twiml#request-parameters>
    CallContext {
        /// Its SID, `CA…`.
        sid: String = "CallSid",
        /// The call that dialled it.
        parent_sid: String = "ParentCallSid",
        /// The account it belongs to.
        account_sid: String = "AccountSid",
        /// Who calls.
        from: Address = "From",
        /// Who is called.
        to: Address = "To",
        /// Who calls; the same as `from`.
        caller: Address = "Caller",
        /// Who is called; the same as `to`.
        called: Address = "Called",
        /// The call status.
        status: CallStatus = "CallStatus",
        /// The direction: inbound, or outbound by the API or by `Dial`.
        direction: CallDirection = "Direction",
        /// The number that forwarded the call.
        forwarded_from: Address = "ForwardedFrom",
        /// The caller's name, where caller ID lookup is on.
        caller_name: Text = "CallerName",
        /// Who answered, where answering-machine detection was on.
        answered_by: AnsweredBy = "AnsweredBy",
        /// How well the caller's number is attested.
        stir_verstat: StirVerstat = "StirVerstat",
        /// The token that lets you forward the call with the caller's number.
        call_token: Text = "CallToken",
        /// The version of the API.
        api_version: String = "ApiVersion",
        @parts {
            /// The region of the number `from`.
            from_place: Place = "From",
            /// The region of the number `to`.
            to_place: Place = "To",
            /// The region of the number `caller`.
            caller_place: Place = "Caller",
            /// The region of the number `called`.
            called_place: Place = "Called",
        }
    }
}

event! {
    /// Somebody calls you, or a running call needs its next TwiML.
    ///
    /// Twilio expects TwiML within 15 seconds. Any field may be missing; what is empty, unknown or cannot be read is
    /// kept in `extra`.
    ///
    /// <https://www.twilio.com/docs/voice/twiml#twilios-request-to-your-application>
    InboundCall {
        @within {
            /// The call.
            call: CallContext,
        }
        /// Only for a fallback URL: the Twilio error code with which the primary URL failed.
        error_code: u32 = "ErrorCode",
        /// Only for a fallback URL: the primary URL that failed.
        error_url: Text = "ErrorUrl",
    }
}

of_a_call!(InboundCall);

impl InboundCall {
    /// Is this a request to the fallback URL, because the primary URL failed?
    #[must_use]
    pub fn is_fallback(&self) -> bool {
        self.error_url.is_some() || self.error_code.is_some()
    }
}

event! {
    /// The status of a call changed.
    ///
    /// Reports may be late, repeated or out of order: combine them with [`apply_to`](CallStatusUpdate::apply_to).
    /// `completed` says that the call was answered, by a person or by a machine. Answer with 200 or 204 and an empty
    /// body.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#statuscallback>
    CallStatusUpdate {
        @within {
            /// The call.
            call: CallContext,
        }
        /// How long the call lasted, in seconds. Only in the report of its end.
        call_duration: u32 = "CallDuration",
        /// How long the call lasted, in minutes, rounded up.
        duration: u32 = "Duration",
        /// The SIP response code of the called side.
        sip_response_code: u32 = "SipResponseCode",
        /// The URL of the recording.
        recording_url: Text = "RecordingUrl",
        /// Its recording, `RE…`.
        recording_sid: String = "RecordingSid",
        /// How long the recording is, in seconds.
        recording_duration: u32 = "RecordingDuration",
        /// When the status changed.
        timestamp: Timestamp = "Timestamp",
        /// The source of the report: `call-progress-events`.
        callback_source: String = "CallbackSource",
        /// The number of this report among those of the call, from 0. They may arrive in another order.
        sequence_number: u32 = "SequenceNumber",
    }
}

of_a_call!(CallStatusUpdate);

impl CallStatusUpdate {
    /// Returns the call status.
    #[must_use]
    pub fn status(&self) -> Option<&CallStatus> {
        self.call.status.as_ref()
    }

    /// Is the call over?
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.status().is_some_and(CallStatus::is_terminal)
    }

    /// Returns how long the call lasted.
    #[must_use]
    pub fn talked(&self) -> Option<Duration> {
        self.call_duration.map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// Updates the status that you stored; reports may arrive in any order. Returns whether it changed.
    pub fn apply_to(&self, known: &mut CallStatus) -> bool {
        let Some(report) = self.status() else { return false };
        let folded = known.clone().fold(report.clone());
        let changed = folded != *known;
        *known = folded;
        changed
    }

    /// Returns `SID:status`, which identifies a repeated delivery where `I-Twilio-Idempotency-Token` is missing.
    ///
    /// `None` if the parameters contain only a status, because a request to the `action` URL of a verb can look the same after
    /// the end of the call.
    #[must_use]
    pub fn dedupe_key(&self) -> Option<String> {
        let is_report =
            self.callback_source.is_some() || self.call_duration.is_some() || self.sequence_number.is_some();
        if !is_report {
            return None;
        }
        super::key(self.call_sid(), self.status())
    }
}

event! {
    /// Who answered a call: a person or a machine. Sent if answering-machine detection runs asynchronously.
    ///
    /// Detection can be wrong. Answer with 200 or 204 and an empty body.
    ///
    /// <https://www.twilio.com/docs/voice/answering-machine-detection>
    AnsweringMachineResult {
        @within {
            /// The call, with `answered_by`.
            call: CallContext,
        }
        /// How long detection took, in milliseconds.
        machine_detection_duration: u32 = "MachineDetectionDuration",
    }
}

of_a_call!(AnsweringMachineResult);

impl AnsweringMachineResult {
    /// Returns who answered.
    #[must_use]
    pub fn answered_by(&self) -> Option<&AnsweredBy> {
        self.call.answered_by.as_ref()
    }

    /// Did a person answer, as far as Twilio can tell?
    #[must_use]
    pub fn is_human(&self) -> bool {
        self.answered_by() == Some(&AnsweredBy::Human)
    }

    /// Returns how long detection took.
    #[must_use]
    pub fn took(&self) -> Option<Duration> {
        self.machine_detection_duration.map(|millis| Duration::from_millis(millis.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::super::mutation::{read_whole, survives};
    use super::*;

    #[test]
    fn a_call_is_read_whole() {
        let event: InboundCall = read_whole(fixtures::CALL);
        assert_eq!(event.call_sid(), Some("CA0123456789abcdef0123456789abcdef"));
        assert_eq!(event.from().unwrap(), "+14155551234");
        assert_eq!(event.to(), event.call.called.as_ref());
        assert_eq!(event.call.status, Some(CallStatus::Ringing));
        assert_eq!(event.call.direction, Some(CallDirection::Inbound));
        assert_eq!(event.call.stir_verstat, Some(StirVerstat::PassedA));
        assert_eq!(event.call.caller_place.as_ref().unwrap().zip.as_ref().unwrap(), "94102");
        assert!(!event.is_fallback());
        survives::<InboundCall>(fixtures::CALL);
    }

    #[test]
    fn a_request_to_a_fallback_url_has_the_error_of_the_primary_url() {
        let event: InboundCall = read_whole(fixtures::FALLBACK);
        assert_eq!((event.is_fallback(), event.error_code), (true, Some(11200)));
        survives::<InboundCall>(fixtures::FALLBACK);
    }

    #[test]
    fn the_end_of_a_recorded_call_is_read_whole() {
        let update: CallStatusUpdate = read_whole(fixtures::CALL_COMPLETED);
        assert_eq!(update.talked(), Some(Duration::from_secs(42)));
        assert_eq!((update.is_terminal(), update.sequence_number), (true, Some(3)));
        assert_eq!(update.timestamp.unwrap().to_string(), "2026-01-31T23:59:05Z");
        assert_eq!(update.dedupe_key().unwrap(), "CA0123456789abcdef0123456789abcdef:completed");
        let mut known = CallStatus::Ringing;
        assert!(update.apply_to(&mut known) && !update.apply_to(&mut known));
        assert_eq!(known, CallStatus::Completed);
        survives::<CallStatusUpdate>(fixtures::CALL_COMPLETED);
    }

    #[test]
    fn a_machine_is_not_a_person() {
        let result: AnsweringMachineResult = read_whole(fixtures::AMD);
        assert_eq!(result.answered_by(), Some(&AnsweredBy::MachineEndBeep));
        assert_eq!((result.is_human(), result.took()), (false, Some(Duration::from_millis(3200))));
        survives::<AnsweringMachineResult>(fixtures::AMD);
    }
}
