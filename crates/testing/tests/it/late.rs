//! Requests that are not answered, or answered with an error, and carried out all the same, over HTTP.

use std::time::Duration;

use switchboard::Outcome;
use switchboard::provider::{ApiRequest, ProviderError};
use switchboard::twilio::CreateMessage;
use switchboard::twilio::messages::ListMessages;
use switchboard_testing::{FakeTwilio, Fault};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const TO: &str = "+14155551234";
const WAIT: Duration = Duration::from_secs(120);

async fn send(fake: &FakeTwilio, fault: Fault) -> ProviderError {
    fake.fail_next(fault);
    fake.account().send_sms(TO, "Hello").await.unwrap_err()
}

#[tokio::test]
async fn a_late_message_is_in_no_list_before_its_time() {
    for fault in [Fault::status_late(503, WAIT), Fault::cut_late(WAIT)] {
        let fake = FakeTwilio::start().await;
        assert_eq!(send(&fake, fault).await.outcome(), Outcome::Unknown);
        let list = async || {
            let mut pages = fake.account().messages().list(&ListMessages::new().to(TO));
            pages.next_page().await.unwrap().unwrap().items.len()
        };
        fake.advance(WAIT - Duration::from_secs(1));
        assert_eq!((list().await, fake.sent().len()), (0, 0));
        fake.advance(Duration::from_secs(1));
        assert_eq!((list().await, fake.sent().len()), (1, 1));
        assert_eq!(fake.sent()[0].status, "queued");
    }
}

#[tokio::test]
async fn a_closed_connection_is_an_unknown_outcome_carried_out_or_not() {
    for (fault, stored) in [(Fault::cut(), 0), (Fault::cut_after(), 1)] {
        let fake = FakeTwilio::start().await;
        assert_eq!(send(&fake, fault).await.outcome(), Outcome::Unknown);
        assert_eq!(fake.sent().len(), stored);
        fake.account().send_sms(TO, "Hello again").await.unwrap();
    }
}

#[tokio::test]
async fn a_late_message_calls_back_at_the_url_that_was_given() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/status?ref=s1.7", listener.local_addr().unwrap());
    let requests = tokio::spawn(async move {
        let mut lines = Vec::new();
        for _ in 0..3 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 8192];
            let length = stream.read(&mut bytes).await.unwrap();
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            lines.push(text.lines().next().unwrap_or_default().to_owned());
            let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
            stream.write_all(answer).await.unwrap();
        }
        lines
    });
    let fake = FakeTwilio::start().await;
    fake.fail_next(Fault::status_late(503, WAIT));
    let message = CreateMessage::new(TO).body("Hello").status_callback(url.as_str());
    fake.account().send(&message).await.unwrap_err();
    fake.advance(WAIT * 2);
    assert_eq!(requests.await.unwrap(), ["POST /status?ref=s1.7 HTTP/1.1"; 3]);
    fake.wait_for_callbacks().await;
    let events: Vec<_> = fake.callbacks().into_iter().map(|callback| callback.event).collect();
    assert_eq!(events, ["sending", "sent", "delivered"]);
    assert_eq!(fake.sent()[0].status_callback.as_deref(), Some(url.as_str()));
}

#[tokio::test]
async fn answers_have_the_date_of_the_fakes_clock() {
    let fake = FakeTwilio::builder().starting_at("2026-01-05T09:00:00Z".parse().unwrap()).start().await;
    fake.advance(Duration::from_secs(3600));
    let answer = fake.account().request(ApiRequest::get("/2010-04-01/Accounts.json")).await.unwrap();
    assert_eq!(answer.headers()["date"], "Mon, 05 Jan 2026 10:00:00 GMT");
}
