//! What a durable write costs: `cargo bench -p switchboard-store`. The file lies in the folder `TMPDIR`.
//!
//! `TICKS=50` does nothing but 2,000 transactions of 50 rows, to count how often they wait for the disk:
//! `TICKS=50 strace -f -c -e trace=fdatasync,fsync <binary> --bench`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and may fail as a test may"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use switchboard_store::{Appender, Log, Migration, Migrations, NewEvent, Sqlite, StoreError, rusqlite};

const NOTES: Migrations = Migrations {
    room: "notes",
    list: &[Migration {
        number: 1,
        name: "notes",
        sql: "CREATE TABLE {p}note (n INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;",
        postgres: "",
    }],
};
const INSERT: &str = "INSERT INTO switchboard_note (body) VALUES (?1)";
const BODY: &str =
    "Your table is ready. Reply STOP to opt out, and come soon, as we keep it for ten minutes.";

fn insert(connection: &Connection) -> Result<(), StoreError> {
    connection.prepare_cached(INSERT)?.execute([BODY])?;
    Ok(())
}

fn insert_rows(connection: &Connection, rows: u32) -> Result<(), StoreError> {
    (0..rows).try_for_each(|_| insert(connection))
}

async fn file(name: &str) -> Sqlite {
    let path = std::env::temp_dir().join(format!("switchboard-bench-{}-{name}.db", std::process::id()));
    drop(std::fs::remove_file(&path));
    let db = Sqlite::open(path).await.unwrap();
    db.migrate(&NOTES).await.unwrap();
    db
}

async fn remove(db: Sqlite) {
    let path = db.path().map(PathBuf::from);
    db.close().await;
    drop(path.map(std::fs::remove_file));
}

/// `each` writes from each of `tasks` tasks at once.
async fn at_once(db: &Sqlite, tasks: u32, each: u32) -> Duration {
    let started = Instant::now();
    let running: Vec<_> = (0..tasks)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                for _ in 0..each {
                    db.write(insert).await.unwrap();
                }
            })
        })
        .collect();
    for task in running {
        task.await.unwrap();
    }
    started.elapsed()
}

fn rate(what: &str, count: u32, took: Duration) {
    let each = took.as_secs_f64() * 1e6 / f64::from(count);
    println!("{what:<44} {:>9.0}/s {each:>9.2} µs each", 1e6 / each);
}

async fn durable() {
    let db = file("single").await;
    rate("durable, one by one", 2000, at_once(&db, 1, 2000).await);
    let before = db.statistics();
    rate("durable, 64 tasks", 128_000, at_once(&db, 64, 2000).await);
    let after = db.statistics();
    let (jobs, transactions) = (after.jobs - before.jobs, after.transactions - before.transactions);
    println!("{:<44} {:>9.1} jobs a transaction", "", jobs as f64 / transactions as f64);
    let started = Instant::now();
    for _ in 0..10 {
        db.write(|connection| insert_rows(connection, 100_000)).await.unwrap();
    }
    rate("rows, 100,000 a job", 1_000_000, started.elapsed());
    remove(db).await;
}

/// No disk: what is left is SQLite's work, and ours.
async fn in_memory() {
    let db = Sqlite::memory().await.unwrap();
    db.migrate(&NOTES).await.unwrap();
    let started = Instant::now();
    for _ in 0..100 {
        db.write(|connection| insert_rows(connection, 5_000)).await.unwrap();
    }
    rate("in memory, SQLite alone", 500_000, started.elapsed());
    rate("in memory, a job each, 64 tasks", 512_000, at_once(&db, 64, 8000).await);
    let log = Log::open(db.clone()).await.unwrap();
    let appender = Appender::new(db.prefix());
    let started = Instant::now();
    for _ in 0..100 {
        let appender = appender.clone();
        let job = move |connection: &Connection| {
            for subject in 0..5_000 {
                let event = NewEvent {
                    at_micros: 1_700_000_000_000_000,
                    topic: "message.accepted",
                    subject: Some(subject),
                    actor: Some("worker"),
                    detail: Some(r#"{"sid":"SM0123456789abcdef0123456789abcdef","segments":1}"#),
                };
                appender.append(connection, &event)?;
            }
            Ok::<_, StoreError>(())
        };
        db.write(job).await.unwrap();
    }
    rate("append an event", 500_000, started.elapsed());
    let mut cursor = log.cursor("bench").await.unwrap();
    let started = Instant::now();
    for _ in 0..500_000 {
        cursor.next().await.unwrap();
    }
    rate("hand an event out", 500_000, started.elapsed());
}

/// Steady transactions of rows with random keys, each of which changes a page of its own.
async fn ticks(rows: u32) {
    let db = file("ticks").await;
    let table = "CREATE TABLE tick (key BLOB PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID";
    db.write(|connection| Ok::<_, StoreError>(connection.execute_batch(table)?)).await.unwrap();
    let before = db.statistics().transactions;
    let started = Instant::now();
    for _ in 0..2000 {
        let job = move |connection: &Connection| {
            let mut insert = connection.prepare_cached("INSERT INTO tick VALUES (randomblob(16), ?1)")?;
            (0..rows).try_for_each(|_| insert.execute([BODY]).map(drop))?;
            Ok::<_, StoreError>(())
        };
        db.write(job).await.unwrap();
    }
    let ticks = db.statistics().transactions - before;
    rate(&format!("transactions of {rows} random rows"), u32::try_from(ticks).unwrap(), started.elapsed());
    remove(db).await;
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // `cargo test --benches` only asks whether it runs.
    if !std::env::args().any(|argument| argument == "--bench") {
        return remove(file("test").await).await;
    }
    if let Ok(rows) = std::env::var("TICKS") {
        return ticks(rows.parse().unwrap()).await;
    }
    durable().await;
    in_memory().await;
    ticks(50).await;
}
