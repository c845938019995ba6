//! The fake's other products over real sockets, and the test methods that set up their state.

use std::time::Duration;

use switchboard_testing::FakeTwilio;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Plain, TO, json};

#[tokio::test]
async fn a_long_recording_streams_with_its_length() {
    const LENGTH: usize = 20 << 20;
    let fake = FakeTwilio::start().await;
    let client = Plain::new(&fake);
    let form = [("To", TO), ("From", fake.phone_number()), ("Twiml", "<Response/>")];
    let call = json(client.post("/Calls.json", &form).send().await.unwrap()).await;
    let sid = fake.add_recording(call["sid"].as_str().unwrap());
    fake.set_recording_length(&sid, LENGTH as u64);
    let mut answer = client.get(&format!("/Recordings/{sid}.wav")).send().await.unwrap();
    assert_eq!(answer.content_length(), Some(LENGTH as u64));
    let mut received = 0;
    while let Some(chunk) = answer.chunk().await.unwrap() {
        received += chunk.len();
    }
    assert_eq!(received, LENGTH);
    assert!(fake.add_transcription(&sid, "hello").starts_with("TR"));
}

#[tokio::test]
async fn a_failed_callback_creates_an_alert() {
    let receiver = MockServer::builder().start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(500)).mount(&receiver).await;
    let fake = FakeTwilio::start().await;
    let sid = Plain::new(&fake).sent("hi", &[("StatusCallback", &receiver.uri())]).await;
    fake.advance(Duration::from_secs(1));
    fake.wait_for_callbacks().await;
    let client = Plain::new(&fake);
    let alerts = json(client.product("/v1/Alerts?LogLevel=error").send().await.unwrap()).await;
    let alert = &alerts["alerts"][0];
    assert_eq!((&alert["error_code"], &alert["resource_sid"]), (&"11200".into(), &sid.as_str().into()));
    assert_eq!(alerts["alerts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn state_that_a_test_sets_is_returned_over_the_api() {
    let fake = FakeTwilio::start().await;
    let client = Plain::new(&fake);
    let number = "+14155550123";
    assert_eq!(fake.number_sid(number), None);
    fake.own_number(number);
    let path = format!("/IncomingPhoneNumbers/{}.json", fake.number_sid(number).unwrap());
    assert_eq!(json(client.get(&path).send().await.unwrap()).await["phone_number"], number);

    fake.set_lookup(number, serde_json::json!({ "line_status": { "status": "inactive" } }));
    let path = format!("/v2/PhoneNumbers/{number}?Fields=line_status");
    assert_eq!(json(client.product(&path).send().await.unwrap()).await["line_status"]["status"], "inactive");

    let alert = format!("/v1/Alerts/{}", fake.add_alert(30007));
    assert_eq!(json(client.product(&alert).send().await.unwrap()).await["error_code"], "30007");
}
