//! A call from its first request to its last report, through a real HTTP server and with signed webhooks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use switchboard::twilio::calls::CallEvent;
use switchboard::twilio::twiml::{Acknowledge, Acknowledgement, VoiceResponse};
use switchboard::twilio::webhook::{
    CallStatusUpdate, GatherResult, MessageStatusUpdate, TwilioWebhook, Verifier, Webhooks,
};
use switchboard::twilio::{CallStatus, CreateCall, CreateMessage, MessageStatus};
use switchboard_testing::{FakeTwilio, WaitsFor};
use tokio::net::TcpListener;

use crate::support::TO;

/// The state of the program under test, and how often each handler ran.
#[derive(Clone, Default)]
struct Known {
    state: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    pressed: Vec<String>,
    calls: BTreeMap<String, CallStatus>,
    messages: BTreeMap<String, MessageStatus>,
    /// Reports in the order in which a handler saw them.
    reports: Vec<String>,
}

fn page() -> Acknowledge {
    Acknowledge::new("The build is broken.", "/ack?incident=7")
}

async fn voice() -> VoiceResponse {
    page().document()
}

async fn ack(State(known): State<Known>, TwilioWebhook(keys): TwilioWebhook<GatherResult>) -> VoiceResponse {
    let digits = keys.digits().unwrap_or_default();
    match page().answer(digits) {
        Acknowledgement::Given(document) => {
            known.state.lock().unwrap().pressed.push(digits.to_owned());
            document
        }
        Acknowledgement::Missing(document) => document,
    }
}

async fn call_status(State(known): State<Known>, TwilioWebhook(update): TwilioWebhook<CallStatusUpdate>) {
    let mut state = known.state.lock().unwrap();
    state.reports.push(update.status().unwrap().to_string());
    update.apply_to(state.calls.entry(update.call_sid().unwrap().to_owned()).or_insert(CallStatus::Queued));
}

async fn message_status(
    State(known): State<Known>,
    TwilioWebhook(update): TwilioWebhook<MessageStatusUpdate>,
) {
    let mut state = known.state.lock().unwrap();
    state.reports.push(update.status.clone().unwrap().to_string());
    let sid = update.sid.clone().unwrap();
    update.apply_to(state.messages.entry(sid).or_insert(MessageStatus::Queued));
}

/// The program under test.
fn program(known: &Known, verifier: Verifier) -> Router {
    let routes = Router::new()
        .route("/voice", post(voice))
        .route("/ack", post(ack))
        .route("/call", post(call_status))
        .route("/message", post(message_status))
        .with_state(known.clone());
    Webhooks::new(verifier).protect(routes)
}

async fn serve(app: impl FnOnce(&str) -> Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = app(&url);
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn an_alert_call_is_acknowledged_and_its_end_reported() {
    let fake = FakeTwilio::start().await;
    fake.repeat_callbacks(2);
    let known = Known::default();
    let url = serve(|url| program(&known, Verifier::new(fake.auth_token()).public_url(url))).await;

    let events = [CallEvent::Initiated, CallEvent::Ringing, CallEvent::Answered, CallEvent::Completed];
    let call = CreateCall::new(TO)
        .url(format!("{url}/voice"))
        .status_callback(format!("{url}/call"))
        .status_callback_events(events);
    let sid = fake.account().calls().create(&call).await.unwrap().sid;

    let phone = fake.pick_up(&sid).await;
    assert!(matches!(phone.waits_for(), WaitsFor::Input { digits: true, .. }), "{:?}", phone.waits_for());
    assert!(phone.said()[0].contains("The build is broken."));
    assert!(known.state.lock().unwrap().pressed.is_empty());
    phone.press("1").await;
    assert_eq!((phone.status().as_str(), phone.error()), ("completed", None));
    fake.wait_for_callbacks().await;

    assert!(fake.callbacks().len() == 8 && fake.callbacks().iter().all(|done| done.status == Some(200)));
    let state = known.state.lock().unwrap();
    assert_eq!(state.pressed, ["1"]);
    assert_eq!(state.calls[&sid], CallStatus::Completed);
    // Each came twice; the handler ran once for each.
    let mut reports = state.reports.clone();
    reports.sort();
    assert_eq!(reports, ["completed", "in-progress", "initiated", "ringing"]);
}

#[tokio::test]
async fn a_call_that_nobody_acknowledges_is_not_acknowledged() {
    let fake = FakeTwilio::start().await;
    let known = Known::default();
    let url = serve(|url| program(&known, Verifier::new(fake.auth_token()).public_url(url))).await;
    let call = CreateCall::new(TO).url(format!("{url}/voice"));
    let sid = fake.account().calls().create(&call).await.unwrap().sid;
    // A voicemail answers the call and presses no key.
    let phone = fake.pick_up(&sid).await;
    for _ in 0..20 {
        if phone.waits_for() == WaitsFor::Nothing {
            break;
        }
        phone.stay_silent().await;
    }
    assert_eq!(phone.status(), "completed");
    assert!(known.state.lock().unwrap().pressed.is_empty());
}

/// Recorded deliveries, to be sent again in another order.
type Post = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

#[tokio::test]
async fn reports_in_any_order_and_repeated_give_the_same_status() {
    let fake = FakeTwilio::start().await;
    let post_office = Post::default();
    let kept = Arc::clone(&post_office);
    let keep = async move |State(kept): State<Post>, headers: HeaderMap, body: Bytes| {
        kept.lock().unwrap().push((headers, body));
    };
    let url = serve(|_| Router::new().route("/call", post(keep)).with_state(kept)).await;
    let events = [CallEvent::Initiated, CallEvent::Ringing, CallEvent::Answered, CallEvent::Completed];
    let call = CreateCall::new(TO)
        .say("Hello")
        .status_callback(format!("{url}/call"))
        .status_callback_events(events);
    let sid = fake.account().calls().create(&call).await.unwrap().sid;
    fake.pick_up(&sid).await;
    fake.wait_for_callbacks().await;
    let deliveries = post_office.lock().unwrap().clone();
    assert_eq!(deliveries.len(), 4);

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for order in permutations(4) {
        let known = Known::default();
        // The requests were signed for the address of another server, so that address is set as the public URL.
        let inner = serve(|_| program(&known, Verifier::new(fake.auth_token()).public_url(&url))).await;
        for index in order.iter().chain(&order) {
            let (headers, body) = &deliveries[*index];
            let mut request = http.post(format!("{inner}/call")).body(body.clone());
            for name in ["content-type", "x-twilio-signature", "i-twilio-idempotency-token"] {
                request = request.header(name, headers[name].as_bytes());
            }
            assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
        }
        let state = known.state.lock().unwrap();
        assert_eq!(state.calls[&sid], CallStatus::Completed, "{order:?}");
        assert_eq!(state.reports.len(), 4, "{order:?}");
    }
}

fn permutations(length: usize) -> Vec<Vec<usize>> {
    if length == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in permutations(length - 1) {
        for at in 0..=shorter.len() {
            let mut longer = shorter.clone();
            longer.insert(at, length - 1);
            all.push(longer);
        }
    }
    all
}

#[tokio::test]
async fn a_message_is_delivered_for_every_order_of_its_reports() {
    for seed in 0..8 {
        let fake = FakeTwilio::start().await;
        fake.repeat_callbacks(2);
        fake.shuffle_callbacks(seed);
        let known = Known::default();
        let url = serve(|url| program(&known, Verifier::new(fake.auth_token()).public_url(url))).await;
        let message =
            CreateMessage::new(TO).body("Your table is ready").status_callback(format!("{url}/message"));
        let sid = fake.account().send(&message).await.unwrap().sid;
        fake.deliver(&sid);
        fake.wait_for_callbacks().await;
        let state = known.state.lock().unwrap();
        assert_eq!(state.messages[&sid], MessageStatus::Delivered);
        let mut reports = state.reports.clone();
        reports.sort();
        assert_eq!(reports, ["delivered", "sending", "sent"]);
    }
}
