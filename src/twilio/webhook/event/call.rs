//! Calls: what every event of a call says, and the request for TwiML.

use super::place::Place;
use super::read::{event, of_a_call, part};
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::wire::wire_enum;
use crate::twilio::{AnsweredBy, CallDirection, CallStatus};

wire_enum! {
    /// What the carriers say of a caller's number (STIR/SHAKEN).
    StirVerstat {
        /// The number is the caller's: the carrier knows both.
        PassedA = "TN-Validation-Passed-A",
        /// The carrier knows the caller, not the number.
        PassedB = "TN-Validation-Passed-B",
        /// The carrier only passes the call on.
        PassedC = "TN-Validation-Passed-C",
        /// As A, at another carrier, and the signature is not valid.
        FailedA = "TN-Validation-Failed-A",
        /// As B, and the signature is not valid.
        FailedB = "TN-Validation-Failed-B",
        /// As C, and the signature is not valid.
        FailedC = "TN-Validation-Failed-C",
        /// The signature is not valid.
        Failed = "TN-Validation-Failed",
        /// Nobody says anything.
        NoValidation = "No-TN-Validation",
    }
}

part! {
    /// What every event of a call says about the call.
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
        /// Whom it is for.
        to: Address = "To",
        /// Who calls; the same as `from`.
        caller: Address = "Caller",
        /// Whom it is for; the same as `to`.
        called: Address = "Called",
        /// Where it is.
        status: CallStatus = "CallStatus",
        /// Which way it goes.
        direction: CallDirection = "Direction",
        /// The number that passed it on.
        forwarded_from: Address = "ForwardedFrom",
        /// The name of the caller, where it is looked up.
        caller_name: Text = "CallerName",
        /// Who picked up, where machine detection was on.
        answered_by: AnsweredBy = "AnsweredBy",
        /// Is the caller's number the caller's?
        stir_verstat: StirVerstat = "StirVerstat",
        /// What lets you call on in the caller's name.
        call_token: Text = "CallToken",
        /// The version of the API.
        api_version: String = "ApiVersion",
        @parts {
            /// Where the number of `from` is at home.
            from_place: Place = "From",
            /// Where the number of `to` is at home.
            to_place: Place = "To",
            /// Where the number of `caller` is at home.
            caller_place: Place = "Caller",
            /// Where the number of `called` is at home.
            called_place: Place = "Called",
        }
    }
}

event! {
    /// Somebody calls you, or a call of yours wants its next TwiML.
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
        /// Why your first URL did not do, where this is the fallback URL: Twilio's number.
        error_code: u32 = "ErrorCode",
        /// The URL that did not do.
        error_url: Text = "ErrorUrl",
    }
}

of_a_call!(InboundCall);

impl InboundCall {
    /// Is this the fallback URL, because the first one did not do?
    #[must_use]
    pub fn is_fallback(&self) -> bool {
        self.error_url.is_some() || self.error_code.is_some()
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
    fn a_fallback_says_why() {
        let event: InboundCall = read_whole(fixtures::FALLBACK);
        assert_eq!((event.is_fallback(), event.error_code), (true, Some(11200)));
        survives::<InboundCall>(fixtures::FALLBACK);
    }
}
