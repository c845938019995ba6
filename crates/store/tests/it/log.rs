//! Events and the cursors that read them.

use std::time::Duration;

use rusqlite::Connection;
use switchboard_store::{Appender, Cursor, Log, NewEvent, Sqlite, StoreError, rusqlite};

use crate::Folder;

pub(crate) async fn append(db: &Sqlite, count: i64) {
    let appender = Appender::new(db.prefix());
    db.write(move |connection| {
        for subject in 0..count {
            let event = NewEvent {
                at_micros: 5,
                topic: "sent",
                subject: Some(subject),
                actor: Some("ada"),
                detail: Some(r#"{"a":1}"#),
            };
            appender.append(connection, &event)?;
        }
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
}

async fn both(folder: &Folder) -> [(Sqlite, Log); 2] {
    let (file, memory) = (Sqlite::open(folder.file()).await.unwrap(), Sqlite::memory().await.unwrap());
    let (file_log, memory_log) =
        (Log::open(file.clone()).await.unwrap(), Log::open(memory.clone()).await.unwrap());
    [(file, file_log), (memory, memory_log)]
}

async fn next(cursor: &mut Cursor) -> (i64, bool) {
    let handed = cursor.next().await.unwrap();
    (handed.event.seq, handed.again)
}

async fn run(db: &Sqlite, sql: &'static str) -> Result<(), StoreError> {
    db.write(move |connection| Ok(connection.execute_batch(sql)?)).await
}

#[tokio::test]
async fn events_are_read_as_they_were_appended() {
    let folder = Folder::new();
    for (db, log) in both(&folder).await {
        append(&db, 3).await;
        let plain = Appender::new(db.prefix());
        let event = NewEvent { topic: "plain", ..NewEvent::default() };
        let seq = db.write(move |c| Ok::<_, StoreError>(plain.append(c, &event)?)).await.unwrap();
        let events = log.read(1, 2).await.unwrap();
        assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [2, 3]);
        let first = &events[0];
        assert_eq!((first.at_micros, first.topic.as_str(), first.subject), (5, "sent", Some(1)));
        assert_eq!((first.actor.as_deref(), first.detail.as_deref()), (Some("ada"), Some(r#"{"a":1}"#)));
        let last = &log.read(3, 10).await.unwrap()[0];
        assert_eq!((last.seq, last.subject, &last.actor, &last.detail), (seq, None, &None, &None));
    }
}

#[tokio::test]
async fn an_event_of_a_job_that_fails_never_happened() {
    let folder = Folder::new();
    for (db, log) in both(&folder).await {
        let appender = Appender::new(db.prefix());
        let failed = db.write(move |connection: &Connection| {
            appender.append(connection, &NewEvent { topic: "x", ..NewEvent::default() })?;
            Err::<(), _>(StoreError::Stopped)
        });
        failed.await.unwrap_err();
        assert_eq!(log.read(0, 10).await.unwrap(), []);
    }
}

#[tokio::test]
async fn the_log_is_append_only() {
    let folder = Folder::new();
    for (db, log) in both(&folder).await {
        append(&db, 3).await;
        for sql in [
            "UPDATE switchboard_log SET topic = 'x' WHERE seq = 1",
            "DELETE FROM switchboard_log WHERE seq = 1",
            "DELETE FROM switchboard_log",
            "DELETE FROM switchboard_log_floor; DELETE FROM switchboard_log WHERE seq = 1",
        ] {
            let error = run(&db, sql).await.unwrap_err().to_string();
            assert!(error.contains("the log is append-only"), "{error}");
        }
        assert_eq!(log.read(0, 10).await.unwrap().len(), 3);
    }
}

#[tokio::test]
async fn old_events_are_deleted_below_the_floor_only() {
    let folder = Folder::new();
    for (db, log) in both(&folder).await {
        append(&db, 5).await;
        let mut cursor = log.cursor("crm").await.unwrap();
        for _ in 0..4 {
            next(&mut cursor).await;
        }
        cursor.save().await.unwrap();
        for sql in [
            "UPDATE switchboard_log_floor SET seq = 6",
            "UPDATE switchboard_log_floor SET seq = -1",
            "UPDATE switchboard_log_floor SET seq = 3; DELETE FROM switchboard_log WHERE seq <= 3",
        ] {
            run(&db, sql).await.unwrap_err();
        }
        run(&db, "UPDATE switchboard_log_floor SET seq = 5; DELETE FROM switchboard_log WHERE seq < 5")
            .await
            .unwrap();
        append(&db, 2).await;
        let left: Vec<_> = log.read(0, 10).await.unwrap().iter().map(|event| event.seq).collect();
        assert_eq!(left, [5, 6, 7]);
        let error = run(&db, "UPDATE switchboard_log_floor SET seq = 6").await.unwrap_err();
        assert!(error.to_string().contains("has not done these events"), "{error}");
        drop(cursor);
        run(&db, "DELETE FROM switchboard_cursor; UPDATE switchboard_log_floor SET seq = 6").await.unwrap();
    }
}

#[tokio::test]
async fn a_cursor_continues_after_what_is_done() {
    let folder = Folder::new();
    for (db, log) in both(&folder).await {
        append(&db, 4).await;
        let mut cursor = log.cursor("crm").await.unwrap();
        assert_eq!(next(&mut cursor).await, (1, false));
        assert_eq!(next(&mut cursor).await, (2, false));
        assert_eq!(next(&mut cursor).await, (3, false));
        drop(cursor);
        let mut cursor = log.cursor("crm").await.unwrap();
        assert_eq!(next(&mut cursor).await, (3, true));
        assert_eq!(next(&mut cursor).await, (4, false));
        cursor.save().await.unwrap();
        drop(cursor);
        append(&db, 1).await;
        let mut cursor = log.cursor("crm").await.unwrap();
        assert_eq!(next(&mut cursor).await, (5, false));
        let mut other = log.cursor("other").await.unwrap();
        assert_eq!(next(&mut other).await, (1, false));
    }
}

#[tokio::test]
async fn a_cursor_has_one_reader() {
    let folder = Folder::new();
    for (_, log) in both(&folder).await {
        let cursor = log.cursor("crm").await.unwrap();
        let second = log.cursor("crm").await;
        assert!(matches!(second, Err(StoreError::Locked { name }) if name == "cursor-crm"));
        drop(cursor);
        log.cursor("crm").await.unwrap();
        assert!(matches!(log.cursor("a/b").await, Err(StoreError::BadName { .. })));
    }
}

#[tokio::test]
async fn a_cursor_does_not_wait_for_the_disk_at_each_event() {
    let folder = Folder::new();
    for (db, log) in both(&folder).await {
        append(&db, 3000).await;
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

#[tokio::test]
async fn a_commit_wakes_a_cursor_that_waits() {
    let folder = Folder::new();
    for (db, log) in both(&folder).await {
        let mut cursor = log.cursor("crm").await.unwrap();
        let waits = tokio::spawn(async move { next(&mut cursor).await });
        tokio::task::yield_now().await;
        append(&db, 1).await;
        assert_eq!(waits.await.unwrap(), (1, false));
    }
}

#[tokio::test]
async fn rows_of_another_process_are_found() {
    let folder = Folder::new();
    let (_db, log) = both(&folder).await[0].clone();
    let other = Sqlite::open(folder.file()).await.unwrap();
    let mut cursor = log.cursor("crm").await.unwrap();
    let waits = tokio::spawn(async move { next(&mut cursor).await });
    append(&other, 1).await;
    assert_eq!(waits.await.unwrap(), (1, false));
}

#[tokio::test]
async fn a_call_of_next_that_is_given_up_loses_nothing() {
    let folder = Folder::new();
    for (db, log) in both(&folder).await {
        let mut cursor = log.cursor("crm").await.unwrap();
        append(&db, 50).await;
        let mut seen = Vec::new();
        while seen.len() < 50 {
            // Most are given up at their first await.
            if let Ok(handed) = tokio::time::timeout(Duration::from_micros(50), cursor.next()).await {
                seen.push(handed.unwrap().event.seq);
            }
        }
        assert_eq!(seen, (1..=50).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_closed_store_ends_a_cursor() {
    let folder = Folder::new();
    for (db, log) in both(&folder).await {
        let mut cursor = log.cursor("crm").await.unwrap();
        let waits = tokio::spawn(async move { cursor.next().await });
        tokio::task::yield_now().await;
        db.close().await;
        assert!(matches!(waits.await.unwrap(), Err(StoreError::Stopped)));
    }
}

#[tokio::test]
async fn old_events_are_deleted_in_parts_up_to_what_a_cursor_has_handled() {
    let folder = Folder::new();
    for (db, log) in both(&folder).await {
        assert_eq!(log.delete_before(i64::MAX, 10).await.unwrap(), 0);
        append(&db, 6).await;
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
        append(&db, 1).await;
        assert_eq!(log.delete_before(6, 10).await.unwrap(), 1);
        assert_eq!(log.read(0, 10).await.unwrap().len(), 1);
    }
}
