//! Status callbacks that are early or lost, and messages that no list shows.

use std::time::Duration;

use switchboard::twilio::CreateMessage;
use switchboard::twilio::messages::ListMessages;
use switchboard_testing::{FakeEngine, FakeTwilio, Fault};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const TO: &str = "+14155551234";

/// A server that reports each request, and answers it when the test says so.
async fn server() -> (String, mpsc::UnboundedReceiver<String>, mpsc::UnboundedSender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/status", listener.local_addr().unwrap());
    let (arrived, requests) = mpsc::unbounded_channel();
    let (go, mut may_answer) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 8192];
            let length = stream.read(&mut bytes).await.unwrap();
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            if arrived.send(text).is_err() || may_answer.recv().await.is_none() {
                return;
            }
            stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await.unwrap();
        }
    });
    (url, requests, go)
}

#[tokio::test]
async fn an_early_callback_is_delivered_before_the_request_is_answered() {
    let (url, mut requests, go) = server().await;
    let fake = FakeTwilio::start().await;
    fake.call_back_early(true);
    for fault in [None, Some(Fault::status_after(503))] {
        let is_fault = fault.is_some();
        fault.into_iter().for_each(|fault| fake.fail_next(fault));
        let message = CreateMessage::new(TO).body("Hello").status_callback(url.as_str());
        let account = fake.account();
        let sending = tokio::spawn(async move { account.send(&message).await });
        let request = requests.recv().await.unwrap();
        assert!(request.contains("MessageStatus=sending"), "{request}");
        assert!(!sending.is_finished(), "the answer waits for the callback");
        go.send(()).unwrap();
        assert_eq!(sending.await.unwrap().is_err(), is_fault);
    }
    fake.call_back_early(false);
    let message = CreateMessage::new(TO).body("Hello").status_callback(url.as_str());
    assert_eq!(fake.account().send(&message).await.unwrap().status.as_str(), "queued");
}

#[tokio::test]
async fn lost_callbacks_are_not_sent_and_others_are() {
    let lost = async || {
        let fake = FakeTwilio::start().await;
        fake.lose_callbacks(40);
        // Nothing listens there, so each callback that is sent fails, and is listed.
        let message = CreateMessage::new(TO).body("Hello").status_callback("http://127.0.0.1:9/");
        for _ in 0..50 {
            fake.account().send(&message).await.unwrap();
        }
        fake.advance(Duration::from_secs(10));
        fake.wait_for_callbacks().await;
        150 - fake.callbacks().len()
    };
    let (one, two) = (lost().await, lost().await);
    assert_eq!(one, two, "the same ones in every run");
    assert!((40..80).contains(&one), "{one} of 150");
}

#[tokio::test]
async fn a_hidden_message_is_in_no_list_and_is_found_by_its_sid() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let mut sids = Vec::new();
    for body in ["one", "two", "three"] {
        sids.push(account.send_sms(TO, body).await.unwrap().sid);
    }
    fake.hide_from_lists(&sids[1]);
    fake.advance(Duration::from_secs(3600));
    let page = account.messages().list(&ListMessages::new().to(TO)).next_page().await.unwrap().unwrap();
    let listed: Vec<_> = page.items.iter().map(|message| message.sid.as_str()).collect();
    assert_eq!(listed, [sids[2].as_str(), sids[0].as_str()]);
    assert_eq!(account.messages().fetch(&sids[1]).await.unwrap().sid, sids[1]);
}

#[test]
fn the_engine_hides_messages_too() {
    let mut engine = FakeEngine::new(1, "2026-01-05T09:00:00Z".parse().unwrap());
    let path = format!("/2010-04-01/Accounts/{}/Messages.json", engine.account_sid());
    let from = engine.phone_number().to_owned();
    let reply = engine.post(&path, &[("To", TO), ("From", &from), ("Body", "Hello")]).unwrap();
    let sid = reply.json()["sid"].as_str().unwrap().to_owned();
    assert_eq!(engine.get(&path).unwrap().json()["messages"].as_array().unwrap().len(), 1);
    assert!(engine.hide_from_lists(&sid));
    assert_eq!(engine.get(&path).unwrap().json()["messages"].as_array().unwrap().len(), 0);
    assert!(!engine.hide_from_lists("SM0"));
}
