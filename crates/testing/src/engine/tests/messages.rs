//! Creating and changing messages: which requests are accepted and which are refused.

use super::*;

#[test]
fn a_new_message_has_twilios_field_types() {
    let mut client = TestClient::default();
    let (status, message) = client.send(&[]);
    assert_eq!(status, 201);
    let (sid, account) = (message["sid"].as_str().unwrap(), client.tenant().core.account_sid());
    let uri = format!("/2010-04-01/Accounts/{account}/Messages/{sid}");
    assert!(sid.starts_with("SM") && sid.len() == 34);
    let expected = serde_json::json!({
        "sid": sid, "account_sid": account, "messaging_service_sid": null,
        "to": TO, "from": FROM, "body": "hello",
        "num_segments": "1", "num_media": "0", "status": "queued", "direction": "outbound-api",
        "price": null, "price_unit": "USD", "error_code": null, "error_message": null,
        "date_created": "Mon, 05 Jan 2026 09:00:00 +0000", "date_updated": "Mon, 05 Jan 2026 09:00:00 +0000",
        "date_sent": null, "api_version": "2010-04-01", "uri": format!("{uri}.json"),
        "subresource_uris": { "media": format!("{uri}/Media.json") },
    });
    assert_eq!(message, expected);
}

#[test]
fn each_parameter_is_checked_with_its_code() {
    let long = "x".repeat(1601);
    let cases: &[(&[(&str, &str)], u32)] = &[
        (&[("To", "")], 21604),
        (&[("From", "")], 21603),
        (&[("Body", "")], 21602),
        (&[("Body", &long)], 21617),
        (&[("To", "4155551234")], 21211),
        (&[("To", "ACME")], 21211),
        (&[("To", FROM)], 21266),
        (&[("To", "whatsapp:4155551234")], 21211),
        (&[("From", "4155550100 x")], 21212),
        (&[("From", "+14155550199")], 21606),
        (&[("From", "72345")], 21606),
        (&[("MediaUrl", "ftp://example.com/a.png")], 21620),
        (&[("MediaUrl", "a.png")], 21620),
        (&[("StatusCallback", "example.com")], 21609),
        (&[("StatusCallback", "https://my_host.example.com/")], 21609),
        (&[("ValidityPeriod", "0")], 21624),
        (&[("ValidityPeriod", "36001")], 21624),
        (&[("MessagingServiceSid", "MG1")], 21705),
        (&[("MessagingServiceSid", "marketing")], 21701),
        (&[("ContentVariables", "{}")], 21654),
        (&[("ContentSid", "HX1")], 21655),
        (&[("ContentSid", "HX00000000000000000000000000000001"), ("ContentVariables", "[1]")], 21656),
    ];
    let mut client = TestClient::default();
    for (more, code) in cases {
        let reply = client.send(more);
        assert_refused(reply, (400, *code));
    }
    assert!(client.tenant().messages.sent().is_empty());
}

#[test]
fn magic_numbers_answer_as_documented() {
    let mut client = TestClient::default();
    for (to, code) in [("1", 21211), ("2", 21612), ("3", 21408), ("4", 21610), ("9", 21614)] {
        assert_refused(client.send(&[("To", &format!("+1500555000{to}"))]), (400, code));
    }
    for (from, code) in [("1", 21212), ("7", 21606), ("8", 21611), ("5", 21606)] {
        assert_refused(client.send(&[("From", &format!("+1500555000{from}"))]), (400, code));
    }
    client.sent(&[("From", "+15005550006")]);
}

#[test]
fn other_senders_and_channels_are_accepted() {
    let mut client = TestClient::default();
    client.tenant().own_number("72345");
    client.tenant().own_number("+442071838750");
    for from in ["72345", "+442071838750", "ACME Ltd"] {
        client.sent(&[("From", from)]);
    }
    client.sent(&[("From", "whatsapp:+14155238886"), ("To", "whatsapp:+14155551234")]);
    client.sent(&[
        ("Body", ""),
        ("ContentSid", "HX00000000000000000000000000000001"),
        ("ContentVariables", "{\"1\":\"x\"}"),
    ]);
    client.sent(&[("Nonsense", "1"), ("SmartEncoded", "true"), ("RiskCheck", "disable")]);
}

#[test]
fn media_make_it_an_mms() {
    let mut client = TestClient::default();
    let url = ("MediaUrl", "https://example.com/a.png");
    let (_, message) = client.send(&[("Body", ""), url, url]);
    assert!(message["sid"].as_str().unwrap().starts_with("MM"));
    assert_eq!((&message["num_media"], &message["num_segments"]), (&"2".into(), &"1".into()));
    assert_refused(client.send(&[url; 11]), (400, 21623));
}

#[test]
fn scheduling_needs_a_service_and_a_time_within_its_window() {
    let mut client = TestClient::default();
    let (fixed, service) = (("ScheduleType", "fixed"), ("MessagingServiceSid", SERVICE));
    let at = |time| ("SendAt", time);
    let good = at("2026-01-05T09:05:00Z");
    let cases: &[(&[(&str, &str)], u32)] = &[
        (&[fixed, good], 35118),
        (&[fixed, service], 35111),
        (&[fixed, service, at("2026-01-05T09:04:59Z")], 35115),
        (&[fixed, service, at("2026-02-09T09:00:01Z")], 35115),
        (&[fixed, service, at("soon")], 35115),
        (&[("ScheduleType", "loose"), service, good], 35126),
        (&[service, good], 35126),
    ];
    for (more, code) in cases {
        assert_refused(client.send(more), (400, *code));
    }
    for time in ["2026-01-05T09:05:00Z", "2026-02-09T09:00:00Z"] {
        let (status, message) = client.send(&[fixed, service, at(time), ("From", "")]);
        assert_eq!((status, &message["status"]), (201, &"scheduled".into()));
    }
}

#[test]
fn messages_are_refused_from_opt_out_to_opt_in() {
    let mut client = TestClient::default();
    client.tenant().senders.numbers.opt_out(TO, None);
    assert_refused(client.send(&[]), (400, 21610));
    client.tenant().senders.numbers.opt_in(TO, None);
    client.sent(&[]);
}

#[test]
fn a_trial_sends_to_verified_numbers_only_with_a_notice() {
    let mut client = TestClient::default();
    client.tenant().core.begin_trial();
    assert_refused(client.send(&[]), (400, 21608));
    client.tenant().verify_number(TO);
    assert_eq!(client.send(&[]).1["body"], "Sent from your Twilio trial account - hello");
}

#[test]
fn a_message_is_redacted_canceled_and_deleted_only_as_twilio_allows() {
    let mut client = TestClient::default();
    let plain = format!("/Messages/{}.json", client.sent(&[]));
    assert_refused(client.post(&plain, &[("Status", "canceled")]), (400, 30409));
    assert_refused(client.post(&plain, &[("Body", "other")]), (400, 20001));
    assert_eq!(client.post(&plain, &[("Body", "")]).1["body"], "");
    assert_refused(client.delete(&plain), (409, 20009));
    client.advance_seconds(3);
    let reply = client.request(Method::DELETE, &plain, &[]);
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    assert!(!reply.headers.contains_key(header::CONTENT_TYPE) && reply.body.into_bytes().is_empty());
    assert_refused(client.delete(&plain), (404, 20404));

    let at =
        [("MessagingServiceSid", SERVICE), ("ScheduleType", "fixed"), ("SendAt", "2026-01-06T09:00:00Z")];
    let scheduled = format!("/Messages/{}.json", client.sent(&at));
    let (status, message) = client.post(&scheduled, &[("Status", "canceled")]);
    assert_eq!((status, &message["status"]), (200, &"canceled".into()));
    client.advance_seconds(48 * 3600);
    assert_eq!(client.get(&scheduled).1["status"], "canceled");
}

#[test]
fn feedback_is_accepted() {
    let mut client = TestClient::default();
    let (_, message) = client.send(&[("ProvideFeedback", "true")]);
    let sid = message["sid"].as_str().unwrap();
    let path = format!("/Messages/{sid}/Feedback.json");
    assert!(message["subresource_uris"]["feedback"].as_str().unwrap().ends_with(&path));
    let (status, feedback) = client.post(&path, &[("Outcome", "confirmed")]);
    assert_eq!(
        (status, &feedback["message_sid"], &feedback["outcome"]),
        (200, &sid.into(), &"confirmed".into())
    );
    assert_refused(client.post(&path, &[("Outcome", "great")]), (400, 20001));
}

#[test]
fn sent_messages_are_returned_and_printed() {
    let mut client = TestClient::default();
    client.sent(&[("Body", "meet me at noon"), ("StatusCallback", "https://example.com/s")]);
    client.sent(&[("To", "+14155551299")]);
    let sent = client.tenant().messages.sent();
    assert_eq!(sent.len(), 2);
    assert_eq!((sent[0].body.as_str(), sent[1].to.as_str()), ("meet me at noon", "+14155551299"));
    assert_eq!(sent[0].status_callback, Some("https://example.com/s".into()));
    let printed = format!("{sent:?}");
    assert!(printed.contains("noon") && printed.contains("+1415"), "{printed}");
}
