//! A call as Twilio describes it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::CallStatus;
use crate::phone::Address;
use crate::provider::PickedUpBy;
use crate::sms::Text;
use crate::twilio::wire::{Amount, answer, wire_enum};

wire_enum! {
    /// The direction of a call.
    CallDirection {
        /// An incoming call.
        Inbound = "inbound",
        /// A call placed over the REST API.
        OutboundApi = "outbound-api",
        /// A call dialled by the TwiML of another call.
        OutboundDial = "outbound-dial",
        /// A call through a SIP trunk to your own system.
        TrunkingTerminating = "trunking-terminating",
        /// A call through a SIP trunk from your own system.
        TrunkingOriginating = "trunking-originating",
    }
}

wire_enum! {
    /// The result of answering machine detection.
    AnsweredBy {
        /// A person.
        Human = "human",
        /// A fax.
        Fax = "fax",
        /// The detection had no result.
        Undetermined = "unknown",
        /// A machine whose greeting has begun.
        MachineStart = "machine_start",
        /// A machine whose greeting ended with a beep.
        MachineEndBeep = "machine_end_beep",
        /// A machine whose greeting ended with silence.
        MachineEndSilence = "machine_end_silence",
        /// A machine whose greeting ended in another way.
        MachineEndOther = "machine_end_other",
    }
}

impl AnsweredBy {
    /// Returns the same in neutral words.
    #[must_use]
    pub const fn picked_up_by(&self) -> PickedUpBy {
        match self {
            Self::Human => PickedUpBy::Person,
            Self::Fax => PickedUpBy::Fax,
            Self::MachineStart | Self::MachineEndBeep | Self::MachineEndSilence | Self::MachineEndOther => {
                PickedUpBy::Machine
            }
            Self::Undetermined | Self::Unknown(_) => PickedUpBy::Unknown,
        }
    }
}

answer! {
    /// A call as Twilio describes it.
    ///
    /// Any field may be missing. Fields that Twilio adds, and values that could not be read, are kept in `extra`.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#call-properties>
    Call always {
        /// Its SID, `CA…`.
        sid: String = "sid",
        /// Its status.
        status: CallStatus = "status",
    } {
        /// The call that dialled it.
        parent_call_sid: String = "parent_call_sid",
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The SID of your number in this call, `PN…`.
        phone_number_sid: String = "phone_number_sid",
        /// The group it belongs to.
        group_sid: String = "group_sid",
        /// The SIP trunk it goes through.
        trunk_sid: String = "trunk_sid",
        /// The number or address that is called.
        to: Address = "to",
        /// That number or address in a readable format.
        to_formatted: Address = "to_formatted",
        /// The caller's number or address.
        from: Address = "from",
        /// That number or address in a readable format.
        from_formatted: Address = "from_formatted",
        /// Its direction.
        direction: CallDirection = "direction",
        /// The result of answering machine detection, if it was on.
        answered_by: AnsweredBy = "answered_by",
        /// When it was answered; `None` before that.
        start_time: Timestamp = "start_time",
        /// When it ended.
        end_time: Timestamp = "end_time",
        /// How long it lasted, from the answer to the end, in seconds.
        duration: u32 = "duration",
        /// How long it waited in Twilio's queue, in milliseconds.
        queue_time: u64 = "queue_time",
        /// Its price, a negative amount; `None` until it is billed.
        price: Amount = "price",
        /// The currency of the price, ISO 4217, in upper or lower case.
        price_unit: String = "price_unit",
        /// The number that forwarded the call.
        forwarded_from: Address = "forwarded_from",
        /// The caller's name, if it was looked up.
        caller_name: Text = "caller_name",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// The version of the API.
        api_version: String = "api_version",
        /// Its path.
        uri: String = "uri",
        /// The paths of related resources.
        subresource_uris: BTreeMap<String, String> = "subresource_uris",
    }
}

impl Call {
    /// Returns how long it lasted, from the answer to the end.
    #[must_use]
    pub fn talked(&self) -> Option<Duration> {
        self.duration.map(|seconds| Duration::from_secs(seconds.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_come_as_texts_are_numbers() {
        let call: Call = serde_json::from_str(
            r#"{"sid": "CA1", "duration": "15", "queue_time": "1000", "price": "-0.03000", "status": "no-answer",
                "start_time": "Tue, 31 Aug 2010 20:36:29 +0000", "answered_by": null, "from_formatted": "(415) 867-5308"}"#,
        )
        .unwrap();
        assert_eq!((call.talked(), call.queue_time), (Some(Duration::from_secs(15)), Some(1000)));
        assert_eq!(call.status, CallStatus::NoAnswer);
        assert_eq!(call.price.as_ref().unwrap().as_str(), "-0.03000");
        assert!(call.extra.is_empty() && !format!("{call:?}").contains("867-5308"));
    }
}
