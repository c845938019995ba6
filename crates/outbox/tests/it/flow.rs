//! What a program does with an outbox, when nothing goes wrong.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use switchboard::Credentials;
use switchboard::provider::{Outgoing, OutgoingCall, SendKind};
use switchboard_outbox::{Account, AccountError, Accounts, Enqueue, OutboxError, Priority, State};
use switchboard_testing::FakeTwilio;

use crate::database::{TestDatabase, on_both};
use crate::setup::{TO, account, quick, start, text};

fn in_(millis: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_millis(millis)
}

async fn one_key_is_one_message_however_often_it_is_enqueued(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let tasks = (0..100).map(|_| {
        let outbox = outbox.clone();
        tokio::spawn(async move { outbox.enqueue("order/1", text("Ready")).await.unwrap() })
    });
    let mut new = 0;
    for task in tasks.collect::<Vec<_>>() {
        new += usize::from(task.await.unwrap().is_new());
    }
    let message = outbox.wait("order/1").await.unwrap();
    assert!(matches!(message.state, State::Accepted { sid: Some(_), .. }), "{}", message.state);
    assert_eq!((new, fake.sent().len(), message.attempts), (1, 1, 1));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_key_with_another_text_is_refused_and_nothing_of_its_batch_is_kept(database: &TestDatabase) {
    let outbox = database.outbox().await;
    outbox.enqueue("a", text("one")).await.unwrap();
    let batch = [Enqueue::new("b", text("two")), Enqueue::new("a", text("hush-hush"))];
    let error = outbox.enqueue_all(batch).await.unwrap_err();
    assert!(matches!(error, OutboxError::KeyConflict { place: 1, .. }), "{error}");
    assert!(!error.to_string().contains("hush"), "{error}");
    assert!(matches!(outbox.get("b").await, Err(OutboxError::NotFound)));
    assert_eq!(outbox.counts().await.unwrap().ready, 1);
}

async fn a_call_is_made_too(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    outbox.enqueue("alarm", OutgoingCall::say(TO, "The build is broken")).await.unwrap();
    let message = outbox.wait("alarm").await.unwrap();
    assert_eq!((message.kind, fake.calls().len()), (SendKind::Call, 1));
    assert!(matches!(message.state, State::Accepted { .. }));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn it_is_sent_when_it_is_due_and_not_before(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let due = in_(600);
    outbox.enqueue_all([Enqueue::new("later", text("Later")).due(due)]).await.unwrap();
    outbox.enqueue("now", text("Now")).await.unwrap();
    outbox.wait("now").await.unwrap();
    assert_eq!(outbox.get("later").await.unwrap().state, State::Ready);
    let message = outbox.wait("later").await.unwrap();
    assert!(message.at >= due, "{} is before {due}", message.at);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn urgent_messages_go_first_and_tenants_take_turns(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let of =
        |tenant: &str, n: usize| Enqueue::new(format!("{n}"), text(&format!("{tenant}{n}"))).tenant(tenant);
    outbox.enqueue_all((0..6).map(|n| of("a", n))).await.unwrap();
    outbox.enqueue_all((0..3).map(|n| of("b", n))).await.unwrap();
    outbox
        .enqueue_all([Enqueue::new("u", text("urgent")).tenant("a").priority(Priority::Urgent)])
        .await
        .unwrap();
    let worker =
        outbox.worker(account(&fake)).concurrency(1).rate(fake.phone_number(), 1e6).spawn().await.unwrap();
    outbox.drained().await.unwrap();
    let order: Vec<String> = fake.sent().iter().map(|sent| sent.body.clone()).collect();
    assert_eq!(order[0], "urgent");
    let place = |body: &str| order.iter().position(|other| other == body).unwrap();
    assert!(place("b2") < place("a4"), "b does not wait for all of a: {order:?}");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn what_is_not_sent_in_time_expires(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    outbox.enqueue_all([Enqueue::new("late", text("Late")).expires(in_(50))]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    let worker = outbox.worker(account(&fake)).spawn().await.unwrap();
    assert_eq!(outbox.wait("late").await.unwrap().state, State::Expired);
    assert!(fake.sent().is_empty());
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn cancelled_before_it_is_sent_it_is_never_sent(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    outbox.enqueue("a", text("one")).await.unwrap();
    assert!(outbox.cancel("a", "ada").await.unwrap(), "it is certain");
    assert!(outbox.cancel("a", "ada").await.unwrap(), "a second time changes nothing");
    let worker = outbox.worker(account(&fake)).spawn().await.unwrap();
    outbox.enqueue("b", text("two")).await.unwrap();
    outbox.wait("b").await.unwrap();
    assert_eq!(fake.sent().len(), 1);
    assert!(matches!(outbox.cancel("b", "ada").await, Err(OutboxError::NotNow { state: "accepted", .. })));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// Each tenant has an account of its own.
#[derive(Debug)]
struct Tenants(Account, Account);

#[async_trait::async_trait]
impl Accounts for Tenants {
    async fn account(&self, tenant: &str) -> Result<Account, AccountError> {
        match tenant {
            "one" => Ok(self.0.clone()),
            "two" => Ok(self.1.clone()),
            _ => Err("no such tenant".into()),
        }
    }
}

async fn each_tenants_messages_go_out_by_its_own_account(database: &TestDatabase) {
    let (one, two) = (FakeTwilio::start().await, FakeTwilio::start().await);
    let outbox = database.outbox().await;
    let tenants = Tenants(account(&one), account(&two));
    let worker = outbox.worker(tenants).timing(quick()).spawn().await.unwrap();
    let of = |tenant: &str| Enqueue::new("k", text(tenant)).tenant(tenant);
    outbox.enqueue_all(["one", "two", "three"].map(of)).await.unwrap();
    outbox.wait(("one", "k")).await.unwrap();
    outbox.wait(("two", "k")).await.unwrap();
    assert_eq!((one.sent()[0].body.as_str(), two.sent()[0].body.as_str()), ("one", "two"));
    assert_eq!(outbox.get(("three", "k")).await.unwrap().state, State::Ready, "it waits for its account");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn shutdown_puts_back_what_has_not_begun(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    outbox
        .enqueue_all((0..50).map(|n| Enqueue::new(format!("{n}"), text(&format!("text {n}")))))
        .await
        .unwrap();
    // A long code begins one segment a second: most are not even marked.
    let worker = outbox.worker(account(&fake)).spawn().await.unwrap();
    outbox.wait("0").await.unwrap();
    let stopped = worker.shutdown(Duration::from_secs(5)).await.unwrap();
    let counts = outbox.counts().await.unwrap();
    assert_eq!((stopped.unknown, counts.sending, counts.unknown), (0, 0, 0), "{counts:?}");
    assert_eq!(counts.ready + counts.accepted, 50);
    assert_eq!(counts.accepted as usize, fake.sent().len());
    assert!(counts.ready > 40, "{counts:?}");
}

async fn a_message_without_a_sender_anywhere_is_rejected_with_what_to_change(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let full = fake.credentials();
    let value = |name: &str| full.get(name).unwrap().to_owned();
    let bare = Credentials::twilio(value("accountSid"), value("authToken"));
    let worker = outbox.worker(Account::new(fake.adapter(), bare)).spawn().await.unwrap();
    outbox.enqueue("k", Outgoing::text(TO, "Hi")).await.unwrap();
    let message = outbox.wait("k").await.unwrap();
    assert_eq!(message.state, State::Rejected);
    assert!(message.error.unwrap().to_string().contains("sender"));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

on_both! {
    one_key_is_one_message_however_often_it_is_enqueued,
    a_key_with_another_text_is_refused_and_nothing_of_its_batch_is_kept,
    a_call_is_made_too,
    it_is_sent_when_it_is_due_and_not_before,
    urgent_messages_go_first_and_tenants_take_turns,
    what_is_not_sent_in_time_expires,
    cancelled_before_it_is_sent_it_is_never_sent,
    each_tenants_messages_go_out_by_its_own_account,
    shutdown_puts_back_what_has_not_begun,
    a_message_without_a_sender_anywhere_is_rejected_with_what_to_change,
}
