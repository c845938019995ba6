//! A number as Lookup describes it.

use super::{
    CallForwarding, CallerName, IdentityMatch, LineStatus, LineTypeIntelligence, PreFill, QualityScore,
    ReassignedNumber, SimSwap, SmsPumpingRisk,
};
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::wire::{answer, wire_enum};

wire_enum! {
    /// Why a number is not valid.
    NumberProblem {
        /// It has too few digits.
        TooShort = "TOO_SHORT",
        /// It has too many digits.
        TooLong = "TOO_LONG",
        /// Its length is possible, but it is not assigned.
        InvalidButPossible = "INVALID_BUT_POSSIBLE",
        /// No country has this code.
        InvalidCountryCode = "INVALID_COUNTRY_CODE",
        /// No number of the country has this length.
        InvalidLength = "INVALID_LENGTH",
        /// It is not a number.
        NotANumber = "NOT_A_NUMBER",
    }
}

answer! {
    /// A number as Lookup describes it. A package that was not asked for is `None`.
    ///
    /// <https://www.twilio.com/docs/lookup/v2-api#lookup-response-properties>
    LookedUpNumber {
        /// The number, with plus sign and country code.
        phone_number: Address = "phone_number",
        /// The number as it is written in its country.
        national_format: Address = "national_format",
        /// The country's calling code, without a plus sign.
        calling_country_code: String = "calling_country_code",
        /// The country: two letters, ISO 3166.
        country_code: String = "country_code",
        /// Is it a valid number?
        valid: bool = "valid",
        /// Why it is not valid.
        validation_errors: Vec<NumberProblem> = "validation_errors",
        /// The name of its owner.
        caller_name: CallerName = "caller_name",
        /// When its SIM card was last changed.
        sim_swap: SimSwap = "sim_swap",
        /// Whether its calls are forwarded.
        call_forwarding: CallForwarding = "call_forwarding",
        /// Whether it is in use.
        line_status: LineStatus = "line_status",
        /// The kind of line, and its carrier.
        line_type_intelligence: LineTypeIntelligence = "line_type_intelligence",
        /// Whether it belongs to the person with the given identity.
        identity_match: IdentityMatch = "identity_match",
        /// Whether it was reassigned to a new owner.
        reassigned_number: ReassignedNumber = "reassigned_number",
        /// Whether it is likely to be used for SMS pumping.
        sms_pumping_risk: SmsPumpingRisk = "sms_pumping_risk",
        /// Its quality score.
        phone_number_quality_score: QualityScore = "phone_number_quality_score",
        /// Data about its owner, to fill in a form.
        pre_fill: PreFill = "pre_fill",
        /// Its URL, which contains the number.
        url: Text = "url",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CallerType, LineActivity, LineType, MatchLevel, Reassigned, RiskCategory};
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::{Value, json};

    /// All packages of Twilio's examples in one.
    fn full() -> Value {
        json!({
            "calling_country_code": "1", "country_code": "US", "phone_number": "+14159929960",
            "national_format": "(415) 992-9960", "valid": true, "validation_errors": [],
            "caller_name": {"caller_name": "Sergio Suarez", "caller_type": "CONSUMER", "error_code": null},
            "sim_swap": {
                "last_sim_swap": {
                    "last_sim_swap_date": "2020-04-27T10:18:50Z", "swapped_period": "PT48H", "swapped_in_period": true
                },
                "carrier_name": "Vodafone UK", "mobile_country_code": "276", "mobile_network_code": "02",
                "error_code": null
            },
            "call_forwarding": {"call_forwarding_enabled": true, "error_code": null},
            "line_status": {"status": "active", "error_code": null},
            "line_type_intelligence": {
                "error_code": null, "mobile_country_code": "240", "mobile_network_code": "38",
                "carrier_name": "Twilio - SMS/MMS-SVR", "type": "nonFixedVoip"
            },
            "identity_match": {
                "first_name_match": "exact_match", "last_name_match": "high_partial_match",
                "address_lines_match": "no_match", "city_match": "no_match", "state_match": "high_partial_match",
                "postal_code_match": "no_data_available", "address_country_match": "exact_match",
                "national_id_match": "exact_match", "date_of_birth_match": "exact_match", "summary_score": 90,
                "error_code": 60600, "error_message": "out of coverage"
            },
            "reassigned_number": {"last_verified_date": "2020-12-27", "is_number_reassigned": "yes", "error_code": "60606"},
            "sms_pumping_risk": {
                "carrier_risk_category": "moderate", "number_blocked": false,
                "number_blocked_date": "2020-04-27T10:18:50Z", "number_blocked_last_3_months": false,
                "sms_pumping_risk_score": 61, "error_code": null
            },
            "phone_number_quality_score": {
                "carrier_risk_score": 17, "carrier_risk_category": "low", "disposable_phone_risk_score": 13,
                "disposable_phone_risk_category": "low", "quality_score": 0, "quality_category": "low",
                "velocity_risk_score": 0, "velocity_risk_category": "low", "error_code": null
            },
            "pre_fill": {
                "first_name": "John", "last_name": "Doe", "address_line": "321 Main Street", "country_code": "US",
                "state": "WA", "postal_code": "98117", "error_code": null
            },
            "url": "https://lookups.twilio.com/v2/PhoneNumbers/+14159929960"
        })
    }

    #[test]
    fn twilios_own_examples_are_read_whole() {
        let read: LookedUpNumber = read_whole(&full());
        assert_eq!(read.valid, Some(true));
        assert_eq!(read.caller_name.unwrap().caller_type, Some(CallerType::Consumer));
        assert_eq!(read.line_type_intelligence.unwrap().kind, Some(LineType::NonFixedVoip));
        assert_eq!(read.line_status.unwrap().status, Some(LineActivity::Active));
        let swap = read.sim_swap.unwrap();
        assert_eq!(swap.mobile_network_code.as_deref(), Some("02"));
        assert_eq!(swap.last_sim_swap.unwrap().swapped_in_period, Some(true));
        let identity = read.identity_match.unwrap();
        assert_eq!((identity.summary_score, identity.error_code), (Some(90), Some(60600)));
        assert_eq!(identity.last_name_match, Some(MatchLevel::HighPartialMatch));
        let reassigned = read.reassigned_number.unwrap();
        assert_eq!(
            (reassigned.is_number_reassigned, reassigned.error_code),
            (Some(Reassigned::Yes), Some(60606))
        );
        let risk = read.sms_pumping_risk.unwrap();
        assert_eq!(
            (risk.sms_pumping_risk_score, risk.carrier_risk_category),
            (Some(61), Some(RiskCategory::Moderate))
        );
        assert_eq!(read.phone_number_quality_score.unwrap().carrier_risk_score, Some(17));
    }

    #[test]
    fn a_number_that_is_none_says_why() {
        let read: LookedUpNumber = read_whole(&json!({
            "calling_country_code": null, "country_code": null, "phone_number": "+141599299600",
            "national_format": null, "valid": false, "validation_errors": ["TOO_LONG", "BRAND_NEW"],
            "caller_name": null, "url": "https://lookups.twilio.com/v2/PhoneNumbers/+141599299600"
        }));
        assert_eq!(read.valid, Some(false));
        let expected = [NumberProblem::TooLong, NumberProblem::Unknown("BRAND_NEW".into())];
        assert_eq!(read.validation_errors.unwrap(), expected);
    }

    #[test]
    fn answers_survive_growth() {
        survives::<LookedUpNumber>(&full());
    }

    #[test]
    fn debug_shows_nothing_personal() {
        let shown = format!("{:?}", read_whole::<LookedUpNumber>(&full()));
        for secret in ["Sergio", "992-9960", "9929960", "John", "Doe", "Main", "98117"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}
