//! The fake Twilio over real sockets.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::Value;
use switchboard::ErrorCode;
use switchboard::twilio::SendSms;
use switchboard::twilio::webhook::sign_form;
use switchboard_testing::{FakeTwilio, Fault, FaultProxy};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Plain, Raw, TO, json};

#[tokio::test]
async fn a_text_is_accepted_recorded_and_delivered() {
    let fake = FakeTwilio::start().await;
    let client = Plain::new(&fake);
    let sid = client.sent("Your table is ready", &[]).await;
    let sent = fake.sent();
    assert_eq!((sent.len(), sent[0].sid.as_str(), sent[0].status.as_str()), (1, sid.as_str(), "queued"));
    assert_eq!((&sent[0].to, &sent[0].body), (&TO.into(), &"Your table is ready".into()));
    fake.deliver(&sid);
    let answer = client.get(&format!("/Messages/{sid}.json")).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8");
    assert!(answer.headers().contains_key("twilio-request-id"));
    assert_eq!(json(answer).await["status"], "delivered");
    assert_eq!(fake.requests(), 2);
}

#[tokio::test]
async fn concurrent_sends_each_get_their_own_sid() {
    let fake = FakeTwilio::start().await;
    let client = Plain::new(&fake);
    let texts: Vec<String> = (0..50).map(|n| format!("number {n}")).collect();
    let sids = join_all(texts.iter().map(|text| client.sent(text, &[]))).await;
    assert_eq!(sids.iter().collect::<BTreeSet<_>>().len(), 50);
    let kept: BTreeSet<_> = fake.sent().iter().map(|m| m.body.as_str().to_owned()).collect();
    assert_eq!(kept, texts.into_iter().collect());
}

#[tokio::test]
async fn status_callbacks_arrive_in_order_and_signed() {
    let receiver = MockServer::builder().start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(204)).mount(&receiver).await;
    let fake = FakeTwilio::start().await;
    let url = format!("{}/status?tenant=7", receiver.uri());
    let sid = Plain::new(&fake).sent("hi", &[("StatusCallback", &format!("{url}#rc=3"))]).await;
    fake.wait_for_callbacks().await;
    assert!(fake.callbacks().is_empty(), "the first status has no callback");

    fake.advance(Duration::from_secs(5));
    fake.wait_for_callbacks().await;
    let requests = receiver.received_requests().await.unwrap();
    let mut tokens = BTreeSet::new();
    let statuses: Vec<String> = requests
        .iter()
        .map(|request| {
            let form: Vec<(String, String)> = serde_urlencoded::from_bytes(&request.body).unwrap();
            let header = |name: &str| request.headers[name].to_str().unwrap();
            assert_eq!(header("x-twilio-signature"), sign_form(&fake.auth_token(), &url, &form));
            assert!(tokens.insert(header("i-twilio-idempotency-token").to_owned()));
            form.into_iter().find(|(key, _)| key == "MessageStatus").unwrap().1
        })
        .collect();
    assert_eq!(statuses, ["sending", "sent", "delivered"]);
    let delivered = fake.callbacks();
    assert!(
        delivered.iter().all(|d| d.status == Some(204) && d.error.is_none() && d.sid == sid && d.url == url)
    );
}

#[tokio::test]
async fn a_callback_that_cannot_be_delivered_is_reported_as_failed() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let fake = FakeTwilio::start().await;
    let client = Plain::new(&fake);
    for url in [format!("http://127.0.0.1:{port}/"), "https://127.0.0.1:1/".to_owned()] {
        let sid = client.sent("hi", &[("StatusCallback", &url)]).await;
        fake.fail(&sid, 30007);
    }
    fake.wait_for_callbacks().await;
    let callbacks = fake.callbacks();
    assert_eq!(callbacks.len(), 2);
    assert!(callbacks.iter().all(|callback| callback.status.is_none() && callback.error.is_some()));
}

#[tokio::test]
async fn with_the_real_clock_a_message_progresses_by_itself() {
    let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", receiver.local_addr().unwrap());
    let fake = FakeTwilio::builder().real_time().start().await;
    Plain::new(&fake).sent("hi", &[("StatusCallback", &url)]).await;
    let (mut stream, _) = receiver.accept().await.unwrap();
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains("MessageStatus=sending") {
        assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn faults_are_visible_over_http() {
    let fake = FakeTwilio::start().await;
    let client = Plain::new(&fake);
    fake.fail_next(Fault::status(503));
    fake.fail_next(Fault::TruncatedJson);
    fake.fail_next(Fault::slow(Duration::from_millis(30)));
    assert_eq!(client.text("a", &[]).send().await.unwrap().status(), 503);
    let cut = client.text("b", &[]).send().await.unwrap();
    assert_eq!(cut.status(), 201);
    assert!(serde_json::from_slice::<Value>(&cut.bytes().await.unwrap()).is_err());
    let begun = Instant::now();
    client.sent("c", &[]).await;
    assert!(begun.elapsed() >= Duration::from_millis(30));
    let kept: Vec<_> = fake.sent().into_iter().map(|message| message.body).collect();
    assert_eq!(kept, ["b", "c"]);
}

#[tokio::test]
async fn media_of_any_length_are_streamed() {
    const LENGTH: u64 = 50_000_000;
    let fake = FakeTwilio::start().await;
    let client = Plain::new(&fake);
    let sid = client.sent("look", &[("MediaUrl", "https://example.com/film.mp4")]).await;
    let media = fake.media(&sid).remove(0);
    fake.set_media_length(&media, "video/mp4", LENGTH);
    let answer = client.get(&format!("/Messages/{sid}/Media/{media}")).send().await.unwrap();
    assert_eq!(answer.status(), 307);
    let target = answer.headers()["location"].to_str().unwrap();
    let mut stored = reqwest::get(target).await.unwrap();
    assert_eq!((stored.status().as_u16(), stored.content_length()), (200, Some(LENGTH)));
    let mut length = 0;
    while let Some(chunk) = stored.chunk().await.unwrap() {
        length += chunk.len() as u64;
    }
    assert_eq!(length, LENGTH);
}

#[tokio::test]
async fn connections_are_counted_and_idle_ones_are_closed() {
    let idle = Some(Duration::from_millis(50));
    let fake = FakeTwilio::builder().idle_timeout(idle).start().await;
    let mut connection = Raw::open(&fake.url()).await;
    assert!(connection.exchange().await.starts_with("HTTP/1.1 401"));
    connection.closed().await;
    assert_eq!((fake.connections(), fake.requests()), (1, 1));
}

#[tokio::test]
async fn a_dropped_fake_no_longer_answers() {
    let fake = FakeTwilio::start().await;
    let mut connection = Raw::open(&fake.url()).await;
    connection.exchange().await;
    drop(fake);
    connection.closed().await;
}

#[test]
fn the_handles_can_be_shared_between_tasks() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<FakeTwilio>();
    shared::<FaultProxy>();
}

#[tokio::test]
async fn a_port_in_use_is_an_error_and_no_panic() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let first = FakeTwilio::builder().port(taken).try_start().await.unwrap();
    let error = FakeTwilio::builder().port(taken).try_start().await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&format!("port {taken}")), "{error}");
    drop(first);
    for sid in ["AC1", "SM00000000000000000000000000000001"] {
        let error = FakeTwilio::builder().account(sid, "token").try_start().await.unwrap_err();
        assert!(error.to_string().contains(sid), "{error}");
    }
}

#[tokio::test]
async fn one_fake_refuses_the_credentials_of_another() {
    let [one, other] = [FakeTwilio::start().await, FakeTwilio::start().await];
    assert_ne!((one.account_sid(), one.auth_token()), (other.account_sid(), other.auth_token()));
    let stranger = other.adapter().account(&one.credentials()).unwrap();
    let error = stranger.send_sms(TO, "Is anybody there?").await.unwrap_err();
    assert_eq!((error.code(), other.sent().len()), (ErrorCode::Unauthorized, 0));
    let again = FakeTwilio::builder().seed(40_000);
    let [one, other] = [again.clone().start().await, again.start().await];
    assert_eq!((one.account_sid(), one.api_key()), (other.account_sid(), other.api_key()));
}

#[tokio::test]
async fn accounts_of_one_fake_are_isolated() {
    let token = "0123456789abcdef0123456789abcdef";
    let [one, other] = ["AC00000000000000000000000000000001", "AC00000000000000000000000000000002"];
    let fake = FakeTwilio::builder().account(one, token).account(other, token).start().await;
    let theirs = fake.for_account(other);
    let adapter = fake.adapter();
    for tenant in [&fake, &theirs] {
        let sms = SendSms::new(TO, format!("from {}", tenant.account_sid()));
        adapter.send_sms(&tenant.credentials(), &sms).await.unwrap();
        let body = format!("from {}", tenant.account_sid());
        assert_eq!(tenant.sent().into_iter().map(|message| message.body).collect::<Vec<_>>(), [body]);
    }
    assert_ne!(fake.phone_number(), theirs.phone_number());
    let sid = theirs.sent()[0].sid.clone();
    assert_eq!(fake.account().messages().fetch(&sid).await.unwrap_err().code(), ErrorCode::NotFound);
    theirs.deliver(&sid);
    assert_eq!((fake.sent()[0].status.as_str(), theirs.sent()[0].status.as_str()), ("queued", "delivered"));
}

#[tokio::test]
async fn a_subaccount_texts_with_its_own_token() {
    let fake = FakeTwilio::start().await;
    let made = fake.account().subaccounts().create("Shop").await.unwrap();
    let shop = fake.for_account(&made.sid);
    shop.own_number("+14155550177");
    let shop = shop.for_account(&shop.account_sid());
    assert_eq!(
        (shop.phone_number(), shop.auth_token().as_str()),
        ("+14155550177", made.auth_token.unwrap().expose())
    );
    shop.account().send_sms(TO, "Your order is here").await.unwrap();
    assert_eq!((shop.sent()[0].body.as_str(), fake.sent().len()), ("Your order is here", 0));
}

#[tokio::test]
async fn a_failed_assertion_shows_the_text() {
    let fake = FakeTwilio::start().await;
    Plain::new(&fake).sent("Your table is ready", &[]).await;
    let body = fake.sent()[0].body.clone();
    let wrong = std::panic::catch_unwind(|| assert_eq!(body, "Your taxi is here"));
    let message = *wrong.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("Your table is ready") && message.contains("Your taxi is here"), "{message}");
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let fake = FakeTwilio::start().await;
    let shown = format!("{fake:?}");
    assert!(shown.contains(&fake.url()));
    assert!(!shown.contains(&fake.auth_token()) && !shown.contains(&fake.api_key().1));
}

#[tokio::test]
#[should_panic(expected = "the fake has no message SM1")]
async fn delivering_an_unknown_message_panics() {
    FakeTwilio::start().await.deliver("SM1");
}
