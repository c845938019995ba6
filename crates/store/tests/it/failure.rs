//! Each way in which a database fails, by its name, and what goes on afterwards.

use std::time::Duration;

use rusqlite::Connection;
use switchboard_store::{Migration, Migrations, Sqlite, StoreError, expand, rusqlite};

use crate::{Folder, NOTES, add, notes};

async fn open(folder: &Folder) -> Sqlite {
    let db = Sqlite::open(folder.file()).await.unwrap();
    db.migrate(&NOTES).await.unwrap();
    db
}

async fn refused(path: impl AsRef<std::path::Path>) -> StoreError {
    Sqlite::open(path).await.unwrap_err()
}

#[tokio::test]
async fn a_full_database_loses_nothing_answered_and_goes_on() {
    let folder = Folder::new();
    let db = open(&folder).await;
    add(&db, 1).await.unwrap();
    let limit = |sql: &'static str| {
        db.write(move |connection| {
            Ok::<_, StoreError>(connection.query_row(sql, [], |row| row.get::<_, i64>(0))?)
        })
    };
    limit("PRAGMA max_page_count = 20").await.unwrap();
    let large = |n: i64| {
        db.write(move |connection| {
            let sql = "INSERT INTO switchboard_note (n, body) VALUES (?1, hex(randomblob(100000)))";
            connection.execute(sql, [n])?;
            Ok::<_, StoreError>(())
        })
    };
    for n in 2..10 {
        assert!(matches!(large(n).await, Err(StoreError::DiskFull)));
    }
    add(&db, 10).await.unwrap();
    limit("PRAGMA max_page_count = 100000").await.unwrap();
    large(11).await.unwrap();
    assert_eq!(notes(&db).await, [1, 10, 11]);
}

#[tokio::test]
async fn another_writer_is_waited_for_and_then_named() {
    let folder = Folder::new();
    let db = open(&folder).await;
    db.close().await;
    let db = Sqlite::builder().busy_timeout(Duration::from_millis(200)).open(folder.file()).await.unwrap();
    let other = Connection::open(folder.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; INSERT INTO switchboard_note (n) VALUES (100)").unwrap();
    let (one, two) = tokio::join!(add(&db, 1), add(&db, 2));
    for error in [one.unwrap_err(), two.unwrap_err()] {
        let StoreError::Busy { waited: Some(waited) } = error else { panic!("{error}") };
        assert!(waited >= Duration::from_millis(200) && waited < Duration::from_secs(2), "{waited:?}");
        assert!(error.to_string().contains("(waited 2"), "{error}");
    }
    assert_eq!(notes(&db).await, [0; 0]);
    let waits = tokio::spawn({
        let db = db.clone();
        async move { add(&db, 3).await }
    });
    tokio::task::yield_now().await;
    other.execute_batch("COMMIT").unwrap();
    waits.await.unwrap().unwrap();
    assert_eq!(notes(&db).await, [3, 100]);
}

#[tokio::test]
async fn each_job_waits_for_its_own_time() {
    let folder = Folder::new();
    open(&folder).await.close().await;
    let db = Sqlite::builder().busy_timeout(Duration::from_secs(1)).open(folder.file()).await.unwrap();
    let other = Connection::open(folder.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let spawn = |n| {
        let db = db.clone();
        tokio::spawn(async move { add(&db, n).await })
    };
    let first = spawn(1);
    // The second is half as old when the first one's time is over.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let second = spawn(2);
    assert!(matches!(first.await.unwrap(), Err(StoreError::Busy { .. })));
    other.execute_batch("COMMIT").unwrap();
    second.await.unwrap().unwrap();
    assert_eq!(notes(&db).await, [2]);
}

/// The journal mode of a host's database cannot change while somebody reads it.
#[tokio::test]
async fn opening_waits_for_those_who_read() {
    let folder = Folder::new();
    let host = Connection::open(folder.file()).unwrap();
    host.execute_batch("CREATE TABLE invoice (id INTEGER); INSERT INTO invoice VALUES (7); BEGIN").unwrap();
    host.query_row("SELECT id FROM invoice", [], |row| row.get::<_, i64>(0)).unwrap();
    let timeout = Duration::from_millis(200);
    let error = Sqlite::builder().busy_timeout(timeout).open(folder.file()).await.unwrap_err();
    assert!(matches!(error, StoreError::Busy { waited: Some(waited) } if waited >= timeout), "{error:?}");
    host.execute_batch("COMMIT").unwrap();
    Sqlite::open(folder.file()).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let folder = Folder::new();
    let text = "no database, but long enough to be taken for one ".repeat(100);
    std::fs::write(folder.file(), &text).unwrap();
    assert!(matches!(refused(folder.file()).await, StoreError::NotADatabase));
    assert_eq!(std::fs::read_to_string(folder.file()).unwrap(), text);
}

/// A file mode does not stop root, who may run this; SQLite writes no file whose "write version" it does not know.
#[tokio::test]
async fn a_database_that_cannot_be_written_is_named() {
    let folder = Folder::new();
    open(&folder).await.close().await;
    let mut bytes = std::fs::read(folder.file()).unwrap();
    bytes[18] = 3;
    std::fs::write(folder.file(), &bytes).unwrap();
    assert!(matches!(refused(folder.file()).await, StoreError::ReadOnly));
    assert_eq!(std::fs::read(folder.file()).unwrap(), bytes);
}

#[tokio::test]
async fn a_path_that_cannot_be_opened_is_named() {
    let folder = Folder::new();
    for path in [folder.path().join("none/app.db"), folder.path().to_owned(), "".into(), "/".into()] {
        match refused(&path).await {
            StoreError::CannotOpen { path: named } => assert_eq!(named, path),
            other => panic!("{}: {other}", path.display()),
        }
    }
}

#[tokio::test]
async fn a_damaged_file_is_named() {
    let folder = Folder::new();
    let db = open(&folder).await;
    db.close().await;
    let mut bytes = std::fs::read(folder.file()).unwrap();
    // Page 1 holds the schema.
    bytes[4096..].fill(0xa5);
    std::fs::write(folder.file(), bytes).unwrap();
    let db = Sqlite::open(folder.file()).await.unwrap();
    assert!(matches!(db.migrate(&NOTES).await, Err(StoreError::Corrupt)));
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    const NEWER: Migrations = Migrations {
        room: "notes",
        list: &[
            NOTES.list[0],
            Migration {
                number: 2,
                name: "colour",
                sql: "ALTER TABLE {p}note ADD COLUMN colour TEXT;",
                postgres: "",
            },
        ],
    };
    let folder = Folder::new();
    let db = open(&folder).await;
    db.migrate(&NEWER).await.unwrap();
    let error = db.migrate(&NOTES).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 2, known: 1, .. }), "{error}");
    db.migrate(&NEWER).await.unwrap();
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_of_its_list() {
    const BROKEN: Migrations = Migrations {
        room: "notes",
        list: &[
            NOTES.list[0],
            Migration { number: 2, name: "typing error", sql: "CREATE TABEL {p}x (y);", postgres: "" },
        ],
    };
    let folder = Folder::new();
    let db = Sqlite::open(folder.file()).await.unwrap();
    let error = db.migrate(&BROKEN).await.unwrap_err();
    assert!(matches!(error, StoreError::Sqlite { .. }), "{error}");
    let sql = expand("SELECT count(*) FROM sqlite_schema WHERE name LIKE '{p}%'", db.prefix());
    let tables = db.read(move |c| Ok::<_, StoreError>(c.query_row(&sql, [], |row| row.get::<_, i64>(0))?));
    assert_eq!(tables.await.unwrap(), 0);
    db.migrate(&NOTES).await.unwrap();
}

#[tokio::test]
async fn a_bad_prefix_is_refused() {
    let error = Sqlite::builder().prefix("x; DROP TABLE y").memory().await.unwrap_err();
    assert!(matches!(error, StoreError::BadPrefix { .. }));
}
