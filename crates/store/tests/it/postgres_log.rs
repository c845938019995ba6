//! The log on PostgreSQL, with many writers at once.

use std::collections::BTreeSet;
use std::time::Duration;

use switchboard_store::{Log, NewEvent, Postgres, PostgresAppender, StoreError, expand_schema};

use crate::postgres::{drop_schema, empty};

async fn append(db: &Postgres, topics: &[&str]) -> Result<(), StoreError> {
    let mut connection = db.connection().await?;
    let transaction = connection.begin().await?;
    let event = |topic| NewEvent { at_micros: 5, topic, subject: Some(1), actor: Some("ada"), detail: None };
    let events: Vec<_> = topics.iter().map(|topic| event(*topic)).collect();
    PostgresAppender::new(db.schema()).append(&transaction, &events).await?;
    transaction.commit().await?;
    db.note_commit();
    Ok(())
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn events_are_read_as_they_were_appended_and_stay() {
    let db = empty("log").await;
    let log = Log::open(db.clone()).await.unwrap();
    append(&db, &["a", "b", "c"]).await.unwrap();
    let events = log.read(1, 10).await.unwrap();
    let topics: Vec<&str> = events.iter().map(|event| event.topic.as_str()).collect();
    assert_eq!((topics, events[0].seq, events[0].actor.as_deref()), (vec!["b", "c"], 2, Some("ada")));
    let connection = db.connection().await.unwrap();
    for sql in [
        "UPDATE {s}.log SET topic = 'x'",
        "DELETE FROM {s}.log WHERE seq = 1",
        "UPDATE {s}.log_floor SET seq = 4",
    ] {
        let error = connection.batch(&expand_schema(sql, db.schema())).await.unwrap_err();
        assert!(error.to_string().contains("SB405"), "{error}");
    }
    let retention = "BEGIN; UPDATE {s}.log_floor SET seq = 2; DELETE FROM {s}.log WHERE seq < 2; COMMIT";
    connection.batch(&expand_schema(retention, db.schema())).await.unwrap();
    assert_eq!(log.read(0, 10).await.unwrap().len(), 2);
    drop_schema(&db).await;
}

/// The numbers of 64 writers become visible in their order, also while other transactions stay open.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn no_event_is_skipped_and_none_is_returned_twice_without_being_marked() {
    const WRITERS: usize = 64;
    const EACH: usize = 20;
    let db = empty("writers").await;
    let log = Log::open(db.clone()).await.unwrap();
    // A transaction of somebody else that has an id and a snapshot, and stays open.
    let mut other = db.connection().await.unwrap();
    let open = other.begin().await.unwrap();
    open.query("SELECT pg_current_xact_id()", &[]).await.unwrap();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                for n in 0..EACH {
                    append(&db, &[&format!("{writer}.{n}.a"), &format!("{writer}.{n}.b")]).await.unwrap();
                }
            })
        })
        .collect();
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
    for writer in writers {
        writer.await.unwrap();
    }
    open.rollback().await.unwrap();
    drop_schema(&db).await;
}

async fn end_lock(db: &Postgres, name: &str) {
    let holders = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
        AND (classid::bigint << 32) | objid::bigint = hashtextextended($1, 0)";
    let key = format!("{}.lock.{name}", db.schema());
    let ended = db.connection().await.unwrap().query(holders, &[&key]).await.unwrap();
    assert_eq!(ended.len(), 1);
}
