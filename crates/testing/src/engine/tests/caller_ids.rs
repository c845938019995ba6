//! Verified caller IDs: validated, used, renamed and deleted.

use super::*;

const OFFICE: &str = "+14155557777";
const ALL: &str = "/OutgoingCallerIds.json";

/// Starts a validation; returns its code.
fn validate(client: &mut TestClient, more: &[(&str, &str)]) -> String {
    let mut form = vec![("PhoneNumber", OFFICE)];
    form.extend(more);
    let (status, started) = client.post(ALL, &form);
    assert_eq!((status, &started["phone_number"]), (200, &OFFICE.into()), "{started}");
    let code = started["validation_code"].as_str().unwrap().to_owned();
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
    code
}

fn sids(client: &mut TestClient, query: &str) -> Vec<String> {
    let (_, page) = client.get(&format!("{ALL}{query}"));
    let sid = |row: &Value| row["sid"].as_str().unwrap().to_owned();
    page["outgoing_caller_ids"].as_array().unwrap().iter().map(sid).collect()
}

/// The result that the callback of the validation was told.
fn told(client: &mut TestClient) -> (String, bool) {
    let params = form(&client.engine.take_callbacks().remove(0).form.unwrap());
    (
        value(&params, "VerificationStatus").unwrap().to_owned(),
        value(&params, "OutgoingCallerIdSid").is_some(),
    )
}

#[test]
fn a_number_calls_once_its_owner_entered_the_code() {
    let mut client = TestClient::default();
    let callback = [("StatusCallback", "http://example.com/verified"), ("FriendlyName", "Office")];
    let wrong = validate(&mut client, &callback).replace(|_| true, "x");
    assert_eq!(client.tenant().enter_validation_code(OFFICE, &wrong), Some(false));
    assert_eq!(told(&mut client), ("failed".to_owned(), false));
    assert_eq!(client.tenant().enter_validation_code(OFFICE, &wrong), None);
    assert_refused(client.call(&[("From", OFFICE)]), (400, 21210));

    let code = validate(&mut client, &callback);
    assert_eq!(client.tenant().enter_validation_code(OFFICE, &code), Some(true));
    assert_eq!(told(&mut client), ("success".to_owned(), true));
    client.called(&[("From", OFFICE)]);
    assert_refused(client.post(ALL, &[("PhoneNumber", OFFICE)]), (400, 21450));
    let sid = sids(&mut client, "").remove(0);
    let one = format!("/OutgoingCallerIds/{sid}.json");
    assert_eq!(client.get(&one).1["friendly_name"], "Office");
    assert_eq!(client.post(&one, &[("FriendlyName", "Desk")]).1["friendly_name"], "Desk");
    assert_eq!(
        (sids(&mut client, "?FriendlyName=Desk").len(), sids(&mut client, "?FriendlyName=x").len()),
        (1, 0)
    );
    assert_eq!(client.delete(&one).0, 204);
    assert_refused(client.call(&[("From", OFFICE)]), (400, 21210));
    assert_refused(client.get(&one), (404, 20404));
}

#[test]
fn a_number_that_a_test_verifies_is_listed_and_bad_parameters_are_refused() {
    let mut client = TestClient::default();
    client.tenant().verify_number(OFFICE);
    client.tenant().verify_number(OFFICE);
    assert_eq!((sids(&mut client, "").len(), sids(&mut client, "?PhoneNumber=%2B14155557777").len()), (1, 1));
    let (_, page) = client.get(ALL);
    assert_eq!(page["outgoing_caller_ids"][0]["friendly_name"], "(415) 555-7777");
    assert_refused(client.post(ALL, &[("PhoneNumber", "4155557777")]), (400, 21401));
    for bad in [
        ("PhoneNumber", ""),
        ("CallDelay", "61"),
        ("FriendlyName", &"x".repeat(65)),
        ("StatusCallback", "no"),
    ] {
        let mut form = vec![("PhoneNumber", "+14155558888")];
        form.retain(|(key, _)| *key != bad.0);
        form.push(bad);
        assert_refused(client.post(ALL, &form), (400, 20001));
    }
}
