//! Events and the cursors that read them, on each database.

use std::time::Duration;

use rusqlite::Connection;
use switchboard_store::{
    Appender, Cursor, Database, Handed, Log, NewEvent, Postgres, PostgresAppender, Sqlite, StoreError,
    expand_schema, rusqlite,
};

use crate::Folder;

/// Runs each test on an SQLite file, in memory and, where there is a server, on PostgreSQL.
macro_rules! on_each {
    ($($name:ident),+ $(,)?) => {
        mod file {
            $(#[tokio::test]
            async fn $name() {
                let folder = crate::Folder::new();
                let file = switchboard_store::Sqlite::open(folder.file()).await.unwrap();
                super::$name(&file.into()).await;
            })+
        }
        mod memory {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&switchboard_store::Sqlite::memory().await.unwrap().into()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            #[ignore = "needs PostgreSQL"]
            async fn $name() {
                let postgres = crate::postgres::empty("log").await;
                super::$name(&postgres.clone().into()).await;
                crate::postgres::drop_schema(&postgres).await;
            })+
        }
    };
}

const EVENT: NewEvent<'_> =
    NewEvent { at_micros: 5, topic: "sent", subject: None, actor: Some("ada"), detail: Some(r#"{"a":1}"#) };

/// Appends events whose subjects are 0, 1, 2…
pub(crate) async fn append(database: &Database, count: i64) {
    let events: Vec<_> = (0..count).map(|subject| NewEvent { subject: Some(subject), ..EVENT }).collect();
    append_all(database, events, None).await.unwrap();
}

/// Appends events in one transaction, which ends with an error if there is one.
async fn append_all(
    database: &Database,
    events: Vec<NewEvent<'static>>,
    error: Option<StoreError>,
) -> Result<(), StoreError> {
    match database {
        Database::Sqlite(sqlite) => {
            let appender = Appender::new(sqlite.prefix());
            let append = move |connection: &Connection| {
                for event in &events {
                    appender.append(connection, event)?;
                }
                error.map_or(Ok(()), Err)
            };
            sqlite.write(append).await
        }
        Database::Postgres(postgres) => {
            let mut connection = postgres.connection().await?;
            let transaction = connection.begin().await.unwrap();
            PostgresAppender::new(postgres.schema()).append(&transaction, &events).await?;
            if let Some(error) = error {
                return Err(error);
            }
            transaction.commit().await?;
            postgres.note_commit();
            Ok(())
        }
        other => panic!("{other:?}"),
    }
}

/// Runs statements in one transaction. `{t}` stands before the name of each table of ours.
async fn run(database: &Database, sql: &str) -> Result<(), StoreError> {
    match database {
        Database::Sqlite(sqlite) => {
            let sql = sql.replace("{t}", sqlite.prefix());
            sqlite.write(move |connection| Ok(connection.execute_batch(&sql)?)).await
        }
        Database::Postgres(postgres) => {
            let sql = expand_schema(&sql.replace("{t}", "{s}."), postgres.schema());
            postgres.connection().await?.batch(&sql).await
        }
        other => panic!("{other:?}"),
    }
}

async fn open(database: &Database) -> Log {
    Log::open(database.clone()).await.unwrap()
}

async fn next(cursor: &mut Cursor) -> (i64, bool) {
    let handed = cursor.next().await.unwrap();
    (handed.event.seq, handed.again)
}

/// Opens a cursor again. A PostgreSQL server needs a moment to notice that its last reader has ended.
async fn again(log: &Log) -> Cursor {
    loop {
        match log.cursor("crm").await {
            Err(StoreError::Locked { .. }) => tokio::task::yield_now().await,
            other => return other.unwrap(),
        }
    }
}

async fn events_are_read_as_they_were_appended(database: &Database) {
    let log = open(database).await;
    append(database, 3).await;
    append_all(database, vec![NewEvent { topic: "plain", ..NewEvent::default() }], None).await.unwrap();
    let events = log.read(1, 2).await.unwrap();
    assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [2, 3]);
    let first = &events[0];
    assert_eq!((first.at_micros, first.topic.as_str(), first.subject), (5, "sent", Some(1)));
    assert_eq!((first.actor.as_deref(), first.detail.as_deref()), (Some("ada"), Some(r#"{"a":1}"#)));
    let last = &log.read(3, 10).await.unwrap()[0];
    assert_eq!((last.seq, last.topic.as_str()), (4, "plain"));
    assert_eq!((last.subject, &last.actor, &last.detail), (None, &None, &None));
}

async fn an_event_of_a_transaction_that_fails_never_happened(database: &Database) {
    let log = open(database).await;
    append_all(database, vec![EVENT], Some(StoreError::Stopped)).await.unwrap_err();
    assert_eq!(log.read(0, 10).await.unwrap(), []);
}

async fn the_log_is_append_only(database: &Database) {
    let log = open(database).await;
    append(database, 3).await;
    for sql in [
        "UPDATE {t}log SET topic = 'x' WHERE seq = 1",
        "DELETE FROM {t}log WHERE seq = 1",
        "DELETE FROM {t}log",
        "DELETE FROM {t}log_floor; DELETE FROM {t}log WHERE seq = 1",
    ] {
        let error = run(database, sql).await.unwrap_err().to_string();
        assert!(error.contains("the log is append-only"), "{error}");
        assert!(database.sqlite().is_some() || error.contains("SB405"), "{error}");
    }
    assert_eq!(log.read(0, 10).await.unwrap().len(), 3);
}

async fn old_events_are_deleted_below_the_floor_only(database: &Database) {
    let log = open(database).await;
    append(database, 5).await;
    let mut cursor = log.cursor("crm").await.unwrap();
    for _ in 0..4 {
        next(&mut cursor).await;
    }
    cursor.save().await.unwrap();
    for sql in [
        "UPDATE {t}log_floor SET seq = 6",
        "UPDATE {t}log_floor SET seq = -1",
        "UPDATE {t}log_floor SET seq = 3; DELETE FROM {t}log WHERE seq <= 3",
    ] {
        run(database, sql).await.unwrap_err();
    }
    run(database, "UPDATE {t}log_floor SET seq = 5; DELETE FROM {t}log WHERE seq < 5").await.unwrap();
    append(database, 2).await;
    let left: Vec<_> = log.read(0, 10).await.unwrap().iter().map(|event| event.seq).collect();
    assert_eq!(left, [5, 6, 7]);
    let error = run(database, "UPDATE {t}log_floor SET seq = 6").await.unwrap_err();
    assert!(error.to_string().contains("has not done these events"), "{error}");
    drop(cursor);
    run(database, "DELETE FROM {t}cursor; UPDATE {t}log_floor SET seq = 6").await.unwrap();
}

async fn a_cursor_continues_after_what_is_done(database: &Database) {
    let log = open(database).await;
    append(database, 4).await;
    let mut cursor = log.cursor("crm").await.unwrap();
    assert_eq!(next(&mut cursor).await, (1, false));
    assert_eq!(next(&mut cursor).await, (2, false));
    assert_eq!(next(&mut cursor).await, (3, false));
    // The mark of the third event says that the second one is handled.
    drop(cursor);
    let mut cursor = again(&log).await;
    assert_eq!(next(&mut cursor).await, (3, true));
    assert_eq!(next(&mut cursor).await, (4, false));
    cursor.save().await.unwrap();
    drop(cursor);
    append(database, 1).await;
    let mut cursor = again(&log).await;
    assert_eq!(next(&mut cursor).await, (5, false));
    let mut other = log.cursor("other").await.unwrap();
    assert_eq!(next(&mut other).await, (1, false));
}

async fn a_batch_counts_as_handled_together(database: &Database) {
    let log = open(database).await;
    append(database, 5).await;
    let seqs = |batch: Vec<Handed>| batch.iter().map(|one| (one.event.seq, one.again)).collect::<Vec<_>>();
    let mut cursor = log.cursor("crm").await.unwrap();
    assert_eq!(seqs(cursor.next_batch(3).await.unwrap()), [(1, false), (2, false), (3, false)]);
    drop(cursor);
    let mut cursor = again(&log).await;
    assert_eq!(seqs(cursor.next_batch(2).await.unwrap()), [(1, true), (2, true)]);
    assert_eq!(seqs(cursor.next_batch(9).await.unwrap()), [(3, true), (4, false), (5, false)]);
    cursor.save().await.unwrap();
    drop(cursor);
    append(database, 1).await;
    assert_eq!(seqs(again(&log).await.next_batch(9).await.unwrap()), [(6, false)]);
}

async fn a_cursor_has_one_reader(database: &Database) {
    let log = open(database).await;
    let cursor = log.cursor("crm").await.unwrap();
    let second = log.cursor("crm").await;
    assert!(matches!(second, Err(StoreError::Locked { name }) if name == "cursor-crm"));
    drop(cursor);
    again(&log).await;
    assert!(matches!(log.cursor("a/b").await, Err(StoreError::BadName { .. })));
}

/// Only SQLite counts its transactions.
#[tokio::test]
async fn a_cursor_does_not_wait_for_the_disk_at_each_event() {
    let folder = Folder::new();
    for db in [Sqlite::open(folder.file()).await.unwrap(), Sqlite::memory().await.unwrap()] {
        let log = Log::open(db.clone()).await.unwrap();
        append(&db.clone().into(), 3000).await;
        let mut cursor = log.cursor("crm").await.unwrap();
        let before = db.statistics().transactions;
        for seq in 1..=3000 {
            assert_eq!(next(&mut cursor).await, (seq, false));
        }
        let written = db.statistics().transactions - before;
        // One in 1024 events, and one a second.
        assert!((3..=6).contains(&written), "{written}");
    }
}

async fn a_commit_wakes_a_cursor_that_waits(database: &Database) {
    let log = open(database).await;
    let mut cursor = log.cursor("crm").await.unwrap();
    let waits = tokio::spawn(async move { next(&mut cursor).await });
    tokio::task::yield_now().await;
    append(database, 1).await;
    assert_eq!(waits.await.unwrap(), (1, false));
}

async fn rows_of_another_process_are_found(database: &Database, other: &Database) {
    let mut cursor = open(database).await.cursor("crm").await.unwrap();
    let waits = tokio::spawn(async move { next(&mut cursor).await });
    append(other, 1).await;
    assert_eq!(waits.await.unwrap(), (1, false));
}

#[tokio::test]
async fn rows_of_another_process_are_found_in_a_file() {
    let folder = Folder::new();
    let open = async || Sqlite::open(folder.file()).await.unwrap().into();
    rows_of_another_process_are_found(&open().await, &open().await).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn rows_of_another_process_are_found_on_postgres() {
    let one = crate::postgres::empty("log").await;
    let other = Postgres::builder(&crate::postgres::url()).schema(one.schema()).connect().await.unwrap();
    rows_of_another_process_are_found(&one.clone().into(), &other.into()).await;
    crate::postgres::drop_schema(&one).await;
}

async fn a_call_of_next_that_is_given_up_loses_nothing(database: &Database) {
    let log = open(database).await;
    let mut cursor = log.cursor("crm").await.unwrap();
    append(database, 50).await;
    let (mut seen, mut tries) = (Vec::new(), 0);
    while seen.len() < 50 {
        // Many are given up at their first await, and the next ones later.
        let limit = Duration::from_micros(50 * tries);
        match tokio::time::timeout(limit, cursor.next()).await {
            Ok(handed) => {
                seen.push(handed.unwrap().event.seq);
                tries = 0;
            }
            Err(_) => tries += 1,
        }
    }
    assert_eq!(seen, (1..=50).collect::<Vec<_>>());
}

/// A PostgreSQL server that cannot be reached is waited for.
#[tokio::test]
async fn a_closed_store_ends_a_cursor() {
    let folder = Folder::new();
    for db in [Sqlite::open(folder.file()).await.unwrap(), Sqlite::memory().await.unwrap()] {
        let mut cursor = Log::open(db.clone()).await.unwrap().cursor("crm").await.unwrap();
        let waits = tokio::spawn(async move { cursor.next().await });
        tokio::task::yield_now().await;
        db.close().await;
        assert!(matches!(waits.await.unwrap(), Err(StoreError::Stopped)));
    }
}

async fn old_events_are_deleted_in_parts_up_to_what_a_cursor_has_handled(database: &Database) {
    let log = open(database).await;
    assert_eq!(log.delete_before(i64::MAX, 10).await.unwrap(), 0);
    append(database, 6).await;
    let mut cursor = log.cursor("crm").await.unwrap();
    for _ in 0..5 {
        next(&mut cursor).await;
    }
    cursor.save().await.unwrap();
    assert_eq!(log.delete_before(5, 10).await.unwrap(), 0, "they happened at 5");
    assert_eq!(log.delete_before(6, 2).await.unwrap(), 2);
    assert_eq!(log.delete_before(6, 10).await.unwrap(), 3, "the sixth was not handled");
    assert_eq!(next(&mut cursor).await.0, 6);
    cursor.save().await.unwrap();
    assert_eq!(log.delete_before(6, 10).await.unwrap(), 0, "the newest stays");
    append(database, 1).await;
    assert_eq!(log.delete_before(6, 10).await.unwrap(), 1);
    assert_eq!(log.read(0, 10).await.unwrap().len(), 1);
}

on_each! {
    events_are_read_as_they_were_appended,
    an_event_of_a_transaction_that_fails_never_happened,
    the_log_is_append_only,
    old_events_are_deleted_below_the_floor_only,
    a_cursor_continues_after_what_is_done,
    a_batch_counts_as_handled_together,
    a_cursor_has_one_reader,
    a_commit_wakes_a_cursor_that_waits,
    a_call_of_next_that_is_given_up_loses_nothing,
    old_events_are_deleted_in_parts_up_to_what_a_cursor_has_handled,
}
