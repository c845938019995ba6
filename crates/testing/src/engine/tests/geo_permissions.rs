//! Geo permissions: listed, changed, and in force for messages.

use super::*;

const PATH: &str = "/v1/Messaging/GeoPermissions";

fn change(client: &mut TestClient, country: &str, enabled: bool) -> Value {
    let object =
        serde_json::json!({"country_code": country, "type": "country", "enabled": enabled}).to_string();
    let (status, body) = client.product(Method::PATCH, PATH, &[("Permissions", &object)]);
    assert_eq!(status, 200, "{body}");
    body["permissions"][0].clone()
}

#[test]
fn a_country_without_permission_is_not_sent_to() {
    let mut client = TestClient::default();
    let british = [("To", "+447700900123")];
    client.sent(&british);
    assert_eq!(change(&mut client, "GB", false)["error_code"], 0);
    assert_refused(client.send(&british), (400, 21408));
    client.sent(&[
        ("To", "whatsapp:+447700900123"),
        ("From", "whatsapp:+14155550100"),
        ("ContentSid", "HX00000000000000000000000000000001"),
    ]);
    client.sent(&[]);
    let (_, one) = client.product(Method::GET, &format!("{PATH}?CountryCode=gb"), &[]);
    let expected = serde_json::json!([
        {"country_code": "GB", "type": "country", "enabled": false, "prefix": "+44", "message": ""}
    ]);
    assert_eq!(one["permissions"], expected);
    change(&mut client, "GB", true);
    client.sent(&british);
}

#[test]
fn the_api_changes_neither_risky_nor_unsupported_countries() {
    let mut client = TestClient::default();
    for country in ["PK", "IR", "ZZ"] {
        let result = change(&mut client, country, false);
        assert_eq!(result["error_code"], 30649, "{country}");
        assert_eq!(result["error_messages"].as_array().unwrap().len(), 1);
    }
    client.sent(&[("To", "+923001234567")]);
    assert_refused(client.send(&[("To", "+989121234567")]), (400, 21408));
    assert!(client.tenant().senders.geo.set("pk", false) && !client.tenant().senders.geo.set("ZZ", true));
    assert_refused(client.send(&[("To", "+923001234567")]), (400, 21408));
    let (_, all) = client.product(Method::GET, PATH, &[]);
    assert_eq!(all["permissions"].as_array().unwrap().len(), 20);
    for bad in
        ["", "DE", "{\"country_code\": \"DE\", \"type\": \"country\"}", "{\"country_code\": \"Germany\"}"]
    {
        assert_refused(client.product(Method::PATCH, PATH, &[("Permissions", bad)]), (400, 20001));
    }
}
