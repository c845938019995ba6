//! TwiML documents that cannot be fetched or executed, and how the fake reports the failure.

use std::sync::Arc;

use switchboard_testing::{FakeTwilio, Heard, InboundCall};
use tokio::sync::Notify;

use crate::app::Reply;
use crate::phone::{is_over, place, setup};
use crate::support::{Plain, TO, json};

async fn alerts(fake: &FakeTwilio) -> Vec<String> {
    let page = json(Plain::new(fake).product("/v1/Alerts").send().await.unwrap()).await;
    let codes = page["alerts"].as_array().unwrap().iter();
    codes.rev().map(|alert| alert["error_code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_call_to_an_invalid_number_fails_at_once() {
    let (fake, app) = setup().await;
    app.says("/voice", "<Dial action='/after'>12</Dial>").says("/after", "<Say>Sorry</Say>");
    let phone = fake.call_in(TO).await;
    assert_eq!(app.last("/after").get("DialCallStatus"), Some("failed"));
    assert_eq!(
        (phone.error().unwrap().split(':').next(), phone.said()),
        (Some("13224"), vec!["Sorry".to_owned()])
    );
}

#[tokio::test]
async fn an_invalid_document_ends_the_call_with_twilios_error() {
    let (fake, app) = setup().await;
    let long = format!("<Response><Say>{}</Say></Response>", "a".repeat(70_000));
    let slow = Reply::xml("").once_notified(&Arc::new(Notify::new()));
    let cases = [
        (Reply::of(200, "text/xml", "<Response><Say>Hi</Response>"), "12100: the document cannot be read"),
        (Reply::of(200, "text/xml", "<Answer/>"), "12100"),
        (Reply::of(200, "text/xml", ""), "12100"),
        (Reply::of(204, "", ""), "12100"),
        (Reply::of(200, "application/json", "{}"), "12300: the Content-Type is application/json"),
        (Reply::of(200, "text/xml", &long), "11750"),
        (Reply::of(500, "text/xml", "<Response/>"), "11200: the webhook answered 500"),
        (Reply::of(404, "text/xml", "<Response/>"), "11200: the webhook answered 404"),
        (Reply::redirect(301, "/voice"), "11215"),
        (Reply::redirect(302, "ftp://example.com/"), "11200"),
        (Reply::xml("<Redirect/>"), "11215: more than 100 documents"),
        (Reply::xml("<Redirect>http://:0</Redirect>"), "11100"),
        (slow, "11200: no answer within 200 ms"),
    ];
    let mut expected = Vec::new();
    for (reply, error) in cases {
        let path = if reply.gate.is_some() { "/voice#tt=200" } else { "/voice" };
        app.replies("/voice", reply);
        let phone = fake.receive_call(InboundCall::new(TO).url(app.at(path))).await;
        let failure = phone.error().unwrap();
        assert!(failure.starts_with(error), "{failure}");
        assert_eq!(phone.heard(), [Heard::ApplicationError]);
        assert!(is_over(&phone));
        expected.push(error[..5].to_owned());
    }
    assert_eq!(alerts(&fake).await, expected);
}

#[tokio::test]
async fn an_unreachable_url_ends_the_call_with_a_clear_error() {
    let fake = FakeTwilio::start().await;
    for (url, error) in [
        ("https://127.0.0.1:1/voice", "11100: the fake supports plain http only"),
        ("http://127.0.0.1:1/voice", "11205: "),
        // 11210, or 11205 where the DNS lookup times out.
        ("http://nowhere.invalid/voice", "112"),
    ] {
        let phone = fake.receive_call(InboundCall::new(TO).url(url)).await;
        assert!(phone.error().unwrap().starts_with(error), "{:?}", phone.error());
    }
    let nowhere = fake.call_in(TO).await;
    assert!(nowhere.error().unwrap().contains("no document"));
}

#[tokio::test]
async fn the_fallback_url_is_requested_when_a_document_fails() {
    let (fake, app) = setup().await;
    app.replies("/broken", Reply::of(500, "text/plain", "oops"))
        .says("/fallback", "<Say>Please call later</Say>");
    let (url, fallback) = (app.at("/broken"), app.at("/fallback"));
    let sid = place(&fake, &[("Url", &url), ("FallbackUrl", &fallback), ("FallbackMethod", "GET")]).await;
    let phone = fake.pick_up(&sid).await;
    assert_eq!(phone.said(), ["Please call later"]);
    let asked = app.last("/fallback");
    assert_eq!((asked.get("ErrorCode"), asked.get("ErrorUrl")), (Some("11200"), Some(url.as_str())));
    assert_eq!((asked.method.as_str(), alerts(&fake).await), ("GET", vec!["11200".to_owned()]));

    app.replies("/fallback", Reply::of(200, "text/xml", "no"));
    let sid = place(&fake, &[("Url", &url), ("FallbackUrl", &fallback)]).await;
    let phone = fake.pick_up(&sid).await;
    let errors = phone.errors();
    assert!(
        errors[0].starts_with("11200") && errors[1].starts_with("12100") && errors.len() == 2,
        "{errors:?}"
    );
    assert!(is_over(&phone));

    let number = format!("/IncomingPhoneNumbers/{}.json", fake.number_sid(fake.phone_number()).unwrap());
    let form = [("VoiceUrl", url.as_str()), ("VoiceFallbackUrl", &app.at("/voice"))];
    Plain::new(&fake).post(&number, &form).send().await.unwrap();
    app.says("/voice", "<Say>Still here</Say>");
    assert_eq!(fake.call_in(TO).await.said(), ["Still here"]);
}

#[tokio::test]
async fn unknown_elements_and_attributes_produce_warnings() {
    let (fake, app) = setup().await;
    app.says("/voice", "<Speak>x</Speak><Gather numdigits='1'><Record/></Gather>");
    let phone = fake.call_in(TO).await;
    let warnings = [
        "the element Speak is no verb of voice",
        "Gather has no attribute numdigits",
        "Record cannot stand in Gather",
    ];
    assert_eq!(phone.warnings(), warnings);
    assert_eq!(
        (phone.error(), alerts(&fake).await),
        (None, ["12200", "12200", "13320"].map(str::to_owned).to_vec())
    );
}

#[tokio::test]
#[should_panic(expected = "the call does not wait for this, but for Recording")]
async fn an_action_that_the_call_does_not_wait_for_panics() {
    let fake = FakeTwilio::start().await;
    let sid = place(&fake, &[("Twiml", "<Response><Record/></Response>")]).await;
    fake.pick_up(&sid).await.press("1").await;
}

#[tokio::test]
async fn debug_of_a_phone_shows_what_was_said() {
    let (fake, app) = setup().await;
    app.says("/voice", "<Say>Good morning</Say><Dial>+14155557777</Dial>");
    let phone = fake.call_in(TO).await;
    let printed = format!("{phone:?} {:?}", phone.heard());
    assert!(printed.contains("Good morning") && printed.contains("+14155557777"), "{printed}");
}
