//! Many messages on a provider that loses answers, carries requests out late, lists late, and calls back early, late or
//! not at all, while workers are restarted and a clock jumps: with SQLite the clock of the machine, with PostgreSQL, where
//! two workers share the senders, that of the database. All at 1/60 of the time. With `IfAbsent::Requeue`, nobody may get
//! a text twice, by the provider's own record.
//!
//! `.ci/run` sends 5,000 messages on each database; `.ci/long/evidence` 100,000.

mod disorder;
mod record;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::Router;
use axum::extract::State as Shared;
use http::StatusCode;
use switchboard::provider::Outgoing;
use switchboard::twilio::webhook::{Verifier, WebhookEvidence, Webhooks};
use switchboard_testing::FakeTwilio;

use self::disorder::Disorder;
use self::record::Record;
use super::clock::JumpingClock;
use super::database::TestDatabase;
use super::process::number;
use crate::enqueue::Enqueue;
use crate::outbox::Outbox;
use crate::settling::IfAbsent;
use crate::timing::Timing;
use crate::worker::Worker;
use crate::{Account, AccountError, Accounts, Counts};

/// How much faster than in production everything happens.
const FASTER: u32 = 60;
/// Each tenant has its own sender, so that two workers have something to do.
const TENANTS: u64 = 2;

fn timing() -> Timing {
    let timing = Timing::new().faster(FASTER);
    // These are about this machine, which is not faster.
    Timing {
        begin: Duration::from_secs(2),
        send: Duration::from_secs(2),
        deadline: Duration::from_secs(5),
        lease: Duration::from_secs(3),
        horizon: Duration::from_millis(250),
        look: Duration::from_millis(50),
        backoff: Duration::from_millis(50),
        rate_pause: Duration::from_millis(50),
        ..timing
    }
}

/// One account of the provider, under the name of each tenant.
#[derive(Debug)]
struct Tenants(Account);

#[async_trait]
impl Accounts for Tenants {
    async fn account(&self, tenant: &str) -> Result<Account, AccountError> {
        Ok(self.0.clone().named(tenant))
    }
}

/// The whole program: an outbox, its webhook, and its workers.
struct Program {
    database: TestDatabase,
    outbox: Outbox,
    fake: Arc<FakeTwilio>,
    callbacks: String,
    /// Texts a second of each sender.
    rate: f64,
    others: AtomicU64,
}

impl Program {
    async fn start(database: TestDatabase, fake: Arc<FakeTwilio>, rate: f64) -> Self {
        async fn status(
            Shared(outbox): Shared<Outbox>,
            WebhookEvidence(evidence): WebhookEvidence,
        ) -> StatusCode {
            outbox.webhook(evidence.as_ref()).await
        }
        let outbox = database.open().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        let verifier = Verifier::new(fake.auth_token()).public_url(&host);
        let routes = Router::new().route("/status", axum::routing::post(status));
        let app = Webhooks::new(verifier).protect(routes).with_state(outbox.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let callbacks = format!("{host}/status");
        Self { database, outbox, fake, callbacks, rate, others: AtomicU64::new(0) }
    }

    /// Sends another text, as a program does all the time. Without traffic nothing can be a canary.
    async fn traffic(&self) {
        let n = self.others.fetch_add(1, Ordering::SeqCst);
        let to = format!("+1{}", 3_125_550_000_u64 + n);
        let other = Enqueue::new(format!("other {n}"), Outgoing::text(to, "something else"));
        self.outbox.enqueue_all([other.tenant(tenant(n))]).await.unwrap();
        if n.is_multiple_of(300) {
            println!("{:?}", self.outbox.counts().await.unwrap());
        }
    }

    /// Starts a worker as a new process would: with a clock of its own, and without the memory of the last one.
    async fn worker(&self) -> (Outbox, Worker) {
        let outbox = self.database.open().await;
        let account = Account::new(self.fake.adapter(), self.fake.credentials());
        let worker = outbox
            .worker(Tenants(account))
            .timing(timing())
            .rate(self.fake.phone_number(), self.rate)
            .callbacks(&self.callbacks)
            .if_absent(IfAbsent::Requeue)
            .trust_database()
            .spawn()
            .await
            .unwrap();
        (outbox, worker)
    }
}

fn tenant(n: u64) -> String {
    format!("t{}", n % TENANTS)
}

/// The tenant and the key of message `n`.
fn key(n: u64) -> (String, String) {
    (tenant(n / 10), n.to_string())
}

/// Message `n`: of ten messages two are for the same person, and of fifty two are equal.
fn message(n: u64) -> Enqueue {
    let person = if n % 10 == 9 { n - 1 } else { n };
    let text = if n % 50 == 9 { n - 1 } else { n };
    let to = format!("+1{}", 2_125_550_000 + person);
    let (tenant, key) = key(n);
    Enqueue::new(key, Outgoing::text(to, format!("message {text}"))).tenant(tenant)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes, and sets the clock of all tests of its process"]
async fn sqlite_settles_nearly_everything_and_nobody_gets_a_text_twice() {
    settles_nearly_everything_and_nobody_gets_a_text_twice(TestDatabase::sqlite("evidence"), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and minutes"]
async fn postgres_settles_nearly_everything_and_nobody_gets_a_text_twice() {
    let database = TestDatabase::postgres("evidence").await;
    settles_nearly_everything_and_nobody_gets_a_text_twice(database, 2).await;
}

async fn settles_nearly_everything_and_nobody_gets_a_text_twice(database: TestDatabase, workers: usize) {
    let (messages, rate) = (number("EVIDENCE_MESSAGES", 5_000), number("EVIDENCE_RATE", 100));
    let seed = number("EVIDENCE_SEED", fastrand::u64(..1_000_000));
    println!("EVIDENCE_SEED={seed}: {messages} messages, {rate} a second");
    let fake = Arc::new(FakeTwilio::builder().real_time().start().await);
    #[allow(clippy::cast_precision_loss, reason = "a small number")]
    let program = Program::start(database, Arc::clone(&fake), rate as f64 / TENANTS as f64).await;
    let clock = JumpingClock::of(&program.database).await;
    for first in (0..messages).step_by(5_000) {
        let batch = (first..messages.min(first + 5_000)).map(message);
        program.outbox.enqueue_all(batch).await.unwrap();
    }
    let time = Duration::from_secs(messages / rate);
    let mut disorder = Disorder::new(seed, Arc::clone(&fake), clock, time);
    let mut running = Vec::new();
    for _ in 0..workers {
        running.push(program.worker().await);
    }
    let began = Instant::now();
    while !drained(&program.outbox.counts().await.unwrap()) {
        disorder.step().await;
        if disorder.restarts() {
            let (outbox, worker) = running.remove(0);
            let _ = worker.shutdown(Duration::ZERO).await;
            outbox.store().close().await;
            running.push(program.worker().await);
        }
        program.traffic().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(began.elapsed() < Duration::from_secs(600) + 2 * time, "it does not end");
    }
    let sent = began.elapsed();
    disorder.end();
    settle(&program, &mut disorder).await;
    let _ = tokio::time::timeout(Duration::from_secs(10), program.outbox.drained()).await;
    for (_, worker) in running {
        worker.shutdown(Duration::from_secs(5)).await.unwrap();
    }
    fake.wait_for_callbacks().await;
    let record = Record::of(&program.outbox, &fake, messages).await;
    println!("{record}\nsent in {sent:.0?}, settled in {:.0?}; {disorder}", began.elapsed() - sent);
    record.check();
    program.database.end().await;
}

/// The program's other texts are sent all the time, so a few always wait.
const fn drained(counts: &Counts) -> bool {
    counts.ready + counts.sending < 3
}

/// Waits until nothing is unknown, while the program sends other texts, as it would.
async fn settle(program: &Program, disorder: &mut Disorder) {
    let until = Instant::now() + Duration::from_secs(number("EVIDENCE_SETTLE", 240));
    while Instant::now() < until {
        let counts = program.outbox.counts().await.unwrap();
        if counts.unknown == 0 && drained(&counts) {
            return;
        }
        disorder.step().await;
        program.traffic().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
