//! Verify: services, verifications and checks of codes.

use super::*;

fn service(client: &mut TestClient, more: &[(&str, &str)]) -> String {
    let mut form = vec![("FriendlyName", "Shop")];
    form.extend(more);
    let (status, service) = client.product(Method::POST, "/v2/Services", &form);
    assert_eq!(status, 201, "{service}");
    format!("/v2/Services/{}", service["sid"].as_str().unwrap())
}

fn start(client: &mut TestClient, service: &str, more: &[(&str, &str)]) -> (u16, Value) {
    let mut form = vec![("To", TO), ("Channel", "sms")];
    form.retain(|(key, _)| !more.iter().any(|(k, _)| k == key));
    form.extend(more);
    client.product(Method::POST, &format!("{service}/Verifications"), &form)
}

fn check(client: &mut TestClient, service: &str, code: &str) -> (u16, Value) {
    client.product(Method::POST, &format!("{service}/VerificationCheck"), &[("To", TO), ("Code", code)])
}

#[test]
fn a_service_is_created_listed_changed_and_deleted() {
    let mut client = TestClient::default();
    let path = service(&mut client, &[("CodeLength", "4"), ("Totp.Issuer", "me")]);
    let (_, found) = client.product(Method::GET, &path, &[]);
    assert_eq!((&found["code_length"], &found["totp"]["issuer"]), (&4.into(), &"me".into()));
    assert_eq!(found["passkeys"]["relying_party"]["origins"], Value::Null);
    assert_eq!(found["links"]["verifications"], format!("http://api.example.com{path}/Verifications"));
    let (_, page) = client.product(Method::GET, "/v2/Services", &[]);
    assert_eq!((&page["services"], &page["meta"]["key"]), (&serde_json::json!([found]), &"services".into()));
    assert_eq!(client.product(Method::POST, &path, &[("CodeLength", "8")]).1["code_length"], 8);
    for bad in [("CodeLength", "3"), ("FriendlyName", "Shop 12345"), ("LookupEnabled", "maybe")] {
        assert_refused(client.product(Method::POST, &path, &[bad]), (400, 60200));
    }
    assert_refused(client.product(Method::POST, "/v2/Services", &[]), (400, 60200));
    assert_eq!(client.product(Method::DELETE, &path, &[]).0, 204);
    assert_refused(start(&mut client, &path, &[]), (404, 20404));
    assert_refused(check(&mut client, &path, "123456"), (404, 20404));
}

#[test]
fn a_wrong_code_is_pending_and_the_right_one_approved_once() {
    let mut client = TestClient::default();
    let service = service(&mut client, &[]);
    let (status, started) = start(&mut client, &service, &[]);
    assert_eq!((status, &started["status"], &started["valid"]), (201, &"pending".into(), &false.into()));
    assert_eq!(started["send_code_attempts"][0]["channel"], "SMS");
    let (status, wrong) = check(&mut client, &service, "000000");
    assert_eq!((status, &wrong["status"], &wrong["valid"]), (201, &"pending".into(), &false.into()));
    assert_eq!(client.tenant().verification_code(TO).as_deref(), Some("123456"));
    let (_, right) = check(&mut client, &service, "123456");
    assert_eq!(
        (&right["status"], &right["valid"], &right["sid"]),
        (&"approved".into(), &true.into(), &started["sid"])
    );
    assert_eq!(client.tenant().verification_code(TO), None);
    assert_refused(check(&mut client, &service, "123456"), (404, 20404));
    assert_ne!(start(&mut client, &service, &[]).1["sid"], started["sid"]);
}

#[test]
fn after_five_wrong_codes_the_right_one_is_refused() {
    let mut client = TestClient::default();
    let service = service(&mut client, &[]);
    let (_, started) = start(&mut client, &service, &[]);
    for _ in 0..5 {
        assert_eq!(check(&mut client, &service, "000000").1["status"], "pending");
    }
    for _ in 0..2 {
        assert_refused(check(&mut client, &service, "123456"), (429, 60202));
    }
    let path = format!("{service}/Verifications/{}", started["sid"].as_str().unwrap());
    assert_eq!(client.product(Method::GET, &path, &[]).1["status"], "max_attempts_reached");
    client.advance_seconds(600);
    assert_refused(check(&mut client, &service, "123456"), (404, 20404));
    start(&mut client, &service, &[]);
    assert_eq!(check(&mut client, &service, "123456").1["status"], "approved");
}

#[test]
fn a_code_is_sent_five_times_and_valid_for_ten_minutes() {
    let mut client = TestClient::default();
    let service = service(&mut client, &[]);
    for n in 1..=5 {
        let channel = if n == 2 { "call" } else { "sms" };
        let (_, sent) = start(&mut client, &service, &[("Channel", channel)]);
        assert_eq!(sent["send_code_attempts"].as_array().unwrap().len(), n);
        assert_eq!(sent["channel"], channel);
    }
    assert_refused(start(&mut client, &service, &[]), (429, 60203));
    client.advance_seconds(599);
    assert_eq!(check(&mut client, &service, "0000").0, 201);
    client.advance_seconds(1);
    assert_refused(check(&mut client, &service, "123456"), (404, 20404));
    assert_eq!(start(&mut client, &service, &[]).0, 201);
}

#[test]
fn a_verification_is_settled_by_its_sid_or_its_address() {
    let mut client = TestClient::default();
    let service = service(&mut client, &[]);
    let mail = [("To", "alex.doe@example.com"), ("Channel", "email")];
    let (_, started) = start(&mut client, &service, &mail);
    let by_address = format!("{service}/Verifications/alex.doe%40example.com");
    assert_eq!(client.product(Method::GET, &by_address, &[]).1, started);
    assert_refused(client.product(Method::POST, &by_address, &[("Status", "pending")]), (400, 60200));
    assert_eq!(client.product(Method::POST, &by_address, &[("Status", "canceled")]).1["status"], "canceled");
    assert_refused(client.product(Method::POST, &by_address, &[("Status", "canceled")]), (404, 20404));
    let (_, started) = start(&mut client, &service, &[]);
    let by_sid = format!("{service}/Verifications/{}", started["sid"].as_str().unwrap());
    let (_, approved) = client.product(Method::POST, &by_sid, &[("Status", "approved")]);
    assert_eq!((&approved["status"], &approved["valid"]), (&"approved".into(), &true.into()));
    assert_refused(check(&mut client, &service, "123456"), (404, 20404));
}

#[test]
fn a_test_or_a_caller_can_set_the_code() {
    let mut client = TestClient::default();
    let four = service(&mut client, &[("CodeLength", "4")]);
    let code = |client: &mut TestClient| client.tenant().verification_code(TO).unwrap();
    start(&mut client, &four, &[]);
    assert_eq!(code(&mut client), "1234");
    let (_, by_sid) = start(&mut client, &four, &[("CustomCode", "98765")]);
    assert_eq!(code(&mut client), "98765");
    let form = [("VerificationSid", by_sid["sid"].as_str().unwrap()), ("Code", "98765")];
    assert_eq!(
        client.product(Method::POST, &format!("{four}/VerificationCheck"), &form).1["status"],
        "approved"
    );
    client.tenant().verify.set_code("424242");
    start(&mut client, &four, &[]);
    assert_eq!(code(&mut client), "424242");
}

#[test]
fn bad_parameters_are_named() {
    let mut client = TestClient::default();
    let service = service(&mut client, &[]);
    for bad in [
        [("To", "4155551234")],
        [("To", "")],
        [("To", "alex@example.com")],
        [("Channel", "voice")],
        [("Channel", "")],
        [("Channel", "email")],
        [("CustomCode", "123")],
    ] {
        assert_refused(start(&mut client, &service, &bad), (400, 60200));
    }
    let path = format!("{service}/VerificationCheck");
    assert_refused(client.product(Method::POST, &path, &[("To", TO)]), (400, 60200));
    assert_refused(client.product(Method::POST, &path, &[("Code", "1234")]), (400, 60200));
    assert_refused(check(&mut client, &service, "123456"), (404, 20404));
}
