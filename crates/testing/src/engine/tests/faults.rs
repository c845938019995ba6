//! Faults: which ones carry the request out, and what is answered.

use super::*;
use crate::Fault;

/// Sends under a fault; returns the reply and how many messages there are then.
fn chosen(fault: Fault) -> (FakeReply, usize) {
    let mut client = TestClient::default();
    client.engine.fail_next(fault);
    let reply = client.ask(Method::POST, "/Messages.json", &[("To", TO), ("From", FROM), ("Body", "hello")]);
    assert_eq!(client.engine.handled(), 1);
    let stored = client.tenant().messages.sent().len();
    assert_eq!(client.send(&[]).0, 201, "a fault strikes once");
    (reply, stored)
}

#[test]
fn some_faults_come_before_the_message_and_some_after() {
    let cases = [
        (Fault::too_many_requests(), 429, 0),
        (Fault::status(503), 503, 0),
        (Fault::code(400, 30001), 400, 0),
        (Fault::status_after(502), 502, 1),
        (Fault::MalformedJson, 201, 1),
        (Fault::TruncatedJson, 201, 1),
        (Fault::slow(Duration::from_secs(3)), 201, 1),
    ];
    for (fault, status, stored) in cases {
        let (reply, count) = chosen(fault.clone());
        assert_eq!((reply.status.as_u16(), count), (status, stored), "{fault:?}");
        assert!(reply.headers.contains_key("twilio-request-id"));
    }
}

#[test]
fn a_429_says_when_to_come_back_if_it_is_told_to() {
    let (plain, _) = chosen(Fault::too_many_requests());
    assert!(!plain.headers.contains_key(header::RETRY_AFTER));
    assert_refused(parts(plain), (429, 20429));
    let (timed, _) = chosen(Fault::too_many_requests().retry_after(Duration::from_secs(2)));
    assert_eq!(timed.headers[header::RETRY_AFTER], "2");
}

#[test]
fn broken_answers_cannot_be_read() {
    for fault in [Fault::MalformedJson, Fault::TruncatedJson] {
        let (reply, _) = chosen(fault);
        assert_eq!(reply.headers[header::CONTENT_TYPE], "application/json; charset=utf-8");
        let bytes = reply.body.into_bytes();
        assert!(bytes.starts_with(b"{") && serde_json::from_slice::<Value>(&bytes).is_err());
    }
    let (html, _) = chosen(Fault::status(500));
    assert_eq!(html.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert!(html.body.into_bytes().starts_with(b"<html>"));
}

#[test]
fn a_slow_answer_is_right_and_late() {
    let (reply, _) = chosen(Fault::slow(Duration::from_secs(3)));
    assert_eq!(reply.delay, Duration::from_secs(3));
    assert_eq!(parts(reply).1["status"], "queued");
}
