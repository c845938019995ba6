//! A person is forgotten, in the file too; what is recent is kept.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use switchboard::provider::Outgoing;
use switchboard_outbox::{Enqueue, Outbox, OutboxError, Person};
use switchboard_testing::FakeTwilio;

use crate::database::{Folder, TestDatabase, on_both};
use crate::setup::{start, text};

const NUMBER: &str = "+14155550177";

/// The number and the text are nowhere in the files of the database any more. PostgreSQL decides when deleted rows leave its files.
#[tokio::test]
async fn nothing_of_a_forgotten_person_stays_in_the_file() {
    let folder = Folder::new();
    let outbox = Outbox::sqlite(folder.database()).await.unwrap();
    let text = |n: u32| Outgoing::text(NUMBER, format!("planted-4711 {n}"));
    let messages = (0..500).map(|n| Enqueue::new(format!("row {n}"), text(n)));
    let others = (0..500).map(|n| Enqueue::new(format!("other {n}"), Outgoing::text("+14155550188", "x")));
    outbox.enqueue_all(others.chain(messages)).await.unwrap();
    let forgotten = outbox.forget(&Person::new(NUMBER), "ada").await.unwrap();
    assert_eq!((forgotten.deleted, forgotten.open), (500, 0));
    assert_eq!(outbox.counts().await.unwrap().ready, 500);
    outbox.store().close().await;
    let bytes: Vec<u8> = std::fs::read_dir(folder.path())
        .unwrap()
        .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect();
    for planted in ["planted-4711", NUMBER] {
        let found = bytes.windows(planted.len()).any(|window| window == planted.as_bytes());
        assert!(!found, "{planted} is still in the file");
    }
}

async fn nobody_texts_a_forgotten_person_before_they_are_remembered(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let person = Person::new(NUMBER);
    let send = async |key: &str| outbox.enqueue(key, Outgoing::text(NUMBER, "hello")).await;
    send("a").await.unwrap();
    outbox.drained().await.unwrap();
    assert_eq!(outbox.forget(&person, "ada").await.unwrap().deleted, 1);
    assert!(matches!(send("b").await, Err(OutboxError::Forgotten { place: 0 })));
    assert!(!outbox.remember(&person.clone().tenant("other")).await.unwrap());
    assert!(outbox.remember(&person).await.unwrap());
    send("b").await.unwrap();
    outbox.drained().await.unwrap();
    assert_eq!(fake.sent().len(), 2);
    assert!(matches!(outbox.forget(&person, " ").await, Err(OutboxError::Invalid(_))));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn what_ended_lately_cannot_be_deleted(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    outbox.enqueue("a", text("x")).await.unwrap();
    outbox.drained().await.unwrap();
    let ago = |hours| Timestamp::now() - SignedDuration::from_hours(hours);
    assert!(matches!(outbox.delete_ended(ago(71)).await, Err(OutboxError::Invalid(_))));
    assert_eq!(outbox.delete_ended(ago(73)).await.unwrap(), 0);
    assert_eq!(outbox.delete_events(ago(1)).await.unwrap(), 0);
    outbox.get("a").await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

on_both! {
    nobody_texts_a_forgotten_person_before_they_are_remembered,
    what_ended_lately_cannot_be_deleted,
}
