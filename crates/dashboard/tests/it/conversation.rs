//! Texts that come in, conversations, and what a tenant's webhooks may touch.

use serde_json::{Value, json};

use crate::site::Site;

const ALL: &str = "blue ada view,send,manage";

async fn items(site: &Site, path: &str) -> Vec<Value> {
    let answer = site.get(path, ALL).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_text_is_answered_in_its_conversation() {
    let site = Site::open().await;
    let received = site.fake.receive_sms("+14155551234", "<b>Hello</b>\u{202e}").await;
    assert_eq!((received.status(), received.error()), (Some(200), None));
    // The same delivery again changes nothing.
    assert_eq!(received.redeliver().await.status(), Some(200));
    let conversations = items(&site, "/api/conversations").await;
    let [one] = &conversations[..] else { panic!("{conversations:?}") };
    assert_eq!((&one["unread"], &one["lastBody"]), (&json!(1), &json!("<b>Hello</b>\u{202e}")));
    assert_eq!((&one["person"], &one["sender"]), (&json!("+14155551234"), &json!(site.fake.phone_number())));
    let path = format!("/api/conversations/{}", one["id"]);
    let reply = site.json("POST", &format!("{path}/replies"), ALL, &json!({"body": "Hi"})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let sent = &site.fake.sent()[0];
    assert_eq!((sent.to.as_str(), sent.from.as_deref()), ("+14155551234", Some(site.fake.phone_number())));
    site.until(|| async { items(&site, &format!("{path}/messages")).await.len() == 2 }).await;
    site.fake.deliver(&sent.sid);
    site.until(|| async { items(&site, &format!("{path}/messages")).await[0]["status"] == "delivered" })
        .await;
    let texts = items(&site, &format!("{path}/messages")).await;
    assert_eq!((&texts[0]["direction"], &texts[0]["body"]), (&json!("out"), &json!("Hi")));
    assert_eq!((&texts[1]["direction"], &texts[1]["status"]), (&json!("in"), &json!("received")));
    assert_eq!(site.json("POST", &format!("{path}/read"), ALL, &json!({})).await.status, 204);
    assert_eq!(site.get(&path, ALL).await.body["unread"], 0);
    // Another tenant.
    for path in [path.clone(), format!("{path}/messages")] {
        assert_eq!(site.get(&path, "red eve view,send,manage").await.status, 404);
    }
    let foreign = "red eve view,send,manage";
    assert_eq!(
        site.json("POST", &format!("{path}/replies"), foreign, &json!({"body": "x"})).await.status,
        404
    );
    assert_eq!(site.json("POST", &format!("{path}/read"), foreign, &json!({})).await.status, 404);
}

#[tokio::test]
async fn stop_reaches_consent_and_the_next_text_is_refused() {
    let site = Site::open().await;
    site.fake.receive_sms("+14155551234", "STOP").await;
    let consent = items(&site, "/api/consent").await;
    assert_eq!((&consent[0]["person"], &consent[0]["state"]), (&json!("+14155551234"), &json!("opted-out")));
    assert_eq!((&consent[0]["source"], &consent[0]["scope"]["kind"]), (&json!("keyword"), &json!("sender")));
    let body = json!({"to": "+14155551234", "body": "Hi"});
    let refused = site.send(ALL, None, &body).await;
    assert!(
        refused.status == 422 && refused.body["error"].as_str().unwrap().contains("opted out"),
        "{refused:?}"
    );
    let conversation = &items(&site, "/api/conversations").await[0];
    assert_eq!(conversation["optedOut"], true);
    site.fake.receive_sms("+14155551234", "START").await;
    assert_eq!(site.send(ALL, None, &body).await.status, 200);
    // HELP is a text like any other.
    assert_eq!(site.fake.receive_sms("+14155551234", "HELP").await.status(), Some(200));
    let red = site.get("/api/consent", "red eve manage").await;
    assert_eq!(red.body["items"], json!([]));
    let red = json!({"person": "+14155551234"});
    let red = site.json("POST", "/api/consent/search", "red eve manage", &red).await;
    assert_eq!(red.body["items"], json!([]));
}

#[tokio::test]
async fn consents_are_listed_page_by_page_without_numbers_in_urls() {
    let site = Site::open().await;
    for number in 0..7 {
        let body = json!({"person": format!("+1415555100{number}"), "state": "opted-out", "proof": "letter"});
        let recorded = site.json("POST", "/api/consent", ALL, &body).await;
        assert_eq!(
            (recorded.status.as_u16(), &recorded.body["changed"]),
            (200, &json!(true)),
            "{recorded:?}"
        );
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = site.get(&format!("/api/consent?limit=3{after}"), ALL).await.body;
        seen.extend(page["items"].as_array().unwrap().iter().map(|one| one["person"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        assert!(!next.contains("1415"), "{next}");
        after = format!("&after={next}");
    }
    let expected: Vec<Value> = (0..7).rev().map(|number| json!(format!("+1415555100{number}"))).collect();
    assert_eq!(seen, expected);
    for (body, part) in [
        (json!({"person": "+14155551000", "state": "maybe"}), "`state`"),
        (json!({"person": "0415", "state": "opted-in"}), "+"),
        (
            json!({"person": "+14155551000", "state": "opted-in", "scope": "sender", "sender": "+1"}),
            "none of yours",
        ),
        (json!({"person": "+14155551000", "state": "opted-in", "scope": "everything"}), "`scope`"),
    ] {
        let answer = site.json("POST", "/api/consent", ALL, &body).await;
        let said = answer.body["error"].as_str().unwrap();
        assert!(answer.status == 400 && said.contains(part), "{said}");
    }
}

#[tokio::test]
async fn a_file_comes_from_the_provider_and_only_pictures_are_shown() {
    use switchboard_testing::InboundSms;
    let site = Site::open().await;
    let png = b"\x89PNG\r\n\x1a\n picture";
    let page = b"<script>alert(1)</script>";
    let sms = InboundSms::new("+14155551234", "Look");
    let sms = sms.media_bytes("image/png", &png[..]).media_bytes("text/html", &page[..]);
    site.fake.receive(sms).await;
    let conversation = items(&site, "/api/conversations").await[0]["id"].clone();
    let texts = items(&site, &format!("/api/conversations/{conversation}/messages")).await;
    let text = &texts[0];
    assert_eq!(
        text["media"],
        json!([{"index": 0, "contentType": "image/png"}, {"index": 1, "contentType": "text/html"}])
    );
    let path = format!("/api/conversations/{conversation}/messages/{}/media", text["id"]);
    for (index, kind, disposition, bytes) in
        [(0, "image/png", "inline", &png[..]), (1, "application/octet-stream", "attachment", &page[..])]
    {
        let (parts, body) = site.raw(&format!("{path}/{index}"), ALL).await;
        assert_eq!((parts.status.as_u16(), &body[..]), (200, bytes));
        assert_eq!(parts.headers["content-type"], kind);
        assert_eq!(parts.headers["content-disposition"], disposition);
        assert_eq!(parts.headers["x-content-type-options"], "nosniff");
        assert!(parts.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
    }
    for (path, user) in
        [(format!("{path}/2"), ALL), (format!("{path}/x"), ALL), (format!("{path}/0"), "red eve view")]
    {
        assert_eq!(site.get(&path, user).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_person_is_forgotten_by_one_tenant() {
    let site = Site::open().await;
    site.fake.receive_sms("+14155551234", "Hello").await;
    site.send(ALL, None, &json!({"to": "+14155551234", "body": "Hi"})).await;
    site.until(|| async { items(&site, "/api/conversations").await[0]["lastBody"] == "Hi" }).await;
    let forgotten = site.json("POST", "/api/people/forget", ALL, &json!({"number": "+14155551234"})).await;
    assert_eq!((forgotten.status.as_u16(), &forgotten.body), (200, &json!({"deleted": 1, "open": 0})));
    assert_eq!(items(&site, "/api/conversations").await, Vec::<Value>::new());
    assert_eq!(items(&site, "/api/messages").await, Vec::<Value>::new());
    let again = site.send(ALL, None, &json!({"to": "+14155551234", "body": "Hi"})).await;
    assert_eq!((again.status.as_u16(), &again.body["rule"]), (422, &json!("forgotten")));
    let audit = items(&site, "/api/audit").await;
    assert_eq!(audit[0]["action"], "person.forget");
    assert!(!Value::from(audit).to_string().contains("+1415"), "no number is in the audit");
}

#[tokio::test]
async fn what_twilio_did_not_sign_is_refused() {
    let site = Site::open().await;
    for path in ["sms", "voice", "sms-status", "voice-status", "recording", "transcription", "keys"] {
        let url = format!("{}/webhooks/twilio/{path}", site.url);
        let form =
            [("AccountSid", site.fake.account_sid()), ("MessageSid", "SM1".into()), ("Body", "Hi".into())];
        let client = reqwest::Client::new();
        let plain = client.post(&url).form(&form).send().await.unwrap();
        assert_eq!(plain.status(), 403, "{path}");
        let forged = client.post(&url).header("X-Twilio-Signature", "AAAA").form(&form).send().await.unwrap();
        assert_eq!(forged.status(), 403, "{path}");
    }
    assert_eq!(items(&site, "/api/conversations").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_callback_of_another_tenants_account_touches_nothing_of_ours() {
    let site = Site::open().await;
    let red = site.connect_other("red").await;
    let sent = site.send(ALL, None, &json!({"to": "+14155551234", "body": "Hi"})).await;
    let sid = sent.body["messageSid"].as_str().unwrap();
    let status_url = format!("{}/webhooks/twilio/sms-status", site.url);
    let sms_url = format!("{}/webhooks/twilio/sms", site.url);
    let own = site.fake.phone_number();
    let report =
        [("MessageSid", sid), ("MessageStatus", "failed"), ("ErrorCode", "30003"), ("To", "+14155551234")];
    let stop = [
        ("MessageSid", "SM00000000000000000000000000000001"),
        ("From", "+14155551234"),
        ("To", own),
        ("Body", "STOP"),
        ("SmsStatus", "received"),
    ];
    for (url, form) in [(&status_url, &report[..]), (&sms_url, &stop[..])] {
        let status = red.post_signed(url, form).await;
        assert!(status < 300, "it is signed by its own account: {status}");
    }
    let message = site.get("/api/messages/1", ALL).await.body;
    assert_ne!(message["status"], "failed");
    assert_eq!(items(&site, "/api/consent").await, Vec::<Value>::new());
    assert_eq!(site.send(ALL, None, &json!({"to": "+14155551234", "body": "Still"})).await.status, 200);
    assert_eq!(
        site.get("/api/conversations", "red eve view").await.body["items"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_tenant_that_names_anothers_number_learns_and_changes_nothing() {
    let site = Site::open().await;
    let own = site.fake.phone_number().to_owned();
    site.fake.receive_sms("+14155551234", "STOP").await;
    site.connect_other("red").await;
    let red = "red eve view,send,manage";
    let named = site.json("PATCH", "/api/credentials/twilio", red, &json!({"phoneNumber": own})).await;
    assert!(named.status.is_success() || named.status.is_client_error(), "{named:?}");
    site.send(red, None, &json!({"to": "+14155551234", "body": "x", "from": own})).await;
    assert_eq!(site.get("/api/consent", red).await.body["items"], json!([]));
    let person = json!({"person": "+14155551234"});
    assert_eq!(site.json("POST", "/api/consent/search", red, &person).await.body["items"], json!([]));
    let lift = json!({"person": "+14155551234", "state": "opted-in", "scope": "sender", "sender": own});
    assert_eq!(site.json("POST", "/api/consent", red, &lift).await.status, 400);
    assert_eq!(items(&site, "/api/consent").await.len(), 1, "blue sees its own");
    assert_eq!(site.send(ALL, None, &json!({"to": "+14155551234", "body": "Hi"})).await.status, 422);
}

#[tokio::test]
async fn a_message_that_cannot_be_kept_does_not_hold_up_the_others() {
    use switchboard::provider::Outgoing;
    use switchboard_outbox::Enqueue;
    let site = Site::open().await;
    let outbox = site.outbox.as_ref().unwrap();
    let noise: String = (0..6_000).map(|_| fastrand::alphanumeric()).collect();
    for (key, to) in
        [("long", format!("messenger:{noise}")), ("name", format!("messenger:{}", "x".repeat(300)))]
    {
        outbox.enqueue_all([Enqueue::new(key, Outgoing::text(to, "a\0b")).tenant("blue")]).await.unwrap();
    }
    assert_eq!(site.send(ALL, None, &json!({"to": "+14155551234", "body": "Hi"})).await.status, 200);
    let is_there = |all: Vec<Value>| all.iter().any(|one| one["person"] == "+14155551234");
    site.until(|| async { is_there(items(&site, "/api/conversations").await) }).await;
    let long = json!({"to": format!("messenger:{noise}"), "body": "Hi"});
    assert_eq!(site.send(ALL, None, &long).await.status, 400);
}

#[tokio::test]
async fn a_channel_is_written_in_any_case() {
    let site = Site::open().await;
    let sms = switchboard_testing::InboundSms::new("+14155551234", "Hello").whatsapp();
    assert_eq!(site.fake.receive(sms).await.status(), Some(200));
    let search = json!({"person": "WhatsApp:+14155551234"});
    let found = site.json("POST", "/api/conversations/search", ALL, &search).await;
    assert_eq!(found.body["items"][0]["person"], "whatsapp:+14155551234", "{found:?}");
    let forgotten = json!({"number": "WhatsApp:+14155551234"});
    assert_eq!(site.json("POST", "/api/people/forget", ALL, &forgotten).await.status, 200);
    assert_eq!(items(&site, "/api/conversations").await, Vec::<Value>::new());
}
