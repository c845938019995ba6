//! Senders with rates: the order and pace of their messages, full queues, and messages that wait too long.

use super::*;
use crate::{SenderQueue, SenderRates};

const CALLBACK: (&str, &str) = ("StatusCallback", "http://127.0.0.1:9/s");

fn client(rates: SenderRates) -> TestClient {
    let mut client = TestClient::default();
    client.engine.set_sender_rates(&rates);
    client
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn queue(client: &mut TestClient, sender: &str) -> (usize, u64, Duration) {
    let SenderQueue { messages, segments, wait } = client.tenant().sender_queue(sender);
    (messages, segments, wait)
}

fn statuses(client: &mut TestClient) -> Vec<String> {
    client.tenant().messages.sent().into_iter().map(|message| message.status).collect()
}

/// Texts of one to three segments.
fn body(segments: usize) -> String {
    if segments == 1 { "x".repeat(160) } else { "x".repeat(153 * segments) }
}

#[test]
fn messages_of_one_sender_are_sent_in_their_order_and_at_its_rate() {
    let mut client = client(SenderRates::new());
    let sids: Vec<String> =
        [1, 3, 1, 2].iter().map(|n| client.sent(&[("Body", &body(*n)), CALLBACK])).collect();
    assert_eq!(queue(&mut client, FROM), (4, 7, seconds(7)));
    let begun = client.engine.now();
    let mut sending = Vec::new();
    while let Some(at) = client.engine.next_event() {
        client.engine.advance(at.duration_since(client.engine.now()).unsigned_abs());
        for callback in client.engine.take_callbacks().into_iter().filter(|c| c.event == "sending") {
            sending.push((callback.sid, at.duration_since(begun).as_secs()));
        }
    }
    let expected: Vec<_> = sids.into_iter().zip([0, 1, 4, 5]).collect();
    assert_eq!(sending, expected);
    assert_eq!(statuses(&mut client), ["delivered"; 4]);
    assert_eq!(queue(&mut client, FROM), (0, 0, Duration::ZERO));
}

#[test]
fn a_message_stays_queued_until_its_turn_and_is_delivered_two_seconds_later() {
    let mut client = client(SenderRates::new());
    for _ in 0..3 {
        client.sent(&[]);
    }
    let mut seen = Vec::new();
    for _ in 0..5 {
        client.advance_seconds(0);
        seen.push(statuses(&mut client).join(" "));
        client.advance_seconds(1);
    }
    assert_eq!(
        seen,
        [
            "sending queued queued",
            "sent sending queued",
            "delivered sent sending",
            "delivered delivered sent",
            "delivered delivered delivered"
        ]
    );
}

#[test]
fn senders_have_rates_of_their_own_and_do_not_wait_for_each_other() {
    let mut client = client(SenderRates::new().rate("+14155550177", 50));
    for number in ["72345", "+18335550100", "+442071838750", "+14155550177"] {
        client.tenant().own_number(number);
    }
    for from in [FROM, "+18335550100", "+442071838750", "72345", "+14155550177"] {
        for _ in 0..300 {
            client.sent(&[("From", from)]);
        }
    }
    client.advance_seconds(2);
    // In two seconds and at their beginning: rate × 2 + 1.
    for (from, sent) in
        [(FROM, 3), ("+18335550100", 7), ("+442071838750", 21), ("72345", 201), ("+14155550177", 101)]
    {
        assert_eq!(queue(&mut client, from).0, 300 - sent, "{from}");
    }
}

#[test]
fn over_ten_minutes_the_rate_is_exact() {
    let mut client = client(SenderRates::new());
    client.tenant().own_number("+18335550100");
    for _ in 0..2000 {
        client.sent(&[("From", "+18335550100"), CALLBACK]);
    }
    client.engine.advance(Duration::from_millis(599_999));
    let sending = client.engine.take_callbacks().into_iter().filter(|c| c.event == "sending").count();
    assert_eq!(sending, 1800);
}

#[test]
fn a_full_queue_refuses_until_there_is_room() {
    for (rates, status) in [(SenderRates::new(), 400), (SenderRates::new().full_status(429), 429)] {
        let mut client = client(rates.queue_length(seconds(3)));
        client.sent(&[("Body", &body(2))]);
        client.sent(&[("Body", &body(2))]);
        assert_refused(client.send(&[]), (status, 21611));
        assert_eq!((statuses(&mut client).len(), queue(&mut client, FROM)), (2, (2, 4, seconds(4))));
        // Another sender has room.
        client.sent(&[("From", "+15005550006")]);
        // The first message leaves the queue at once.
        client.advance_seconds(0);
        client.sent(&[]);
        assert_refused(client.send(&[]), (status, 21611));
    }
}

#[test]
fn a_full_queue_holds_ten_hours_of_sending() {
    let mut client = client(SenderRates::new());
    for _ in 0..36_000 / 7 {
        client.sent(&[("Body", &body(7))]);
    }
    client.sent(&[("Body", &body(6))]);
    assert_eq!(queue(&mut client, FROM).1, 36_000);
    assert_refused(client.send(&[]), (400, 21611));
}

#[test]
fn a_message_to_a_service_is_accepted_and_fails_when_the_queue_is_full() {
    let mut client = client(SenderRates::new().queue_length(seconds(2)));
    let chosen = client.sent(&[("MessagingServiceSid", SERVICE), ("From", ""), CALLBACK]);
    assert_eq!(client.message(&chosen)["status"], "accepted");
    client.engine.advance(Duration::from_millis(999));
    client.sent(&[]);
    client.sent(&[("Body", &body(3))]);
    // The first of the two leaves the queue before the service picks its number, and the other fills it.
    client.engine.advance(Duration::from_millis(1));
    let message = client.message(&chosen);
    assert_eq!((&message["status"], &message["error_code"]), (&"failed".into(), &30001.into()));
    assert_eq!((&message["error_message"], &message["price"]), (&"Queue overflow".into(), &Value::Null));
    let events: Vec<_> = client.engine.take_callbacks().into_iter().map(|c| c.event).collect();
    assert_eq!(events, ["queued", "failed"]);
    assert_eq!(queue(&mut client, FROM).0, 1);
}

#[test]
fn a_number_that_is_named_with_its_service_overflows_like_the_service() {
    let mut client = client(SenderRates::new().queue_length(seconds(2)));
    client.sent(&[("Body", &body(2))]);
    assert_refused(client.send(&[]), (400, 21611));
    let named = client.sent(&[("MessagingServiceSid", SERVICE), CALLBACK]);
    assert_eq!(client.message(&named)["status"], "queued");
    client.advance_seconds(0);
    assert_eq!(client.message(&named)["error_code"], 30001);
}

#[test]
fn a_service_with_a_rate_of_its_own_has_one_queue() {
    let mut client = client(SenderRates::new().rate(SERVICE, 2));
    for _ in 0..10 {
        client.sent(&[("MessagingServiceSid", SERVICE), ("From", "")]);
    }
    client.advance_seconds(1);
    assert_eq!((queue(&mut client, SERVICE).1, queue(&mut client, FROM).1), (9, 0));
    client.advance_seconds(2);
    assert_eq!(queue(&mut client, SERVICE), (5, 5, seconds(3)));
}

#[test]
fn a_message_that_waits_too_long_expires_and_takes_no_time_of_its_sender() {
    let mut client = client(SenderRates::new());
    client.sent(&[("Body", &body(5))]);
    let expired = client.sent(&[("ValidityPeriod", "4"), CALLBACK]);
    let just_in_time = client.sent(&[("ValidityPeriod", "5")]);
    assert_eq!(queue(&mut client, FROM), (3, 7, seconds(6)));
    client.advance_seconds(3);
    assert_eq!(client.message(&expired)["status"], "queued");
    client.advance_seconds(1);
    let message = client.message(&expired);
    assert_eq!((&message["status"], &message["error_code"]), (&"failed".into(), &30036.into()));
    client.advance_seconds(3);
    assert_eq!(client.message(&just_in_time)["status"], "delivered");
    assert_eq!(client.engine.take_callbacks().len(), 1);
    assert_eq!(queue(&mut client, FROM), (0, 0, Duration::ZERO));
}

#[test]
fn a_service_says_how_long_its_messages_may_wait() {
    let mut client = client(SenderRates::new());
    let form = [("FriendlyName", "Reminders"), ("ValidityPeriod", "3")];
    let (status, service) = client.product(Method::POST, "/v1/Services", &form);
    assert_eq!(status, 201, "{service}");
    let service = service["sid"].as_str().unwrap();
    client.sent(&[("Body", &body(4))]);
    let expired = client.sent(&[("MessagingServiceSid", service)]);
    let in_time = client.sent(&[("MessagingServiceSid", service), ("ValidityPeriod", "60")]);
    client.advance_seconds(60);
    assert_eq!(client.message(&expired)["error_code"], 30036);
    assert_eq!(client.message(&in_time)["status"], "delivered");
}

#[test]
fn a_message_that_a_test_ends_leaves_its_queue() {
    let mut client = client(SenderRates::new());
    client.sent(&[]);
    let (failed, delivered) = (client.sent(&[]), client.sent(&[]));
    assert!(client.tenant().messaging().fail(&failed, 30007));
    assert!(client.tenant().messaging().deliver(&delivered));
    assert_eq!(queue(&mut client, FROM).0, 1);
    client.advance_seconds(60);
    assert_eq!(statuses(&mut client), ["delivered", "failed", "delivered"]);
    assert_eq!(queue(&mut client, FROM).0, 0);
}

#[test]
fn subaccounts_have_queues_too() {
    let mut client = client(SenderRates::new().queue_length(seconds(1)));
    let (status, account) = client.product(Method::POST, "/2010-04-01/Accounts.json", &[]);
    assert_eq!(status, 201, "{account}");
    client.account = account["sid"].as_str().unwrap().to_owned();
    client.tenant().own_number("+14155550111");
    client.sent(&[("From", "+14155550111")]);
    assert_refused(client.send(&[("From", "+14155550111")]), (400, 21611));
}

#[test]
fn without_rates_nobody_waits() {
    let mut client = TestClient::default();
    for _ in 0..100 {
        client.sent(&[("ValidityPeriod", "1")]);
    }
    assert_eq!(queue(&mut client, FROM), (0, 0, Duration::ZERO));
    client.advance_seconds(3);
    assert_eq!(statuses(&mut client), ["delivered"; 100]);
}
