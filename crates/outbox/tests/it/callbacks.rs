//! Callbacks with our reference settle messages: early, late, repeated, shuffled, forged, and on a stale copy.

use std::time::Duration;

use axum::Router;
use axum::extract::State as Shared;
use http::StatusCode;
use switchboard::provider::{
    Callback, Delivery, DeliveryStatus, Evidence, Messenger as _, OutgoingCall, SendId,
};
use switchboard::twilio::webhook::{Verifier, WebhookEvidence, Webhooks};
use switchboard_outbox::{Evidenced, Outbox, OutboxError, State, Worker};
use switchboard_testing::{FakeTwilio, Fault};

use crate::database::{TestDatabase, on_both};
use crate::setup::{TO, account, quick, text, until};

/// An outbox with the webhook router of the adapter, on a real server.
pub(crate) struct Site {
    pub(crate) outbox: Outbox,
    pub(crate) url: String,
}

impl Site {
    pub(crate) async fn start(fake: &FakeTwilio, outbox: Outbox) -> Self {
        async fn status(
            Shared(outbox): Shared<Outbox>,
            WebhookEvidence(evidence): WebhookEvidence,
        ) -> StatusCode {
            outbox.webhook(evidence.as_ref()).await
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        let verifier = Verifier::new(fake.auth_token()).public_url(&host);
        let routes = Router::new().route("/status", axum::routing::post(status));
        let app = Webhooks::new(verifier).protect(routes).with_state(outbox.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { outbox, url: format!("{host}/status") }
    }

    async fn worker(&self, fake: &FakeTwilio) -> Worker {
        let worker = self.outbox.worker(account(fake)).timing(quick()).rate(fake.phone_number(), 1e6);
        worker.callbacks(&self.url).spawn().await.unwrap()
    }
}

async fn site(fake: &FakeTwilio, database: &TestDatabase) -> (Site, Worker) {
    let site = Site::start(fake, database.outbox().await).await;
    let worker = site.worker(fake).await;
    (site, worker)
}

async fn has_status(outbox: &Outbox, key: &str, expected: &str) {
    until(expected, async || {
        let state = outbox.get(key).await.unwrap().state;
        matches!(state, State::Accepted { status, sid: Some(_), .. } if status.as_str() == expected)
    })
    .await;
}

async fn a_late_callback_settles_what_is_unknown_and_statuses_follow(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (site, worker) = site(&fake, database).await;
    for fault in [Fault::cut_after(), Fault::status_after(503), Fault::TruncatedJson] {
        fake.fail_next(fault);
        let key = format!("{}", fake.sent().len());
        site.outbox.enqueue(key.as_str(), text(&key)).await.unwrap();
        site.outbox.wait(key.as_str()).await.unwrap();
        fake.advance(Duration::from_secs(1));
        has_status(&site.outbox, &key, "sending").await;
        fake.advance(Duration::from_secs(5));
        has_status(&site.outbox, &key, "delivered").await;
    }
    assert_eq!(fake.sent().len(), 3);
    let mut events = site.outbox.events("test").await.unwrap();
    let mut settled = 0;
    for _ in 0..11 {
        let event = events.next().await.unwrap();
        settled += u32::from(event.topic == "accepted" && event.detail["evidence"] == "callback");
    }
    assert!(settled >= 2, "{settled} of three by callback");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn an_early_callback_and_the_answer_end_in_the_same_state(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (site, worker) = site(&fake, database).await;
    fake.call_back_early(true);
    for (n, fault) in [None, Some(Fault::cut_after()), Some(Fault::status_after(500))].into_iter().enumerate()
    {
        fault.into_iter().for_each(|fault| fake.fail_next(fault));
        let key = format!("{n}");
        site.outbox.enqueue(key.as_str(), text(&key)).await.unwrap();
        has_status(&site.outbox, &key, "sending").await;
    }
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    let counts = site.outbox.counts().await.unwrap();
    assert_eq!((counts.accepted, counts.unknown, fake.sent().len()), (3, 0, 3), "{counts:?}");
}

async fn repeated_and_shuffled_callbacks_end_in_the_last_status(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (site, worker) = site(&fake, database).await;
    fake.repeat_callbacks(3);
    fake.shuffle_callbacks(7);
    for n in 0..8 {
        let key = format!("{n}");
        fake.fail_next(if n % 2 == 0 { Fault::cut_after() } else { Fault::slow(Duration::ZERO) });
        site.outbox.enqueue(key.as_str(), text(&key)).await.unwrap();
    }
    until("all are sent", async || fake.sent().len() == 8).await;
    fake.advance(Duration::from_secs(10));
    fake.wait_for_callbacks().await;
    for n in 0..8 {
        has_status(&site.outbox, &format!("{n}"), "delivered").await;
    }
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_message_keeps_its_own_url_and_calls_are_settled_too(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (site, worker) = site(&fake, database).await;
    let own = text("own").callback(Callback::new(format!("{}?tenant=a#rc=5", site.url)));
    fake.fail_next(Fault::cut_after());
    site.outbox.enqueue("own", own).await.unwrap();
    site.outbox.wait("own").await.unwrap();
    let url = fake.sent()[0].status_callback.clone().unwrap();
    assert!(url.starts_with(&format!("{}?tenant=a&sbref=s1.", site.url)) && url.ends_with("#rc=5"), "{url}");
    fake.advance(Duration::from_secs(5));
    has_status(&site.outbox, "own", "delivered").await;

    fake.fail_next(Fault::cut_after());
    site.outbox.enqueue("call", OutgoingCall::say(TO, "Hi")).await.unwrap();
    site.outbox.wait("call").await.unwrap();
    fake.complete_call(&fake.calls()[0].sid);
    has_status(&site.outbox, "call", "completed").await;
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn without_a_callback_url_nothing_is_added_to_a_message(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let worker = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    outbox.enqueue("own", text("own").callback("http://127.0.0.1:9/own")).await.unwrap();
    outbox.enqueue("none", text("none")).await.unwrap();
    outbox.drained().await.unwrap();
    let urls: Vec<_> = fake.sent().into_iter().filter_map(|sent| sent.status_callback).collect();
    assert_eq!(urls, ["http://127.0.0.1:9/own"]);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

fn report(sid: &str, status: DeliveryStatus, reference: Option<String>) -> Evidence {
    let delivery = Delivery::new(SendId::text(sid), status);
    // `Evidence` is made by adapters only, so one is read and then changed.
    let form = [("MessageSid", "SM1"), ("MessageStatus", "sent"), ("AccountSid", "AC1")];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let adapter = switchboard::twilio::TwilioAdapter::new();
    let mut evidence = adapter.evidence("https://a.example/", &form).unwrap();
    if let Evidence::Delivery { delivery: read, reference: carried } = &mut evidence {
        (*read, *carried) = (delivery, reference);
    }
    evidence
}

/// The reference of the first message that was sent.
fn reference(fake: &FakeTwilio) -> String {
    let sent = fake.sent().into_iter().next().unwrap();
    Callback::reference_in(&sent.status_callback.unwrap()).unwrap()
}

async fn forged_and_foreign_references_are_ignored_and_counted(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (site, worker) = site(&fake, database).await;
    fake.fail_next(Fault::cut_after());
    site.outbox.enqueue("k", text("Hi")).await.unwrap();
    assert_eq!(site.outbox.wait("k").await.unwrap().state, State::Unknown);
    let right = reference(&fake);
    let (named, _) = right.rsplit_once('.').unwrap();
    let forged = format!("{named}.{}", "0".repeat(32));
    for wrong in [forged, "s1.0000000000000000.1.1.00".to_owned(), "order-7".to_owned()] {
        let evidence = report("SM9", DeliveryStatus::Delivered, Some(wrong));
        assert_eq!(site.outbox.evidence(&evidence).await.unwrap(), Evidenced::NotOurs);
    }
    let ignored = site.outbox.ignored_references();
    assert_eq!((ignored.forged, ignored.foreign), (1, 2));
    assert_eq!(site.outbox.get("k").await.unwrap().state, State::Unknown);

    let sid = fake.sent()[0].sid.clone();
    let evidence = report(&sid, DeliveryStatus::Sent, Some(right));
    assert_eq!(site.outbox.evidence(&evidence).await.unwrap(), Evidenced::Changed);
    assert_eq!(site.outbox.evidence(&evidence).await.unwrap(), Evidenced::Known);
    let without = report(&sid, DeliveryStatus::Delivered, None);
    assert_eq!(site.outbox.evidence(&without).await.unwrap(), Evidenced::Changed, "known by its id");
    has_status(&site.outbox, "k", "delivered").await;
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn an_old_copy_of_the_database_is_told_by_the_first_callback(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let site = Site::start(&fake, database.outbox().await).await;
    site.outbox.enqueue("before", text("before")).await.unwrap();
    let copied = database.copied().await;
    let worker = site.worker(&fake).await;
    site.outbox.enqueue("after", text("after")).await.unwrap();
    site.outbox.drained().await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();

    let copy = copied.outbox().await;
    assert_eq!(fake.sent().len(), 2);
    for sent in fake.sent() {
        let reference = Callback::reference_in(&sent.status_callback.unwrap()).unwrap();
        let evidence = report(&sent.sid, DeliveryStatus::Sent, Some(reference));
        let refused = copy.evidence(&evidence).await.unwrap_err();
        assert!(matches!(refused, OutboxError::StaleCopy { attempt: 1, .. }), "{refused}");
        assert_eq!(copy.webhook(Some(&evidence)).await, StatusCode::CONFLICT);
    }
    let mut events = copy.events("test").await.unwrap();
    let event = events.next().await.unwrap();
    assert_eq!(event.topic, "stale_copy");
    assert_eq!(copy.get("before").await.unwrap().state, State::Ready, "nothing changed");
    copied.close().await;
}

async fn what_proves_nothing_about_a_message_is_answered_and_changes_nothing(database: &TestDatabase) {
    let outbox = database.outbox().await;
    assert_eq!(outbox.webhook(None).await, StatusCode::NO_CONTENT);
    let unknown = report("SM1", DeliveryStatus::Sent, None);
    assert_eq!(outbox.evidence(&unknown).await.unwrap(), Evidenced::NotOurs);
    database.fails(&outbox).await;
    assert_eq!(outbox.webhook(Some(&unknown)).await, StatusCode::SERVICE_UNAVAILABLE);
}

on_both! {
    a_late_callback_settles_what_is_unknown_and_statuses_follow,
    an_early_callback_and_the_answer_end_in_the_same_state,
    repeated_and_shuffled_callbacks_end_in_the_last_status,
    a_message_keeps_its_own_url_and_calls_are_settled_too,
    without_a_callback_url_nothing_is_added_to_a_message,
    forged_and_foreign_references_are_ignored_and_counted,
    an_old_copy_of_the_database_is_told_by_the_first_callback,
    what_proves_nothing_about_a_message_is_answered_and_changes_nothing,
}
