use serde_json::json;

use super::*;

const MG: &str = "MG0123456789abcdef0123456789abcdef";
const HX: &str = "HX0123456789abcdef0123456789abcdef";

fn now() -> Timestamp {
    "2026-01-05T09:00:00Z".parse().unwrap()
}

fn sms() -> CreateMessage {
    CreateMessage::new("+14155551234").from("+14155550100").body("Hi")
}

fn form(message: &CreateMessage) -> String {
    message.form(&Senders::default(), now()).unwrap()
}

#[test]
fn every_parameter_is_written_by_its_name() {
    let message = sms()
        .media_url("https://e.com/a.png")
        .media_url("https://e.com/b.png")
        .messaging_service(MG)
        .fallback_from("+14155550101")
        .status_callback("https://e.com/s#rc=2")
        .application("AP0123456789abcdef0123456789abcdef")
        .validity_period(60)
        .send_at("2026-01-05T10:00:00Z".parse().unwrap())
        .send_as_mms(true)
        .shorten_urls(false)
        .smart_encoded(true)
        .provide_feedback(true)
        .persistent_action("geo:1,2|x")
        .risk_check(RiskCheck::Disable)
        .content_retention(ContentRetention::Discard)
        .address_retention(AddressRetention::Obfuscate)
        .attempt(2)
        .force_delivery(true)
        .traffic_type(TrafficType::Free)
        .param("Brand", "New");
    let form = form(&message);
    let keys: Vec<_> = form.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
    let expected = "To From MessagingServiceSid FallbackFrom Body MediaUrl MediaUrl StatusCallback ApplicationSid \
        ValidityPeriod SendAt SendAsMms ShortenUrls SmartEncoded ProvideFeedback PersistentAction RiskCheck \
        ContentRetention AddressRetention Attempt ForceDelivery TrafficType Brand ScheduleType";
    assert_eq!(keys, expected.split_whitespace().collect::<Vec<_>>());
    assert!(form.contains("SendAt=2026-01-05T10%3A00%3A00Z") && form.contains("ShortenUrls=false"));
}

#[test]
fn invalid_requests_are_refused_with_what_to_change() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let cases = [
        (CreateMessage::new("").body("x").from("72345"), "no recipient"),
        (CreateMessage::new("4155551234").body("x").from("72345"), "does not start with \"+\""),
        (CreateMessage::new("client:alice").body("x").from("72345"), "not to a name"),
        (CreateMessage::new("+14155551234").body("x"), "no sender"),
        (sms().from("+1 415"), "the sender cannot be used"),
        (sms().body(""), "nothing to send"),
        (sms().body("x".repeat(1601)), "1601 characters"),
        ((0..11).fold(sms(), |m, _| m.media_url("https://e.com/a")), "11 media URLs"),
        (sms().media_url("e.com/a.png"), "media URL is no URL"),
        (sms().status_callback("https://my_host.example/x"), "underscore"),
        (sms().status_callback("ftp://e.com"), "must start with https"),
        (sms().messaging_service("MG1"), "messaging service SID must start with \"MG\""),
        (sms().template(HX, &json!({})), "cannot go together"),
        (CreateMessage { content_variables: Some("{}".into()), ..sms() }, "without a template"),
        (sms().body("").template(HX, &json!(["x"])), "JSON object"),
        (sms().validity_period(0), "from 1 to 36000"),
        (sms().send_at(at("2026-01-05T10:00:00Z")), "only with a messaging service"),
        (sms().messaging_service(MG).send_at(at("2026-01-05T09:03:59Z")), "5 minutes to 35 days"),
        (sms().messaging_service(MG).send_at(at("2026-02-09T09:01:01Z")), "5 minutes to 35 days"),
    ];
    for (message, expected) in cases {
        let error = message.form(&Senders::default(), now()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error} lacks {expected:?}");
        assert_eq!(error.code(), crate::provider::ErrorCode::InvalidRequest);
    }
}

#[test]
fn what_twilio_takes_is_not_refused() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    for message in [
        sms().body("ü".repeat(1600)),
        sms().body("").media_url("https://e.com/a"),
        sms().body("").template(HX, &Value::Null),
        sms().messaging_service(MG).send_at(at("2026-01-05T09:04:00Z")),
        sms().messaging_service(MG).send_at(at("2026-02-09T09:01:00Z")),
        sms().from("ACME").validity_period(36_000),
        sms().media_url("https://my_bucket.s3.amazonaws.com/a.png"),
        sms().from("DE0123456789abcdef0123456789abcdef"),
        CreateMessage::new("whatsapp:+14155551234").from("whatsapp:+14155550100").body("x"),
        CreateMessage::new("+14155551234").messaging_service(MG).body("x"),
    ] {
        form(&message);
    }
}

#[test]
fn the_account_sends_where_the_message_names_nobody() {
    let senders = |from: Option<&str>, service: Option<&str>| Senders {
        from: from.map(Address::from),
        messaging_service_sid: service.map(str::to_owned),
        ..Senders::default()
    };
    let (number, own) = (Some("+14155550100"), "MG00000000000000000000000000000000");
    let plain = CreateMessage::new("+14155551234").body("x");
    let later = plain.clone().send_at("2026-01-05T10:00:00Z".parse().unwrap());
    let (by_number, by_service) = ("From=%2B14155550100", format!("MessagingServiceSid={MG}"));
    for (message, account, expected) in [
        (&plain, senders(number, None), by_number),
        (&plain, senders(number, Some(MG)), by_number),
        (&plain, senders(None, Some(MG)), by_service.as_str()),
        (&later, senders(number, Some(MG)), by_service.as_str()),
        (&plain.clone().from("72345"), senders(number, Some(MG)), "From=72345"),
        (
            &plain.clone().messaging_service(own),
            senders(number, Some(MG)),
            &format!("MessagingServiceSid={own}"),
        ),
        (
            &CreateMessage::new("whatsapp:+14155551234").body("x"),
            senders(number, None),
            "From=whatsapp%3A%2B14155550100",
        ),
    ] {
        let form = message.form(&account, now()).unwrap();
        let sender = |pair: &&str| pair.starts_with("From=") || pair.starts_with("MessagingServiceSid=");
        assert_eq!(form.split('&').filter(sender).collect::<Vec<_>>(), [expected], "{form}");
    }
    assert!(later.form(&senders(number, None), now()).is_err());
}

#[test]
fn it_is_stored_and_read_back_and_masked_in_debug() {
    let message = sms().media_url("https://e.com/planted").template(HX, &json!({"1": "planted"}));
    let stored = serde_json::to_string(&message).unwrap();
    assert_eq!(serde_json::from_str::<CreateMessage>(&stored).unwrap(), message);
    let shown = format!("{message:?}");
    assert!(!shown.contains("planted") && !shown.contains("5551234"), "{shown}");
}

#[test]
fn what_has_a_setter_does_not_come_past_it() {
    let past = sms().param("Body", "y").form(&Senders::default(), now()).unwrap_err();
    assert!(past.to_string().contains("set body"), "{past}");
}
