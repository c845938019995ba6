//! The packages of data about a number. Each has an error code if there is no data.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::sms::Text;
use crate::twilio::wire::{answer, wire_enum};

wire_enum! {
    /// The kind of owner.
    CallerType {
        /// A company's.
        Business = "BUSINESS",
        /// A person's.
        Consumer = "CONSUMER",
        /// Not known.
        Undetermined = "UNDETERMINED",
    }
}

answer! {
    /// The name of a number's owner.
    ///
    /// <https://www.twilio.com/docs/lookup/v2-api/caller-name>
    CallerName {
        /// The name.
        caller_name: Text = "caller_name",
        /// The kind of owner.
        caller_type: CallerType = "caller_type",
        /// The error code if there is no data.
        error_code: u32 = "error_code",
    }
}

answer! {
    /// When a number's SIM card was last changed.
    ///
    /// <https://www.twilio.com/docs/lookup/v2-api/sim-swap>
    SimSwap {
        /// The last change.
        last_sim_swap: LastSimSwap = "last_sim_swap",
        /// The carrier's name.
        carrier_name: String = "carrier_name",
        /// The mobile country code.
        mobile_country_code: String = "mobile_country_code",
        /// The mobile network code.
        mobile_network_code: String = "mobile_network_code",
        /// The error code if there is no data.
        error_code: u32 = "error_code",
    }
}

answer! {
    /// The last change of a SIM card.
    LastSimSwap {
        /// The time of the last change; some carriers do not report it.
        last_sim_swap_date: Timestamp = "last_sim_swap_date",
        /// The period that was checked, in ISO 8601, such as `PT24H`.
        swapped_period: String = "swapped_period",
        /// Was the SIM card changed in this period?
        swapped_in_period: bool = "swapped_in_period",
    }
}

answer! {
    /// Whether a number's calls are forwarded.
    ///
    /// <https://www.twilio.com/docs/lookup/v2-api/call-forwarding>
    CallForwarding {
        /// Are all calls forwarded?
        call_forwarding_enabled: bool = "call_forwarding_enabled",
        /// The error code if there is no data.
        error_code: u32 = "error_code",
    }
}

wire_enum! {
    /// Whether a line is in use.
    LineActivity {
        /// The line is in use.
        Active = "active",
        /// The line is not in use.
        Inactive = "inactive",
        /// The line is in use, and its telephone is reachable.
        Reachable = "reachable",
        /// The line is in use, but its telephone is off or has no signal.
        Unreachable = "unreachable",
    }
}

answer! {
    /// Whether a number is in use.
    ///
    /// <https://www.twilio.com/docs/lookup/v2-api/line-status>
    LineStatus {
        /// Whether it is in use.
        status: LineActivity = "status",
        /// The error code if there is no data.
        error_code: u32 = "error_code",
    }
}

wire_enum! {
    /// The kind of a line.
    LineType {
        /// A landline, which takes no texts.
        Landline = "landline",
        /// A mobile telephone.
        Mobile = "mobile",
        /// A line over the internet that belongs to a fixed address.
        FixedVoip = "fixedVoip",
        /// A line over the internet without a fixed address, often used by programs.
        NonFixedVoip = "nonFixedVoip",
        /// A personal number, which forwards to other numbers.
        Personal = "personal",
        /// Free for the caller.
        TollFree = "tollFree",
        /// The caller pays a premium rate.
        Premium = "premium",
        /// Caller and called party share the cost.
        SharedCost = "sharedCost",
        /// One number for all of a company.
        Uan = "uan",
        /// A mailbox.
        Voicemail = "voicemail",
        /// A pager.
        Pager = "pager",
        /// The kind of line is not known.
        Undetermined = "unknown",
    }
}

answer! {
    /// The kind of line of a number, and its carrier.
    ///
    /// <https://www.twilio.com/docs/lookup/v2-api/line-type-intelligence>
    LineTypeIntelligence {
        /// The kind.
        kind: LineType = "type",
        /// The carrier's name.
        carrier_name: String = "carrier_name",
        /// The mobile country code.
        mobile_country_code: String = "mobile_country_code",
        /// The mobile network code.
        mobile_network_code: String = "mobile_network_code",
        /// The error code if there is no data.
        error_code: u32 = "error_code",
    }
}

wire_enum! {
    /// How well the stated identity matches the carrier's data.
    MatchLevel {
        /// Exact match.
        ExactMatch = "exact_match",
        /// High partial match.
        HighPartialMatch = "high_partial_match",
        /// Partial match.
        PartialMatch = "partial_match",
        /// No match.
        NoMatch = "no_match",
        /// The carrier has no data, or does not share it.
        NoDataAvailable = "no_data_available",
    }
}

answer! {
    /// Whether a number belongs to the person with the given identity.
    ///
    /// <https://www.twilio.com/docs/lookup/v2-api/identity-match>
    IdentityMatch {
        /// First name.
        first_name_match: MatchLevel = "first_name_match",
        /// Last name.
        last_name_match: MatchLevel = "last_name_match",
        /// Lines of the address.
        address_lines_match: MatchLevel = "address_lines_match",
        /// City.
        city_match: MatchLevel = "city_match",
        /// State, province or locality.
        state_match: MatchLevel = "state_match",
        /// Postal code.
        postal_code_match: MatchLevel = "postal_code_match",
        /// Country.
        address_country_match: MatchLevel = "address_country_match",
        /// National id.
        national_id_match: MatchLevel = "national_id_match",
        /// Date of birth.
        date_of_birth_match: MatchLevel = "date_of_birth_match",
        /// The overall score, from 0 to 100.
        summary_score: u32 = "summary_score",
        /// The error code if there is no data.
        error_code: u32 = "error_code",
        /// The overall score in words.
        error_message: String = "error_message",
    }
}

wire_enum! {
    /// Whether a number was reassigned to a new owner.
    Reassigned {
        /// It was reassigned.
        Yes = "yes",
        /// It was not reassigned.
        No = "no",
        /// Not known.
        NoDataAvailable = "no_data_available",
    }
}

answer! {
    /// Whether a number was reassigned to a new owner.
    ///
    /// <https://www.twilio.com/docs/lookup/v2-api/reassigned-number>
    ReassignedNumber {
        /// The day from which reassignments were checked.
        last_verified_date: Date = "last_verified_date",
        /// Was it reassigned since that day?
        is_number_reassigned: Reassigned = "is_number_reassigned",
        /// The error code if there is no data.
        error_code: u32 = "error_code",
    }
}

wire_enum! {
    /// How high a risk is.
    RiskCategory {
        /// Low.
        Low = "low",
        /// Mild.
        Mild = "mild",
        /// Moderate.
        Moderate = "moderate",
        /// High.
        High = "high",
    }
}

answer! {
    /// Whether a number is likely to be used for SMS pumping.
    ///
    /// <https://www.twilio.com/docs/lookup/v2-api/sms-pumping-risk>
    SmsPumpingRisk {
        /// The risk, from 0 to 100.
        sms_pumping_risk_score: u32 = "sms_pumping_risk_score",
        /// The risk of the carrier.
        carrier_risk_category: RiskCategory = "carrier_risk_category",
        /// Does Fraud Guard block it now?
        number_blocked: bool = "number_blocked",
        /// When Fraud Guard blocked it last.
        number_blocked_date: Timestamp = "number_blocked_date",
        /// Did Fraud Guard block it in the last three months?
        number_blocked_last_3_months: bool = "number_blocked_last_3_months",
        /// The error code if there is no data.
        error_code: u32 = "error_code",
    }
}

answer! {
    /// The quality score of a number. Scores go from 0 to 100.
    QualityScore {
        /// The overall score.
        quality_score: u32 = "quality_score",
        /// That score as a category.
        quality_category: RiskCategory = "quality_category",
        /// The risk of the carrier.
        carrier_risk_score: u32 = "carrier_risk_score",
        /// That score as a category.
        carrier_risk_category: RiskCategory = "carrier_risk_category",
        /// The risk that it is a disposable number.
        disposable_phone_risk_score: u32 = "disposable_phone_risk_score",
        /// That score as a category.
        disposable_phone_risk_category: RiskCategory = "disposable_phone_risk_category",
        /// The risk that follows from how often the number is looked up.
        velocity_risk_score: u32 = "velocity_risk_score",
        /// That score as a category.
        velocity_risk_category: RiskCategory = "velocity_risk_category",
        /// The error code if there is no data.
        error_code: u32 = "error_code",
    }
}

answer! {
    /// Data about a number's owner, to fill in a form.
    PreFill {
        /// First name.
        first_name: Text = "first_name",
        /// Last name.
        last_name: Text = "last_name",
        /// The line of the address.
        address_line: Text = "address_line",
        /// City.
        city: Text = "city",
        /// State, province or locality.
        state: Text = "state",
        /// Postal code.
        postal_code: Text = "postal_code",
        /// Country: two letters, ISO 3166.
        country_code: String = "country_code",
        /// The error code if there is no data.
        error_code: u32 = "error_code",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for word in LineType::KNOWN.iter().chain(&["hologram"]) {
            assert_eq!(LineType::from(*word).as_str(), *word);
        }
        for word in MatchLevel::KNOWN.iter().chain(&["nearly"]) {
            assert_eq!(MatchLevel::from(*word).as_str(), *word);
        }
        assert_eq!(LineType::from("unknown"), LineType::Undetermined);
    }
}
