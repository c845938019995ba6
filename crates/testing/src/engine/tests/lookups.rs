//! Lookups: the default results, and those that a test sets.

use super::*;

fn look(client: &mut TestClient, rest: &str) -> (u16, Value) {
    client.product(Method::GET, &format!("/v2/PhoneNumbers/{rest}"), &[])
}

#[test]
fn a_number_is_described_and_its_packages_only_on_demand() {
    let mut client = TestClient::default();
    let (status, plain) = look(&mut client, "%2B14155551234");
    let expected = serde_json::json!({
        "calling_country_code": "1", "country_code": "US", "phone_number": TO,
        "national_format": "(415) 555-1234", "valid": true, "validation_errors": null,
        "caller_name": null, "sim_swap": null, "call_forwarding": null, "line_status": null,
        "line_type_intelligence": null, "identity_match": null, "reassigned_number": null,
        "sms_pumping_risk": null, "phone_number_quality_score": null, "pre_fill": null,
        "url": "http://api.example.com/v2/PhoneNumbers/+14155551234",
    });
    assert_eq!((status, plain), (200, expected));
    let all = "caller_name,sim_swap,call_forwarding,line_status,line_type_intelligence,identity_match,reassigned_number,sms_pumping_risk,phone_number_quality_score,pre_fill";
    let (_, full) =
        look(&mut client, &format!("4155551234?CountryCode=US&Fields=validation,{all}&FirstName=Alex"));
    for name in all.split(',') {
        assert!(full[name].is_object() && full[name]["error_code"].is_null(), "{name}");
    }
    assert_eq!(full["identity_match"]["first_name_match"], "exact_match");
    assert_refused(look(&mut client, "%2B14155551234?Fields=shoe_size"), (400, 20001));
}

#[test]
fn a_lookup_of_an_invalid_number_is_answered_with_200() {
    let mut client = TestClient::default();
    for (number, error) in
        [("%2B1415555", "TOO_SHORT"), ("%2B141555512345", "TOO_LONG"), ("hello", "NOT_A_NUMBER")]
    {
        let (status, found) = look(&mut client, &format!("{number}?Fields=line_status"));
        assert_eq!((status, &found["valid"], &found["line_status"]), (200, &false.into(), &Value::Null));
        assert_eq!(found["validation_errors"], serde_json::json!([error]));
    }
}

#[test]
fn a_test_sets_the_result_of_a_lookup() {
    let mut client = TestClient::default();
    let answer = serde_json::json!({
        "line_type_intelligence": { "type": "landline" },
        "caller_name": { "error_code": 60600 },
        "country_code": "PR",
    });
    assert!(client.tenant().lookups.set(TO, answer));
    assert!(!client.tenant().lookups.set(TO, Value::Null));
    let (_, found) = look(&mut client, "%2B14155551234?Fields=line_type_intelligence,caller_name");
    assert_eq!(
        found["line_type_intelligence"],
        serde_json::json!({ "type": "landline", "error_code": null })
    );
    assert_eq!((&found["caller_name"]["error_code"], &found["country_code"]), (&60600.into(), &"PR".into()));
    assert_eq!(look(&mut client, "%2B14155551234").1["caller_name"], Value::Null);
}
