//! The webhook router over real sockets: wrong signatures, repeated deliveries, slow and failing handlers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use switchboard::provider::Evidence;
use switchboard::secret::Secret;
use switchboard::twilio::twiml::{MessagingResponse, VoiceResponse};
use switchboard::twilio::webhook::{
    AckThen, Event, GatherResult, InboundMessage, MessageStatusUpdate, Params, TenantVerifier, TwilioWebhook,
    Verifier, WebhookEvidence, Webhooks, ack_then, hashed_url, sign_form,
};
use tokio::sync::Notify;

pub(crate) const TOKEN: &str = "12345";

/// The state that the handlers of a test share.
#[derive(Clone, Default)]
pub(crate) struct Counted {
    runs: Arc<AtomicUsize>,
    gate: Arc<Notify>,
}

impl Counted {
    pub(crate) fn run(&self) -> usize {
        self.runs.fetch_add(1, Ordering::SeqCst)
    }

    pub(crate) fn gate(&self) -> &Notify {
        &self.gate
    }

    pub(crate) fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }
}

/// A real server and a client that signs requests as Twilio does.
pub(crate) struct Site {
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
}

impl Site {
    pub(crate) async fn start(app: impl FnOnce(Verifier) -> Router) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = app(Verifier::new(TOKEN).public_url(&url));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { url, http: http.build().unwrap() }
    }

    pub(crate) fn signed(&self, path: &str, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.url);
        let signature = Verifier::new(TOKEN).sign_form(&url, form);
        self.http.post(url).form(form).header("X-Twilio-Signature", signature)
    }

    pub(crate) async fn send(&self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        answer_to(self.signed(path, form)).await
    }

    async fn repeated(&self, path: &str, form: &[(&str, &str)], token: &str) -> (u16, String) {
        answer_to(self.signed(path, form).header("I-Twilio-Idempotency-Token", token)).await
    }
}

pub(crate) async fn answer_to(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

pub(crate) fn hooks(verifier: Verifier) -> Webhooks {
    Webhooks::new(verifier)
}

pub(crate) const SMS: &[(&str, &str)] =
    &[("MessageSid", "SM1"), ("From", "+14155551234"), ("To", "+14155550100"), ("Body", "Hi ñ")];
const GATHER: &[(&str, &str)] = &[("CallSid", "CA1"), ("CallStatus", "in-progress"), ("Digits", "1")];

fn status<'a>(sid: &'a str, status: &'a str) -> [(&'a str, &'a str); 3] {
    [("MessageSid", sid), ("MessageStatus", status), ("To", "+14155551234")]
}

#[tokio::test]
async fn signed_requests_reach_the_handler_and_others_get_an_empty_403() {
    async fn sms(TwilioWebhook(message): TwilioWebhook<InboundMessage>) -> MessagingResponse {
        message.reply(format!("You said {}", message.body.as_ref().unwrap().as_str()))
    }
    let site = Site::start(|verifier| {
        let inner = Router::new().route("/sms", post(sms));
        hooks(verifier).protect(Router::new().nest("/in", inner))
    })
    .await;
    let (status, body) = site.send("/in/sms?tenant=a%20b", SMS).await;
    assert_eq!(status, 200);
    assert!(body.contains("You said Hi ñ"), "{body}");
    let answer = site.signed("/in/sms", SMS).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/xml; charset=utf-8");

    let forged = site.signed("/in/sms", SMS).form(&[("MessageSid", "SM1"), ("Body", "evil")]);
    assert_eq!(answer_to(forged).await, (403, String::new()));
    let elsewhere = site.http.post(format!("{}/in/sms", site.url)).form(SMS);
    assert_eq!(answer_to(elsewhere).await, (403, String::new()));
    // A request without a signature does not reveal which routes exist.
    assert_eq!(answer_to(site.http.get(format!("{}/nowhere", site.url))).await, (403, String::new()));
    assert_eq!(site.send("/nowhere", SMS).await.0, 404);
}

#[tokio::test]
async fn gets_json_and_large_bodies() {
    async fn any(TwilioWebhook(event): TwilioWebhook<Event>) -> String {
        format!("{:?}", event.into_inner()).split('(').next().unwrap().to_owned()
    }
    let site = Site::start(|verifier| {
        let posts = hooks(verifier.clone()).body_limit(1000).router(any);
        let both = hooks(verifier).allow_get().router(any);
        Router::new().nest("/twilio", both).nest("/posts", posts)
    })
    .await;
    let url = format!("{}/twilio/voice?CallSid=CA1&CallStatus=ringing&Direction=inbound&From=%2B1", site.url);
    let signature = Verifier::new(TOKEN).sign_form::<&str, &str>(&url, &[]);
    let asked = site.http.get(&url).header("X-Twilio-Signature", signature);
    assert_eq!(answer_to(asked).await, (200, "InboundCall".to_owned()));
    let url = url.replace("/twilio/", "/posts/");
    let signature = Verifier::new(TOKEN).sign_form::<&str, &str>(&url, &[]);
    assert_eq!(answer_to(site.http.get(&url).header("X-Twilio-Signature", signature)).await.0, 405);

    let body = r#"{"a": 1}"#;
    let url = hashed_url(&format!("{}/twilio", site.url), body.as_bytes());
    let signed = Verifier::new(TOKEN).sign_body(&url, body.as_bytes());
    let json = |body: &'static str| {
        site.http
            .post(&url)
            .header("Content-Type", "application/json")
            .body(body)
            .header("X-Twilio-Signature", &signed)
    };
    assert_eq!(answer_to(json(body)).await.0, 200);
    assert_eq!(answer_to(json(r#"{"a": 2}"#)).await.0, 403);

    let long = "x".repeat(1000);
    assert_eq!(site.send("/posts/sms", &[("MessageSid", "SM1"), ("Body", &long)]).await.0, 413);
}

#[tokio::test]
async fn fifty_concurrent_deliveries_run_the_handler_once_and_get_its_answer() {
    async fn gather(
        State(counted): State<Counted>,
        TwilioWebhook(_): TwilioWebhook<GatherResult>,
    ) -> VoiceResponse {
        counted.run();
        counted.gate.notified().await;
        VoiceResponse::new().say("Thank you")
    }
    let counted = Counted::default();
    let site = Site::start(|verifier| {
        hooks(verifier).protect(Router::new().route("/menu", post(gather))).with_state(counted.clone())
    })
    .await;
    let site = Arc::new(site);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let site = Arc::clone(&site);
        tasks.spawn(async move { site.repeated("/menu", GATHER, "t1").await });
    }
    while counted.runs() == 0 {
        tokio::task::yield_now().await;
    }
    counted.gate.notify_one();
    for (status, body) in tasks.join_all().await {
        assert_eq!(status, 200);
        assert!(body.contains("<Say>Thank you</Say>"), "{body}");
    }
    assert_eq!(counted.runs(), 1);
    // The same key, pressed once more, is another delivery.
    counted.gate.notify_one();
    assert_eq!(site.repeated("/menu", GATHER, "t2").await.0, 200);
    assert_eq!(counted.runs(), 2);
}

#[tokio::test]
async fn status_updates_are_identified_by_sid_and_status() {
    async fn update(State(counted): State<Counted>, TwilioWebhook(_): TwilioWebhook<MessageStatusUpdate>) {
        counted.run();
    }
    let counted = Counted::default();
    let site = Site::start(|verifier| {
        hooks(verifier).protect(Router::new().route("/status", post(update))).with_state(counted.clone())
    })
    .await;
    for (sid, word, runs) in [
        ("SM1", "sent", 1),
        ("SM1", "delivered", 2),
        ("SM1", "sent", 2),
        ("SM2", "sent", 3),
        ("SM1", "delivered", 3),
    ] {
        // The idempotency header is not signed, so it does not count.
        assert_eq!(site.repeated("/status", &status(sid, word), &format!("t{runs}{word}")).await.0, 200);
        assert_eq!(counted.runs(), runs, "{sid} {word}");
    }
}

#[tokio::test]
async fn one_tenant_cannot_use_up_the_deliveries_of_another() {
    async fn update(State(counted): State<Counted>, TwilioWebhook(_): TwilioWebhook<MessageStatusUpdate>) {
        counted.run();
    }
    let counted = Counted::default();
    let tokens = [("AC1", "one"), ("AC2", "two")];
    let source: HashMap<_, _> =
        tokens.map(|(account, token)| (account.to_owned(), vec![Secret::new(token)])).into();
    let site = Site::start(|_| {
        Webhooks::new(TenantVerifier::new(source).public_url("https://example.com"))
            .protect(Router::new().route("/status", post(update)))
            .with_state(counted.clone())
    })
    .await;
    for (account, token) in tokens {
        let form = [("AccountSid", account), ("MessageSid", "SM2"), ("MessageStatus", "delivered")];
        let signature = sign_form(token, "https://example.com/status", &form);
        let request = site
            .http
            .post(format!("{}/status", site.url))
            .form(&form)
            .header("X-Twilio-Signature", signature);
        assert_eq!(answer_to(request).await.0, 200);
    }
    assert_eq!(counted.runs(), 2);
}

#[tokio::test]
async fn a_delivery_whose_handler_failed_is_handled_when_it_is_repeated() {
    async fn fickle(
        State(counted): State<Counted>,
        TwilioWebhook(_): TwilioWebhook<InboundMessage>,
    ) -> Response {
        match counted.run() {
            0 => panic!("planted panic"),
            1 => axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            2 => axum::http::StatusCode::CONFLICT.into_response(),
            _ => ([("set-cookie", "seen=1")], Redirect::to("/next")).into_response(),
        }
    }
    let counted = Counted::default();
    let site = Site::start(|verifier| {
        hooks(verifier).protect(Router::new().route("/sms", post(fickle))).with_state(counted.clone())
    })
    .await;
    for expected in [500, 500, 409, 303, 303] {
        assert_eq!(site.send("/sms", SMS).await.0, expected);
    }
    let repeated = site.signed("/sms", SMS).send().await.unwrap();
    assert_eq!(
        (&repeated.headers()["location"], &repeated.headers()["set-cookie"]),
        (&"/next".parse().unwrap(), &"seen=1".parse().unwrap())
    );
    assert_eq!(counted.runs(), 4);
}

#[tokio::test]
async fn a_slow_handler_continues_after_twilio_was_answered() {
    async fn slow(
        State(counted): State<Counted>,
        TwilioWebhook(_): TwilioWebhook<InboundMessage>,
    ) -> &'static str {
        counted.gate.notified().await;
        counted.run();
        "late"
    }
    async fn ack(
        State(counted): State<Counted>,
        TwilioWebhook(_): TwilioWebhook<InboundMessage>,
    ) -> AckThen<&'static str> {
        ack_then("at once", async move {
            counted.gate.notified().await;
            counted.run();
        })
    }
    let counted = Counted::default();
    let site = Site::start(|verifier| {
        let routes = Router::new().route("/slow", post(slow)).route("/ack", post(ack));
        hooks(verifier).answer_within(Duration::from_millis(50)).protect(routes).with_state(counted.clone())
    })
    .await;
    let (status, body) = site.send("/slow", SMS).await;
    assert_eq!((status, body.ends_with("<Response/>")), (200, true));
    // A repeated delivery waits as long as the first. Its handler does not run, and it is not told to be handled, because
    // nobody knows whether the first one will finish.
    assert_eq!(site.send("/slow", SMS).await, (503, String::new()));
    assert_eq!(counted.runs(), 0);
    counted.gate.notify_one();
    while site.send("/slow", SMS).await != (200, "late".to_owned()) {}
    assert_eq!(counted.runs(), 1);

    assert_eq!(site.send("/ack", SMS).await, (200, "at once".to_owned()));
    counted.gate.notify_one();
    while counted.runs() == 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_handler_continues_when_twilio_closes_the_connection() {
    async fn slow(State(counted): State<Counted>, TwilioWebhook(_): TwilioWebhook<InboundMessage>) {
        counted.run();
        counted.gate.notified().await;
        counted.run();
    }
    let counted = Counted::default();
    let site = Site::start(|verifier| {
        hooks(verifier).protect(Router::new().route("/sms", post(slow))).with_state(counted.clone())
    })
    .await;
    let request = tokio::spawn(site.signed("/sms", SMS).send());
    while counted.runs() == 0 {
        tokio::task::yield_now().await;
    }
    request.abort();
    assert!(request.await.is_err());
    counted.gate.notify_one();
    while counted.runs() == 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(site.send("/sms", SMS).await.0, 200);
    assert_eq!(counted.runs(), 2);
}

#[tokio::test]
async fn wrong_event_types_and_unprotected_routes_are_reported_in_the_log_only() {
    async fn sms(TwilioWebhook(_): TwilioWebhook<InboundMessage>) {}
    let site = Site::start(|verifier| {
        let bare = Router::new().route("/bare", post(sms)).route("/plain", get(|| async {}));
        hooks(verifier).protect(Router::new().route("/sms", post(sms))).merge(bare)
    })
    .await;
    assert_eq!(site.send("/sms", GATHER).await, (422, String::new()));
    assert_eq!(site.send("/bare", SMS).await, (500, String::new()));
    assert_eq!(answer_to(site.http.get(format!("{}/plain", site.url))).await.0, 200);
}

#[tokio::test]
async fn the_query_carries_state_that_was_signed() {
    #[derive(serde::Deserialize)]
    struct Step {
        attempt: u32,
    }
    async fn menu(TwilioWebhook(keys): TwilioWebhook<GatherResult>, Query(step): Query<Step>) -> String {
        format!("{} at attempt {}", keys.digits().unwrap_or("none"), step.attempt)
    }
    let site =
        Site::start(|verifier| hooks(verifier).protect(Router::new().route("/menu", post(menu)))).await;
    assert_eq!(site.send("/menu?attempt=2", GATHER).await.1, "1 at attempt 2");
}

#[tokio::test]
async fn ack_then_does_not_start_its_work_if_the_answer_is_an_error() {
    async fn long(
        State(counted): State<Counted>,
        TwilioWebhook(message): TwilioWebhook<InboundMessage>,
    ) -> AckThen<MessagingResponse> {
        ack_then(message.reply("x".repeat(1601)), async move {
            counted.run();
        })
    }
    let counted = Counted::default();
    let site = Site::start(|verifier| {
        hooks(verifier).protect(Router::new().route("/sms", post(long))).with_state(counted.clone())
    })
    .await;
    for _ in 0..3 {
        assert_eq!(site.send("/sms", SMS).await.0, 500);
    }
    assert_eq!(counted.runs(), 0);
}

#[tokio::test]
async fn requests_of_different_steps_of_a_call_are_not_taken_for_repeats() {
    async fn any(State(counted): State<Counted>, TwilioWebhook(_): TwilioWebhook<Event>) -> String {
        counted.run().to_string()
    }
    let counted = Counted::default();
    let site = Site::start(|verifier| {
        let routes = Router::new().route("/twilio", post(any));
        hooks(verifier).protect(routes).with_state(counted.clone())
    })
    .await;
    // A redirect to the next step, and the fallback of the same URL.
    let fallback = [SMS, &[("ErrorUrl", "https://example.com"), ("ErrorCode", "11200")]].concat();
    assert_eq!(site.send("/twilio", SMS).await.1, "0");
    assert_eq!(site.send("/twilio?step=2", SMS).await.1, "1");
    assert_eq!(site.send("/twilio", &fallback).await.1, "2");
    assert_eq!(site.send("/twilio", SMS).await.1, "0");
    // The action of a verb after the call is over, and the report of its end.
    let over = [("CallSid", "CA1"), ("CallStatus", "completed")];
    let report = [over.as_slice(), &[("CallDuration", "7"), ("SequenceNumber", "3")]].concat();
    assert_eq!(site.repeated("/twilio", &over, "t1").await.1, "3");
    assert_eq!(site.repeated("/twilio", &report, "t2").await.1, "4");
    assert_eq!(site.repeated("/twilio", &report, "t3").await.1, "4");
}

#[tokio::test]
async fn a_handler_can_read_the_parameters_and_the_signed_url() {
    async fn evidence(
        TwilioWebhook(params): TwilioWebhook<Params>,
        TwilioWebhook(message): TwilioWebhook<InboundMessage>,
        TwilioWebhook(event): TwilioWebhook<Event>,
    ) -> String {
        let pairs = params.to_pairs();
        assert_eq!(Event::from_pairs(&pairs), event.into_inner());
        assert_eq!(pairs.len(), SMS.len());
        format!("{} {}", message.text(), params.url())
    }
    let site =
        Site::start(|verifier| hooks(verifier).protect(Router::new().route("/sms", post(evidence)))).await;
    let expected = format!("Hi ñ {}/sms?ref=a%20b", site.url);
    assert_eq!(site.send("/sms?ref=a%20b", SMS).await, (200, expected));
}

#[tokio::test]
async fn a_request_with_a_wrong_signature_costs_and_logs_little() {
    let site = Site::start(|verifier| hooks(verifier).router(|| async {})).await;
    let many: String = (0..5000).map(|n| format!("k{n}=1&")).collect();
    let request = site.http.post(format!("{}/x?{many}", site.url)).form(SMS);
    assert_eq!(answer_to(request.header("X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")).await.0, 403);
}

#[tokio::test]
async fn a_handler_gets_what_a_delivery_proves_with_the_reference_of_its_url() {
    async fn proof(WebhookEvidence(evidence): WebhookEvidence) -> String {
        match evidence {
            Some(Evidence::Delivery { delivery, reference }) => {
                format!("{} {} {}", delivery.id, delivery.status, reference.unwrap_or_default())
            }
            other => format!("{other:?}"),
        }
    }
    let site = Site::start(|verifier| Router::new().nest("/t", Webhooks::new(verifier).router(proof))).await;
    for (path, sid, expected) in [
        ("/t/status?a=1&sbref=s1.x.7.1.ab", "SM1", "SM1 sent s1.x.7.1.ab"),
        ("/t/status", "SM2", "SM2 sent "),
        ("/t/status?sbref=a&sbref=b", "SM3", "SM3 sent "),
    ] {
        let form = [("MessageSid", sid), ("MessageStatus", "sent"), ("AccountSid", "AC1")];
        let answer = site.signed(path, &form).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), expected);
    }
    let inbound = [("MessageSid", "SM4"), ("From", "+14155551234"), ("To", "+14155550100"), ("Body", "STOP")];
    let answer = site.signed("/t", &inbound).send().await.unwrap().text().await.unwrap();
    assert!(answer.starts_with("Some(Inbound"), "{answer}");
}
