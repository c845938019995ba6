//! The outcome of a request for each failure and each request class: the README's table, row by row.

use std::time::{Duration, Instant};

use switchboard::provider::{ApiRequest, RequestClass, SendOptions};
use switchboard::twilio::{CreateMessage, TwilioAccount, TwilioBuilder};
use switchboard::{ErrorCode, Outcome, ProviderError};
use switchboard_testing::{FakeTwilio, Fault, FaultProxy, ProxyMode};
use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::TO;

use Outcome::{Applied, NotApplied, Unknown};
use RequestClass::{Create, Read, Update};

const CLASSES: [RequestClass; 3] = [Read, Update, Create];

/// A fake that has one message to read and update, and an account whose connection to it may be disturbed.
struct Setup {
    fake: FakeTwilio,
    account: TwilioAccount,
    sid: String,
    before: u64,
}

impl Setup {
    async fn new(way: impl FnOnce(&FakeTwilio) -> TwilioBuilder) -> Self {
        let fake = FakeTwilio::start().await;
        let sid = fake.account().send_sms(TO, "an earlier message").await.unwrap().sid;
        let account = way(&fake).build().unwrap().account(&fake.credentials()).unwrap();
        let before = fake.requests();
        Self { fake, account, sid, before }
    }

    async fn direct() -> Self {
        Self::new(FakeTwilio::adapter_builder).await
    }

    async fn act(&self, class: RequestClass) -> Result<(), ProviderError> {
        match class {
            Read => self.account.messages().fetch(&self.sid).await.map(drop),
            Update => self.account.messages().redact(&self.sid).await.map(drop),
            Create => self.account.send_sms(TO, "the message under test").await.map(drop),
        }
    }

    fn requests(&self) -> u64 {
        self.fake.requests() - self.before
    }

    /// How many messages the create under test has made.
    fn made(&self) -> usize {
        self.fake.sent().len() - 1
    }
}

/// The expected result of one class: how many requests arrive, and the outcome. `None` means success.
type Expected = [(u64, Option<Outcome>); 3];

async fn faults(name: &str, fault: Fault, times: usize, expected: Expected) {
    for (class, (requests, outcome)) in CLASSES.into_iter().zip(expected) {
        let setup = Setup::direct().await;
        for _ in 0..times {
            setup.fake.fail_next(fault.clone());
        }
        let result = setup.act(class).await;
        assert_eq!(
            (setup.requests(), result.as_ref().err().map(ProviderError::outcome)),
            (requests, outcome),
            "{name}, {class:?}: {result:?}"
        );
        assert!(setup.made() <= 1, "{name}, {class:?}");
        check_retryable(name, class, &result);
    }
}

/// The error of a create is never retryable where the outcome is unknown or applied.
fn check_retryable(name: &str, class: RequestClass, result: &Result<(), ProviderError>) {
    if let Err(error) = result {
        let repeatable = error.is_retryable();
        assert!(
            !repeatable || class != Create || error.outcome() == NotApplied,
            "{name}, {class:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_429_is_repeated_by_every_class() {
    let done = [(2, None); 3];
    faults("429 then 201", Fault::too_many_requests(), 1, done).await;
    let given_up = [(3, Some(NotApplied)); 3];
    faults("429 for ever", Fault::too_many_requests(), 9, given_up).await;
}

#[tokio::test]
async fn a_retry_after_beyond_the_deadline_fails_at_once() {
    let fault = Fault::too_many_requests().retry_after(Duration::from_secs(3600));
    let begun = Instant::now();
    faults("429, an hour", fault.clone(), 9, [(1, Some(NotApplied)); 3]).await;
    assert!(begun.elapsed() < Duration::from_secs(30), "it waited for Retry-After");

    let setup = Setup::direct().await;
    setup.fake.fail_next(fault);
    let error = setup.act(Create).await.unwrap_err();
    assert_eq!((error.code(), error.provider_code()), (ErrorCode::RateLimited, Some(20429)));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_5xx_is_repeated_by_reads_and_updates_only() {
    for status in [500, 502, 503, 504] {
        let expected = [(3, Some(Unknown)), (3, Some(Unknown)), (1, Some(Unknown))];
        faults("5xx", Fault::status(status), 9, expected).await;
        let passing = [(2, None), (2, None), (1, Some(Unknown))];
        faults("5xx once", Fault::status(status), 1, passing).await;
        faults("5xx, but carried out", Fault::ServerErrorAfter { status }, 1, passing).await;
    }
}

#[tokio::test]
async fn unreadable_json_is_applied_and_is_repeated_by_no_class() {
    for fault in [Fault::MalformedJson, Fault::TruncatedJson] {
        faults("broken JSON", fault, 1, [(1, Some(Applied)); 3]).await;
    }
}

#[tokio::test]
async fn code_21619_has_an_unknown_outcome_by_the_catalogue() {
    let fault = Fault::Code { status: 400, code: 21619 };
    faults("21619", fault, 1, [(1, Some(Unknown)); 3]).await;
}

/// Runs every class through a proxy that breaks the connection in this mode.
async fn breaks(mode: ProxyMode, limits: fn(TwilioBuilder) -> TwilioBuilder, expected: Expected) {
    for (class, (requests, outcome)) in CLASSES.into_iter().zip(expected) {
        let mut proxy = None;
        let setup = Setup::new(|fake| {
            let between = proxy.insert(FaultProxy::to(fake.url()));
            between.set(mode);
            limits(fake.adapter_builder().base_url(between.url()))
        })
        .await;
        let result = setup.act(class).await;
        assert_eq!(
            (setup.requests(), result.as_ref().err().map(ProviderError::outcome)),
            (requests, outcome),
            "{mode:?}, {class:?}: {result:?}"
        );
        assert!(setup.made() <= 1, "{mode:?}, {class:?}");
        check_retryable(&format!("{mode:?}"), class, &result);
    }
}

#[tokio::test]
async fn a_missing_answer_is_unknown_and_only_creates_are_not_repeated() {
    let unknown = [(0, Some(Unknown)); 3];
    breaks(ProxyMode::Stall, |builder| builder.read_timeout(Duration::from_millis(60)), unknown).await;
    breaks(ProxyMode::Stall, |builder| builder.total_timeout(Duration::from_millis(60)), unknown).await;
    breaks(ProxyMode::ResetBefore, |builder| builder, unknown).await;
    let after = [(3, Some(Unknown)), (3, Some(Unknown)), (1, Some(Unknown))];
    breaks(ProxyMode::ResetAfter, |builder| builder, after).await;
}

#[tokio::test]
async fn an_incomplete_answer_is_applied_and_only_reads_are_repeated() {
    let cut = [(3, Some(Applied)), (1, Some(Applied)), (1, Some(Applied))];
    breaks(ProxyMode::CutAnswer { after: 0 }, |builder| builder, cut).await;
    breaks(ProxyMode::CutAnswer { after: 100 }, |builder| builder, cut).await;
}

#[tokio::test]
async fn the_sid_of_an_incomplete_answer_is_kept() {
    let mut proxy = None;
    let setup = Setup::new(|fake| {
        let between = proxy.insert(FaultProxy::to(fake.url()));
        between.set(ProxyMode::CutAnswer { after: 700 });
        fake.adapter_builder().base_url(between.url())
    })
    .await;
    let error = setup.act(Create).await.unwrap_err();
    assert_eq!(error.sid(), Some(setup.fake.sent()[1].sid.as_str()), "{error:?}");
    assert_eq!(error.provider_status(), Some(201));
}

/// Checks that without a connection the error of every class is `NotApplied` and retryable.
async fn unreachable(name: &str, way: impl Fn(&FakeTwilio) -> TwilioBuilder) {
    for class in CLASSES {
        let setup = Setup::new(&way).await;
        let error = setup.act(class).await.unwrap_err();
        assert_eq!(
            (setup.requests(), error.outcome(), error.code()),
            (0, NotApplied, ErrorCode::NetworkError),
            "{name}, {class:?}: {error:?}"
        );
        assert!(error.is_retryable(), "{name}, {class:?}: {error:?}");
        assert_eq!(setup.made(), 0);
    }
}

#[tokio::test]
async fn without_a_connection_every_class_is_not_applied() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    unreachable("refused", |fake| fake.adapter_builder().base_url(format!("http://127.0.0.1:{port}"))).await;

    unreachable("no such host", |fake| {
        fake.adapter_builder()
            .base_url("https://nobody.switchboard.invalid")
            .total_timeout(Duration::from_secs(5))
    })
    .await;

    // It accepts connections and sends nothing, so the TLS handshake never ends.
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", mute.local_addr().unwrap());
    unreachable("no handshake", |fake| {
        fake.adapter_builder().base_url(&url).connect_timeout(Duration::from_millis(60))
    })
    .await;
    unreachable("no handshake before the deadline", |fake| {
        fake.adapter_builder().base_url(&url).total_timeout(Duration::from_millis(60))
    })
    .await;
}

#[tokio::test]
async fn a_connect_time_out_of_one_send_shortens_that_of_the_adapter() {
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", mute.local_addr().unwrap());
    let setup = Setup::new(|fake| fake.adapter_builder().base_url(&url)).await;
    let options = SendOptions::new().connect_timeout(Duration::from_millis(40)).max_attempts(1);
    let begun = Instant::now();
    let message = CreateMessage::new(TO).body("x");
    let error = setup.account.messages().create_with(&message, &options).await.unwrap_err();
    assert_eq!(error.outcome(), NotApplied, "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for (class, location) in
        CLASSES.into_iter().zip(["https://evil.example/x", "/elsewhere", "http://127.0.0.1:1/"])
    {
        let server = MockServer::builder().start().await;
        let answer = ResponseTemplate::new(302).insert_header("Location", location);
        Mock::given(any()).respond_with(answer).expect(1).mount(&server).await;
        let setup = Setup::new(|fake| fake.adapter_builder().base_url(server.uri())).await;
        let error = setup.act(class).await.unwrap_err();
        assert_eq!((error.outcome(), error.code()), (NotApplied, ErrorCode::ProviderError), "{class:?}");
        assert!(!error.is_retryable());
        assert_eq!(error.to_string().contains("evil.example"), location.contains("evil"), "{error}");
    }
}

#[tokio::test]
async fn a_404_to_a_repeated_delete_is_a_success() {
    let setup = Setup::direct().await;
    setup.fake.deliver(&setup.sid);
    setup.fake.fail_next(Fault::ServerErrorAfter { status: 502 });
    setup.account.messages().delete(&setup.sid).await.unwrap();
    assert_eq!((setup.requests(), setup.fake.sent().len()), (2, 0));
    let error = setup.account.messages().delete(&setup.sid).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound, "a 404 to the first attempt of a delete is an error");
}

#[tokio::test]
async fn a_create_that_allows_duplicates_is_repeated() {
    let setup = Setup::direct().await;
    setup.fake.fail_next(Fault::ServerErrorAfter { status: 500 });
    let message = CreateMessage::new(TO).body("twice");
    let twice = SendOptions::new().allow_duplicates();
    setup.account.messages().create_with(&message, &twice).await.unwrap();
    assert_eq!((setup.requests(), setup.made()), (2, 2));
}

#[tokio::test]
async fn a_refused_repeat_after_an_unknown_attempt_stays_unknown() {
    let setup = Setup::direct().await;
    setup.fake.fail_next(Fault::ServerErrorAfter { status: 500 });
    setup.fake.fail_next(Fault::Code { status: 400, code: 21610 });
    let message = CreateMessage::new(TO).body("twice");
    let twice = SendOptions::new().allow_duplicates();
    let error = setup.account.messages().create_with(&message, &twice).await.unwrap_err();
    assert_eq!((error.outcome(), error.provider_code()), (Unknown, Some(21610)));
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_404_right_after_a_create_is_repeated_during_the_grace() {
    let setup = Setup::direct().await;
    for _ in 0..2 {
        setup.fake.fail_next(Fault::Code { status: 404, code: 20404 });
    }
    let found = setup.account.messages().fetch_new(&setup.sid, Duration::from_secs(5)).await.unwrap();
    assert_eq!((found.sid, setup.requests()), (setup.sid.clone(), 3));

    let nobody = "SM00000000000000000000000000000000";
    let begun = Instant::now();
    let error = setup.account.messages().fetch_new(nobody, Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn the_deadline_covers_all_repeats() {
    let setup = Setup::new(|fake| fake.adapter_builder().total_timeout(Duration::from_millis(300))).await;
    for _ in 0..9 {
        setup.fake.fail_next(Fault::slow(Duration::from_secs(30)));
    }
    let begun = Instant::now();
    let error = setup.act(Read).await.unwrap_err();
    assert_eq!(error.outcome(), Unknown);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn on_retry_is_called_before_every_repeat() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&seen);
    let setup = Setup::new(|fake| {
        fake.adapter_builder().on_retry(move |event| {
            log.lock().unwrap().push((event.attempt, event.error.provider_status()));
        })
    })
    .await;
    setup.fake.fail_next(Fault::too_many_requests());
    setup.fake.fail_next(Fault::too_many_requests());
    setup.act(Create).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [(1, Some(429)), (2, Some(429))]);
}

#[tokio::test]
async fn a_raw_request_has_the_same_outcomes() {
    let setup = Setup::direct().await;
    let create =
        || ApiRequest::post("/Messages.json").form([("To", TO), ("From", "+14155550100"), ("Body", "x")]);
    setup.fake.fail_next(Fault::MalformedJson);
    let error = setup.account.request(create()).await.unwrap_err();
    assert_eq!((error.outcome(), setup.requests()), (Applied, 1));
    setup.fake.fail_next(Fault::status(503));
    let error = setup.account.request(create()).await.unwrap_err();
    assert_eq!((error.outcome(), setup.requests()), (Unknown, 2));
}
