//! The same work on a job queue: apalis 1.0 with its SQLite storage enqueues texts, and a job POSTs each to the server
//! that the benchmark of the outbox uses. `run`, beside this package, runs both in turns.
//!
//! Prints one line for each way to wait for the disk: messages a second. `FULL` is what the outbox has. apalis' own
//! `setup` says `OFF`: what it holds to be done may be gone after a power cut, and is run again.
//!
//! `sqlite MESSAGES BATCH`; a batch is how many jobs apalis fetches at a time, 256 being about its best.
//! Its statements read all jobs that wait: with more of them it sends fewer a second.

#[allow(dead_code, reason = "the benchmark of the outbox asks it more")]
#[path = "../../benches/outbox/server.rs"]
mod server;
mod work;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use apalis::prelude::*;
use apalis_sqlite::{Config, SqliteStorage};
use futures_util::stream;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use server::Server;
use work::{AT_ONCE, Provider, Text, texts};

async fn send(text: Text, provider: Data<Provider>) -> Result<(), BoxDynError> {
    Ok(provider.send(&text).await?)
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let (messages, batch) = (numbers.next().unwrap_or(5_000), numbers.next().unwrap_or(256));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        for (name, synchronous) in [("FULL", SqliteSynchronous::Full), ("OFF", SqliteSynchronous::Off)] {
            let folder = folder();
            let speed = drain(&folder.join("jobs.db"), synchronous, messages, batch).await;
            println!("apalis, synchronous={name}: {speed:.0} msg/s");
            drop(std::fs::remove_dir_all(folder));
        }
    });
}

fn folder() -> PathBuf {
    // Beside the program, not in the temporary folder: that may be memory.
    let program = std::env::current_exe().unwrap();
    let folder = program.with_file_name(format!("peers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

async fn drain(path: &Path, synchronous: SqliteSynchronous, messages: usize, batch: usize) -> f64 {
    let pool = open(path, synchronous).await;
    let config = Config::default().queue("texts").batch_size(batch);
    let mut backend = SqliteStorage::new(&pool).with_config(config);
    let tasks = texts(messages).map(|text| TaskBuilder::new(text).build());
    backend.push_all(&mut stream::iter(tasks)).await.unwrap();

    let server = Server::start();
    let start = Instant::now();
    let worker = WorkerBuilder::new("texts")
        .backend(backend)
        .data(Provider::at(&server))
        .concurrency(AT_ONCE)
        .build(send);
    let running = tokio::spawn(worker.run());
    server.reached(messages as u64).await;
    all_done(&pool, messages).await;
    let elapsed = start.elapsed();
    assert_eq!(server.requests(), messages as u64);
    running.abort();
    pool.close().await;
    messages as f64 / elapsed.as_secs_f64()
}

/// Tables by apalis' own migrations; the pragmas of its `setup`, but for `synchronous`, on every connection.
async fn open(path: &Path, synchronous: SqliteSynchronous) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .busy_timeout(Duration::from_secs(30))
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "64000");
    let pool = SqlitePool::connect_with(options).await.unwrap();
    SqliteStorage::migrations().run(&pool).await.unwrap();
    pool
}

/// What was answered is recorded a little later.
async fn all_done(pool: &SqlitePool, messages: usize) {
    loop {
        let done = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM Jobs WHERE status = 'Done'");
        if done.fetch_one(pool).await.unwrap() >= messages as i64 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
