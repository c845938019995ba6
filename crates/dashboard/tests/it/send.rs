//! Sending a text.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard_outbox::policy::{ConsentRecord, ConsentScope, Policy, TextRules};
use switchboard_testing::Fault;

use crate::site::Site;

const ADA: &str = "blue ada send";

fn text(body: &str) -> Value {
    json!({"to": "+1 415 555 1234", "body": body})
}

#[tokio::test]
async fn a_text_is_sent_and_named() {
    for site in [Site::start().await, Site::without_outbox().await] {
        site.connect("blue").await;
        let answer = site.send(ADA, None, &text("Your table is ready")).await;
        assert_eq!((answer.status.as_u16(), &answer.body["success"]), (200, &json!(true)), "{answer:?}");
        let sent = site.fake.sent();
        assert_eq!(
            (sent.len(), sent[0].to.as_str(), sent[0].body.as_str()),
            (1, "+14155551234", "Your table is ready")
        );
        assert_eq!(answer.body["messageSid"], sent[0].sid.to_string());
        assert_eq!(answer.body["id"].is_i64(), site.outbox.is_some());
    }
}

#[tokio::test]
async fn the_same_key_is_the_same_text() {
    let site = Site::start().await;
    site.connect("blue").await;
    let hi = text("Hi");
    let send = || site.send(ADA, Some("click-1"), &hi);
    let (one, two, three) = tokio::join!(send(), send(), send());
    assert!(one.status == 200 && one.body == two.body && two.body == three.body, "{one:?} {two:?}");
    assert_eq!(site.fake.sent().len(), 1);
    let other = site.send(ADA, Some("click-1"), &text("Ho")).await;
    assert_eq!((other.status.as_u16(), site.fake.sent().len()), (409, 1), "{other:?}");
    // Another person's key, and no key, are other texts.
    assert_eq!(site.send("blue bob send", Some("click-1"), &text("Hi")).await.status, 200);
    assert_eq!(site.send(ADA, None, &text("Hi")).await.status, 200);
    assert_eq!(site.send(ADA, None, &text("Hi")).await.status, 200);
    assert_eq!(site.fake.sent().len(), 4);
    for bad in ["", "a b", &"x".repeat(129)] {
        assert_eq!(site.send(ADA, Some(bad), &text("Hi")).await.status, 400, "{bad}");
    }
    let without = Site::without_outbox().await;
    without.connect("blue").await;
    assert_eq!(without.send(ADA, Some("click-1"), &text("Hi")).await.status, 400);
    assert_eq!(without.fake.sent().len(), 0);
}

#[tokio::test]
async fn the_user_of_the_body_must_be_the_tenant() {
    let site = Site::start().await;
    site.connect("blue").await;
    let body = |user: &str| json!({"to": "+14155551234", "body": "Hi", "userId": user});
    assert_eq!(site.send(ADA, None, &body("red")).await.status, 403);
    assert_eq!(site.send(ADA, None, &body("blue")).await.status, 200);
    assert_eq!(site.fake.sent().len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_lost_is_unknown_and_never_a_500() {
    for site in [Site::start().await, Site::without_outbox().await] {
        site.connect("blue").await;
        site.fake.fail_next(Fault::CutAfter);
        let answer = site.send(ADA, None, &text("Hi")).await;
        assert_eq!((answer.status.as_u16(), &answer.body["outcome"]), (504, &json!("unknown")), "{answer:?}");
        assert!(answer.body["errorInfo"]["action"].is_string());
    }
}

#[tokio::test]
async fn a_success_that_cannot_be_read_is_a_success_with_a_warning() {
    for site in [Site::start().await, Site::without_outbox().await] {
        site.connect("blue").await;
        site.fake.fail_next(Fault::MalformedJson);
        let answer = site.send(ADA, None, &text("Hi")).await;
        assert_eq!((answer.status.as_u16(), &answer.body["success"]), (200, &json!(true)), "{answer:?}");
        assert!(answer.body["warning"].is_string() && answer.body.get("messageSid").is_some(), "{answer:?}");
        assert_eq!(site.fake.sent().len(), 1);
    }
}

#[tokio::test]
async fn what_the_provider_refuses_has_its_reason() {
    for site in [Site::start().await, Site::without_outbox().await] {
        site.connect("blue").await;
        let answer = site.send(ADA, None, &json!({"to": "+15005550001", "body": "Hi"})).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
        assert_eq!(answer.body["errorInfo"]["details"]["twilioCode"], 21211, "{answer:?}");
    }
    let site = Site::start().await;
    let malformed = site.send(ADA, None, &json!({"to": "0123", "body": "Hi"})).await;
    assert_eq!(malformed.status, 400, "{malformed:?}");
}

#[tokio::test]
async fn what_a_rule_refuses_is_422_with_the_rule() {
    let policy = Policy::new().text_rules(TextRules::standard());
    let site = Site::with(|outbox| outbox.with_policy(policy), true).await;
    site.connect("blue").await;
    let link = site.send(ADA, None, &text("See https://bit.ly/3xYz")).await;
    assert_eq!((link.status.as_u16(), &link.body["rule"]), (422, &json!("text/shortener")), "{link:?}");
    let outbox = site.outbox.as_ref().unwrap();
    let stop = ConsentRecord::opted_out("+14155551234", ConsentScope::Everything, Timestamp::now());
    outbox.record_consent(stop, "test").await.unwrap();
    let stopped = site.send(ADA, None, &text("Hi")).await;
    assert_eq!((stopped.status.as_u16(), &stopped.body["rule"]), (422, &json!("consent")), "{stopped:?}");
    assert_eq!(site.fake.sent().len(), 0);
}

#[tokio::test]
async fn what_waits_is_202_with_its_time() {
    // Nobody sends.
    let site = Site::with(|outbox| outbox, false).await;
    site.connect("blue").await;
    let begun = std::time::Instant::now();
    let waits = site.send(ADA, Some("k"), &text("Hi")).await;
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(
        (waits.status.as_u16(), &waits.body["messageSid"], &waits.body["state"]),
        (202, &json!(null), &json!("ready"))
    );
    assert!(waits.body["dueAt"].is_string() && waits.body["id"].is_i64(), "{waits:?}");
}

#[tokio::test]
async fn a_call_is_made_and_named() {
    for site in [Site::start().await, Site::without_outbox().await] {
        site.connect("blue").await;
        let path = "/api/actions/twilio/make-call";
        let say = json!({"to": "+14155551234", "say": "The build is broken"});
        let answer = site.json("POST", path, ADA, &say).await;
        assert_eq!((answer.status.as_u16(), &answer.body["success"]), (200, &json!(true)), "{answer:?}");
        let placed = site.fake.calls();
        assert_eq!((placed.len(), placed[0].to.as_str()), (1, "+14155551234"));
        assert_eq!(answer.body["callSid"], placed[0].sid.to_string());
        assert!(answer.body["status"].is_string() && answer.body["dateCreated"].is_string(), "{answer:?}");
        for wrong in [
            json!({"to": "+14155551234"}),
            json!({"to": "+14155551234", "say": "a", "url": "https://a.example"}),
        ] {
            let refused = site.json("POST", path, ADA, &wrong).await;
            assert!(
                refused.status == 400 && refused.body["error"].as_str().unwrap().contains("`say`"),
                "{refused:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_preview_says_what_would_become_of_a_text() {
    let policy = Policy::new().text_rules(TextRules::standard());
    let site = Site::with(|outbox| outbox.with_policy(policy), true).await;
    let path = "/api/actions/twilio/preview";
    let preview = |body: Value| async move { site.json("POST", path, ADA, &body).await };
    let short =
        preview(json!({"to": "+14155551234", "body": "See you – at 8", "purpose": "transactional"})).await;
    assert_eq!((short.status.as_u16(), &short.body["text"]["encoding"]), (200, &json!("ucs2")), "{short:?}");
    assert_eq!(short.body["text"]["nonGsm"]["character"], "–");
}
