//! Measurements that are run by hand: `cargo test --release -p switchboard-outbox --lib measure -- --ignored --nocapture`.

#![allow(clippy::print_stdout, reason = "it prints figures")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use switchboard::provider::{DeliveryStatus, Outgoing};
use switchboard_store::{Log, Sqlite};

use super::SqliteRows;
use crate::enqueue::{Payload, Prepared, Priority};
use crate::rows::{Enqueued, Finished, Marked, NewMessage, NewSender, Rows, Take, Tick};
use crate::state::Event;
use crate::worker::pace::Pace;

const SECOND: i64 = 1_000_000;
const NOW: i64 = 1_800_000_000 * SECOND;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("switchboard-rows-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

async fn open(folder: &Folder) -> SqliteRows {
    let sqlite = Sqlite::open(folder.0.join("app.db")).await.unwrap();
    Log::open(sqlite.clone()).await.unwrap();
    SqliteRows::open(sqlite).await.unwrap()
}

fn message(n: u64, random: bool) -> NewMessage {
    let text = Outgoing::text(
        format!("+1415{:07}", n % 10_000_000),
        format!("Your table {n} is ready, see you soon"),
    );
    let key = if random {
        format!("campaign/{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    } else {
        format!("campaign/{n:09}")
    };
    NewMessage {
        tenant: String::new(),
        key,
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
        hashes: Default::default(),
        prepared: Prepared::of(&Payload::Text(text)).unwrap(),
    }
}

/// Enqueues messages, and returns how long that took, without the time to create the messages.
async fn import(rows: &SqliteRows, from: u64, count: u64, batch: u64, random: bool) -> Duration {
    let mut time = Duration::ZERO;
    for start in (from..from + count).step_by(usize::try_from(batch).unwrap()) {
        let new = (start..start + batch).map(|n| message(n, random)).collect();
        let begun = Instant::now();
        rows.enqueue(NOW, new).await.unwrap();
        time += begun.elapsed();
    }
    time
}

/// The processor time of this process, in microseconds.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) * 10_000.0
}

fn rss() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = |name: &str| status.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    format!("{} {}", line("VmRSS"), line("VmHWM")).replace('\t', " ")
}

struct Ticker {
    rows: SqliteRows,
    epoch: i64,
    sender: i64,
    queues: Vec<i64>,
    batch: i64,
}

impl Ticker {
    async fn new(rows: SqliteRows) -> Self {
        let queues: Vec<i64> = rows.look().await.unwrap().queues.iter().map(|queue| queue.id).collect();
        let new = NewSender {
            account: "AC".into(),
            kind: switchboard::provider::SendKind::Text,
            address: "x".into(),
        };
        let sender = rows.bind(queues[0], new).await.unwrap().id;
        let epoch = rows.start(NOW, true).await.unwrap().epoch;
        Self { rows, epoch, sender, queues, batch: 0 }
    }

    async fn tick(&mut self, results: Vec<Finished>, count: u32) -> (Vec<Marked>, Duration) {
        self.batch += 1;
        let pace = Pace { next_free: NOW, milli_per_second: u32::MAX };
        let take = Take {
            sender: self.sender,
            queues: self.queues.clone(),
            pace,
            until: NOW + SECOND,
            rows: count,
            from: None,
        };
        let tick = Tick {
            epoch: self.epoch,
            batch: self.batch,
            at: NOW,
            results,
            take: vec![take],
            limit: count,
            deadline: NOW + 45 * SECOND,
            equal_due: NOW + 60 * SECOND,
            clean: true,
            ..Tick::default()
        };
        let begun = Instant::now();
        let ticked = self.rows.tick(tick).await.unwrap();
        (ticked.marked, begun.elapsed())
    }
}

fn accepted(marked: &Marked) -> Finished {
    let event = Event::Accepted {
        attempt: marked.attempt,
        sid: Some(format!("SM{:032x}", marked.id)),
        status: DeliveryStatus::Queued,
    };
    Finished { id: marked.id, segments: Some(1), ..Finished::from_outside(NOW, event) }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

async fn ticks(ticker: &mut Ticker, count: u32, rounds: usize) -> Duration {
    let mut results = Vec::new();
    let mut times = Vec::new();
    for _ in 0..rounds {
        let (marked, time) = ticker.tick(results, count).await;
        assert_eq!(marked.len(), usize::try_from(count).unwrap());
        results = marked.iter().map(accepted).collect();
        times.push(time);
    }
    ticker.tick(results, 0).await;
    median(times)
}

#[tokio::test]
#[ignore = "prints figures"]
async fn measure_import_and_ticks() {
    let folder = Folder::new("ticks");
    let rows = open(&folder).await;
    let before = (cpu(), Instant::now());
    let time = import(&rows, 0, 10_000, 500, true).await;
    println!("import of the first 10,000, random keys: {:.0} rows/s", 10_000.0 / time.as_secs_f64());
    println!(
        "  with making the messages: {:.1} us CPU each, wall {:?}",
        (cpu() - before.0) / 10_000.0,
        before.1.elapsed()
    );
    let mut ticker = Ticker::new(rows.clone()).await;
    for count in [50, 250] {
        println!("tick of {count} with 10k ready: {:?}", ticks(&mut ticker, count, 15).await);
    }
    for (from, count, random) in [(10_000, 500_000, true), (510_000, 500_000, false)] {
        let time = import(&rows, from, count, 500, random).await;
        println!(
            "import of {count}, random keys: {random}: {:.0} rows/s; {}",
            count as f64 / time.as_secs_f64(),
            rss()
        );
    }
    for count in [50, 250, 1000] {
        println!("tick of {count} with 1M ready: {:?}", ticks(&mut ticker, count, 15).await);
    }
    let begun = Instant::now();
    println!("counts {:?} in {:?}", rows.counts().await.unwrap(), begun.elapsed());
    let begun = Instant::now();
    let look = rows.look().await.unwrap();
    println!("look: {} queues in {:?}", look.queues.len(), begun.elapsed());
    let before = cpu();
    ticks(&mut ticker, 250, 400).await;
    println!("drain of 100,000: {:.1} us CPU each (mark, result, event)", (cpu() - before) / 100_000.0);
    println!("{}; {:?}", rss(), rows.sqlite.statistics());
    let begun = Instant::now();
    drop((rows, ticker));
    let rows = open(&folder).await;
    let mut ticker = Ticker::new(rows).await;
    let marked = ticker.tick(Vec::new(), 250).await.0.len();
    println!("open again and mark {marked} of a million: {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints figures"]
async fn measure_enqueue_by_64_tasks() {
    let folder = Folder::new("tasks");
    let rows = open(&folder).await;
    let (begun, before) = (Instant::now(), cpu());
    let task = |task: u64| {
        let rows = rows.clone();
        tokio::spawn(async move {
            for n in 0..1_000 {
                let new = vec![message(task * 1_000 + n, true)];
                assert!(matches!(rows.enqueue(NOW, new).await.unwrap()[0], Enqueued::New { .. }));
            }
        })
    };
    let tasks: Vec<_> = (0..64).map(task).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let per_second = 64_000.0 / begun.elapsed().as_secs_f64();
    println!(
        "64 tasks: {per_second:.0} enqueues/s, {:.1} us CPU each with tokio",
        (cpu() - before) / 64_000.0
    );
    println!("{:?}", rows.sqlite.statistics());
}

#[tokio::test]
#[ignore = "prints figures"]
async fn measure_ticks_of_many_queues() {
    for queues in [1, 100, 1_000, 10_000] {
        let folder = Folder::new("queues");
        let rows = open(&folder).await;
        for start in (0..20_000).step_by(500) {
            let tenant = |n: u64| NewMessage { tenant: format!("{}", n % queues), ..message(n, true) };
            rows.enqueue(NOW, (start..start + 500).map(tenant).collect()).await.unwrap();
        }
        let mut ticker = Ticker::new(rows.clone()).await;
        let begun = Instant::now();
        assert_eq!(rows.look().await.unwrap().queues.len() as u64, queues);
        let look = begun.elapsed();
        let before = cpu();
        let time = ticks(&mut ticker, 250, 20).await;
        println!(
            "{queues} queues: tick of 250 {time:?}, {:.1} ms CPU; look {look:?}",
            (cpu() - before) / 21_000.0
        );
    }
}
