//! Content templates, their approval, and messages made of them.

use super::*;

fn ask(client: &mut TestClient, path: &str, body: Value) -> (u16, Value) {
    let basic = client.basic();
    let basic = format!("Basic {}", STANDARD.encode(basic));
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_static("api.example.com"));
    headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&basic).unwrap());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = Bytes::from(body.to_string());
    parts(client.handle(&FakeRequest::new(Method::POST, path, "", headers, body)))
}

fn template(client: &mut TestClient) -> String {
    let body = serde_json::json!({
        "friendly_name": "order", "language": "en", "variables": { "1": "you", "2": "soon" },
        "types": { "twilio/text": { "body": "Hi {{1}}, {{ 2 }} and {{3}}" }, "twilio/card": null },
    });
    let (status, content) = ask(client, "/v1/Content", body);
    assert_eq!(status, 201, "{content}");
    content["sid"].as_str().unwrap().to_owned()
}

const WHATSAPP: [(&str, &str); 2] = [("To", "whatsapp:+14155551234"), ("From", "whatsapp:+14155238886")];

#[test]
fn a_template_is_created_listed_fetched_and_deleted() {
    let mut client = TestClient::default();
    let sid = template(&mut client);
    let path = format!("/v1/Content/{sid}");
    let (_, found) = client.product(Method::GET, &path, &[]);
    assert_eq!((&found["language"], &found["variables"]["1"]), (&"en".into(), &"you".into()));
    assert_eq!(found["links"]["approval_fetch"], format!("http://api.example.com{path}/ApprovalRequests"));
    let (_, page) = client.product(Method::GET, "/v1/Content", &[]);
    assert_eq!((&page["contents"], &page["meta"]["key"]), (&serde_json::json!([found]), &"contents".into()));
    for bad in [
        serde_json::json!([]),
        serde_json::json!({ "language": "en", "types": {} }),
        serde_json::json!({ "language": "en", "types": { "twilio/text": null } }),
        serde_json::json!({ "types": { "twilio/text": { "body": "x" } } }),
        serde_json::json!({ "language": "en", "types": { "text": { "body": "x" } } }),
    ] {
        assert_refused(ask(&mut client, "/v1/Content", bad), (400, 20001));
    }
    assert_refused(client.product(Method::POST, "/v1/Content", &[("language", "en")]), (400, 20001));
    assert_eq!(client.product(Method::DELETE, &path, &[]).0, 204);
    assert_refused(client.product(Method::GET, &path, &[]), (404, 20404));
}

#[test]
fn the_approval_of_whatsapp_is_requested_and_given() {
    let mut client = TestClient::default();
    let sid = template(&mut client);
    let path = format!("/v1/Content/{sid}/ApprovalRequests");
    let status =
        |client: &mut TestClient| client.product(Method::GET, &path, &[]).1["whatsapp"]["status"].clone();
    assert_eq!(status(&mut client), "unsubmitted");
    let request = serde_json::json!({ "name": "order_1", "category": "UTILITY" });
    let (code, request) = ask(&mut client, &format!("{path}/whatsapp"), request);
    assert_eq!(
        (code, &request["status"], &request["content_type"]),
        (201, &"received".into(), &"twilio/text".into())
    );
    for (name, category) in [("Order", "UTILITY"), ("order", "NEWS"), ("", "")] {
        let bad = serde_json::json!({ "name": name, "category": category });
        assert_refused(ask(&mut client, &format!("{path}/whatsapp"), bad), (400, 20001));
    }
    assert!(client.tenant().contents.approve(&sid) && !client.tenant().contents.approve("HX1"));
    assert_eq!(status(&mut client), "approved");
    assert!(client.tenant().contents.reject(&sid, "too loud"));
    let (_, page) = client.product(Method::GET, "/v1/ContentAndApprovals", &[]);
    assert_eq!(page["contents"][0]["approval_requests"]["rejection_reason"], "too loud");
}

#[test]
fn a_message_has_the_text_of_its_template() {
    let mut client = TestClient::default();
    let sid = template(&mut client);
    let content = [("Body", ""), ("ContentSid", sid.as_str())];
    assert_eq!(client.send(&content).1["body"], "Hi you, soon and {{3}}");
    let variables = [content[0], content[1], ("ContentVariables", "{\"1\":\"Alex\",\"3\":4}")];
    assert_eq!(client.send(&variables).1["body"], "Hi Alex, soon and 4");
}

#[test]
fn outside_the_window_only_templates_are_delivered() {
    let mut client = TestClient::default();
    let template = template(&mut client);
    let by_template = [WHATSAPP[0], WHATSAPP[1], ("ContentSid", &template), ("Body", "")];
    let unknown = [WHATSAPP[0], WHATSAPP[1], ("ContentSid", "HX00000000000000000000000000000001")];
    let end = |client: &mut TestClient, more: &[(&str, &str)]| {
        let sid = client.sent(more);
        client.tenant().messaging().deliver(&sid);
        let message = client.message(&sid);
        (message["status"].as_str().unwrap().to_owned(), message["error_code"].as_u64())
    };
    let (delivered, outside) = (("delivered".to_owned(), None), ("failed".to_owned(), Some(63016)));
    assert_eq!(end(&mut client, &WHATSAPP), delivered);
    client.tenant().windows.close_all();
    assert_eq!(end(&mut client, &WHATSAPP), outside);
    assert_eq!(end(&mut client, &by_template), outside);
    assert_eq!(end(&mut client, &unknown), delivered);
    assert_eq!(end(&mut client, &[]), delivered);
    client.tenant().contents.approve(&template);
    assert_eq!(end(&mut client, &by_template), delivered);
    client.tenant().open_window("+14155551234");
    assert_eq!(end(&mut client, &WHATSAPP), delivered);
    client.advance_seconds(24 * 3600);
    assert_eq!(end(&mut client, &WHATSAPP), outside);
}
