//! Who may do what, and from where.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::site::Site;

// `/api/events` has its own test, because it does not end.
/// Each endpoint, and the roles that may use it.
const ENDPOINTS: &[(&str, &str, &str)] = &[
    ("GET", "/api/me", "view send manage"),
    ("GET", "/api/account", "view send manage"),
    ("GET", "/api/numbers", "send manage"),
    ("GET", "/api/providers", "view send manage"),
    ("GET", "/api/widgets", "view send manage"),
    ("GET", "/api/widgets/twilio-send-sms", "view send manage"),
    ("GET", "/api/openapi.json", "view send manage"),
    ("GET", "/api/credentials/twilio", "manage"),
    ("PUT", "/api/credentials/twilio", "manage"),
    ("PATCH", "/api/credentials/twilio", "manage"),
    ("POST", "/api/credentials/twilio/test", "manage"),
    ("POST", "/api/actions/twilio/send-sms", "send"),
    ("POST", "/api/actions/twilio/make-call", "send"),
    ("POST", "/api/actions/twilio/preview", "send"),
    ("GET", "/api/messages", "view send"),
    ("POST", "/api/messages/search", "view send"),
    ("GET", "/api/unsettled", "manage"),
    ("POST", "/api/messages/1/settle", "manage"),
    ("GET", "/api/conversations", "view"),
    ("POST", "/api/conversations/search", "view"),
    ("GET", "/api/conversations/1", "view"),
    ("GET", "/api/conversations/1/messages", "view"),
    ("POST", "/api/conversations/1/replies", "send"),
    ("POST", "/api/conversations/1/read", "view"),
    ("GET", "/api/conversations/1/messages/1/media/1", "view"),
    ("POST", "/api/people/forget", "manage"),
    ("GET", "/api/templates", "view send manage"),
    ("POST", "/api/templates", "manage"),
    ("PUT", "/api/templates/1", "manage"),
    ("DELETE", "/api/templates/1", "manage"),
    ("GET", "/api/campaigns", "view"),
    ("POST", "/api/campaigns", "manage"),
    ("GET", "/api/campaigns/1", "view"),
    ("PUT", "/api/campaigns/1/list", "manage"),
    ("POST", "/api/campaigns/1/plan", "manage"),
    ("POST", "/api/campaigns/1/start", "manage"),
    ("POST", "/api/campaigns/1/pause", "manage"),
    ("POST", "/api/campaigns/1/resume", "manage"),
    ("POST", "/api/campaigns/1/stop", "manage"),
    ("GET", "/api/campaigns/1/deliveries", "view"),
    ("GET", "/api/campaigns/1/report", "view"),
    ("GET", "/api/campaigns/1/report.csv", "view"),
    ("GET", "/api/campaigns/1/rejects.csv", "manage"),
    ("DELETE", "/api/campaigns/1", "manage"),
    ("GET", "/api/consent", "manage"),
    ("POST", "/api/consent", "manage"),
    ("POST", "/api/consent/search", "manage"),
    ("GET", "/api/audit", "manage"),
    ("DELETE", "/api/credentials/twilio", "manage"),
];

/// The same message, which each role may see or not: a sender only their own.
const OF_A_MESSAGE: &[(&str, &str)] = &[("GET", "/api/messages/1"), ("POST", "/api/messages/1/cancel")];

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
            let may = needs.split(' ').any(|needed| needed == role);
            assert_eq!(answer.status != 403, may, "{method} {path} as {role}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn every_endpoint_is_in_the_table() {
    let document: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let mut missing = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = &format!("/api{path}");
        for method in operations.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            let fits = |of: &str, at: &str| {
                let (at, path): (Vec<&str>, Vec<&str>) = (at.split('/').collect(), path.split('/').collect());
                of.eq_ignore_ascii_case(method)
                    && at.len() == path.len()
                    && at.iter().zip(&path).all(|(at, path)| path.starts_with('{') || at == path)
            };
            let known = ENDPOINTS.iter().map(|(of, at, _)| (of, at));
            let known = known.chain(OF_A_MESSAGE.iter().map(|(of, at)| (of, at)));
            if path != "/api/events" && !known.into_iter().any(|(of, at)| fits(of, at)) {
                missing.push(format!("{method} {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
    let documented: usize = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .map(|path| path.as_object().unwrap().keys().filter(|key| *key != "parameters").count())
        .sum();
    assert_eq!(documented, ENDPOINTS.len() + OF_A_MESSAGE.len() + 1, "the document has all of the table");
}

#[tokio::test]
async fn a_sender_sees_only_what_they_sent() {
    let site = Site::start().await;
    site.connect("blue").await;
    let sent = site.send("blue ada send", None, &json!({"to": "+14155551234", "body": "Mine"})).await;
    assert_eq!((sent.status.as_u16(), sent.body["id"].as_i64()), (200, Some(1)));
    let cases = [
        ("blue ada send", 200, 1),
        ("blue eve send", 404, 0),
        ("blue adam send", 404, 0),
        ("blue eve view", 200, 1),
        ("blue eve view,manage", 200, 1),
        ("red ada view,send,manage", 404, 0),
        ("red ada send", 404, 0),
    ];
    for (user, status, listed) in cases {
        assert_eq!(site.get("/api/messages/1", user).await.status, status, "{user}");
        let list = site.get("/api/messages", user).await;
        assert_eq!(list.body["items"].as_array().unwrap().len(), listed, "{user}");
        let search = site.json("POST", "/api/messages/search", user, &json!({"to": "+14155551234"})).await;
        assert_eq!(search.body["items"].as_array().unwrap().len(), listed, "{user}");
    }
    assert_eq!(
        site.get("/api/messages/1", "blue max manage").await.status,
        404,
        "who manages does not read texts"
    );
    for user in ["blue eve send", "red ada manage", "red ada send"] {
        let cancel = site.json("POST", "/api/messages/1/cancel", user, &json!({})).await;
        assert_eq!(cancel.status, 404, "{user}");
    }
    assert_eq!(site.json("POST", "/api/messages/1/cancel", "blue eve view", &json!({})).await.status, 403);
    assert_eq!(site.json("POST", "/api/messages/1/cancel", "blue ada send", &json!({})).await.status, 409);
    assert_eq!(site.get("/api/messages/1", "").await.status, 401);
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

#[tokio::test]
async fn another_tenant_with_all_roles_gets_no_data_and_changes_none() {
    const MARK: &str = "blue-secret";
    let site = Site::open().await;
    let (blue, red) = ("blue ada view,send,manage", "red eve view,send,manage");
    let post = async |path: &'static str, body: Value| site.json("POST", path, blue, &body).await;
    site.send(blue, None, &json!({"to": "+14155551234", "body": MARK})).await;
    site.fake.receive_sms("+14155551234", MARK).await;
    post("/api/templates", json!({"name": MARK, "body": MARK})).await;
    let campaign = json!({"name": MARK, "body": MARK, "purpose": "transactional"});
    assert_eq!(post("/api/campaigns", campaign).await.status, 201);
    let list = Request::put("/api/campaigns/1/list").header("user", blue).header("content-type", "text/csv");
    let list = list.body(Body::from("phone\n+14155559999\nblue-secret\n")).unwrap();
    assert_eq!(site.call(list).await.status, 200);
    assert_eq!(post("/api/campaigns/1/start", json!({})).await.status, 200);
    post("/api/consent", json!({"person": "+14155557777", "state": "opted-out", "proof": MARK})).await;
    let path = "/api/campaigns/1";
    site.until(|| async { site.get(path, blue).await.body["status"] == "finished" }).await;
    let texts = "/api/conversations/1/messages";
    site.until(|| async { site.get(texts, blue).await.body["items"].as_array().unwrap().len() == 2 }).await;
    let before = everything(&site, blue).await;
    assert!(before.matches(MARK).count() >= 6, "{before}");

    let body = json!({
        "to": "+14155551234", "person": "+14155551234", "as": "give-up", "name": "x", "body": "x",
        "state": "opted-in", "number": "+19995551234",
    });
    for (method, path, _) in ENDPOINTS.iter().filter(|(_, path, _)| !path.starts_with("/api/credentials")) {
        let request = Request::builder().method(*method).uri(*path).header("user", red);
        let kind = if path.ends_with("/list") { "text/csv" } else { "application/json" };
        let request = request.header("content-type", kind).body(Body::from(body.to_string())).unwrap();
        let (parts, answer) = site.answer(request).await;
        let answer = String::from_utf8_lossy(&answer);
        // Numbers that only blue knows.
        let has_number = answer.contains("+14155557777") || answer.contains("+14155559999");
        assert!(!answer.contains(MARK) && !has_number, "{method} {path}: {answer}");
        let names_one = path.contains("/1");
        assert!(!names_one || parts.status == 404, "{method} {path}: {} {answer}", parts.status);
    }
    for (method, path) in OF_A_MESSAGE {
        assert_eq!(site.json(method, path, red, &json!({})).await.status, 404, "{method} {path}");
    }
    assert_eq!(everything(&site, blue).await, before, "what blue sees has not changed");
}

/// All that a tenant can read of what another one must not change.
async fn everything(site: &Site, user: &str) -> String {
    let mut all = String::new();
    let paths = [
        "messages",
        "messages?campaign=1",
        "conversations",
        "conversations/1/messages",
        "templates",
        "consent",
    ];
    for path in paths {
        all += &site.get(&format!("/api/{path}"), user).await.body.to_string();
    }
    let campaign = site.get("/api/campaigns/1", user).await.body;
    all + &campaign["body"].to_string() + &site.get("/api/credentials/twilio", user).await.body.to_string()
}
