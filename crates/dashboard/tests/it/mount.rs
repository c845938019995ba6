//! Mounted under a prefix, and with a rate limit.

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::Value;
use switchboard_dashboard::Dashboard;
use switchboard_store::{CredentialName, Keys, UserCredentials};
use switchboard_testing::FakeTwilio;
use tower::ServiceExt as _;

use crate::site::{ByHeader, database};

async fn get(app: &Router, path: &str) -> (StatusCode, http::HeaderMap, String) {
    let request = Request::get(path).header("user", "blue ada view,send,manage").body(Body::empty()).unwrap();
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap().to_vec();
    (parts.status, parts.headers, String::from_utf8(body).unwrap())
}

#[tokio::test]
async fn everything_works_under_a_prefix_beside_the_hosts_own_routes() {
    let fake = FakeTwilio::start().await;
    let (database, keys) = (database().await, Keys::parse(Keys::new_key("k").unwrap().expose()).unwrap());
    let users = UserCredentials::open(database.clone(), keys.clone()).await.unwrap();
    let name = CredentialName::new("blue", "twilio");
    users.save(&name, &fake.credentials()).await.unwrap();
    users.test(&name, &fake.adapter()).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let dashboard = Dashboard::open(database, keys, ByHeader).await.unwrap().twilio(fake.adapter());
    let dashboard = dashboard.prefix("texting/").public_url(format!("{url}/"));
    let app = Router::new()
        .route("/api/own", axum::routing::get(async || "mine"))
        .merge(dashboard.api())
        .merge(dashboard.page(""))
        .merge(dashboard.webhooks());
    let server = app.clone();
    tokio::spawn(async move { axum::serve(listener, server.into_make_service()).await });

    assert_eq!(get(&app, "/api/own").await.2, "mine");
    assert_eq!(get(&app, "/api/me").await.0, 404);
    let me: Value = serde_json::from_str(&get(&app, "/texting/api/me").await.2).unwrap();
    assert_eq!(me["webhooks"]["sms"], format!("{url}/texting/webhooks/twilio/sms"));
    let (status, _, html) = get(&app, "/texting").await;
    assert_eq!(status, 200);
    assert!(
        html.contains("data-api=\"/texting/api\"") && html.contains("src=\"/texting/assets/app.js\""),
        "{html}"
    );
    assert_eq!(get(&app, "/texting/assets/app.js").await.0, 200);

    fake.set_sms_url(&format!("{url}/texting/webhooks/twilio/sms"));
    assert_eq!(fake.receive_sms("+14155551234", "Hello").await.status(), Some(200));
    assert!(
        get(&app, "/texting/api/conversations").await.2.contains("Hello"),
        "the signature covers the prefix"
    );
}

#[tokio::test]
async fn a_tenant_that_asks_too_much_waits_and_no_other() {
    let keys = Keys::parse(Keys::new_key("k").unwrap().expose()).unwrap();
    let dashboard = Dashboard::open(database().await, keys, ByHeader).await.unwrap().requests_per_second(1);
    let app = dashboard.api();
    let statuses = async |user: &str| {
        let mut statuses = Vec::new();
        for _ in 0..5 {
            let request = Request::get("/api/me").header("user", user).body(Body::empty()).unwrap();
            let answer = app.clone().oneshot(request).await.unwrap();
            let waits =
                answer.headers().get("retry-after").and_then(|wait| wait.to_str().ok()?.parse::<u64>().ok());
            assert_eq!(answer.status() == 429, waits.is_some_and(|wait| wait >= 1));
            statuses.push(answer.status().as_u16());
        }
        statuses
    };
    assert_eq!(statuses("blue ada view").await, [200, 200, 200, 429, 429]);
    assert_eq!(statuses("blue eve send").await, [429; 5], "the limit is the tenant's");
    assert_eq!(statuses("red ada view").await, [200, 200, 200, 429, 429]);
}
