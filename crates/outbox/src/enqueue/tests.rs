use super::*;
use switchboard::provider::{Callback, TemplateRef};

const TO: &str = "+14155550123";

fn prepared(payload: impl Into<Payload>) -> Prepared {
    Prepared::of(&payload.into()).unwrap()
}

fn refused(message: &Enqueue) -> String {
    message.check().unwrap_err().to_string()
}

#[test]
fn what_can_never_be_sent_is_refused_with_what_to_change() {
    let text = || Outgoing::text(TO, "Hi");
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let cases = [
        (Enqueue::new("", text()), "key is empty"),
        (Enqueue::new("k".repeat(256), text()), "at most 255 bytes"),
        (Enqueue::new("a\0b", text()), "no NUL"),
        (Enqueue::new("k", text()).tenant("t".repeat(256)), "tenant"),
        (Enqueue::new("k", Outgoing::text("", "Hi")), "recipient"),
        (Enqueue::new("k", Outgoing::text(TO, "")), "nothing to send"),
        (Enqueue::new("k", text().send_at(at("2027-01-01T00:00:00Z"))), "`due`"),
        (Enqueue::new("k", text().callback(Callback::new("https://a.example").reference("x"))), "reference"),
        (
            Enqueue::new("k", text()).due(at("2027-01-02T00:00:00Z")).expires(at("2027-01-01T00:00:00Z")),
            "expires before it is due",
        ),
    ];
    for (message, part) in cases {
        let said = refused(&message);
        assert!(said.contains(part), "{said} does not say {part}");
        assert!(!said.contains("Hi") && !said.contains(TO), "{said}");
    }
    assert!(Enqueue::new("k", text()).check().is_ok());
}

#[test]
fn a_message_that_is_too_long_to_store_is_refused() {
    let error = Prepared::of(&Outgoing::text(TO, "x".repeat(Enqueue::MAX_BYTES)).into()).unwrap_err();
    assert!(error.to_string().contains("65536 are stored"), "{error}");
}

#[test]
fn the_hash_changes_with_whatever_is_sent() {
    let text = Outgoing::text(TO, "Hi");
    let others: Vec<Payload> = vec![
        Outgoing::text(TO, "Ho").into(),
        Outgoing::text("+14155551235", "Hi").into(),
        text.clone().from("+14155550100").into(),
        text.clone().add_media("https://a.example/1.png").into(),
        OutgoingCall::say(TO, "Hi").into(),
    ];
    let first = prepared(text.clone());
    assert_eq!(first.hash, prepared(text).hash);
    for other in others {
        assert_ne!(first.hash, prepared(other.clone()).hash, "{other:?}");
    }
}

#[test]
fn the_fingerprint_is_what_a_list_can_show() {
    let text = Outgoing::text(TO, "Hi");
    let same = prepared(text.clone().from("+14155550100"));
    assert_eq!(prepared(text.clone()).fingerprint, same.fingerprint, "the sender is counted apart");
    assert_ne!(prepared(text.clone()).fingerprint, prepared(Outgoing::text(TO, "Ho")).fingerprint);
    assert_ne!(
        prepared(text.clone()).fingerprint,
        prepared(text.add_media("https://a.example/1.png")).fingerprint
    );
    let template = |value: &str| Outgoing::template(TO, TemplateRef::new("HX1").value("1", value));
    assert_eq!(prepared(template("a")).fingerprint, prepared(template("b")).fingerprint);
    let (say, url) = (OutgoingCall::say(TO, "x"), OutgoingCall::url(TO, "x"));
    assert_ne!(prepared(say).fingerprint, prepared(url).fingerprint);
}

#[test]
fn parts_of_a_digest_do_not_run_into_each_other() {
    assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    assert_ne!(digest(&[b"ab"]), digest(&[b"ab", b""]));
}

#[test]
fn its_json_is_read_back_and_mistyped_fields_are_refused() {
    let message = Enqueue::new("order/4711", Outgoing::text(TO, "Hi").from("+14155550100"))
        .tenant("blue-door")
        .priority(Priority::Bulk)
        .expires("2027-01-01T00:00:00Z".parse().unwrap());
    let json = serde_json::to_value(&message).unwrap();
    assert_eq!((json["key"].as_str(), json["text"]["to"].as_str()), (Some("order/4711"), Some(TO)));
    assert_eq!(serde_json::from_value::<Enqueue>(json.clone()).unwrap(), message);
    let plain = serde_json::json!({"key": "k", "text": {"to": TO, "text": "Hi"}});
    assert_eq!(
        serde_json::from_value::<Enqueue>(plain).unwrap(),
        Enqueue::new("k", Outgoing::text(TO, "Hi"))
    );
    for (at, name) in [("", "prioritty"), ("text", "boddy")] {
        let mut wrong = json.clone();
        let place = if at.is_empty() { &mut wrong } else { &mut wrong[at] };
        place[name] = "x".into();
        assert!(serde_json::from_value::<Enqueue>(wrong).is_err(), "{name}");
    }
}
