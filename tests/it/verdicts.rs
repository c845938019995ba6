//! The rarer rows of the outcome table, over HTTP, with answers that a correct server does not give.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use switchboard::provider::{
    Action, ApiRequest, BeginBy, Messenger as _, Outgoing, OutgoingCall, RequestClass, SendOptions, Timeouts,
};
use switchboard::twilio::messages::ListMessages;
use switchboard::twilio::{
    CreateMessage, MakeCall, RetryPolicy, TwilioAccount, TwilioAdapter, TwilioBuilder,
};
use switchboard::{Credentials, ErrorCode, Outcome, ProviderError, ProviderName, Reason};

use crate::raw_server::RawServer;
use crate::support::TO;

use Outcome::{NotApplied, Unknown};

const SM: &str = "SM0123456789abcdef0123456789abcdef";

fn builder(server: &RawServer) -> TwilioBuilder {
    TwilioAdapter::builder()
        .base_url(format!("http://127.0.0.1:{}", server.port))
        .retry(RetryPolicy::default().base(Duration::from_millis(1)))
}

fn open(builder: TwilioBuilder) -> TwilioAccount {
    let credentials =
        Credentials::twilio("AC0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef")
            .phone_number("+14155550100");
    builder.build().unwrap().account(&credentials).unwrap()
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length =
        if status.starts_with('1') { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    format!("HTTP/1.1 {status}\r\n{headers}{length}\r\n{body}")
}

/// The errors of a read, an update and a create that get this answer, and how many requests each sent.
async fn errors_after(answer: &str) -> [(ProviderError, u32); 3] {
    let mut errors = Vec::new();
    for class in 0..3 {
        let server = RawServer::answering(Some(answer.to_owned())).await;
        let account = open(builder(&server));
        let error = match class {
            0 => account.messages().fetch(SM).await.map(drop).unwrap_err(),
            1 => account.messages().redact(SM).await.map(drop).unwrap_err(),
            _ => account.send_sms(TO, "x").await.map(drop).unwrap_err(),
        };
        assert_eq!(error.provider(), Some(&ProviderName::of("twilio")));
        drop(account);
        errors.push((error, server.finish().await.into_values().sum()));
    }
    errors.try_into().unwrap()
}

fn rows(errors: &[(ProviderError, u32); 3]) -> [(Outcome, u32, bool); 3] {
    errors.each_ref().map(|(error, requests)| (error.outcome(), *requests, error.is_retryable()))
}

const CREATES_STOP: [(Outcome, u32, bool); 3] = [(Unknown, 3, true), (Unknown, 3, true), (Unknown, 1, false)];

#[tokio::test]
async fn switching_protocols_may_have_been_done() {
    let errors = errors_after(&answer("101 Switching", "Connection: upgrade\r\nUpgrade: x\r\n", "")).await;
    assert_eq!(rows(&errors), CREATES_STOP);
}

#[tokio::test]
async fn a_408_may_have_been_done() {
    let errors = errors_after(&answer("408 Request Timeout", "", "")).await;
    assert_eq!(rows(&errors), CREATES_STOP);
    assert_eq!((errors[2].0.code(), errors[2].0.reason()), (ErrorCode::ProviderError, Reason::Timeout));
}

#[tokio::test]
async fn a_303_to_a_create_may_have_been_done() {
    let errors =
        errors_after(&answer("303 See Other", "Location: https://elsewhere.example/x\r\n", "")).await;
    assert_eq!(rows(&errors), [(NotApplied, 1, false), (NotApplied, 1, false), (Unknown, 1, false)]);
    assert!(errors[2].0.to_string().contains("elsewhere.example"));
}

#[tokio::test]
async fn an_error_body_with_a_success_status_is_unknown() {
    let errors =
        errors_after(&answer("200 OK", "", r#"{"code": 21610, "message": "opted out", "status": 400}"#))
            .await;
    assert_eq!(rows(&errors), [(Unknown, 1, false); 3]);
    let error = &errors[2].0;
    assert_eq!((error.provider_code(), error.reason()), (Some(21610), Reason::OptedOut));
    assert_eq!((error.provider_status(), error.recipient().is_some()), (Some(200), true));
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn an_answer_that_names_another_recipient_is_a_success_with_a_warning() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let body = format!(r#"{{"sid": "{SM}", "status": "queued", "to": "+14155559999"}}"#);
    let server = RawServer::answering(Some(answer("201 Created", "", &body))).await;
    let adapter = builder(&server).build().unwrap();
    let credentials =
        Credentials::twilio("AC0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef")
            .phone_number("+14155550100");
    let account = adapter.account(&credentials).unwrap();
    let options = SendOptions::new();
    account.send_sms(TO, "x").await.unwrap();
    account.make_call(&MakeCall::say(TO, "x")).await.unwrap();
    adapter.send(&credentials, &Outgoing::text(TO, "x"), &options).await.unwrap();
    adapter.call(&credentials, &OutgoingCall::say(TO, "x"), &options).await.unwrap();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches("the answer names another recipient").count(), 4, "{log}");
    assert!(log.contains("9999") && !log.contains("5559999") && !log.contains(TO), "{log}");
}

#[tokio::test]
async fn a_retry_after_too_large_for_a_number_is_a_very_long_wait() {
    let year = "Friday, 31-Dec-60 23:59:59 GMT";
    for wait in ["99999999999999999999999", "inf", "1e999", year, "Fri Dec 31 23:59:59 2060"] {
        let server =
            RawServer::answering(Some(answer("429 X", &format!("Retry-After: {wait}\r\n"), ""))).await;
        let account = open(builder(&server));
        let error = account.send_sms(TO, "x").await.unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), (ErrorCode::RateLimited, true), "{wait}");
        assert!(error.retry_after().unwrap() > Duration::from_secs(86_400 * 365), "{wait}");
        drop(account);
        assert_eq!(server.finish().await.into_values().sum::<u32>(), 1, "{wait}");
    }
}

#[tokio::test]
async fn a_duration_max_means_no_limit_and_no_panic() {
    let server = RawServer::start().await;
    let unlimited = Timeouts::new().connect(Duration::MAX).read(Duration::MAX).total(Duration::MAX);
    let policy = RetryPolicy::default().base(Duration::MAX).cap(Duration::MAX).retry_after_cap(Duration::MAX);
    let account = open(builder(&server).timeouts(unlimited).idle_timeout(Duration::MAX).retry(policy));
    account.send_sms(TO, "1").await.unwrap();
    let options = SendOptions::new()
        .timeout(Duration::MAX)
        .connect_timeout(Duration::MAX)
        .read_timeout(Duration::MAX)
        .begin_by(BeginBy::within(Duration::MAX));
    account.messages().create_with(&CreateMessage::new(TO).body("2"), &options).await.unwrap();
    account.messages().fetch_new(SM, Duration::MAX).await.unwrap();
    drop(account);
    assert_eq!(server.finish().await.len(), 3);
}

#[tokio::test]
async fn a_send_past_its_begin_by_fails_at_once_and_the_next_one_is_sent() {
    let server = RawServer::start().await;
    let account = open(builder(&server));
    let begun = Instant::now();
    let late = SendOptions::new().begin_by(BeginBy::within(Duration::ZERO));
    let error = account.messages().create_with(&CreateMessage::new(TO).body("1"), &late).await.unwrap_err();
    assert_eq!((error.outcome(), error.is_retryable()), (NotApplied, true), "{error:?}");
    assert!(error.to_string().contains("did not begin"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    account.send_sms(TO, "2").await.unwrap();
    drop(account);
    assert_eq!(server.finish().await.into_keys().collect::<Vec<_>>(), ["2"]);
}

#[tokio::test]
async fn credentials_do_not_go_to_a_proxy_in_clear() {
    const CHILD: &str = "SWITCHBOARD_TEST_BASE_URL";
    if let Ok(base) = std::env::var(CHILD) {
        let account = open(TwilioAdapter::builder().base_url(base.clone()));
        account.send_sms(TO, "direct").await.unwrap();
        let own = TwilioAdapter::builder().base_url(base.clone()).client_builder(reqwest::Client::builder());
        open(own).send_sms(TO, "direct").await.unwrap();
        let proxy = reqwest::Proxy::http(std::env::var("http_proxy").unwrap()).unwrap();
        let asked_for = reqwest::Client::builder().proxy(proxy);
        open(TwilioAdapter::builder().base_url(base).client_builder(asked_for))
            .send_sms(TO, "proxied")
            .await
            .unwrap();
        return;
    }
    let (server, proxy) = (RawServer::start().await, RawServer::start().await);
    // All tests share the environment of this process, so the variables are set for a child process.
    let status = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "verdicts::credentials_do_not_go_to_a_proxy_in_clear"])
        .env(CHILD, format!("http://127.0.0.1:{}", server.port))
        .env("http_proxy", format!("http://127.0.0.1:{}", proxy.port))
        .env("HTTP_PROXY", format!("http://127.0.0.1:{}", proxy.port))
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .stdout(std::process::Stdio::null())
        .status()
        .await
        .unwrap();
    assert!(status.success());
    assert_eq!(server.finish().await, [("direct".to_owned(), 2)].into());
    assert_eq!(proxy.finish().await, [("proxied".to_owned(), 1)].into());
}

/// A read with an unexpected answer changed nothing; its error still has the outcome of the request, by
/// the same table as all other requests.
#[tokio::test]
async fn unexpected_answers_to_reads_have_the_outcome_of_the_table() {
    use Outcome::Applied;
    const ME: &str = "ME0123456789abcdef0123456789abcdef";

    let page = answer("200 OK", "Content-Type: application/json\r\n", r#"{"logged_in": false}"#);
    let file = answer("200 OK", "", "0123456789");
    let nowhere = answer("302 Found", "", "");
    let outside = answer("302 Found", "Location: ftp://127.0.0.1/x\r\n", "");
    for (answer, reason, outcome) in [
        (&page, Reason::UnreadableAnswer, Applied),
        (&file, Reason::MediaProblem, Applied),
        (&nowhere, Reason::UnreadableAnswer, NotApplied),
        (&outside, Reason::UnreadableAnswer, NotApplied),
    ] {
        let server = RawServer::answering(Some(answer.clone())).await;
        let account = open(builder(&server));
        let mut errors = Vec::new();
        if answer == &page {
            errors.push(account.test_connection().await.unwrap_err());
            errors.push(account.messages().list(&ListMessages::new()).next().await.unwrap().unwrap_err());
            let raw = account.request(ApiRequest::get("/Queues.json")).await.unwrap();
            errors.push(raw.json::<Vec<u8>>().unwrap_err());
        } else {
            let download = account.messages().media(SM).download_up_to(ME, 9).await;
            errors.push(download.map(drop).unwrap_err());
        }
        for error in errors {
            assert_eq!((error.reason(), error.outcome()), (reason, outcome), "{error}");
            assert!(!error.is_retryable(), "{error}");
            assert_ne!(
                error.action(),
                Action::CheckOutcome,
                "after a read there is nothing to check: {error}"
            );
            assert!(!error.to_string().contains("do not repeat"), "{error}");
        }
        drop(account);
        server.finish().await;
    }
}

/// A program that parses the answer of a raw create itself gets the same outcome as one that uses the typed methods.
#[tokio::test]
async fn a_raw_answer_that_cannot_be_parsed_has_the_outcome_of_its_request() {
    let server = RawServer::answering(Some(answer("201 Created", "", r#"{"sid": 1}"#))).await;
    let account = open(builder(&server));
    for (class, action) in [(RequestClass::Read, Action::Retry), (RequestClass::Create, Action::CheckOutcome)]
    {
        let answered = account.request(ApiRequest::post("/Queues.json").class(class)).await.unwrap();
        let error = answered.json::<Vec<u8>>().unwrap_err();
        assert_eq!((error.outcome(), error.action()), (Outcome::Applied, action), "{class:?}");
    }
    drop(account);
    server.finish().await;
}
