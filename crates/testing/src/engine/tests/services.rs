//! Messaging services, their numbers, and messages that go through them.

use super::*;

fn service(client: &mut TestClient) -> String {
    let (status, service) = client.product(Method::POST, "/v1/Services", &[("FriendlyName", "Shop")]);
    assert_eq!(status, 201, "{service}");
    service["sid"].as_str().unwrap().to_owned()
}

fn bought(client: &mut TestClient) -> (String, String) {
    let (_, number) = client.post("/IncomingPhoneNumbers.json", &[("AreaCode", "212")]);
    let text = |key: &str| number[key].as_str().unwrap().to_owned();
    (text("sid"), text("phone_number"))
}

#[test]
fn a_service_is_created_listed_changed_and_deleted() {
    let mut client = TestClient::default();
    assert_refused(client.product(Method::POST, "/v1/Services", &[]), (400, 20001));
    let sid = service(&mut client);
    let path = format!("/v1/Services/{sid}");
    let form = [("StickySender", "false"), ("ValidityPeriod", "600"), ("Usecase", "marketing")];
    let (status, changed) = client.product(Method::POST, &path, &form);
    assert_eq!(
        (status, &changed["sticky_sender"], &changed["validity_period"]),
        (200, &false.into(), &600.into())
    );
    assert_eq!(
        (&changed["usecase"], &changed["date_created"]),
        (&"marketing".into(), &"2026-01-05T09:00:00Z".into())
    );
    assert_eq!(changed["url"], format!("http://api.example.com{path}"));
    let (_, page) = client.product(Method::GET, "/v1/Services", &[]);
    assert_eq!((&page["services"][0], &page["meta"]["key"]), (&changed, &"services".into()));
    assert_refused(client.product(Method::POST, &path, &[("ValidityPeriod", "0")]), (400, 20001));
    assert_eq!(client.product(Method::DELETE, &path, &[]).0, 204);
    assert_refused(client.product(Method::GET, &path, &[]), (404, 20404));
}

#[test]
fn a_number_is_in_one_service_and_leaves_it_when_released() {
    let mut client = TestClient::default();
    let (one, two) = (service(&mut client), service(&mut client));
    let (sid, number) = bought(&mut client);
    let path = format!("/v1/Services/{one}/PhoneNumbers");
    let form = [("PhoneNumberSid", sid.as_str())];
    let (status, added) = client.product(Method::POST, &path, &form);
    assert_eq!(
        (status, &added["phone_number"], &added["country_code"]),
        (201, &number.as_str().into(), &"US".into())
    );
    assert_eq!(added["capabilities"], serde_json::json!(["MMS", "SMS", "Voice"]));
    assert_refused(client.product(Method::POST, &path, &form), (409, 21710));
    let other = format!("/v1/Services/{two}/PhoneNumbers");
    assert_refused(client.product(Method::POST, &other, &form), (409, 21712));
    assert_refused(client.product(Method::POST, &other, &[("PhoneNumberSid", "PN1")]), (404, 20404));
    let one_number = format!("{path}/{sid}");
    assert_eq!(client.product(Method::GET, &one_number, &[]).1, added);
    assert_eq!(client.product(Method::DELETE, &one_number, &[]).0, 204);
    assert_refused(client.product(Method::DELETE, &one_number, &[]), (404, 20404));
    assert_eq!(client.product(Method::POST, &other, &form).0, 201);
    client.delete(&format!("/IncomingPhoneNumbers/{sid}.json"));
    assert_eq!(client.product(Method::GET, &other, &[]).1["phone_numbers"], serde_json::json!([]));
}

#[test]
fn a_message_goes_from_a_number_of_its_service() {
    let mut client = TestClient::default();
    let service = service(&mut client);
    let through = [("MessagingServiceSid", service.as_str()), ("From", "")];
    assert_refused(client.send(&through), (400, 21703));
    let (sid, number) = bought(&mut client);
    let path = format!("/v1/Services/{service}");
    client.product(Method::POST, &format!("{path}/PhoneNumbers"), &[("PhoneNumberSid", &sid)]);
    client.product(Method::POST, &path, &[("StatusCallback", "http://example.com/s")]);
    let sid = client.sent(&through);
    client.advance_seconds(1);
    assert_eq!(client.message(&sid)["from"], number.as_str());
    assert_eq!(client.engine.take_callbacks()[0].endpoint, "http://example.com/s");
}

#[test]
fn pages_of_the_newer_products_have_absolute_urls() {
    let mut client = TestClient::default();
    let sids: Vec<String> = (0..3).map(|_| service(&mut client)).collect();
    let (_, first) = client.product(Method::GET, "/v1/Services?PageSize=2", &[]);
    let meta = &first["meta"];
    let base = "http://api.example.com/v1/Services?PageSize=2&Page=";
    assert_eq!(
        (&meta["url"], &meta["first_page_url"]),
        (&format!("{base}0").into(), &format!("{base}0").into())
    );
    assert_eq!((&meta["page_size"], &meta["previous_page_url"]), (&2.into(), &Value::Null));
    let next = meta["next_page_url"].as_str().unwrap().strip_prefix("http://api.example.com").unwrap();
    let (_, second) = client.product(Method::GET, next, &[]);
    assert_eq!(
        (&second["services"][0]["sid"], &second["meta"]["page"]),
        (&sids[0].as_str().into(), &1.into())
    );
    assert_eq!(second["meta"]["next_page_url"], Value::Null);
    assert!(
        second["meta"]["previous_page_url"].as_str().unwrap().starts_with(&format!("{base}0&PageToken=PB"))
    );
}
