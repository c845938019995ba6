//! The log on PostgreSQL, with many writers at once.

use std::collections::BTreeSet;
use std::time::Duration;

use switchboard_store::{Database, Log, NewEvent, Postgres, PostgresAppender, StoreError};
use tokio::task::JoinSet;

use crate::postgres::{drop_schema, empty, url};
use crate::process::{Site, note, task};

/// Tasks that append at the same time.
const WRITERS: usize = 64;

async fn append(db: &Postgres, topics: &[&str]) -> Result<(), StoreError> {
    let mut connection = db.connection().await?;
    let transaction = connection.begin().await.unwrap();
    let event = |topic| NewEvent { at_micros: 5, topic, subject: Some(1), actor: Some("ada"), detail: None };
    let events: Vec<_> = topics.iter().map(|topic| event(*topic)).collect();
    PostgresAppender::new(db.schema()).append(&transaction, &events).await?;
    transaction.commit().await?;
    db.note_commit();
    Ok(())
}

/// Starts 64 tasks that append `each` pairs of events.
fn write(db: &Postgres, each: usize) -> JoinSet<()> {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let db = db.clone();
        writers.spawn(async move {
            for n in 0..each {
                append(&db, &[&format!("{writer}.{n}.a"), &format!("{writer}.{n}.b")]).await.unwrap();
            }
        });
    }
    writers
}

/// The reader of the next test: it notes each event before it says that the event is handled.
#[tokio::test]
#[ignore = "the other process of the next test"]
async fn reader() {
    let Some((_, database)) = task().await else { return };
    let log = Log::open(database).await.unwrap();
    let mut cursor = loop {
        // The server needs a moment to notice that the last reader was killed.
        match log.cursor("crm").await {
            Ok(cursor) => break cursor,
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    loop {
        let handed = cursor.next().await.unwrap();
        note(&format!("{} {}", handed.event.seq, if handed.again { "again" } else { "first" }));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_reader_that_is_killed_skips_nothing_and_marks_what_it_repeats() {
    const EACH: usize = 40;
    let site = Site::postgres("killed").await;
    let Database::Postgres(db) = site.open().await else { unreachable!() };
    let log = Log::open(db.clone()).await.unwrap();
    // A transaction in another database of the server, with an id and a snapshot, stays open.
    let elsewhere = Postgres::connect(&another_database()).await.unwrap();
    let mut other = elsewhere.connection().await.unwrap();
    let open = other.begin().await.unwrap();
    open.batch("SET idle_in_transaction_session_timeout = 0; SELECT pg_current_xact_id()").await.unwrap();
    let mut writers = write(&db, EACH);
    let expected = WRITERS * EACH * 2;
    let (mut kills, mut random) = (0, fastrand::Rng::new());
    let numbers = |lines: &[String]| -> BTreeSet<i64> {
        lines.iter().map(|line| line.split_once(' ').unwrap().0.parse().unwrap()).collect()
    };
    while numbers(&site.noted()).len() < expected {
        let mut reader = site.start("postgres_log::reader", "read");
        tokio::time::sleep(Duration::from_millis(random.u64(50..400))).await;
        kills += usize::from(reader.kill());
        assert!(kills < 500, "it makes no progress");
    }
    while let Some(writer) = writers.join_next().await {
        writer.unwrap();
    }
    let mut seen = BTreeSet::new();
    for line in site.noted() {
        let (number, mark) = line.split_once(' ').unwrap();
        let number: i64 = number.parse().unwrap();
        assert!(seen.insert(number) || mark == "again", "{number} twice, and not marked so");
        assert!(mark == "again" || seen.last() == Some(&number), "{number} comes late");
    }
    let all: BTreeSet<i64> = log.read(0, 100_000).await.unwrap().iter().map(|event| event.seq).collect();
    assert_eq!(seen, all, "skipped");
    assert!(kills > 2);
    open.rollback().await.unwrap();
    site.end().await;
}

/// The numbers of 64 writers become visible in their order, also while other transactions stay open.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn no_event_is_skipped_and_none_is_returned_twice_without_being_marked() {
    const EACH: usize = 20;
    let db = empty("writers").await;
    let log = Log::open(db.clone()).await.unwrap();
    // A transaction of somebody else that has an id and a snapshot, and stays open.
    let mut other = db.connection().await.unwrap();
    let open = other.begin().await.unwrap();
    open.batch("SET idle_in_transaction_session_timeout = 0; SELECT pg_current_xact_id()").await.unwrap();
    let mut writers = write(&db, EACH);
    let (mut seen, mut last) = (BTreeSet::new(), 0);
    while seen.len() < WRITERS * EACH * 2 {
        // The reader is dropped in the middle, again and again, without saving its position.
        let mut cursor = loop {
            match log.cursor("crm").await {
                Ok(cursor) => break cursor,
                Err(StoreError::Locked { .. }) => tokio::time::sleep(Duration::from_millis(1)).await,
                Err(error) => panic!("{error}"),
            }
        };
        for n in 0..50 {
            if seen.len() == WRITERS * EACH * 2 {
                break;
            }
            let handed = cursor.next().await.unwrap();
            assert!(handed.again || handed.event.seq > last, "{} after {last}", handed.event.seq);
            last = last.max(handed.event.seq);
            let new = seen.insert(handed.event.topic);
            assert!(new || handed.again, "twice, and not marked so");
            if n == 30 {
                cursor.save().await.unwrap();
            }
        }
        // As after a kill: nothing is saved, and the server ends the connection with the lock.
        std::mem::forget(cursor);
        end_lock(&db, "cursor-crm").await;
    }
    while let Some(writer) = writers.join_next().await {
        writer.unwrap();
    }
    open.rollback().await.unwrap();
    drop_schema(&db).await;
}

/// Every server has this database.
fn another_database() -> String {
    let url = url();
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/template1")
}

async fn end_lock(db: &Postgres, name: &str) {
    let holders = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
        AND (classid::bigint << 32) | objid::bigint = hashtextextended($1, 0)";
    let key = format!("{}.lock.{name}", db.schema());
    let ended = db.connection().await.unwrap().query(holders, &[&key]).await.unwrap();
    assert_eq!(ended.len(), 1);
}
