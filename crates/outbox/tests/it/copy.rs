//! An old copy of the database is recognised before it sends again what was sent meanwhile.

use std::path::{Path, PathBuf};
use std::time::Duration;

use switchboard::provider::Outgoing;
use switchboard_outbox::{Enqueue, Outbox, OutboxError, State, Timing, Worker};
use switchboard_testing::{FakeTwilio, Fault};

use crate::setup::{account, quick, text};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("switchboard-copy-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A time without a worker counts as long, however short it is.
fn away() -> Timing {
    let mut timing = quick();
    timing.away = Duration::ZERO;
    timing
}

async fn work(outbox: &Outbox, fake: &FakeTwilio) -> Result<Worker, OutboxError> {
    outbox.worker(account(fake)).timing(away()).rate(fake.phone_number(), 1e6).spawn().await
}

fn messages() -> Vec<Enqueue> {
    let to = |n| format!("+1415555{n:04}");
    (0..20).map(|n| Enqueue::new(format!("k{n}"), Outgoing::text(to(n), format!("text {n}")))).collect()
}

/// Enqueues messages, backs the file up, and sends them.
async fn sent_after_a_backup(folder: &Folder, fake: &FakeTwilio) -> (PathBuf, PathBuf) {
    let (file, backup) = (folder.file("app.db"), folder.file("backup.db"));
    let outbox = Outbox::sqlite(&file).await.unwrap();
    // A worker has run before.
    let worker = work(&outbox, fake).await.unwrap();
    outbox.enqueue("first", text("first")).await.unwrap();
    outbox.drained().await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    outbox.enqueue_all(messages()).await.unwrap();
    outbox.store().close().await;
    std::fs::copy(&file, &backup).unwrap();
    let outbox = Outbox::sqlite(&file).await.unwrap();
    let worker = work(&outbox, fake).await.unwrap();
    outbox.drained().await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    outbox.store().close().await;
    assert_eq!(fake.sent().len(), 21);
    (file, backup)
}

/// Copies the content, so that the file keeps its number.
fn restore(backup: &Path, file: &Path) {
    std::fs::copy(backup, file).unwrap();
    for end in ["-wal", "-shm"] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(end);
        drop(std::fs::remove_file(PathBuf::from(beside)));
    }
}

#[tokio::test]
async fn a_restored_backup_sends_nothing_again() {
    let (fake, folder) = (FakeTwilio::start().await, Folder::new("restored"));
    let (file, backup) = sent_after_a_backup(&folder, &fake).await;
    restore(&backup, &file);
    let outbox = Outbox::sqlite(&file).await.unwrap();
    // A new message does not go out either, before a person has looked at it.
    outbox.enqueue("new", text("new")).await.unwrap();
    for _ in 0..2 {
        let error = work(&outbox, &fake).await.unwrap().ended().await.unwrap_err();
        let OutboxError::AlreadySent { sids } = &error else { panic!("{error}") };
        assert_eq!(sids.len(), 10, "{sids:?}");
        assert_eq!(fake.sent().len(), 21);
    }
    for n in 0..20 {
        outbox.cancel(format!("k{n}"), "ada").await.unwrap();
    }
    let worker = work(&outbox, &fake).await.unwrap();
    outbox.drained().await.unwrap();
    assert_eq!(fake.sent().len(), 22, "what was not sent goes out");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

#[tokio::test]
async fn a_copy_of_the_file_must_be_adopted_and_is_then_compared() {
    let (fake, folder) = (FakeTwilio::start().await, Folder::new("copied"));
    let (_, backup) = sent_after_a_backup(&folder, &fake).await;
    let outbox = Outbox::sqlite(&backup).await.unwrap();
    let error = work(&outbox, &fake).await.unwrap_err();
    assert!(matches!(error, OutboxError::CopiedFile { .. }), "{error}");
    outbox.adopt_copy("ada").await.unwrap();
    let mut timing = quick();
    timing.away = Duration::from_secs(600);
    let worker = outbox.worker(account(&fake)).timing(timing).spawn().await.unwrap();
    let error = worker.ended().await.unwrap_err();
    assert!(matches!(error, OutboxError::AlreadySent { .. }), "{error}");
    assert_eq!(fake.sent().len(), 21);
    let worker = outbox.worker(account(&fake)).trust_database().rate(fake.phone_number(), 1e6).spawn();
    let worker = worker.await.unwrap();
    outbox.drained().await.unwrap();
    assert_eq!(fake.sent().len(), 41, "as somebody said so");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// The provider has a message whose id is not known here, and an equal one waits behind it: that is no old copy.
#[tokio::test]
async fn a_message_whose_answer_was_lost_explains_what_the_provider_has() {
    let (fake, folder) = (FakeTwilio::start().await, Folder::new("lost"));
    let outbox = Outbox::sqlite(folder.file("app.db")).await.unwrap();
    let worker = work(&outbox, &fake).await.unwrap();
    fake.fail_next(Fault::cut_after());
    outbox.enqueue("lost", text("equal")).await.unwrap();
    assert_eq!(outbox.wait("lost").await.unwrap().state, State::Unknown);
    outbox.enqueue("equal", text("equal")).await.unwrap();
    outbox.enqueue("other", text("other")).await.unwrap();
    outbox.wait("other").await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    let worker = work(&outbox, &fake).await.unwrap();
    outbox.enqueue("next", text("next")).await.unwrap();
    outbox.wait("next").await.unwrap();
    assert!(worker.is_running());
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// While the provider cannot be asked, nothing is sent; it is asked again.
#[tokio::test]
async fn nothing_is_sent_before_the_provider_was_asked() {
    let (fake, folder) = (FakeTwilio::start().await, Folder::new("asked"));
    let (file, backup) = sent_after_a_backup(&folder, &fake).await;
    restore(&backup, &file);
    let outbox = Outbox::sqlite(&file).await.unwrap();
    for _ in 0..8 {
        fake.fail_next(Fault::status(503));
    }
    let error = work(&outbox, &fake).await.unwrap().ended().await.unwrap_err();
    assert!(matches!(error, OutboxError::AlreadySent { .. }), "{error}");
    assert_eq!(fake.sent().len(), 21);
    assert_eq!(outbox.get("k0").await.unwrap().state, State::Ready);
}
