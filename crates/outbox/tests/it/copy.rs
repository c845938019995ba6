//! An old copy of the database is recognised before it sends again what was sent meanwhile.

use std::time::Duration;

use switchboard::provider::Outgoing;
use switchboard::sms::Templates;
use switchboard_outbox::campaign::{Recipient, Recipients};
use switchboard_outbox::{Enqueue, Outbox, OutboxError, State, Timing, Worker};
use switchboard_testing::{FakeTwilio, Fault};

use crate::database::{TestDatabase, on_both};
use crate::setup::{account, quick, text};

/// A time without a worker counts as long, however short it is.
fn away() -> Timing {
    let mut timing = quick();
    timing.away = Duration::ZERO;
    timing
}

async fn work(outbox: &Outbox, fake: &FakeTwilio) -> Result<Worker, OutboxError> {
    outbox.worker(account(fake)).timing(away()).rate(fake.phone_number(), 1e6).spawn().await
}

fn messages() -> Vec<Enqueue> {
    let to = |n| format!("+1415555{n:04}");
    (0..20).map(|n| Enqueue::new(format!("k{n}"), Outgoing::text(to(n), format!("text {n}")))).collect()
}

/// Enqueues messages, makes a copy, and sends them.
async fn sent_after<T>(
    copy: impl AsyncFnOnce(&TestDatabase) -> T,
    database: &TestDatabase,
    fake: &FakeTwilio,
) -> T {
    let outbox = database.outbox().await;
    // A worker has run before.
    let worker = work(&outbox, fake).await.unwrap();
    outbox.enqueue("first", text("first")).await.unwrap();
    outbox.drained().await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    outbox.enqueue_all(messages()).await.unwrap();
    let copied = copy(database).await;
    let worker = work(&outbox, fake).await.unwrap();
    outbox.drained().await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    outbox.store().close().await;
    assert_eq!(fake.sent().len(), 21);
    copied
}

async fn a_restored_backup_sends_nothing_again(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    sent_after(TestDatabase::back_up, database, &fake).await;
    database.restore().await;
    let outbox = database.outbox().await;
    // A new message does not go out either, before a person has looked at it.
    outbox.enqueue("new", text("new")).await.unwrap();
    for _ in 0..2 {
        let error = work(&outbox, &fake).await.unwrap().ended().await.unwrap_err();
        let OutboxError::AlreadySent { sids } = &error else { panic!("{error}") };
        assert_eq!(sids.len(), 10, "{sids:?}");
        assert_eq!(fake.sent().len(), 21);
    }
    for n in 0..20 {
        outbox.cancel(format!("k{n}"), "ada").await.unwrap();
    }
    let worker = work(&outbox, &fake).await.unwrap();
    outbox.drained().await.unwrap();
    assert_eq!(fake.sent().len(), 22, "what was not sent goes out");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// Another file, or a dump that is restored into another database.
async fn a_copy_in_another_place_must_be_adopted_and_is_then_compared(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let copy = sent_after(TestDatabase::copied, database, &fake).await;
    let outbox = copy.outbox().await;
    let error = work(&outbox, &fake).await.unwrap_err();
    assert!(matches!(error, OutboxError::CopiedFile { .. }), "{error}");
    outbox.adopt_copy("ada").await.unwrap();
    let mut timing = quick();
    timing.away = Duration::from_secs(600);
    let worker = outbox.worker(account(&fake)).timing(timing).spawn().await.unwrap();
    let error = worker.ended().await.unwrap_err();
    assert!(matches!(error, OutboxError::AlreadySent { .. }), "{error}");
    assert_eq!(fake.sent().len(), 21);
    let worker = outbox.worker(account(&fake)).trust_database().rate(fake.phone_number(), 1e6).spawn();
    let worker = worker.await.unwrap();
    outbox.drained().await.unwrap();
    assert_eq!(fake.sent().len(), 41, "as somebody said so");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    copy.close().await;
}

/// The provider has a message whose id is not known here, and an equal one waits behind it: that is no old copy.
async fn a_message_whose_answer_was_lost_explains_what_the_provider_has(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let worker = work(&outbox, &fake).await.unwrap();
    // The worker asks the provider first, and that question must not meet the fault.
    outbox.enqueue("first", text("first")).await.unwrap();
    outbox.wait("first").await.unwrap();
    fake.fail_next(Fault::cut_after());
    outbox.enqueue("lost", text("equal")).await.unwrap();
    assert_eq!(outbox.wait("lost").await.unwrap().state, State::Unknown);
    outbox.enqueue("equal", text("equal")).await.unwrap();
    outbox.enqueue("other", text("other")).await.unwrap();
    outbox.wait("other").await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    let worker = work(&outbox, &fake).await.unwrap();
    outbox.enqueue("next", text("next")).await.unwrap();
    outbox.wait("next").await.unwrap();
    assert!(worker.is_running());
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// While the provider cannot be asked, nothing is sent; it is asked again.
async fn nothing_is_sent_before_the_provider_was_asked(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    sent_after(TestDatabase::back_up, database, &fake).await;
    database.restore().await;
    let outbox = database.outbox().await;
    for _ in 0..8 {
        fake.fail_next(Fault::status(503));
    }
    let error = work(&outbox, &fake).await.unwrap().ended().await.unwrap_err();
    assert!(matches!(error, OutboxError::AlreadySent { .. }), "{error}");
    assert_eq!(fake.sent().len(), 21);
    assert_eq!(outbox.get("k0").await.unwrap().state, State::Ready);
}

/// Its messages wait, but would be sent when it is resumed.
async fn a_restored_backup_of_a_paused_campaign_is_noticed(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let worker = work(&outbox, &fake).await.unwrap();
    outbox.enqueue("first", text("first")).await.unwrap();
    outbox.drained().await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    let templates = Templates::new().add("text", "Hi {{name}}").unwrap();
    let campaign = outbox.campaign("spring");
    let people = (0..20).map(|n| Recipient::new(format!("+1415555{}", 1_000 + n)).value("name", n));
    let draft = campaign.text(&templates, "text").unwrap().paused();
    draft.start(Recipients::rows(people)).await.unwrap().finished().await.unwrap();
    database.back_up().await;
    campaign.resume("ada").await.unwrap();
    let worker = work(&outbox, &fake).await.unwrap();
    outbox.drained().await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    outbox.store().close().await;
    assert_eq!(fake.sent().len(), 21);
    database.restore().await;
    let outbox = database.outbox().await;
    let error = work(&outbox, &fake).await.unwrap().ended().await.unwrap_err();
    assert!(matches!(error, OutboxError::AlreadySent { .. }), "{error}");
    assert_eq!(fake.sent().len(), 21);
}

on_both! {
    a_restored_backup_sends_nothing_again,
    a_restored_backup_of_a_paused_campaign_is_noticed,
    a_copy_in_another_place_must_be_adopted_and_is_then_compared,
    a_message_whose_answer_was_lost_explains_what_the_provider_has,
    nothing_is_sent_before_the_provider_was_asked,
}
