//! Who may do what, and from where.

use axum::body::Body;
use http::Request;
use serde_json::json;

use crate::site::Site;

// `/api/events` has its own test, because it does not end.
/// Each endpoint with the role that it needs; an empty one means any.
const ENDPOINTS: &[(&str, &str, &str)] = &[
    ("GET", "/api/providers", ""),
    ("GET", "/api/widgets", ""),
    ("GET", "/api/widgets/twilio-send-sms", ""),
    ("GET", "/api/credentials/twilio", "manage"),
    ("PUT", "/api/credentials/twilio", "manage"),
    ("DELETE", "/api/credentials/twilio", "manage"),
    ("POST", "/api/credentials/twilio/test", "manage"),
    ("POST", "/api/actions/twilio/send-sms", "send"),
    ("POST", "/api/actions/twilio/make-call", "send"),
    ("POST", "/api/actions/twilio/preview", "send"),
];

#[tokio::test]
async fn nobody_gets_more_than_their_role() {
    let site = Site::start().await;
    for (method, path, needs) in ENDPOINTS {
        let nobody =
            site.call(Request::builder().method(*method).uri(*path).body(Body::empty()).unwrap()).await;
        assert_eq!(nobody.status, 401, "{method} {path}");
        assert!(nobody.body["error"].is_string() && nobody.body["errorInfo"]["code"] == "UNAUTHORIZED");
        for role in ["none", "view", "send", "manage"] {
            let answer = site.json(method, path, &format!("blue ada {role}"), &json!({})).await;
            let may = if needs.is_empty() { role != "none" } else { role == *needs };
            assert_eq!(answer.status != 403, may, "{method} {path} as {role}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn another_tenant_sees_nothing() {
    let site = Site::start().await;
    site.connect("blue").await;
    let red = site.get("/api/credentials/twilio", "red eve manage").await;
    assert_eq!(
        (red.status.as_u16(), &red.body["connected"], &red.body["shown"]),
        (200, &json!(false), &json!({}))
    );
    assert_eq!(
        site.json("DELETE", "/api/credentials/twilio", "red eve manage", &json!({})).await.status,
        404
    );
    let sent = site.send("red eve send", None, &json!({"to": "+14155551234", "body": "Hi"})).await;
    assert_eq!(sent.body["error"], "Twilio not configured for this user");
    let taken = site.json("PUT", "/api/credentials/twilio", "red eve manage", &site.credentials()).await;
    assert_eq!(taken.status, 409, "the account is another tenant's: {taken:?}");
    assert!(
        site.get("/api/credentials/twilio", "blue ada manage").await.body["connected"].as_bool().unwrap()
    );
}

#[tokio::test]
async fn a_request_of_another_site_is_refused_before_the_login_is_asked() {
    let site = Site::start().await;
    for (from, status) in [("cross-site", 403), ("same-site", 403), ("same-origin", 401), ("none", 401)] {
        let request = Request::post("/api/actions/twilio/send-sms").header("sec-fetch-site", from);
        let answer = site.call(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{from}");
        assert!(answer.body["error"].is_string());
    }
    let read =
        Request::get("/api/providers").header("sec-fetch-site", "cross-site").header("user", "blue ada view");
    assert_eq!(site.call(read.body(Body::empty()).unwrap()).await.status, 200, "a read changes nothing");
}

#[tokio::test]
async fn bodies_that_are_wrong_get_a_sentence() {
    let site = Site::start().await;
    let post = |kind: &'static str, body: String| {
        let request = Request::post("/api/actions/twilio/send-sms").header("user", "blue ada send");
        site.call(request.header("content-type", kind).body(Body::from(body)).unwrap())
    };
    let cases = [
        ("text/plain", "{}".to_owned(), 415, "Content-Type"),
        ("application/x-www-form-urlencoded", "to=1".to_owned(), 415, "Content-Type"),
        ("application/json", "{\"to\": secret".to_owned(), 400, "line 1"),
        ("application/json", "[]".to_owned(), 400, "object"),
        ("application/json", "{}".to_owned(), 400, "Missing required fields: to, body"),
        ("application/json", "{\"to\": \"+14155551234\"}".to_owned(), 400, "Missing required fields: body"),
        ("application/json", "{\"to\": 5}".to_owned(), 400, "`to` must be a text"),
        ("application/json", format!("{{\"to\": \"{}\"}}", "x".repeat(70_000)), 413, "65536"),
    ];
    for (kind, body, status, part) in cases {
        let answer = post(kind, body).await;
        let said = answer.body["error"].as_str().unwrap();
        assert_eq!(answer.status, status, "{said}");
        assert!(said.contains(part) && !said.contains("secret"), "{said}");
        assert!(answer.body["errorInfo"]["action"].is_string());
    }
}
