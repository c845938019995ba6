//! The status transitions of messages, and their callbacks.

use super::*;
use switchboard::twilio::webhook::sign_form;

const LISTENER: (&str, &str) = ("StatusCallback", "http://127.0.0.1:9/status?x=1#rc=2");

fn events(client: &mut TestClient) -> Vec<String> {
    client.engine.take_callbacks().into_iter().map(|callback| callback.event).collect()
}

#[test]
fn the_status_of_a_message_changes_every_second() {
    let mut client = TestClient::default();
    let sid = client.sent(&[LISTENER]);
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(client.message(&sid)["status"].as_str().unwrap().to_owned());
        client.advance_seconds(1);
    }
    assert_eq!(seen, ["queued", "sending", "sent", "delivered", "delivered"]);
    assert_eq!(events(&mut client), ["sending", "sent", "delivered"]);
    let message = client.message(&sid);
    assert_eq!(message["price"], "-0.00790");
    assert_eq!(message["date_sent"], "Mon, 05 Jan 2026 09:00:02 +0000");
    assert_eq!(message["date_updated"], "Mon, 05 Jan 2026 09:00:03 +0000");
}

#[test]
fn a_service_chooses_its_sender_when_the_message_is_queued() {
    let mut client = TestClient::default();
    let (_, message) = client.send(&[("MessagingServiceSid", SERVICE), ("From", ""), LISTENER]);
    assert_eq!((&message["status"], &message["from"]), (&"accepted".into(), &Value::Null));
    assert_eq!(message["num_segments"], "0");
    client.advance_seconds(1);
    let message = client.message(message["sid"].as_str().unwrap());
    assert_eq!((&message["status"], &message["from"]), (&"queued".into(), &FROM.into()));
    assert_eq!(message["num_segments"], "1");
    client.advance_seconds(10);
    assert_eq!(events(&mut client), ["queued", "sending", "sent", "delivered"]);
}

#[test]
fn a_scheduled_message_waits_for_its_time() {
    let mut client = TestClient::default();
    let at =
        [("MessagingServiceSid", SERVICE), ("ScheduleType", "fixed"), ("SendAt", "2026-01-05T10:00:00Z")];
    let sid = client.sent(&at);
    client.advance_seconds(3599);
    assert_eq!(client.message(&sid)["status"], "scheduled");
    client.advance_seconds(1);
    assert_eq!(client.message(&sid)["status"], "accepted");
    client.advance_seconds(4);
    assert_eq!(client.message(&sid)["status"], "delivered");
}

#[test]
fn delivering_at_once_reports_every_status_between() {
    let mut client = TestClient::default();
    let sid = client.sent(&[LISTENER]);
    assert!(client.tenant().messaging().deliver(&sid));
    assert_eq!(events(&mut client), ["sending", "sent", "delivered"]);
    client.advance_seconds(60);
    assert!(client.tenant().messaging().deliver(&sid) && events(&mut client).is_empty());
    assert!(!client.tenant().messaging().deliver("SM1"));
}

#[test]
fn a_failure_has_a_code_and_ends_the_message() {
    let mut client = TestClient::default();
    let (early, late) = (client.sent(&[LISTENER]), client.sent(&[LISTENER]));
    assert!(
        client.tenant().messaging().fail(&early, 30007)
            && client.tenant().messaging().undeliver(&late, 30003)
    );
    client.advance_seconds(60);
    let (early, late) = (client.message(&early), client.message(&late));
    assert_eq!(
        (&early["status"], &early["error_code"], &early["price"]),
        (&"failed".into(), &30007.into(), &Value::Null)
    );
    assert_eq!((&late["status"], &late["error_code"]), (&"undelivered".into(), &30003.into()));
    assert_eq!(late["price"], "-0.00790");
    assert_eq!(events(&mut client), ["failed", "sending", "sent", "undelivered"]);
}

#[test]
fn a_callback_is_signed_over_the_url_without_its_fragment() {
    let mut client = TestClient::default();
    let sid = client.sent(&[LISTENER]);
    assert!(client.tenant().messaging().fail(&sid, 30005));
    let callback = client.engine.take_callbacks().remove(0);
    let pairs = form(callback.form.as_deref().unwrap());
    let expected = [
        ("MessageSid", sid.as_str()),
        ("SmsSid", &sid),
        ("MessageStatus", "failed"),
        ("SmsStatus", "failed"),
        ("AccountSid", client.tenant().core.account_sid()),
        ("To", TO),
        ("ApiVersion", "2010-04-01"),
        ("From", FROM),
        ("ErrorCode", "30005"),
        ("ErrorMessage", "Unknown handset"),
    ];
    assert_eq!(pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
    assert_eq!(callback.url, "http://127.0.0.1:9/status?x=1");
    assert_eq!(
        callback.signature,
        sign_form(client.tenant().core.auth_token().expose(), &callback.url, &pairs)
    );
    assert!(!callback.token.is_empty());
}

#[test]
fn a_delivery_receipt_has_its_time() {
    let mut client = TestClient::default();
    let sid = client.sent(&[LISTENER]);
    assert!(client.tenant().messaging().deliver(&sid));
    let last = client.engine.take_callbacks().pop().unwrap();
    assert_eq!(value(&form(last.form.as_deref().unwrap()), "RawDlrDoneDate"), Some("2601050900"));
}
