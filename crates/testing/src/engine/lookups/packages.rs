//! The default results of the lookup packages, for numbers without a result that a test has set.

use serde_json::{Value, json};

use crate::engine::form::Pairs;

type Package = fn(&Pairs) -> Value;

/// Every package with its default result, in the order of Twilio's answers.
pub(in crate::engine) const PACKAGES: &[(&str, Package)] = &[
    ("caller_name", |_| json!({ "caller_name": "ALEX DOE", "caller_type": "CONSUMER", "error_code": null })),
    ("sim_swap", sim_swap),
    ("call_forwarding", |_| json!({ "call_forwarding_enabled": false, "error_code": null })),
    ("line_status", |_| json!({ "status": "active", "error_code": null })),
    ("line_type_intelligence", line_type),
    ("identity_match", identity),
    ("reassigned_number", reassigned),
    ("sms_pumping_risk", pumping),
    ("phone_number_quality_score", quality),
    ("pre_fill", pre_fill),
];

fn sim_swap(_: &Pairs) -> Value {
    json!({
        "last_sim_swap": {
            "last_sim_swap_date": null,
            "swapped_period": "PT24H",
            "swapped_in_period": false,
        },
        "carrier_name": "Example Wireless",
        "mobile_country_code": "310",
        "mobile_network_code": "260",
        "error_code": null,
    })
}

fn line_type(_: &Pairs) -> Value {
    json!({
        "type": "mobile",
        "carrier_name": "Example Wireless",
        "mobile_country_code": "310",
        "mobile_network_code": "260",
        "error_code": null,
    })
}

/// Every parameter that is given matches exactly.
fn identity(query: &Pairs) -> Value {
    let of = |param: &str| if query.get(param).is_some() { "exact_match" } else { "no_data_available" };
    json!({
        "first_name_match": of("FirstName"),
        "last_name_match": of("LastName"),
        "address_lines_match": of("AddressLine1"),
        "city_match": of("City"),
        "state_match": of("State"),
        "postal_code_match": of("PostalCode"),
        "address_country_match": of("AddressCountryCode"),
        "national_id_match": of("NationalId"),
        "date_of_birth_match": of("DateOfBirth"),
        "summary_score": 100,
        "error_code": null,
        "error_message": null,
    })
}

/// The parameter has the date without dashes, and the answer has it with dashes.
fn reassigned(query: &Pairs) -> Value {
    let date = query
        .get("LastVerifiedDate")
        .and_then(|text| Some(format!("{}-{}-{}", text.get(..4)?, text.get(4..6)?, text.get(6..8)?)));
    json!({
        "last_verified_date": date,
        "is_number_reassigned": if date.is_some() { "no" } else { "no_data_available" },
        "error_code": null,
    })
}

fn pumping(_: &Pairs) -> Value {
    json!({
        "carrier_risk_category": "low",
        "number_blocked": false,
        "number_blocked_date": null,
        "number_blocked_last_3_months": null,
        "sms_pumping_risk_score": 3,
        "error_code": null,
    })
}

fn quality(_: &Pairs) -> Value {
    json!({
        "carrier_risk_score": 10,
        "carrier_risk_category": "low",
        "disposable_phone_risk_score": 10,
        "disposable_phone_risk_category": "low",
        "velocity_risk_score": 0,
        "velocity_risk_category": "low",
        "quality_score": 0,
        "quality_category": "low",
        "error_code": null,
    })
}

fn pre_fill(_: &Pairs) -> Value {
    json!({
        "first_name": "Alex",
        "last_name": "Doe",
        "address_line": "1 Example Street",
        "country_code": "US",
        "state": "CA",
        "postal_code": "94105",
        "error_code": null,
    })
}
