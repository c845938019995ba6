//! Rows that other programs write into the same database, which no type has checked.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use switchboard_outbox::{Enqueue, Outbox, State};
use switchboard_store::Sqlite;
use switchboard_testing::{FakeTwilio, Fault};

use crate::database::{TestDatabase, on_both};
use crate::setup::{account, quick, text, until};

/// Each of these rows is for a person; the next message is sent all the same.
async fn is_parked_alone(request: &[u8], database: &TestDatabase) {
    let outbox = database.outbox().await;
    database.enqueue(request).await.unwrap();
    let shown = String::from_utf8_lossy(request);
    let fake = FakeTwilio::start().await;
    let worker = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    outbox.enqueue("good", text("Hi")).await.unwrap();
    let sent = tokio::time::timeout(Duration::from_secs(15), outbox.wait("good")).await;
    assert!(sent.is_ok_and(|sent| matches!(sent.unwrap().state, State::Accepted { .. })), "{shown}");
    until("the other is parked", async || outbox.counts().await.unwrap().parked == 1).await;
    let listed = outbox.unsettled(None, 10).await.unwrap();
    let [parked] = listed.as_slice() else { panic!("{} are listed: {shown}", listed.len()) };
    assert_eq!(parked.state, State::Parked, "{shown}");
    assert_eq!(outbox.get(parked.id).await.unwrap().id, parked.id);
    assert_eq!(fake.sent().len(), 1, "{shown}");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// PostgreSQL refuses bytes that are no text, before the statement sees them.
#[tokio::test]
async fn a_text_in_latin_1_stops_nobody() {
    let row = b"{\"key\":\"k\",\"text\":{\"to\":\"+14155551234\",\"text\":\"caf\xe9\"}}";
    is_parked_alone(row, &TestDatabase::sqlite()).await;
}

/// PostgreSQL refuses it: its JSON has no half characters.
#[tokio::test]
async fn half_an_emoji_stops_nobody() {
    for request in [
        br#"{"key":"k","text":{"to":"+14155551234","text":"hi \ud83d"}}"#.as_slice(),
        br#"{"key":"k\ud83d","text":{"to":"+1415555\ud83d","text":"hi \ud83d"}}"#,
        br#"{"tenant":"t\ud83d","key":"k","text":{"to":"+14155551234","text":"hi \ud83d"}}"#,
    ] {
        is_parked_alone(request, &TestDatabase::sqlite()).await;
    }
}

async fn a_sender_that_cannot_be_read_hides_no_message(database: &TestDatabase) {
    let row =
        br#"{"key":"k","text":{"to":"+14155551234","text":"x","from":{"pool":{"id":"MG1","number":5}}}}"#;
    is_parked_alone(row, database).await;
}

async fn the_last_moment_of_the_year_9999_is_a_time(database: &TestDatabase) {
    let row = br#"{"key":"k","text":{"to":"+14155551234","text":"x"},"expires":"9999-12-31T23:59:59Z"}"#;
    let outbox = database.outbox().await;
    database.enqueue(row).await.unwrap();
    assert_eq!(outbox.get("k").await.unwrap().state, State::Ready);
    let fake = FakeTwilio::start().await;
    let worker = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    assert!(matches!(outbox.wait("k").await.unwrap().state, State::Accepted { .. }));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn what_expires_in_a_week_is_sent_today(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let worker = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    let expires = Timestamp::now() + SignedDuration::from_hours(7 * 24);
    outbox.enqueue_all([Enqueue::new("k", text("Hi")).expires(expires)]).await.unwrap();
    let message = outbox.wait("k").await.unwrap();
    assert!(matches!(message.state, State::Accepted { .. }), "{}: {:?}", message.state, message.error);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// What this thread has computed so far.
#[cfg(target_os = "linux")]
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

#[cfg(target_os = "linux")]
async fn a_database_that_is_locked_costs_no_time_and_loses_no_result(database: &TestDatabase) {
    let outbox = match database {
        TestDatabase::Sqlite(folder) => {
            let impatient = Sqlite::builder().busy_timeout(Duration::from_millis(1_500));
            Outbox::open(impatient.open(folder.database()).await.unwrap()).await.unwrap()
        }
        TestDatabase::Postgres(server) => server.outbox().await,
    };
    let fake = FakeTwilio::start().await;
    let worker = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    // Its answer comes while another program holds the write lock.
    fake.fail_next(Fault::slow(Duration::from_millis(600)));
    outbox.enqueue("k", text("Hi")).await.unwrap();
    until("it has arrived", async || outbox.counts().await.unwrap().sending == 1).await;
    let waiting = async {
        let before = cpu();
        tokio::time::sleep(Duration::from_secs(4)).await;
        cpu() - before
    };
    let spent = database.while_locked(waiting).await;
    assert!(spent < Duration::from_secs(1), "{spent:?} of 4 s while the database is locked");
    assert!(matches!(outbox.wait("k").await.unwrap().state, State::Accepted { .. }));
    assert_eq!(fake.sent().len(), 1);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

on_both! {
    a_sender_that_cannot_be_read_hides_no_message,
    the_last_moment_of_the_year_9999_is_a_time,
    what_expires_in_a_week_is_sent_today,
    a_database_that_is_locked_costs_no_time_and_loses_no_result,
}
