//! A verification as Twilio describes it.

use jiff::Timestamp;

use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::wire::{answer, wire_enum};

wire_enum! {
    /// The channel of a code.
    VerificationChannel {
        /// As a text.
        Sms = "sms",
        /// Spoken in a call.
        Call = "call",
        /// As an e-mail.
        Email = "email",
        /// Over WhatsApp.
        WhatsApp = "whatsapp",
        /// Over RCS.
        Rcs = "rcs",
        /// Without a code: the carrier confirms the number of the connection (silent network authentication).
        Sna = "sna",
        /// Twilio chooses.
        Auto = "auto",
    }
}

wire_enum! {
    /// The status of a verification.
    VerificationStatus {
        /// The code was sent, and the correct code was not entered yet.
        Pending = "pending",
        /// The right code was entered.
        Approved = "approved",
        /// It was cancelled.
        Canceled = "canceled",
        /// A wrong code was entered five times.
        MaxAttemptsReached = "max_attempts_reached",
        /// It was deleted.
        Deleted = "deleted",
        /// It failed.
        Failed = "failed",
        /// It has expired.
        Expired = "expired",
    }
}

answer! {
    /// A verification, or a check of one, as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/verify/api/verification#verification-response-properties>
    Verification always {
        /// Its SID, `VE…`.
        sid: String = "sid",
        /// Its status.
        status: VerificationStatus = "status",
    } {
        /// The Verify service it belongs to, `VA…`.
        service_sid: String = "service_sid",
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The recipient.
        to: Address = "to",
        /// The channel of the code.
        channel: VerificationChannel = "channel",
        /// Was it approved? An older field; use `status` instead.
        valid: bool = "valid",
        /// The result of the number lookup, if the service looks numbers up.
        lookup: VerificationLookup = "lookup",
        /// The amount of the payment that is confirmed.
        amount: Text = "amount",
        /// The recipient of that payment.
        payee: Text = "payee",
        /// When and over which channel each code was sent.
        send_code_attempts: Vec<SendCodeAttempt> = "send_code_attempts",
        /// The link that the person's device opens for a silent verification.
        sna: SnaLink = "sna",
        /// The errors of silent attempts, in order; only in the answer to a check.
        sna_attempts_error_codes: Vec<SnaAttemptError> = "sna_attempts_error_codes",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its URL.
        url: String = "url",
    }
}

answer! {
    /// The result of looking up the number of a verification.
    VerificationLookup {
        /// The carrier.
        carrier: VerificationCarrier = "carrier",
    }
}

answer! {
    /// The carrier of the number of a verification.
    VerificationCarrier {
        /// The carrier's name.
        name: String = "name",
        /// The kind of line, such as `mobile`.
        kind: String = "type",
        /// The mobile country code.
        mobile_country_code: String = "mobile_country_code",
        /// The mobile network code.
        mobile_network_code: String = "mobile_network_code",
        /// The error code of a failed lookup.
        error_code: u32 = "error_code",
    }
}

answer! {
    /// One sending of a code.
    SendCodeAttempt {
        /// The time.
        time: Timestamp = "time",
        /// The channel, in upper or lower case.
        channel: String = "channel",
        /// The attempt's SID, `VL…`.
        attempt_sid: String = "attempt_sid",
    }
}

answer! {
    /// The link that the person's device opens for a silent verification.
    SnaLink {
        /// The URL.
        url: Text = "url",
    }
}

answer! {
    /// The error of a silent attempt.
    SnaAttemptError {
        /// The attempt's SID, `VL…`.
        attempt_sid: String = "attempt_sid",
        /// Twilio's error code.
        code: u32 = "code",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::{Value, json};

    fn started() -> Value {
        json!({
            "sid": "VEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "to": "+15017122661",
            "channel": "sna",
            "status": "pending",
            "valid": false,
            "date_created": "2015-07-30T20:00:00Z",
            "date_updated": "2015-07-30T20:00:00Z",
            "lookup": {"carrier": {
                "mobile_country_code": "311", "type": "mobile", "error_code": null,
                "mobile_network_code": "180", "name": "T-Mobile USA, Inc."
            }},
            "amount": null,
            "payee": null,
            "send_code_attempts": [{
                "time": "2015-07-30T20:00:00Z", "channel": "SMS",
                "attempt_sid": "VLaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            }],
            "sna": {"url": "https://mi.dnlsrv.com/m/id/ANBByzx7?data=planted"},
            "url": "https://verify.twilio.com/v2/Services/VAaa/Verifications/VEaa"
        })
    }

    fn checked() -> Value {
        json!({
            "sid": "VEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "to": "recipient@foo.com",
            "channel": "email",
            "status": "approved",
            "valid": true,
            "amount": "€39.99",
            "payee": "Acme Inc.",
            "sna_attempts_error_codes": [{"attempt_sid": "VLaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "code": 60001}],
            "date_created": "2020-01-30T20:00:00Z",
            "date_updated": "2020-01-30T20:00:00Z"
        })
    }

    #[test]
    fn twilios_own_examples_are_read_whole() {
        let read: Verification = read_whole(&started());
        assert_eq!(
            (read.channel, read.status),
            (Some(VerificationChannel::Sna), VerificationStatus::Pending)
        );
        let attempts = read.send_code_attempts.unwrap();
        assert_eq!(attempts[0].time.unwrap().to_string(), "2015-07-30T20:00:00Z");
        let carrier = read.lookup.unwrap().carrier.unwrap();
        assert_eq!(
            (carrier.kind.as_deref(), carrier.mobile_network_code.as_deref()),
            (Some("mobile"), Some("180"))
        );

        let read: Verification = read_whole(&checked());
        assert_eq!((read.status, read.valid), (VerificationStatus::Approved, Some(true)));
        assert_eq!(read.sna_attempts_error_codes.unwrap()[0].code, Some(60001));
        read_whole::<Verification>(
            &json!({"sid": "VE1", "lookup": {}, "send_code_attempts": [], "sna": null}),
        );
    }

    #[test]
    fn answers_survive_growth() {
        survives::<Verification>(&started());
        survives::<Verification>(&checked());
    }

    #[test]
    fn debug_shows_neither_whom_nor_the_link() {
        let shown = format!(
            "{:?}{:?}",
            read_whole::<Verification>(&started()),
            read_whole::<Verification>(&checked())
        );
        for secret in ["planted", "7122661", "recipient", "foo.com", "39.99", "Acme"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }

    #[test]
    fn words_round_trip() {
        for word in VerificationStatus::KNOWN.iter().chain(&["brand-new"]) {
            assert_eq!(VerificationStatus::from(*word).as_str(), *word);
        }
        for word in VerificationChannel::KNOWN.iter().chain(&["pigeon"]) {
            assert_eq!(VerificationChannel::from(*word).as_str(), *word);
        }
    }
}
