//! The rules for every path: credentials, methods, headers.

use super::*;

#[test]
fn every_answer_has_twilios_headers() {
    let mut client = TestClient::default();
    let reply = client.request(Method::GET, "/Messages.json", &[]);
    assert_eq!(reply.status, OK);
    assert_eq!(reply.headers[header::CONTENT_TYPE], "application/json; charset=utf-8");
    let id = reply.headers["twilio-request-id"].to_str().unwrap();
    assert!(id.starts_with("RQ") && id.len() == 34);
    for name in ["twilio-concurrent-requests", "twilio-request-duration", "x-home-region", "x-api-domain"] {
        assert!(reply.headers.contains_key(name), "{name}");
    }
}

#[test]
fn only_valid_credentials_are_accepted() {
    let mut client = TestClient::default();
    let account = client.tenant().core.account_sid().to_owned();
    let token = client.tenant().core.auth_token().expose().to_owned();
    let (key, secret) = client.tenant().core.api_key();
    let (key, secret) = (key.to_owned(), secret.expose().to_owned());
    let (main_key, main_secret) = client.tenant().core.main_api_key();
    let (main_key, main_secret) = (main_key.to_owned(), main_secret.expose().to_owned());
    let own = format!("/2010-04-01/Accounts/{account}.json");
    let messages = format!("/2010-04-01/Accounts/{account}/Messages.json");
    let list = "/2010-04-01/Accounts.json".to_owned();
    let others = format!("/2010-04-01/Accounts/AC{}/Messages.json", "0".repeat(32));
    let cases = [
        (&account, &token, &own, 200),
        (&account, &token, &messages, 200),
        (&key, &secret, &messages, 200),
        (&account, &token, &list, 200),
        (&main_key, &main_secret, &messages, 200),
        (&main_key, &main_secret, &own, 200),
        (&main_key, &main_secret, &list, 200),
        (&main_key, &secret, &messages, 401),
        (&key, &secret, &own, 401),
        (&key, &secret, &list, 401),
        (&account, &secret, &messages, 401),
        (&key, &token, &messages, 401),
        (&account, &token, &others, 401),
    ];
    for (user, password, path, expected) in cases {
        let (status, body) = parts(client.request_as(user, password, Method::GET, path, &[]));
        assert_eq!(status, expected, "{path}: {body}");
        if expected == 401 {
            assert_refused((status, body), (401, 20003));
        }
    }
    assert_eq!(client.engine.handled(), 13);
}

#[test]
fn a_request_without_credentials_is_refused() {
    let mut engine = engine();
    let path = format!("/2010-04-01/Accounts/{}/Messages.json", engine.main_account());
    let request = FakeRequest::new(Method::GET, &path, "", HeaderMap::new(), Bytes::new());
    assert_refused(parts(engine.handle(&request).unwrap()), (401, 20003));
}

#[test]
fn an_unknown_path_is_not_found() {
    let mut client = TestClient::default();
    let missing = format!("/Messages/SM{}.json", "0".repeat(32));
    for path in ["/Nothing.json", "/Messages", "/Messages.xml", "/Messages/x/y.json", missing.as_str()] {
        assert_refused(client.get(path), (404, 20404));
    }
    assert_refused(client.delete("/Messages.json"), (405, 20004));
    assert_refused(parts(client.request(Method::PUT, "/Calls.json", &[])), (405, 20004));
}

#[test]
fn the_account_has_its_type() {
    let mut client = TestClient::default();
    let (_, account) = client.get(".json");
    assert_eq!((&account["type"], &account["status"]), (&"Full".into(), &"active".into()));
    assert_eq!(account["owner_account_sid"], account["sid"]);
    client.tenant().core.begin_trial();
    assert_eq!(client.get(".json").1["type"], "Trial");
}

#[test]
fn there_is_one_account() {
    let mut client = TestClient::default();
    let (_, own) = client.get(".json");
    let (account, token) = (own["sid"].as_str().unwrap(), own["auth_token"].as_str().unwrap());
    let (_, page) = parts(client.request_as(account, token, Method::GET, "/2010-04-01/Accounts.json", &[]));
    assert_eq!(page["accounts"], serde_json::json!([own]));
}

#[test]
fn a_body_that_is_no_form_has_no_parameters() {
    let mut client = TestClient::default();
    let path = format!("/2010-04-01/Accounts/{}/Messages.json", client.tenant().core.account_sid());
    let basic = client.basic();
    let mut headers = HeaderMap::new();
    let basic = format!("Basic {}", STANDARD.encode(basic));
    headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&basic).unwrap());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = Bytes::from_static(b"To=%2B14155551234&From=%2B14155550100&Body=x");
    assert_refused(
        parts(client.handle(&FakeRequest::new(Method::POST, &path, "", headers, body))),
        (400, 21604),
    );
}
