//! Calls: creating and changing them, their status transitions and callbacks.

use super::*;
use switchboard::twilio::webhook::sign_form;

#[test]
fn a_new_call_is_queued() {
    let mut client = TestClient::default();
    let (status, call) = client.call(&[]);
    assert_eq!(
        (status, &call["status"], &call["direction"]),
        (201, &"queued".into(), &"outbound-api".into())
    );
    assert!(call["sid"].as_str().unwrap().starts_with("CA"));
    for null in ["start_time", "end_time", "duration", "price", "parent_call_sid", "answered_by"] {
        assert_eq!(call[null], Value::Null, "{null}");
    }
    assert_eq!(call["queue_time"], "0");
}

#[test]
fn each_parameter_is_checked_with_its_code() {
    let long = format!("<Response>{}</Response>", " ".repeat(4000));
    let cases: &[(&[(&str, &str)], u32)] = &[
        (&[("To", "")], 21201),
        (&[("From", "")], 21213),
        (&[("Twiml", "")], 21205),
        (&[("Url", "example.com")], 21205),
        (&[("Twiml", &long)], 21658),
        (&[("To", "4155551234")], 21217),
        (&[("To", "+15005550001")], 21217),
        (&[("To", "+15005550002")], 21214),
        (&[("To", "+15005550003")], 21215),
        (&[("To", "+15005550004")], 21216),
        (&[("From", "+15005550001")], 21212),
        (&[("From", "ACME")], 21212),
        (&[("From", "+14155550199")], 21210),
        (&[("SendDigits", "12x")], 21206),
        (&[("StatusCallback", "nowhere")], 21609),
    ];
    let mut client = TestClient::default();
    for (more, code) in cases {
        assert_refused(client.call(more), (400, *code));
    }
    client.tenant().verify_number("+14155550199");
    client.called(&[("From", "+14155550199"), ("To", "client:alice"), ("SendDigits", "1w2#")]);
    client.tenant().core.begin_trial();
    assert_refused(client.call(&[]), (400, 21219));
}

#[test]
fn a_call_rings_is_answered_and_ends() {
    let mut client = TestClient::default();
    let path = format!("/Calls/{}.json", client.called(&[]));
    let mut seen = Vec::new();
    for wait in [1, 1, 10, 1] {
        seen.push(client.get(&path).1["status"].as_str().unwrap().to_owned());
        client.advance_seconds(wait);
    }
    assert_eq!(seen, ["queued", "ringing", "in-progress", "completed"]);
    let call = client.get(&path).1;
    assert_eq!((&call["duration"], &call["price"]), (&"10".into(), &"-0.01400".into()));
    assert_eq!(call["start_time"], "Mon, 05 Jan 2026 09:00:02 +0000");
    assert_eq!(call["end_time"], "Mon, 05 Jan 2026 09:00:12 +0000");
}

fn heard(client: &mut TestClient) -> Vec<Vec<(String, String)>> {
    client.engine.take_callbacks().iter().map(|callback| form(callback.form.as_deref().unwrap())).collect()
}

#[test]
fn callbacks_are_sent_for_the_end_or_for_the_events_asked_for() {
    let mut client = TestClient::default();
    let endpoint = ("StatusCallback", "http://127.0.0.1:9/");
    client.called(&[endpoint]);
    client.advance_seconds(60);
    let end = heard(&mut client);
    assert_eq!(end.len(), 1);
    for (key, expected) in
        [("CallStatus", "completed"), ("CallDuration", "10"), ("SequenceNumber", "0"), ("Duration", "1")]
    {
        assert_eq!(value(&end[0], key), Some(expected), "{key}");
    }
    assert_eq!(value(&end[0], "Timestamp"), Some("Mon, 05 Jan 2026 09:00:12 +0000"));
    assert_eq!(value(&end[0], "CallbackSource"), Some("call-progress-events"));

    let event = |name| ("StatusCallbackEvent", name);
    let all = [endpoint, event("initiated"), event("ringing"), event("answered"), event("completed")];
    client.called(&all);
    client.advance_seconds(60);
    let every = heard(&mut client);
    let told: Vec<_> = every
        .iter()
        .map(|pairs| (value(pairs, "CallStatus").unwrap(), value(pairs, "SequenceNumber").unwrap()))
        .collect();
    assert_eq!(told, [("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]);
}

#[test]
fn a_get_callback_has_its_parameters_in_the_url() {
    let mut client = TestClient::default();
    let sid =
        client.called(&[("StatusCallback", "http://127.0.0.1:9/s?a=b"), ("StatusCallbackMethod", "GET")]);
    assert!(client.tenant().calling().end(&sid, "busy"));
    let callback = client.engine.take_callbacks().remove(0);
    assert!(callback.form.is_none() && callback.url.contains("?a=b&CallSid=CA"), "{}", callback.url);
    assert!(callback.url.contains("CallStatus=busy"));
    assert_eq!(callback.endpoint, "http://127.0.0.1:9/s?a=b");
    let none: [(&str, &str); 0] = [];
    assert_eq!(
        callback.signature,
        sign_form(client.tenant().core.auth_token().expose(), &callback.url, &none)
    );
}

#[test]
fn a_call_is_changed_only_in_the_right_state() {
    let mut client = TestClient::default();
    let sid = client.called(&[]);
    let path = format!("/Calls/{sid}.json");
    assert_refused(client.post(&path, &[("Twiml", "<Response/>")]), (400, 21220));
    assert_refused(client.delete(&path), (409, 20009));
    assert!(client.tenant().calling().answer(&sid));
    assert_refused(client.post(&path, &[("Status", "canceled")]), (400, 21220));
    assert_refused(client.post(&path, &[("Status", "paused")]), (400, 20001));
    assert_eq!(client.post(&path, &[("Url", "https://example.com/v")]).0, 200);
    assert_eq!(client.tenant().calls.placed()[0].url, Some("https://example.com/v".into()));
    assert_eq!(client.post(&path, &[("Status", "completed")]).1["status"], "completed");
    assert_refused(client.post(&path, &[("Status", "completed")]), (400, 21220));
    assert_eq!(client.delete(&path).0, 204);

    let waiting = format!("/Calls/{}.json", client.called(&[]));
    assert_eq!(client.post(&waiting, &[("Status", "canceled")]).1["status"], "canceled");
    client.advance_seconds(60);
    assert_eq!(client.get(&waiting).1["status"], "canceled");
}

#[test]
fn calls_are_filtered() {
    let mut client = TestClient::default();
    let over = client.called(&[]);
    assert!(client.tenant().calling().complete(&over));
    let waiting = client.called(&[("To", "+14155559999")]);
    let mut found = |query: &str| -> Vec<String> {
        let (_, page) = client.get(&format!("/Calls.json?{query}"));
        page["calls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| call["sid"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(found(""), [waiting.clone(), over.clone()]);
    assert_eq!(found("Status=completed"), std::slice::from_ref(&over));
    assert_eq!(found("To=%2B14155559999"), [waiting]);
    assert_eq!(found("EndTime%3E=2026-01-05"), [over]);
    assert_eq!(found("StartTime%3C=2026-01-04").len() + found("ParentCallSid=CA1").len(), 0);
}

#[test]
fn placed_calls_are_returned_and_printed() {
    let mut client = TestClient::default();
    let sid = client.called(&[("Twiml", "<Response><Say>code 1234</Say></Response>")]);
    assert!(client.tenant().calling().complete(&sid) && !client.tenant().calling().complete("CA1"));
    let calls = client.tenant().calls.placed();
    assert_eq!((calls[0].status.as_str(), calls[0].duration), ("completed", Some(0)));
    let printed = format!("{calls:?}");
    assert!(printed.contains("1234</") && printed.contains("+1415"), "{printed}");
}
