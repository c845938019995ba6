//! The form of the credentials.

use serde_json::json;

use crate::site::Site;

const PATH: &str = "/api/credentials/twilio";
const BOSS: &str = "blue boss manage";

#[tokio::test]
async fn credentials_are_saved_tested_shown_and_deleted() {
    let site = Site::start().await;
    let before = site.get(PATH, BOSS).await;
    assert_eq!((&before.body["connected"], &before.body["status"]), (&json!(false), &json!(null)));
    let saved = site.json("PUT", PATH, BOSS, &site.credentials()).await;
    assert_eq!(
        (saved.status.as_u16(), &saved.body["success"], &saved.body["status"]),
        (200, &json!(true), &json!("Connected"))
    );
    let shown = site.get(PATH, BOSS).await;
    assert_eq!(shown.headers["cache-control"], "no-store");
    assert_eq!((&shown.body["connected"], &shown.body["status"]), (&json!(true), &json!("connected")));
    assert_eq!(shown.body["shown"]["phoneNumber"], site.fake.phone_number());
    let text = shown.body.to_string();
    assert!(!text.contains(&site.fake.auth_token()) && !text.contains(&site.fake.account_sid()), "{text}");
    let tested = site.json("POST", "/api/credentials/twilio/test", BOSS, &json!({})).await;
    assert_eq!(tested.body["connection"]["success"], true, "{tested:?}");
    assert_eq!(site.json("DELETE", PATH, BOSS, &json!({})).await.status, 204);
    assert_eq!(site.json("DELETE", PATH, BOSS, &json!({})).await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_says_what_to_do() {
    let site = Site::start().await;
    let with = |name: &str, value: &str| {
        let mut credentials = site.credentials();
        credentials[name] = value.into();
        credentials
    };
    let other = "0".repeat(32);
    let wrong = site.json("PUT", PATH, BOSS, &with("authToken", &other)).await;
    assert_eq!(
        (wrong.status.as_u16(), &wrong.body["errorInfo"]["action"]),
        (400, &json!("reconnect")),
        "{wrong:?}"
    );
    assert!(!wrong.body.to_string().contains(&other));
    assert_eq!(site.get(PATH, BOSS).await.body["status"], "failed");
    let malformed = site.json("PUT", PATH, BOSS, &with("accountSid", "AC1")).await;
    assert_eq!(malformed.status, 400);
    assert!(malformed.body["error"].as_str().unwrap().contains("Account SID"), "{malformed:?}");
    let key_only = json!({
        "accountSid": site.fake.account_sid(), "apiKey": format!("SK{other}"), "apiSecret": "secret-of-the-key",
    });
    let refused = site.json("PUT", PATH, BOSS, &key_only).await;
    assert_eq!((refused.status.as_u16(), &refused.body["field"]), (400, &json!("authToken")), "{refused:?}");
    assert!(!refused.body.to_string().contains("secret-of-the-key"));
}
