use super::*;

#[test]
fn a_reference_goes_into_the_query_and_comes_back() {
    let cases = [
        ("https://a.example/s", "https://a.example/s?sbref=s1.2-x"),
        ("https://a.example/s?x=1", "https://a.example/s?x=1&sbref=s1.2-x"),
        ("https://a.example/s?", "https://a.example/s?sbref=s1.2-x"),
        ("https://a.example/s?x=1#rc=5&rp=all", "https://a.example/s?x=1&sbref=s1.2-x#rc=5&rp=all"),
    ];
    for (url, expected) in cases {
        let callback = Callback::new(url).reference("s1.2-x");
        assert_eq!(callback.to_url().unwrap(), expected);
        assert_eq!(Callback::reference_in(expected).as_deref(), Some("s1.2-x"));
        assert_eq!(Callback::new(url).to_url().unwrap(), url);
    }
    assert_eq!(Callback::reference_in("https://a.example/?sbref=a&sbref=b"), None);
    assert_eq!(Callback::reference_in("https://a.example/#?sbref=a"), None);
}

#[test]
fn a_reference_that_would_change_the_url_is_refused() {
    for reference in ["", "a b", "a&b=c", "a#b", "ü", &"a".repeat(257)] {
        let callback = Callback::new("https://a.example").reference(reference);
        assert!(callback.to_url().is_err(), "{reference}");
    }
}

#[test]
fn camel_and_snake_case_are_read_and_unknown_fields_are_errors_at_any_depth() {
    let at: Timestamp = "2026-12-01T09:00:00Z".parse().unwrap();
    let read: Outgoing = serde_json::from_value(serde_json::json!({
        "to": "+14155551234", "text": "x", "valid_for": 60, "send_at": "2026-12-01T09:00:00Z"
    }))
    .unwrap();
    let expected = Outgoing::text("+14155551234", "x").valid_for(Duration::from_secs(60)).send_at(at);
    assert_eq!(read, expected);
    let call = r#"{"to": "+14155551234", "content": {"say": "x"}, "ring_for": 20}"#;
    assert_eq!(serde_json::from_str::<OutgoingCall>(call).unwrap().ring_for, Some(Duration::from_secs(20)));
    for wrong in [
        r#""odd": 1"#,
        r#""callback": {"url": "https://a.example", "refrence": "r1"}"#,
        r#""from": {"pool": {"id": "MG1", "nubmer": "+14155550100"}}"#,
        r#""template": {"id": "HX1", "value": {"1": "x"}}"#,
    ] {
        let json = format!(r#"{{"to": "+14155551234", {wrong}}}"#);
        let error = serde_json::from_str::<Outgoing>(&json).unwrap_err();
        assert!(error.to_string().contains("unknown field"), "{wrong}: {error}");
    }
}

#[test]
fn a_stored_message_is_read_back_whole_and_prints_nothing_personal() {
    let text = Outgoing::text("+14155551234", "planted words")
        .from(Sender::pool("MG1"))
        .add_media("https://a.example/planted.png")
        .valid_for(Duration::from_millis(90_900))
        .callback(Callback::new("https://a.example/s").reference("r1"));
    let json = serde_json::to_value(&text).unwrap();
    assert_eq!(json["validFor"], 90);
    assert_eq!(serde_json::from_value::<Outgoing>(json.clone()).unwrap(), text);
    let shown = format!("{text:?}");
    assert!(!shown.contains("planted") && !shown.contains("5551234"), "{shown}");
    let mut wrong = json;
    wrong["bodyy"] = "x".into();
    let error = serde_json::from_value::<Outgoing>(wrong).unwrap_err().to_string();
    assert!(error.contains("bodyy"), "{error}");
}

#[test]
fn a_call_that_asks_is_stored_and_read_back() {
    let keys = KeyInput::new(2).wait(Duration::from_millis(8_500)).callback("https://e.com/k");
    let call = OutgoingCall::ask("+14155551234", "Press 1", keys).detect_machine();
    let json = serde_json::json!({
        "to": "+14155551234",
        "content": {"ask": {"text": "Press 1", "keys": {"count": 2, "wait": 8, "callback": {"url": "https://e.com/k"}}}},
        "detectMachine": true,
    });
    assert_eq!(serde_json::to_value(&call).unwrap(), json);
    assert_eq!(serde_json::from_value::<OutgoingCall>(json).unwrap(), call);
    let plain = serde_json::to_value(OutgoingCall::say("+14155551234", "Hi")).unwrap();
    assert!(plain.get("detectMachine").is_none() && plain.get("keys").is_none(), "{plain}");
}

#[test]
fn what_a_provider_cannot_do_in_a_call_is_refused_by_name() {
    use crate::provider::Abilities;
    let able = Abilities::none().calls().callbacks();
    let detects = OutgoingCall::say("+14155551234", "Hi").detect_machine();
    let keys = KeyInput::one().callback("https://e.com/k");
    let asks = OutgoingCall::ask("+14155551234", "Press 1", keys);
    let referred = KeyInput::one().callback(Callback::new("https://e.com/k").reference("r1"));
    let refers = OutgoingCall::ask("+14155551234", "Press 1", referred);
    for (call, abilities, expected) in [
        (&detects, able, Some("whether a machine picks up")),
        (&detects, able.machine_detection(), None),
        (&asks, able, Some("wait for keys")),
        (&asks, able.key_input(), None),
        (&refers, able.key_input(), Some("return a reference")),
        (&refers, able.key_input().callback_reference(), None),
        (&asks, Abilities::none().key_input(), Some("cannot call")),
    ] {
        let refused = call.check(&abilities).err().map(|error| error.to_string());
        match expected {
            Some(part) => assert!(refused.as_deref().is_some_and(|it| it.contains(part)), "{refused:?}"),
            None => assert_eq!(refused, None),
        }
    }
}
