//! The engine without HTTP, as a simulation uses it.

use std::time::Duration;

use switchboard::twilio::webhook::sign_form;
use switchboard_testing::{ConnectionClosed, FakeEngine, Fault};

const TO: &str = "+14155551234";

fn engine(seed: u64) -> FakeEngine {
    FakeEngine::new(seed, "2026-01-05T09:00:00Z".parse().unwrap())
}

fn messages(engine: &FakeEngine) -> String {
    format!("/2010-04-01/Accounts/{}/Messages.json", engine.account_sid())
}

fn text(engine: &FakeEngine) -> Vec<(&'static str, String)> {
    let from = engine.phone_number().to_owned();
    let callback = "https://app.example/s?a=1#rc=5".to_owned();
    vec![("To", TO.to_owned()), ("From", from), ("Body", "Hello".to_owned()), ("StatusCallback", callback)]
}

/// Everything that comes out of a run with faults.
fn transcript(seed: u64) -> String {
    let mut engine = engine(seed);
    engine.fail_rate(Fault::status(503), 20);
    engine.fail_rate(Fault::cut_late(Duration::from_secs(60)), 20);
    let (path, form) = (messages(&engine), text(&engine));
    let mut lines = Vec::new();
    for _ in 0..50 {
        lines.push(format!("{:?}", engine.post(&path, &form)));
        engine.advance(Duration::from_millis(700));
        lines.push(format!("{:?}", engine.take_callbacks()));
    }
    engine.advance(Duration::from_secs(300));
    lines.push(format!("{:?} {:?} {:?}", engine.sent(), engine.take_callbacks(), engine.next_event()));
    lines.join("\n")
}

#[test]
fn a_seed_gives_the_same_run_byte_for_byte() {
    assert_eq!(transcript(1), transcript(1));
    assert_ne!(transcript(1), transcript(2));
    // Seeds that differ in their high bits only.
    assert_ne!(transcript(1 << 40), transcript(1 << 41));
}

#[test]
fn a_callback_is_signed_for_its_url_and_pairs() {
    let mut engine = engine(1);
    let (path, form) = (messages(&engine), text(&engine));
    let sid = engine.post(&path, &form).unwrap().json()["sid"].as_str().unwrap().to_owned();
    assert!(engine.take_callbacks().is_empty());
    engine.advance(Duration::from_secs(1));
    let [callback] = <[_; 1]>::try_from(engine.take_callbacks()).unwrap();
    assert_eq!((callback.sid.as_str(), callback.event.as_str()), (sid.as_str(), "sending"));
    assert_eq!((callback.url.as_str(), callback.fragment.as_str()), ("https://app.example/s?a=1", "rc=5"));
    let pairs = callback.pairs();
    assert!(pairs.contains(&("MessageStatus".to_owned(), "sending".to_owned())));
    assert_eq!(callback.signature, sign_form(&engine.auth_token(), &callback.url, &pairs));
}

#[test]
fn the_next_event_is_when_something_happens() {
    let mut engine = engine(1);
    assert_eq!(engine.next_event(), None);
    let (path, form) = (messages(&engine), text(&engine));
    engine.fail_next(Fault::status_late(503, Duration::from_secs(30)));
    engine.post(&path, &form).unwrap();
    let mut statuses = Vec::new();
    while let Some(at) = engine.next_event() {
        engine.advance(at.duration_since(engine.now()).unsigned_abs());
        assert_eq!(engine.now(), at);
        statuses.push(engine.sent()[0].status.clone());
    }
    assert_eq!(statuses, ["queued", "sending", "sent", "delivered"]);
}

#[test]
fn queries_filter_lists() {
    let mut engine = engine(1);
    let (path, mut form) = (messages(&engine), text(&engine));
    engine.post(&path, &form).unwrap();
    form[0].1 = "+14155559999".to_owned();
    engine.post(&path, &form).unwrap();
    let found = engine.get(&format!("{path}?To=%2B14155559999&PageSize=5")).unwrap().json();
    let rows = found["messages"].as_array().unwrap();
    assert_eq!((rows.len(), rows[0]["to"].as_str()), (1, Some("+14155559999")));
}

#[test]
fn a_closed_connection_is_an_error_whether_the_message_exists_or_not() {
    for (fault, stored) in [(Fault::cut(), 0), (Fault::cut_after(), 1)] {
        let mut engine = engine(1);
        let (path, form) = (messages(&engine), text(&engine));
        engine.fail_next(fault);
        assert_eq!(engine.post(&path, &form).unwrap_err(), ConnectionClosed);
        assert_eq!(engine.sent().len(), stored);
    }
}
