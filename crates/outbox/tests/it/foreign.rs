//! Rows that other programs write into the same file, which no type has checked.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use switchboard_outbox::{Enqueue, Outbox, State};
use switchboard_testing::{FakeTwilio, Fault};

use crate::setup::{account, quick, text, until};

/// A file of its own, removed at the end.
struct File(std::path::PathBuf);

impl File {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("switchboard-foreign-{:x}", fastrand::u64(..)));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    async fn open(&self) -> (Outbox, Connection) {
        let path = self.0.join("app.db");
        let outbox = Outbox::sqlite(&path).await.unwrap();
        let other = Connection::open(&path).unwrap();
        other.busy_timeout(Duration::from_secs(10)).unwrap();
        (outbox, other)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn write(other: &Connection, request: &[u8]) {
    let sql = "INSERT INTO switchboard_enqueue (request) VALUES (CAST(?1 AS TEXT))";
    other.execute(sql, [request]).unwrap();
}

/// Each of these rows is for a person; the next message is sent all the same.
async fn is_parked_alone(request: &[u8]) {
    let file = File::new();
    let (outbox, other) = file.open().await;
    write(&other, request);
    let fake = FakeTwilio::start().await;
    let worker = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    outbox.enqueue("good", text("Hi")).await.unwrap();
    let shown = String::from_utf8_lossy(request).into_owned();
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

#[tokio::test]
async fn a_text_in_latin_1_stops_nobody() {
    is_parked_alone(b"{\"key\":\"k\",\"text\":{\"to\":\"+14155551234\",\"text\":\"caf\xe9\"}}").await;
}

#[tokio::test]
async fn half_an_emoji_stops_nobody() {
    is_parked_alone(br#"{"key":"k","text":{"to":"+14155551234","text":"hi \ud83d"}}"#).await;
    is_parked_alone(br#"{"key":"k\ud83d","text":{"to":"+1415555\ud83d","text":"hi \ud83d"}}"#).await;
    is_parked_alone(br#"{"tenant":"t\ud83d","key":"k","text":{"to":"+14155551234","text":"hi \ud83d"}}"#)
        .await;
}

#[tokio::test]
async fn a_sender_that_cannot_be_read_hides_no_message() {
    is_parked_alone(
        br#"{"key":"k","text":{"to":"+14155551234","text":"x","from":{"pool":{"id":"MG1","number":5}}}}"#,
    )
    .await;
}

#[tokio::test]
async fn the_last_moment_of_the_year_9999_is_a_time() {
    let file = File::new();
    let (outbox, other) = file.open().await;
    write(&other, br#"{"key":"k","text":{"to":"+14155551234","text":"x"},"expires":"9999-12-31T23:59:59Z"}"#);
    assert_eq!(outbox.get("k").await.unwrap().state, State::Ready);
    let fake = FakeTwilio::start().await;
    let worker = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    assert!(matches!(outbox.wait("k").await.unwrap().state, State::Accepted { .. }));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

#[tokio::test]
async fn what_expires_in_a_week_is_sent_today() {
    let fake = FakeTwilio::start().await;
    let outbox = Outbox::memory().await.unwrap();
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
#[tokio::test]
async fn a_database_that_is_locked_costs_no_time_and_loses_no_result() {
    let file = File::new();
    let path = file.0.join("app.db");
    let store = switchboard_store::Sqlite::builder().busy_timeout(Duration::from_millis(1_500));
    let outbox = Outbox::open(store.open(&path).await.unwrap()).await.unwrap();
    let fake = FakeTwilio::start().await;
    let worker = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    // Its answer comes while another program holds the write lock.
    fake.fail_next(Fault::slow(Duration::from_millis(600)));
    outbox.enqueue("k", text("Hi")).await.unwrap();
    until("it has arrived", async || outbox.counts().await.unwrap().sending == 1).await;
    let other = Connection::open(&path).unwrap();
    other.busy_timeout(Duration::from_secs(10)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let before = cpu();
    tokio::time::sleep(Duration::from_secs(4)).await;
    let spent = cpu() - before;
    other.execute_batch("ROLLBACK").unwrap();
    assert!(spent < Duration::from_secs(1), "{spent:?} of 4 s while the database is locked");
    assert!(matches!(outbox.wait("k").await.unwrap().state, State::Accepted { .. }));
    assert_eq!(fake.sent().len(), 1);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}
