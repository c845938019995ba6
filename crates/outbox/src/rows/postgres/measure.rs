//! Measurements that are run by hand, on the server that `SWITCHBOARD_TEST_POSTGRES` names:
//! `cargo test --release -p switchboard-outbox --lib postgres::measure -- --ignored --nocapture --test-threads=1`.

#![allow(clippy::print_stdout, reason = "it prints figures")]

use std::time::{Duration, Instant};

use switchboard::provider::{DeliveryStatus, Outgoing, SendKind};
use switchboard_store::{Log, Postgres, expand_schema};

use super::PostgresRows;
use crate::enqueue::{Payload, Prepared, Priority};
use crate::rows::{Finished, Marked, NewMessage, NewSender, Rows, Take, Tick};
use crate::state::Event;
use crate::worker::pace::Pace;

const SECOND: i64 = 1_000_000;
const NOW: i64 = 1_800_000_000 * SECOND;

async fn open(name: &str) -> (Postgres, PostgresRows) {
    let url = std::env::var("SWITCHBOARD_TEST_POSTGRES").unwrap();
    let schema = format!("measure_{name}");
    let postgres = Postgres::builder(&url).schema(schema).connect().await.unwrap();
    run(&postgres, "DROP SCHEMA IF EXISTS {s} CASCADE").await;
    Log::open(postgres.clone()).await.unwrap();
    (postgres.clone(), PostgresRows::open(postgres).await.unwrap())
}

async fn run(postgres: &Postgres, sql: &str) {
    let connection = postgres.connection().await.unwrap();
    connection.batch(&expand_schema(sql, postgres.schema())).await.unwrap();
}

fn message(n: u64) -> NewMessage {
    let text = Outgoing::text(
        format!("+1415{:07}", n % 10_000_000),
        format!("Your table {n} is ready, see you soon"),
    );
    NewMessage {
        tenant: String::new(),
        key: format!("campaign/{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        due: None,
        expires: None,
        priority: Priority::Normal,
        purpose: Default::default(),
        zone: None,
        text_rules: None,
        emergency: None,
        needs_consent: false,
        campaign: 0,
        refused: None,
        warned: Vec::new(),
        hashes: [format!("{n:032x}"), format!("{n:033x}")],
        prepared: Prepared::of(&Payload::Text(text)).unwrap(),
    }
}

/// Enqueues messages, and returns how long that took, without the time to create the messages.
async fn import(rows: &PostgresRows, from: u64, count: u64, batch: u64) -> Duration {
    let mut time = Duration::ZERO;
    for start in (from..from + count).step_by(usize::try_from(batch).unwrap()) {
        let new = (start..start + batch).map(message).collect();
        let begun = Instant::now();
        rows.enqueue(NOW, new).await.unwrap();
        time += begun.elapsed();
    }
    time
}

struct Ticker {
    rows: PostgresRows,
    epoch: i64,
    sender: i64,
    batch: i64,
    results: Vec<Finished>,
}

impl Ticker {
    async fn new(rows: PostgresRows) -> Self {
        let new = NewSender { account: "AC".into(), kind: SendKind::Text, address: "x".into() };
        let sender = rows.bind(1, new).await.unwrap().id;
        let epoch = rows.start(NOW, true).await.unwrap().epoch;
        Self { rows, epoch, sender, batch: 0, results: Vec::new() }
    }

    /// Records the results of the transaction before, and marks messages.
    async fn tick(&mut self, count: u32) -> (usize, Duration) {
        self.batch += 1;
        let pace = Pace { next_free: NOW, milli_per_second: u32::MAX };
        let take =
            Take { sender: self.sender, queues: vec![1], pace, until: NOW + SECOND, rows: count, from: None };
        let tick = Tick {
            epoch: self.epoch,
            batch: self.batch,
            at: NOW,
            results: std::mem::take(&mut self.results),
            take: vec![take],
            limit: count,
            deadline: NOW + 45 * SECOND,
            equal_due: NOW + 60 * SECOND,
            clean: true,
            ..Tick::default()
        };
        let begun = Instant::now();
        let marked = self.rows.tick(tick).await.unwrap().marked;
        let took = begun.elapsed();
        self.results = marked.iter().map(accepted).collect();
        (marked.len(), took)
    }

    /// The milliseconds of a transaction, the median of many.
    async fn median(&mut self, count: u32, times: usize) -> f64 {
        let mut all = Vec::new();
        for _ in 0..times {
            all.push(self.tick(count).await.1.as_secs_f64() * 1e3);
        }
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    }
}

fn accepted(marked: &Marked) -> Finished {
    let sid = Some(format!("SM{:032x}", marked.id));
    let event = Event::Accepted { attempt: marked.attempt, sid, status: DeliveryStatus::Queued };
    Finished { segments: Some(1), ..Finished::new(marked.id, event, NOW) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL, and prints figures"]
async fn measure_enqueue() {
    let (_, rows) = open("enqueue").await;
    let rows = std::sync::Arc::new(rows);
    let begun = Instant::now();
    for n in 0..200 {
        rows.enqueue(NOW, vec![message(n)]).await.unwrap();
    }
    println!("one by one: {:.0} a second", 200.0 / begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let tasks = (0..64_u64).map(|task| {
        let rows = std::sync::Arc::clone(&rows);
        tokio::spawn(async move {
            for n in 0..500 {
                rows.enqueue(NOW, vec![message(1_000 + task * 500 + n)]).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    println!("64 tasks: {:.0} a second", 32_000.0 / begun.elapsed().as_secs_f64());
    for batch in [1_000, 5_000] {
        let took = import(&rows, 100_000 * batch, 100_000, batch).await;
        println!("import in batches of {batch}: {:.0} a second", 100_000.0 / took.as_secs_f64());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL, and prints figures"]
async fn measure_ticks() {
    let (postgres, rows) = open("ticks").await;
    let mut loaded = 0;
    import(&rows, 0, 5_000, 5_000).await;
    let mut ticker = Ticker::new(rows).await;
    for ready in [10_000, 500_000] {
        import(&ticker.rows, 10_000 + loaded, ready, 5_000).await;
        loaded += ready;
        run(&postgres, "ANALYZE").await;
        ticker.median(50, 20).await;
        let [small, large] = [ticker.median(50, 60).await, ticker.median(250, 40).await];
        println!("{ready} ready: {small:.2} ms for 50, {large:.2} ms for 250");
    }
}

/// `PINNED_SECONDS` sets how long. A second transaction keeps its snapshot meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL, and prints figures"]
async fn measure_with_a_pinned_snapshot() {
    let seconds = std::env::var("PINNED_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let (postgres, rows) = open("pinned").await;
    import(&rows, 0, 400_000, 5_000).await;
    run(&postgres, "ANALYZE").await;
    let mut ticker = Ticker::new(rows).await;
    let other = postgres.connection().await.unwrap();
    other
        .batch("SET idle_in_transaction_session_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ")
        .await
        .unwrap();
    other.query("SELECT count(*) FROM pg_class", &[]).await.unwrap();
    let begun = Instant::now();
    let (mut next, mut rates, mut looks) = (0, Vec::new(), Instant::now());
    // As a worker does: a look now and then, the less often the longer it takes.
    let mut look_every = Duration::from_millis(250);
    while begun.elapsed() < Duration::from_secs(seconds) {
        let (part, mut marked) = (Instant::now(), 0);
        while part.elapsed() < Duration::from_secs(seconds) / 10 {
            marked += ticker.tick(100).await.0;
            if looks.elapsed() > look_every {
                let look = Instant::now();
                ticker.rows.look().await.unwrap();
                look_every = Duration::from_millis(250).max(look.elapsed() * 20);
                looks = Instant::now();
            }
        }
        rates.push((marked as f64 / part.elapsed().as_secs_f64()).round());
        next += marked;
    }
    println!("{next} messages; a second, in tenths of the time: {rates:?}; a look each {look_every:?}");
    drop(other);
}
