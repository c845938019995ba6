//! Calls that ask for keys and find out who picks up: on a real server, with the fake's own state as the truth.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::StatusCode;
use switchboard::provider::{Callback, Evidence, KeyInput, OutgoingCall, PickedUpBy};
use switchboard::sms::Templates;
use switchboard::twilio::twiml::VoiceResponse;
use switchboard::twilio::webhook::{Verifier, WebhookEvidence, Webhooks};
use switchboard_outbox::campaign::{Campaign, CampaignError, Draft, Recipients};
use switchboard_outbox::report::{CallFigures, Report, ReportOptions};
use switchboard_outbox::{Message, Outbox, OutboxError, State, Worker};
use switchboard_testing::{FakeTwilio, Fault, PickedUpBy as By, PlacedCall};

use crate::database::{TestDatabase, on_both};
use crate::setup::{TO, account, quick, text, until};

const QUESTION: &str = "The clinic: press 1 to confirm, 9 to cancel.";
const THANKS: &str = "Thank you. Goodbye.";

async fn status(Shared(outbox): Shared<Outbox>, WebhookEvidence(evidence): WebhookEvidence) -> StatusCode {
    outbox.webhook(evidence.as_ref()).await
}

async fn keys(Shared(outbox): Shared<Outbox>, WebhookEvidence(evidence): WebhookEvidence) -> Response {
    match outbox.webhook(evidence.as_ref()).await {
        StatusCode::NO_CONTENT => VoiceResponse::new().say(THANKS).hangup().into_response(),
        failed => failed.into_response(),
    }
}

/// Serves the callbacks of an outbox, and returns where.
async fn serve(fake: &FakeTwilio, outbox: &Outbox) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let verifier = Verifier::new(fake.auth_token()).public_url(&host);
    let routes = Router::new().route("/status", post(status)).route("/keys", post(keys));
    let app = Webhooks::new(verifier).protect(routes).with_state(outbox.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    host
}

async fn start(fake: &FakeTwilio, database: &TestDatabase) -> (Outbox, Worker, String) {
    let outbox = database.outbox().await;
    let host = serve(fake, &outbox).await;
    let worker = outbox.worker(account(fake)).timing(quick()).rate(fake.phone_number(), 1e6);
    let worker = worker.callbacks(format!("{host}/status")).key_callbacks(format!("{host}/keys"));
    (outbox, worker.spawn().await.unwrap(), host)
}

fn draft(campaign: &Campaign) -> Draft {
    let templates = Templates::new()
        .add("visit", "The {{ name }}: press 1 to confirm, 9 to cancel.")
        .unwrap()
        .add("other", "The {{ name }}: press 1.")
        .unwrap();
    campaign.call(&templates, "visit").unwrap().ask(KeyInput::one()).detect_machine()
}

fn list(count: u32) -> Recipients {
    let rows = (0..count).map(|n| format!("+1415555{},clinic\n", 1_000 + n));
    let csv = format!("phone,name\n{}", rows.collect::<String>());
    Recipients::csv(std::io::Cursor::new(csv))
}

/// The number of the row that a call is to.
fn row(call: &PlacedCall) -> u32 {
    call.to.strip_prefix("+14155551").unwrap().parse().unwrap()
}

/// What happens at the telephone of each row.
async fn live(fake: &FakeTwilio, call: &PlacedCall) {
    let by = match row(call) % 10 {
        0..=4 => By::Person,
        5 | 6 => By::Machine,
        7 => By::Fax,
        8 => return fake.end_call(&call.sid, if row(call) < 20 { "busy" } else { "no-answer" }),
        _ if row(call) < 10 => return fake.end_call(&call.sid, "failed"),
        _ => By::Unknown,
    };
    let phone = fake.pick_up_by(&call.sid, by).await;
    match row(call) % 10 {
        0..=2 => phone.press("1").await,
        3 => phone.press("9").await,
        // It hangs up itself in the middle.
        6 => phone.hang_up().await,
        _ => phone.stay_silent().await,
    }
    let said = phone.said();
    let expected: &[&str] = if row(call) % 10 <= 3 { &[QUESTION, THANKS] } else { &[QUESTION] };
    assert_eq!((said, phone.error(), phone.status()), (to_owned(expected), None, "completed".to_owned()));
}

fn to_owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn who(word: Option<&str>) -> Option<PickedUpBy> {
    Some(match word? {
        "human" => PickedUpBy::Person,
        "machine_start" => PickedUpBy::Machine,
        "fax" => PickedUpBy::Fax,
        "unknown" => PickedUpBy::Unknown,
        other => panic!("{other}"),
    })
}

/// The figures as the fake has them.
fn recount(calls: &[PlacedCall]) -> CallFigures {
    let count = |test: &dyn Fn(&PlacedCall) -> bool| calls.iter().filter(|call| test(call)).count() as u64;
    let by = |word: &str| count(&|call| call.answered_by.as_deref() == Some(word));
    let ended = |status: &str| count(&|call| call.status == status);
    let mut figures = CallFigures::default();
    figures.states.accepted = calls.len() as u64;
    (figures.person, figures.machine, figures.fax) = (by("human"), by("machine_start"), by("fax"));
    (figures.no_answer, figures.busy, figures.failed) = (ended("no-answer"), ended("busy"), ended("failed"));
    figures.somebody = by("unknown");
    for keys in calls.iter().flat_map(|call| &call.pressed) {
        *figures.pressed.entry(keys.clone()).or_default() += 1;
    }
    figures
}

/// Waits until a message is what the fake says about its call.
async fn settled(outbox: &Outbox, key: &str, call: &PlacedCall) -> Message {
    let get = async || outbox.get(key).await.unwrap();
    until(key, async || {
        let message = get().await;
        let pressed: Vec<&str> = message.pressed.iter().map(|keys| keys.as_str()).collect();
        matches!(&message.state, State::Accepted { sid: Some(sid), status, .. }
            if *sid == call.sid && status.as_str() == call.status)
            && message.picked_up_by == who(call.answered_by.as_deref())
            && pressed == call.pressed
    })
    .await;
    get().await
}

async fn report(outbox: &Outbox) -> Report {
    outbox.report(&ReportOptions::new()).await.unwrap()
}

/// The events about who answered, by what was pressed.
async fn answered(database: &TestDatabase, like: &str) -> usize {
    let sql = format!(
        "SELECT CAST(count(*) AS TEXT) FROM {{t}}log WHERE topic = 'answered' AND CAST(detail AS TEXT) LIKE '{like}'"
    );
    database.text(&sql).await.parse().unwrap()
}

async fn a_campaign_of_calls_counts_what_the_fake_counts(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    fake.repeat_callbacks(2);
    fake.shuffle_callbacks(3);
    let (outbox, worker, _) = start(&fake, database).await;
    let campaign = outbox.campaign("visits");
    let imported = draft(&campaign).start(list(50)).await.unwrap().finished().await.unwrap();
    assert_eq!((imported.new, imported.rejected), (50, 0));
    until("all are called", async || fake.calls().len() == 50).await;
    for call in fake.calls() {
        live(&fake, &call).await;
    }
    fake.wait_for_callbacks().await;
    let calls = fake.calls();
    for call in &calls {
        settled(&outbox, &format!("visits/{}", call.to), call).await;
    }
    let (report, expected) = (report(&outbox).await, recount(&calls));
    assert_eq!(report.total.calls, expected);
    let [visits] = report.by_campaign.as_slice() else { panic!("{report}") };
    assert_eq!((visits.name.as_str(), &visits.figures.calls), ("visits", &expected));
    // The recount itself has seen everything.
    let pressed = BTreeMap::from([("1".to_owned(), 15), ("9".to_owned(), 5)]);
    assert_eq!(expected.pressed, pressed);
    let CallFigures { person, machine, fax, somebody, no_answer, busy, failed, .. } = expected;
    assert_eq!((person, machine, fax, somebody, no_answer, busy, failed), (25, 10, 5, 4, 3, 2, 1));

    let csv = String::from_utf8(report.csv(Vec::new()).unwrap()).unwrap();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let cell = |name: &str| lines[1][lines[0].iter().position(|column| *column == name).unwrap()];
    let cells = ["person", "machine", "pressed 1", "pressed 9"].map(cell);
    assert_eq!(cells, ["25", "10", "15", "5"], "{csv}");
    assert!(report.to_string().contains("pressed: 1 by 15, 9 by 5"), "{report}");
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);

    let progress = campaign.progress().await.unwrap();
    assert_eq!((progress.messages, progress.delivered, progress.waiting), (50, 44, 0), "{progress}");
    // Each call is in the log once, with both where a key was pressed.
    assert_eq!(answered(database, "%").await, 44);
    assert_eq!(answered(database, "%\"pickedUpBy\":\"person\",\"pressed\":\"9\"%").await, 5);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn pressed_keys_settle_calls_whose_answer_was_lost(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker, _) = start(&fake, database).await;
    for (n, fault) in [Fault::cut_after(), Fault::status_after(503)].into_iter().enumerate() {
        fake.fail_next(fault);
        let key = n.to_string();
        let call = OutgoingCall::ask(TO, format!("{n}: {QUESTION}"), KeyInput::one());
        outbox.enqueue(key.as_str(), call).await.unwrap();
        assert_eq!(outbox.wait(key.as_str()).await.unwrap().state, State::Unknown);
        let phone = fake.pick_up(&fake.calls()[n].sid).await;
        phone.press(&key).await;
        assert_eq!((phone.said()[1].as_str(), phone.error()), (THANKS, None));
        let message = settled(&outbox, &key, &fake.calls()[n]).await;
        assert_eq!((message.pressed.unwrap().as_str(), message.picked_up_by), (key.as_str(), None));
    }
    assert_eq!((fake.calls().len(), report(&outbox).await.total.calls.somebody), (2, 2));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn keys_with_a_forged_reference_change_nothing(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker, host) = start(&fake, database).await;
    fake.fail_next(Fault::cut_after());
    outbox.enqueue("a", OutgoingCall::ask(TO, QUESTION, KeyInput::new(3))).await.unwrap();
    assert_eq!(outbox.wait("a").await.unwrap().state, State::Unknown);
    let call = fake.calls().remove(0);
    let document = call.twiml.clone().unwrap();
    let (_, action) = document.split_once("action=\"").unwrap();
    let url = action.split('"').next().unwrap();
    assert!(url.starts_with(&format!("{host}/keys?sbref=s1.")), "{url}");
    let reference = Callback::reference_in(url).unwrap();
    let (named, _) = reference.rsplit_once('.').unwrap();
    let evidence = |reference: &str| -> Evidence {
        let form = [("CallSid", call.sid.as_str()), ("CallStatus", "in-progress"), ("Digits", "123")];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let adapter = switchboard::twilio::TwilioAdapter::new();
        let url = format!("https://a.example/keys?sbref={reference}");
        switchboard::provider::Messenger::evidence(&adapter, &url, &form).unwrap()
    };
    outbox.evidence(&evidence(&format!("{named}.{}", "0".repeat(32)))).await.unwrap();
    assert_eq!(outbox.ignored_references().forged, 1);
    let message = outbox.get("a").await.unwrap();
    assert_eq!((message.state, message.pressed), (State::Unknown, None));

    fake.pick_up(&call.sid).await.press("123").await;
    let message = settled(&outbox, "a", &fake.calls()[0]).await;
    assert_eq!(message.pressed.as_ref().unwrap().as_str(), "123");
    assert!(!format!("{:?}", message.pressed).contains("123"));
    assert_eq!(
        (answered(database, "%").await, answered(database, "%pressed%").await),
        (1, 0),
        "not in the log"
    );
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn without_a_url_for_keys_the_calls_wait_and_nothing_is_lost(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let host = serve(&fake, &outbox).await;
    let worker = || outbox.worker(account(&fake)).timing(quick()).rate(fake.phone_number(), 1e6);
    let first = worker().spawn().await.unwrap();
    let campaign = outbox.campaign("visits");
    draft(&campaign).start(list(3)).await.unwrap().finished().await.unwrap();
    let own = KeyInput::one().callback(format!("{host}/keys"));
    outbox.enqueue("a text", text("Hi")).await.unwrap();
    outbox.wait("a text").await.unwrap();
    until("the sender is paused", async || !outbox.paused().await.unwrap().is_empty()).await;
    let paused = outbox.paused().await.unwrap().remove(0);
    assert_eq!((paused.reason.as_str(), fake.calls().len(), fake.sent().len()), ("missing_parameter", 0, 1));
    let progress = campaign.progress().await.unwrap();
    assert_eq!((progress.waiting, progress.rejected), (3, 0), "{progress}");
    let error = outbox.get("visits/+14155551000").await.unwrap().error.unwrap();
    assert!(error.advice().unwrap().contains("key_callbacks"), "{error}");
    first.shutdown(Duration::from_secs(5)).await.unwrap();

    let second = worker().key_callbacks(format!("{host}/keys")).spawn().await.unwrap();
    outbox.enqueue("own", OutgoingCall::ask(TO, QUESTION, own)).await.unwrap();
    until("all are called", async || fake.calls().len() == 4).await;
    for call in fake.calls() {
        fake.pick_up(&call.sid).await.press("1").await;
    }
    // No delivery status is reported, so the status is that of the report of the key.
    for call in fake.calls() {
        let key = if call.to == TO { "own".to_owned() } else { format!("visits/{}", call.to) };
        until(&key, async || outbox.get(key.as_str()).await.unwrap().pressed.is_some()).await;
    }
    assert_eq!(report(&outbox).await.total.calls.pressed, BTreeMap::from([("1".to_owned(), 4)]));
    second.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_campaign_keeps_how_its_calls_are_made(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let campaign = outbox.campaign("visits");
    draft(&campaign).start(list(2)).await.unwrap().finished().await.unwrap();
    let templates =
        Templates::new().add("visit", "The {{ name }}: press 1 to confirm, 9 to cancel.").unwrap();
    let plain = campaign.call(&templates, "visit").unwrap();
    let asks = |keys| plain.clone().ask(keys).detect_machine();
    for (changed, field) in [
        (plain.clone().detect_machine(), "ask"),
        (asks(KeyInput::new(2)), "ask"),
        (asks(KeyInput::one().wait(Duration::from_secs(9))), "ask"),
        (plain.clone().ask(KeyInput::one()), "detectMachine"),
    ] {
        let refused = changed.start(list(2)).await.unwrap_err();
        let is_named = matches!(&refused, CampaignError::Outbox(OutboxError::CampaignChanged { what }) if *what == field);
        assert!(is_named, "{refused}");
    }
    let again = asks(KeyInput::one()).start(list(2)).await.unwrap().finished().await.unwrap();
    assert_eq!((again.existing, again.rejected), (2, 0));
    let texts = campaign.text(&templates, "visit").unwrap();
    for wrong in [texts.clone().ask(KeyInput::one()), texts.detect_machine()] {
        assert!(matches!(wrong.plan(list(1)).await, Err(CampaignError::NotCalls)));
        assert!(matches!(wrong.start(list(1)).await, Err(CampaignError::NotCalls)));
    }
    let zero = asks(KeyInput::new(0)).start(list(1)).await;
    let is_refused = matches!(&zero, Err(CampaignError::Outbox(OutboxError::Invalid(why))) if why.contains("1 to 20 keys"));
    assert!(is_refused, "{zero:?}");
}

on_both!(
    a_campaign_of_calls_counts_what_the_fake_counts,
    pressed_keys_settle_calls_whose_answer_was_lost,
    keys_with_a_forged_reference_change_nothing,
    without_a_url_for_keys_the_calls_wait_and_nothing_is_lost,
    a_campaign_keeps_how_its_calls_are_made,
);
