//! Disks that are full, read-only or far away, databases of a newer version, and a second process: each is named, and
//! nothing is lost. What needs a disk of its own is run by `.ci/disks`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use switchboard_outbox::{Enqueue, Outbox, OutboxError, State};
use switchboard_store::{Sqlite, StoreError};
use switchboard_testing::FakeTwilio;

use crate::database::{Folder, TestDatabase, on_both};
use crate::setup::{account, quick, text, until};

const DATABASE: &str = "SWITCHBOARD_TEST_DATABASE";

/// Enqueues a long text. Another job of the same transaction may have filled the disk, which ends the transaction for all
/// of them. The key makes it safe to enqueue again, so that is done.
async fn enqueue(outbox: &Outbox, n: usize) -> Result<(), OutboxError> {
    let body = format!("{n}: {}", "a long text ".repeat(100));
    loop {
        match outbox.enqueue(format!("k{n}"), text(&body)).await {
            Err(OutboxError::Store(StoreError::TransactionEnded)) => {}
            enqueued => return enqueued.map(drop),
        }
    }
}

/// Enqueues until the disk is full, three times, and returns what was answered with success.
async fn fill(outbox: &Outbox) -> BTreeSet<usize> {
    let mut enqueued = BTreeSet::new();
    let mut refused = 0;
    for n in 0..100_000 {
        match enqueue(outbox, n).await {
            Ok(()) => drop(enqueued.insert(n)),
            Err(OutboxError::Store(error @ StoreError::DiskFull)) => {
                assert!(error.to_string().contains("free some space"), "{error}");
                refused += 1;
            }
            Err(error) => panic!("{n}: {error}"),
        }
        if refused == 3 {
            return enqueued;
        }
    }
    panic!("it is never full");
}

/// Sends what was enqueued when there is room again: each once, and nothing of what was refused.
async fn goes_on(outbox: &Outbox, fake: &FakeTwilio, enqueued: &BTreeSet<usize>) {
    assert_eq!(outbox.counts().await.unwrap().ready, u64::try_from(enqueued.len()).unwrap());
    let builder = outbox.worker(account(fake)).timing(quick()).rate(fake.phone_number(), 1e6);
    let worker = builder.spawn().await.unwrap();
    let counts = outbox.drained().await.unwrap();
    worker.shutdown(Duration::from_secs(10)).await.unwrap();
    let mut sent: BTreeMap<usize, usize> = BTreeMap::new();
    for message in fake.sent() {
        let number = message.body.split(':').next().unwrap().parse().unwrap();
        *sent.entry(number).or_default() += 1;
    }
    assert_eq!(counts.accepted, u64::try_from(enqueued.len()).unwrap());
    assert_eq!(sent.keys().copied().collect::<BTreeSet<_>>(), *enqueued);
    assert!(sent.values().all(|times| *times == 1), "{sent:?}");
}

async fn limit_pages(outbox: &Outbox, pages: u32) {
    let sql = format!("PRAGMA max_page_count = {pages}");
    let set = outbox.store().sqlite().unwrap().write(move |connection| {
        connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).map_err(StoreError::from)
    });
    set.await.unwrap();
}

#[tokio::test]
async fn a_full_database_refuses_by_name_and_keeps_what_it_took() {
    let (folder, fake) = (Folder::new(), FakeTwilio::start().await);
    let outbox = Outbox::sqlite(folder.database()).await.unwrap();
    limit_pages(&outbox, 100).await;
    let enqueued = fill(&outbox).await;
    assert!(enqueued.len() > 20, "{}", enqueued.len());
    limit_pages(&outbox, 1_000_000).await;
    goes_on(&outbox, &fake, &enqueued).await;
}

#[tokio::test]
async fn a_worker_on_a_full_database_waits_for_room_and_forgets_no_result() {
    let (folder, fake) = (Folder::new(), FakeTwilio::start().await);
    let outbox = Outbox::sqlite(folder.database()).await.unwrap();
    let builder = outbox.worker(account(&fake)).timing(quick()).rate(fake.phone_number(), 1e6);
    let worker = builder.spawn().await.unwrap();
    limit_pages(&outbox, 100).await;
    // It works while the database fills: marks and results need room, too.
    let enqueued = fill(&outbox).await;
    assert!(worker.is_running(), "a full disk is no reason to end");
    limit_pages(&outbox, 1_000_000).await;
    let counts = outbox.drained().await.unwrap();
    assert_eq!(counts.accepted, u64::try_from(enqueued.len()).unwrap(), "{counts:?}");
    assert_eq!(fake.sent().len(), enqueued.len());
    worker.shutdown(Duration::from_secs(10)).await.unwrap();
}

async fn tables_of_a_newer_version_are_refused_and_left_alone(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    enqueue(&outbox, 1).await.unwrap();
    outbox.store().close().await;
    let newer = "INSERT INTO {t}migrations (room, number, name, checksum) \
                 SELECT room, number + 1, name, checksum FROM {t}migrations WHERE room = 'outbox'";
    database.run(newer).await;
    let refused = database.open().await.unwrap_err();
    let OutboxError::Store(error @ StoreError::NewerSchema { room: "outbox", .. }) = refused else {
        panic!("{refused}")
    };
    assert!(error.to_string().contains("run the newer version"), "{error}");
    database.run("DELETE FROM {t}migrations WHERE room = 'outbox' AND number > 1").await;
    let outbox = database.outbox().await;
    goes_on(&outbox, &fake, &BTreeSet::from([1])).await;
}

/// Started by the test below: enqueues, and tries to work.
#[tokio::test]
#[ignore = "needs to be started by the test of two processes"]
async fn second_process() {
    let outbox = Outbox::sqlite(std::env::var_os(DATABASE).unwrap()).await.unwrap();
    enqueue(&outbox, 2).await.unwrap();
    let fake = FakeTwilio::start().await;
    let refused = outbox.worker(account(&fake)).spawn().await.unwrap_err();
    let OutboxError::Store(error @ StoreError::Locked { .. }) = refused else { panic!("{refused}") };
    assert!(error.to_string().contains("`worker` is locked by another process"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_may_enqueue_and_may_not_work() {
    let (folder, fake) = (Folder::new(), FakeTwilio::start().await);
    let outbox = Outbox::sqlite(folder.database()).await.unwrap();
    let builder = outbox.worker(account(&fake)).timing(quick()).rate(fake.phone_number(), 1e6);
    let worker = builder.spawn().await.unwrap();
    enqueue(&outbox, 1).await.unwrap();
    let mut second = Command::new(std::env::current_exe().unwrap());
    second.args(["--exact", "disk::second_process", "--ignored", "--nocapture", "--test-threads=1"]);
    second.env(DATABASE, folder.database()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = tokio::task::spawn_blocking(move || second.output().unwrap()).await.unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && told.contains("1 passed"), "{told}");
    let message = outbox.wait("k2").await.unwrap();
    assert!(matches!(message.state, State::Accepted { .. }), "the first one sends it: {}", message.state);
    until("both are sent", async || fake.sent().len() == 2).await;
    worker.shutdown(Duration::from_secs(10)).await.unwrap();
}

fn given(variable: &str) -> PathBuf {
    PathBuf::from(std::env::var_os(variable).unwrap_or_else(|| panic!("`.ci/disks` sets {variable}")))
}

#[tokio::test]
#[ignore = "needs a disk of 3 MiB: .ci/disks"]
async fn a_full_disk_refuses_by_name_and_keeps_what_it_took() {
    let (folder, fake) = (given("SMALL_DISK"), FakeTwilio::start().await);
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![0; 2 << 20]).unwrap();
    let outbox = Outbox::sqlite(folder.join("app.db")).await.unwrap();
    let enqueued = fill(&outbox).await;
    assert!(enqueued.len() > 20, "{}", enqueued.len());
    let full = outbox.worker(account(&fake)).timing(quick()).rate(fake.phone_number(), 1e6).spawn().await;
    if let Err(error) = &full {
        assert!(matches!(error, OutboxError::Store(StoreError::DiskFull)), "{error}");
    }
    std::fs::remove_file(&ballast).unwrap();
    match full {
        Ok(worker) => {
            outbox.drained().await.unwrap();
            worker.shutdown(Duration::from_secs(10)).await.unwrap();
            assert_eq!(fake.sent().len(), enqueued.len());
        }
        Err(_) => goes_on(&outbox, &fake, &enqueued).await,
    }
}

#[tokio::test]
#[ignore = "needs a user who is not root: .ci/disks"]
async fn a_read_only_file_and_a_read_only_folder_are_named() {
    for what in ["file", "folder"] {
        let (folder, fake) = (Folder::new(), FakeTwilio::start().await);
        let outbox = Outbox::sqlite(folder.database()).await.unwrap();
        enqueue(&outbox, 1).await.unwrap();
        outbox.store().close().await;
        let path = if what == "file" { folder.database() } else { folder.path().to_path_buf() };
        read_only(&path, true);
        let refused = Outbox::sqlite(folder.database()).await.map(drop);
        read_only(&path, false);
        match refused {
            Err(OutboxError::Store(error @ StoreError::ReadOnly)) => {
                assert!(error.to_string().contains("give this user write access"), "{what}: {error}");
            }
            other => panic!("a read-only {what}: {other:?}"),
        }
        // SQLite has made its log with the mode of the file: the error says that these need write access, too.
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            read_only(&entry.unwrap().path(), false);
        }
        let outbox = Outbox::sqlite(folder.database()).await.unwrap();
        goes_on(&outbox, &fake, &BTreeSet::from([1])).await;
    }
}

fn read_only(path: &Path, read_only: bool) {
    let mut permissions = std::fs::metadata(path).unwrap().permissions();
    permissions.set_readonly(read_only);
    std::fs::set_permissions(path, permissions).unwrap();
}

#[tokio::test]
#[ignore = "needs a folder that is mounted from a network: .ci/disks"]
async fn a_network_mount_is_refused_and_nothing_is_made_there() {
    let folder = given("NETWORK_FOLDER");
    let refused = Outbox::sqlite(folder.join("app.db")).await.unwrap_err();
    let OutboxError::Store(error @ StoreError::NetworkMount { .. }) = refused else { panic!("{refused}") };
    assert!(error.to_string().contains("(nfs4): put it on a local disk"), "{error}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

/// The prefix keeps two outboxes in one file apart, so the lock must, too.
#[tokio::test]
async fn two_outboxes_in_one_file_have_a_worker_each() {
    let (folder, fake) = (Folder::new(), FakeTwilio::start().await);
    let one = Outbox::sqlite(folder.database()).await.unwrap();
    let two = Outbox::open(Sqlite::builder().prefix("other_").open(folder.database()).await.unwrap());
    let two = two.await.unwrap();
    let workers = [
        one.worker(account(&fake)).spawn().await.unwrap(),
        two.worker(account(&fake)).spawn().await.unwrap(),
    ];
    let message = |body: &str| [Enqueue::new("k", text(body))];
    one.enqueue_all(message("of the first")).await.unwrap();
    two.enqueue_all(message("of the second")).await.unwrap();
    for outbox in [&one, &two] {
        assert!(matches!(outbox.wait("k").await.unwrap().state, State::Accepted { .. }));
    }
    assert_eq!(fake.sent().len(), 2);
    for worker in workers {
        worker.shutdown(Duration::from_secs(10)).await.unwrap();
    }
}

on_both! { tables_of_a_newer_version_are_refused_and_left_alone }
