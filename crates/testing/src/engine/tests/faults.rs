//! Faults: when the request is carried out, and the answers.

use super::*;
use crate::Fault;

/// Sends with a fault; returns the reply and the number of messages after it.
fn send_with(fault: Fault) -> (FakeReply, usize) {
    let mut client = TestClient::default();
    client.engine.fail_next(fault);
    let reply =
        client.request(Method::POST, "/Messages.json", &[("To", TO), ("From", FROM), ("Body", "hello")]);
    assert_eq!(client.engine.handled(), 1);
    let stored = client.tenant().messages.sent().len();
    assert_eq!(client.send(&[]).0, 201, "a fault applies to one request");
    (reply, stored)
}

#[test]
fn some_faults_prevent_the_message_and_some_do_not() {
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
        let (reply, count) = send_with(fault.clone());
        assert_eq!((reply.status.as_u16(), count), (status, stored), "{fault:?}");
        assert!(reply.headers.contains_key("twilio-request-id"));
    }
}

#[test]
fn a_closed_connection_prevents_the_message_or_not() {
    for (fault, stored) in [(Fault::cut(), 0), (Fault::cut_after(), 1)] {
        let mut client = TestClient::default();
        client.engine.fail_next(fault.clone());
        assert!(client.unanswered(LATE), "{fault:?}");
        assert_eq!(client.tenant().messages.sent().len(), stored, "{fault:?}");
    }
}

const LATE: &[(&str, &str)] =
    &[("To", TO), ("From", FROM), ("Body", "late"), ("StatusCallback", "http://127.0.0.1:9/s?ref=7#rc=2")];

fn bodies(client: &mut TestClient) -> Vec<String> {
    let list = client.get("/Messages.json").1;
    let rows = list["messages"].as_array().unwrap();
    rows.iter().map(|row| row["body"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_request_that_is_carried_out_late_appears_at_its_time() {
    let wait = Duration::from_secs(120);
    for fault in [Fault::status_late(503, wait), Fault::cut_late(wait)] {
        let mut client = TestClient::default();
        client.engine.fail_next(fault.clone());
        match fault {
            Fault::CutLate { .. } => assert!(client.unanswered(LATE)),
            _ => assert_eq!(client.request(Method::POST, "/Messages.json", LATE).status.as_u16(), 503),
        }
        client.advance_seconds(60);
        client.sent(&[("Body", "in time")]);
        client.advance_seconds(59);
        assert_eq!(bodies(&mut client), ["in time"], "{fault:?}");
        assert_eq!(client.engine.next_event().unwrap(), client.engine.now() + Duration::from_secs(1));
        client.advance_seconds(1);
        // The newest is first, as it was created last.
        assert_eq!(bodies(&mut client), ["late", "in time"], "{fault:?}");
        let message = client.get("/Messages.json").1["messages"][0].clone();
        assert_eq!((&message["status"], &message["direction"]), (&"queued".into(), &"outbound-api".into()));
        assert_eq!(message["date_created"], "Mon, 05 Jan 2026 09:02:00 +0000");
        assert!(client.engine.take_callbacks().is_empty());
        client.advance_seconds(3);
        let callbacks = client.engine.take_callbacks();
        assert_eq!(
            callbacks.iter().map(|c| c.event.as_str()).collect::<Vec<_>>(),
            ["sending", "sent", "delivered"]
        );
        for callback in callbacks {
            assert_eq!(callback.sid, message["sid"].as_str().unwrap());
            assert_eq!(
                (callback.url.as_str(), callback.fragment.as_str()),
                ("http://127.0.0.1:9/s?ref=7", "rc=2")
            );
        }
    }
}

#[test]
fn late_requests_keep_their_order_and_happen_within_one_long_step() {
    let mut client = TestClient::default();
    for (body, wait) in [("second", 90), ("first", 30), ("third", 90)] {
        client.engine.fail_next(Fault::status_late(500, Duration::from_secs(wait)));
        client.request(Method::POST, "/Messages.json", &[("To", TO), ("From", FROM), ("Body", body)]);
    }
    client.advance_seconds(3600);
    let sent = client.tenant().messages.sent();
    assert_eq!(
        sent.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(),
        ["first", "second", "third"]
    );
    assert!(sent.iter().all(|message| message.status == "delivered"));
    assert_eq!((client.engine.handled(), client.engine.next_event()), (3, None));
}

#[test]
fn a_late_request_is_checked_when_it_is_carried_out() {
    let mut client = TestClient::default();
    client.engine.fail_next(Fault::status_late(503, Duration::from_secs(120)));
    client.request(Method::POST, "/Messages.json", LATE);
    client.advance_seconds(60);
    client.tenant().senders.numbers.opt_out(TO, None);
    client.advance_seconds(600);
    assert!(client.tenant().messages.sent().is_empty());
}

#[test]
fn a_late_call_is_placed_at_its_time() {
    let mut client = TestClient::default();
    client.engine.fail_next(Fault::status_late(504, Duration::from_secs(20)));
    assert_eq!(client.call(&[]).0, 504);
    assert!(client.tenant().calls.placed().is_empty());
    client.advance_seconds(20);
    assert_eq!(client.tenant().calls.placed().len(), 1);
}

#[test]
fn a_429_has_the_retry_after_of_the_fault() {
    let (plain, _) = send_with(Fault::too_many_requests());
    assert!(!plain.headers.contains_key(header::RETRY_AFTER));
    assert_refused(parts(plain), (429, 20429));
    let (timed, _) = send_with(Fault::too_many_requests().retry_after(Duration::from_secs(2)));
    assert_eq!(timed.headers[header::RETRY_AFTER], "2");
}

#[test]
fn broken_answers_cannot_be_read() {
    for fault in [Fault::MalformedJson, Fault::TruncatedJson] {
        let (reply, _) = send_with(fault);
        assert_eq!(reply.headers[header::CONTENT_TYPE], "application/json; charset=utf-8");
        let bytes = reply.body.into_bytes();
        assert!(bytes.starts_with(b"{") && serde_json::from_slice::<Value>(&bytes).is_err());
    }
    let (html, _) = send_with(Fault::status(500));
    assert_eq!(html.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert!(html.body.into_bytes().starts_with(b"<html>"));
}

#[test]
fn a_slow_answer_is_correct_and_delayed() {
    let (reply, _) = send_with(Fault::slow(Duration::from_secs(3)));
    assert_eq!(reply.delay, Duration::from_secs(3));
    assert_eq!(parts(reply).1["status"], "queued");
}
