//! The same work on two job queues for PostgreSQL: graphile_worker 0.14, with its local queue and batched completion,
//! and pgmq 0.34, which is SQL and a read loop. Both send a text again if their process ends before it is done.
//!
//! `postgres MESSAGES`, with the URL of a server in `SWITCHBOARD_TEST_POSTGRES`. Prints one line for each: messages a
//! second.

#[allow(dead_code, reason = "the benchmark of the outbox asks it more")]
#[path = "../../benches/outbox/server.rs"]
mod server;
mod work;

use std::sync::Arc;
use std::time::{Duration, Instant};

use graphile_worker::{
    IntoTaskHandlerResult, JobSpec, LocalQueueConfig, TaskHandler, WorkerContext, WorkerContextExt, WorkerOptions,
};
use pgmq::PGMQueueExt;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::task::JoinSet;

use server::Server;
use work::{AT_ONCE, Provider, Text, texts};

/// Jobs that one query fetches.
const BATCH: usize = 256;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Job(Text);

impl TaskHandler for Job {
    const IDENTIFIER: &'static str = "text";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let provider = context.get_ext::<Provider>().unwrap();
        provider.send(&self.0).await.map_err(|error| error.to_string())
    }
}

fn main() {
    let messages = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(5_000);
    let url = std::env::var("SWITCHBOARD_TEST_POSTGRES").expect("SWITCHBOARD_TEST_POSTGRES");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let pool = PgPoolOptions::new().max_connections(10).connect(&url).await.unwrap();
        println!("graphile_worker: {:.0} msg/s", graphile_worker(&pool, messages).await);
        println!("pgmq: {:.0} msg/s", pgmq(&pool, messages).await);
    });
}

async fn graphile_worker(pool: &PgPool, messages: usize) -> f64 {
    drop_schema(pool, "graphile_peer").await;
    let server = Server::start();
    let worker = WorkerOptions::default()
        .concurrency(AT_ONCE)
        .schema("graphile_peer")
        .local_queue(LocalQueueConfig::default().with_size(BATCH))
        .complete_job_batch_delay(Duration::from_millis(5))
        .add_extension(Provider::at(&server))
        .define_job::<Job>()
        .pg_pool(pool.clone())
        .init()
        .await
        .unwrap();
    let (utils, spec) = (worker.create_utils(), JobSpec::default());
    let jobs: Vec<_> = texts(messages).map(|text| (Job(text), &spec)).collect();
    for some in jobs.chunks(1_000) {
        utils.add_jobs::<Job>(some).await.unwrap();
    }
    let start = Instant::now();
    let worker = Arc::new(worker);
    let running = tokio::spawn({
        let worker = Arc::clone(&worker);
        async move { worker.run().await }
    });
    server.reached(messages as u64).await;
    none_left(pool, "SELECT count(*) FROM graphile_peer._private_jobs").await;
    let elapsed = start.elapsed();
    running.abort();
    drop_schema(pool, "graphile_peer").await;
    messages as f64 / elapsed.as_secs_f64()
}

async fn pgmq(pool: &PgPool, messages: usize) -> f64 {
    drop_schema(pool, "pgmq").await;
    let queue = PGMQueueExt::new_with_pool(pool.clone()).await;
    queue.install_sql_from_embedded().await.unwrap();
    queue.create("texts").await.unwrap();
    let all: Vec<Text> = texts(messages).collect();
    for some in all.chunks(1_000) {
        queue.send_batch("texts", some).await.unwrap();
    }
    let server = Server::start();
    let provider = Provider::at(&server);
    let start = Instant::now();
    let (mut sends, mut done) = (JoinSet::new(), Vec::new());
    loop {
        let read = queue.read_batch::<Text, serde_json::Value>("texts", 60, BATCH as i32).await.unwrap();
        let is_empty = read.is_empty();
        for message in read {
            while sends.len() >= AT_ONCE {
                done.extend(sends.join_next().await.map(Result::unwrap));
            }
            let provider = provider.clone();
            sends.spawn(async move {
                provider.send(&message.message).await.unwrap();
                message.msg_id
            });
        }
        if is_empty {
            done.extend(sends.join_all().await);
            queue.delete_batch("texts", &done).await.unwrap();
            break;
        }
        queue.delete_batch("texts", &std::mem::take(&mut done)).await.unwrap();
    }
    let elapsed = start.elapsed();
    assert_eq!(server.requests(), messages as u64);
    drop_schema(pool, "pgmq").await;
    messages as f64 / elapsed.as_secs_f64()
}

async fn drop_schema(pool: &PgPool, schema: &'static str) {
    let sql = format!("DROP SCHEMA IF EXISTS {schema} CASCADE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// What was answered is recorded a little later.
async fn none_left(pool: &PgPool, count: &'static str) {
    while sqlx::query_scalar::<_, i64>(count).fetch_one(pool).await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
