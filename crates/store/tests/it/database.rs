//! Transactions, reads beside them, locks, and the end of the threads.

use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;

use rusqlite::Connection;
use switchboard_store::{Sqlite, StoreError, rusqlite};
use tokio::task::JoinSet;

use crate::{Folder, NOTES, add, notes};

async fn both(folder: &Folder) -> [Sqlite; 2] {
    let dbs = [Sqlite::open(folder.file()).await.unwrap(), Sqlite::memory().await.unwrap()];
    for db in &dbs {
        db.migrate(&NOTES).await.unwrap();
    }
    dbs
}

/// Keeps the writer thread busy until the sender is dropped, and says when it has begun.
async fn hold(db: &Sqlite) -> mpsc::Sender<()> {
    let (free, held) = mpsc::channel::<()>();
    let (begun, waits) = tokio::sync::oneshot::channel();
    let db = db.clone();
    tokio::spawn(async move {
        db.write(move |_| {
            begun.send(()).unwrap();
            held.recv().unwrap_err();
            Ok::<_, StoreError>(())
        })
        .await
    });
    waits.await.unwrap();
    free
}

#[tokio::test]
async fn jobs_that_wait_share_a_transaction() {
    let folder = Folder::new();
    for db in both(&folder).await {
        let before = db.statistics();
        let free = hold(&db).await;
        let mut tasks = JoinSet::new();
        for n in 0..64 {
            let db = db.clone();
            tasks.spawn(async move { add(&db, n).await });
        }
        // Runs each of the tasks until it waits for its answer.
        tokio::task::yield_now().await;
        drop(free);
        while let Some(done) = tasks.join_next().await {
            done.unwrap().unwrap();
        }
        let after = db.statistics();
        assert_eq!(after.jobs - before.jobs, 65);
        assert!(after.busy > before.busy, "{before:?} {after:?}");
        // The holder's own is old by then and takes no more.
        assert!(after.transactions - before.transactions <= 2, "{before:?} {after:?}");
        assert_eq!(notes(&db).await, (0..64).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_job_that_fails_or_panics_is_undone_alone() {
    let folder = Folder::new();
    for db in both(&folder).await {
        let free = hold(&db).await;
        let handle = |n: i64| {
            let db = db.clone();
            tokio::spawn(async move {
                db.write(move |connection| {
                    connection.execute("INSERT INTO switchboard_note (n) VALUES (?1)", [n])?;
                    assert!(n != 3, "job 3");
                    if n == 2 { Err(StoreError::BadName { name: "job 2".into() }) } else { Ok(n) }
                })
                .await
            })
        };
        let tasks = [1, 2, 3, 4].map(handle);
        tokio::task::yield_now().await;
        drop(free);
        let [one, two, three, four] = tasks;
        assert_eq!(one.await.unwrap().unwrap(), 1);
        assert!(matches!(two.await.unwrap(), Err(StoreError::BadName { .. })));
        assert!(matches!(three.await.unwrap(), Err(StoreError::JobPanicked)));
        assert_eq!(four.await.unwrap().unwrap(), 4);
        assert_eq!(notes(&db).await, [1, 4]);
    }
}

#[tokio::test]
async fn a_job_of_a_dropped_future_is_done_or_not_but_never_half() {
    let folder = Folder::new();
    for db in both(&folder).await {
        let free = hold(&db).await;
        let work = db.write(|connection| {
            connection.execute_batch("INSERT INTO switchboard_note (n) VALUES (1), (2)")?;
            connection.execute_batch("INSERT INTO switchboard_note (n) VALUES (3)")?;
            Ok::<_, StoreError>(())
        });
        let never_polled = add(&db, 4);
        drop(never_polled);
        assert!(tokio::time::timeout(Duration::ZERO, work).await.is_err());
        drop(free);
        add(&db, 5).await.unwrap();
        assert_eq!(notes(&db).await, [1, 2, 3, 5]);
    }
}

#[tokio::test]
async fn reads_go_on_beside_a_write_and_see_what_is_committed() {
    let folder = Folder::new();
    let db = both(&folder).await[0].clone();
    add(&db, 1).await.unwrap();
    let (begun, waits) = tokio::sync::oneshot::channel();
    let (free, held) = mpsc::channel::<()>();
    let writer = db.clone();
    let write = tokio::spawn(async move {
        writer
            .write(move |connection| {
                connection.execute("INSERT INTO switchboard_note (n) VALUES (2)", [])?;
                begun.send(()).unwrap();
                held.recv().unwrap_err();
                Ok::<_, StoreError>(())
            })
            .await
    });
    waits.await.unwrap();
    assert_eq!(notes(&db).await, [1]);
    drop(free);
    write.await.unwrap().unwrap();
    assert_eq!(notes(&db).await, [1, 2]);
}

#[tokio::test]
async fn a_read_writes_nothing() {
    let folder = Folder::new();
    for db in both(&folder).await {
        let write = |connection: &Connection| {
            connection.execute("INSERT INTO switchboard_note (n) VALUES (1)", [])?;
            Ok::<_, StoreError>(())
        };
        assert!(matches!(db.read(write).await, Err(StoreError::ReadOnly)));
        let panics = db.read(|_| -> Result<(), StoreError> { panic!("a read") }).await;
        assert!(matches!(panics, Err(StoreError::JobPanicked)));
        assert_eq!(notes(&db).await, [0; 0]);
        add(&db, 2).await.unwrap();
        assert_eq!(notes(&db).await, [2]);
    }
}

#[tokio::test]
async fn commits_are_counted_and_wake() {
    let folder = Folder::new();
    for db in both(&folder).await {
        let mut commits = db.commits();
        let before = *commits.borrow_and_update();
        drop(db.write(|_| Err::<(), _>(StoreError::Stopped)).await);
        notes(&db).await;
        assert!(!commits.has_changed().unwrap(), "nothing was committed");
        add(&db, 1).await.unwrap();
        assert_eq!(*commits.borrow_and_update(), before + 1);
    }
}

#[tokio::test]
async fn a_job_that_ends_the_transaction_is_told() {
    let folder = Folder::new();
    for db in both(&folder).await {
        let ends = db.write(|connection| Ok::<_, StoreError>(connection.execute_batch("COMMIT")?)).await;
        assert!(matches!(ends, Err(StoreError::TransactionEnded)));
        add(&db, 1).await.unwrap();
        assert_eq!(notes(&db).await, [1]);
    }
}

#[tokio::test]
async fn the_last_handle_closes_the_file() {
    let folder = Folder::new();
    let db = both(&folder).await[0].clone();
    add(&db, 1).await.unwrap();
    let log = folder.path().join("app.db-wal");
    assert!(log.exists());
    let mut commits = db.commits();
    drop(db);
    // The sender lives as long as the threads.
    while commits.changed().await.is_ok() {}
    assert!(!log.exists(), "the log is emptied into the database");
    let db = Sqlite::open(folder.file()).await.unwrap();
    assert_eq!(notes(&db).await, [1]);
    db.close().await;
    assert!(!log.exists());
    assert!(matches!(add(&db, 2).await, Err(StoreError::Stopped)));
    let read = db.read(|_| Ok::<_, StoreError>(())).await;
    assert!(matches!(read, Err(StoreError::Stopped)));
    db.close().await;
}

#[tokio::test]
async fn what_was_handed_over_is_done_before_it_closes() {
    let folder = Folder::new();
    let db = both(&folder).await[0].clone();
    let free = hold(&db).await;
    let waiting: Vec<_> = (0..10)
        .map(|n| {
            let db = db.clone();
            tokio::spawn(async move { add(&db, n).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let closing = tokio::spawn(async move { db.close().await });
    tokio::task::yield_now().await;
    drop(free);
    closing.await.unwrap();
    for task in waiting {
        task.await.unwrap().unwrap();
    }
    assert_eq!(notes(&Sqlite::open(folder.file()).await.unwrap()).await.len(), 10);
}

#[tokio::test]
async fn two_prefixes_share_a_file() {
    let folder = Folder::new();
    let one = both(&folder).await[0].clone();
    let two = Sqlite::builder().prefix("other_").open(folder.file()).await.unwrap();
    two.migrate(&NOTES).await.unwrap();
    add(&one, 1).await.unwrap();
    add(&two, 2).await.unwrap();
    assert_eq!((notes(&one).await, notes(&two).await), (vec![1], vec![2]));
    let (held, other) = (one.lock("worker").unwrap(), two.lock("worker").unwrap());
    assert_eq!((held.name(), other.name()), ("worker", "worker"));
}

#[tokio::test]
async fn a_lock_is_held_once() {
    let folder = Folder::new();
    for db in both(&folder).await {
        let lock = db.lock("worker").unwrap();
        assert!(matches!(db.lock("worker"), Err(StoreError::Locked { name }) if name == "worker"));
        if let Some(path) = db.path() {
            let link = folder.path().join("link.db");
            std::os::unix::fs::symlink(path, &link).unwrap();
            let linked = Sqlite::open(link).await.unwrap();
            assert!(matches!(linked.lock("worker"), Err(StoreError::Locked { .. })));
        }
        drop(db.lock("another").unwrap());
        drop(lock);
        drop(db.lock("worker").unwrap());
        assert!(matches!(db.lock("a/b"), Err(StoreError::BadName { .. })));
    }
}

/// Starts all of them at the same moment.
fn race<T: Send + 'static>(count: usize, run: impl Fn() -> T + Clone + Send + 'static) -> Vec<T> {
    let barrier = Arc::new(Barrier::new(count));
    let start = |_| {
        let (barrier, run) = (Arc::clone(&barrier), run.clone());
        std::thread::spawn(move || {
            barrier.wait();
            run()
        })
    };
    let threads: Vec<_> = (0..count).map(start).collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

#[tokio::test]
async fn of_many_who_want_a_lock_one_gets_it() {
    let folder = Folder::new();
    for db in both(&folder).await {
        for _ in 0..20 {
            let db = db.clone();
            let taken = race(8, move || db.lock("worker"));
            assert_eq!(taken.iter().filter(|taken| taken.is_ok()).count(), 1, "{taken:?}");
        }
    }
}

#[test]
fn many_can_make_a_database_at_once() {
    for _ in 0..20 {
        let folder = Folder::new();
        let path = folder.file();
        let opened = race(8, move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let db = Sqlite::open(&path).await?;
                db.migrate(&NOTES).await?;
                db.close().await;
                Ok::<_, StoreError>(())
            })
        });
        for result in opened {
            result.unwrap();
        }
    }
}

#[tokio::test]
async fn the_host_keeps_its_tables() {
    let folder = Folder::new();
    let host = Connection::open(folder.file()).unwrap();
    host.execute_batch("CREATE TABLE invoice (id INTEGER PRIMARY KEY); INSERT INTO invoice VALUES (7)")
        .unwrap();
    let db = both(&folder).await[0].clone();
    add(&db, 1).await.unwrap();
    host.execute("INSERT INTO invoice VALUES (8)", []).unwrap();
    host.execute("INSERT INTO switchboard_note (n) VALUES (2)", []).unwrap();
    assert_eq!(notes(&db).await, [1, 2]);
    let count: i64 = host.query_row("SELECT sum(id) FROM invoice", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 15);
}

#[tokio::test]
async fn a_name_that_looks_like_a_uri_is_a_file() {
    let folder = Folder::new();
    let path = folder.path().join("file:x?mode=memory");
    let db = Sqlite::open(&path).await.unwrap();
    assert!(path.exists());
    assert_eq!(db.path(), Some(&*path));
}
