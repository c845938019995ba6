//! Random answers never cause a panic or lose the status, and reports in any order give the same status.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;
use switchboard::Outcome;
use switchboard::twilio::{CallStatus, MessageStatus};
use switchboard_testing::FakeTwilio;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::TO;

/// Answers every request with these bytes and closes.
async fn answering(answer: Arc<[u8]>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut request = Vec::new();
                // The form in these tests is small enough to arrive in one read, together with the head.
                while !request.windows(4).any(|w| w == b"\r\n\r\n") {
                    if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    url
}

fn http(status: u16, body: &[u8]) -> Arc<[u8]> {
    let mut answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer.into()
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        ".{0,200}".prop_map(String::into_bytes),
        Just(b"<html><body>502 Bad Gateway</body></html>".to_vec()),
        (any::<i64>(), ".{0,40}").prop_map(|(code, message)| {
            serde_json::json!({"code": code, "message": message, "status": "?"}).to_string().into_bytes()
        }),
        ".{0,40}".prop_map(|text| serde_json::json!({"code": text, "sid": [text]}).to_string().into_bytes()),
    ]
}

/// A code, a message and no SID.
fn is_failure(body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body["code"].is_i64() && body["message"].is_string() && body.get("sid").is_none()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_with_any_status_keep_the_status(status in 200_u16..=599, body in body()) {
        // 204 and 304 have no body by definition.
        prop_assume!(status != 204 && status != 304);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (error, is_object) = runtime.block_on(async {
            let fake = FakeTwilio::start().await;
            let url = answering(http(status, &body)).await;
            let account = fake.adapter_builder().base_url(url).build().unwrap().account(&fake.credentials()).unwrap();
            let is_object = serde_json::from_slice::<serde_json::Map<String, Value>>(&body).is_ok();
            (account.send_sms(TO, "x").await.err(), is_object)
        });
        match error {
            None => prop_assert!(status < 300 && is_object),
            Some(error) => {
                prop_assert_eq!(error.provider_status(), Some(status));
                let expected = match status {
                    200..=299 if is_failure(&body) => Outcome::Unknown,
                    200..=299 => Outcome::Applied,
                    303 | 408 => Outcome::Unknown,
                    500..=599 => Outcome::Unknown,
                    _ if error.provider_code() == Some(21619) => Outcome::Unknown,
                    _ => Outcome::NotApplied,
                };
                prop_assert_eq!(error.outcome(), expected);
            }
        }
    }

    #[test]
    fn random_bytes_never_cause_a_panic(answer in proptest::collection::vec(any::<u8>(), 0..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fake = FakeTwilio::start().await;
            let url = answering(answer.into()).await;
            let account = fake.adapter_builder().base_url(url).build().unwrap().account(&fake.credentials()).unwrap();
            account.send_sms(TO, "x").await.unwrap_err();
        });
    }
}

#[tokio::test]
async fn of_a_very_large_error_body_only_a_part_is_read() {
    let fake = FakeTwilio::start().await;
    let endless: Arc<[u8]> = [b"HTTP/1.1 502 X\r\n\r\n".to_vec(), vec![b'x'; 10 << 20]].concat().into();
    let silent: Arc<[u8]> = b"HTTP/1.1 502 X\r\nContent-Length: 10485760\r\n\r\n<html>".to_vec().into();
    for answer in [http(502, &vec![b'x'; 10 << 20]), endless, silent] {
        let account = fake.adapter_builder().base_url(answering(answer).await);
        let account = account.max_idle_connections(0).build().unwrap().account(&fake.credentials()).unwrap();
        let error = account.send_sms(TO, "x").await.unwrap_err();
        assert_eq!((error.provider_status(), error.outcome()), (Some(502), Outcome::Unknown));
    }
}

/// Valid sequences of statuses of an outgoing message.
const HISTORIES: &[&[&str]] = &[
    &["queued", "sending", "sent", "delivered"],
    &["accepted", "queued", "sending", "sent", "undelivered"],
    &["scheduled", "accepted", "queued", "sending", "sent", "delivered", "read"],
    &["scheduled", "canceled"],
    &["queued", "failed"],
    &["accepted", "queued", "sending", "sent"],
    &["receiving", "received"],
    &["queued", "brand-new-word", "sent", "delivered"],
];

const CALLS: &[&[&str]] = &[
    &["queued", "initiated", "ringing", "in-progress", "completed"],
    &["queued", "ringing", "no-answer"],
    &["queued", "initiated", "busy"],
    &["queued", "canceled"],
];

fn shuffled(
    histories: &'static [&'static [&'static str]],
) -> impl Strategy<Value = (&'static str, Vec<&'static str>)> {
    let pick = (0..histories.len(), proptest::collection::vec(any::<prop::sample::Index>(), 0..6));
    pick.prop_flat_map(move |(n, repeats)| {
        let history = histories[n];
        let mut reports = history.to_vec();
        reports.extend(repeats.iter().map(|index| *index.get(history)));
        (Just(*history.last().unwrap()), Just(reports).prop_shuffle())
    })
}

proptest! {
    #[test]
    fn message_reports_in_any_order_give_one_status((end, reports) in shuffled(HISTORIES)) {
        let folded = MessageStatus::fold_all(reports.into_iter().map(MessageStatus::from));
        prop_assert_eq!(folded, Some(MessageStatus::from(end)));
    }

    #[test]
    fn call_reports_in_any_order_give_one_status((end, reports) in shuffled(CALLS)) {
        let folded = CallStatus::fold_all(reports.into_iter().map(CallStatus::from));
        prop_assert_eq!(folded, Some(CallStatus::from(end)));
    }

    #[test]
    fn any_two_orders_of_any_statuses_give_the_same_result(words in proptest::collection::vec("[a-z-]{0,12}|queued|sent|delivered|failed|read", 1..8)) {
        let fold = |words: &mut dyn Iterator<Item = &String>| {
            MessageStatus::fold_all(words.map(|word| MessageStatus::from(word.as_str())))
        };
        prop_assert_eq!(fold(&mut words.iter()), fold(&mut words.iter().rev()));
    }
}
