//! Two workers on one PostgreSQL database, each a process of its own. They are killed at random times, the server ends
//! their connections, and the server itself is restarted as after a crash. The provider is the fake, in this process.
//!
//! `.ci/run` runs [`two_workers_are_killed_at_random`] twice with 10,000 messages; `.ci/long/outbox-shared` 20 times.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use switchboard::Credentials;
use switchboard::provider::Outgoing;
use switchboard::twilio::TwilioAdapter;
use switchboard_store::{Connection, Postgres, StoreError, expand_schema};
use switchboard_testing::FakeTwilio;

use super::database::{TestDatabase, connect, url};
use super::process::{self, number, program};
use crate::{Account, AccountError, Accounts, Enqueue, IfAbsent, Outbox, State, Timing};

const CHILD: &str = "tests::shared::child";
/// Each tenant has its own sender, so that both workers have something to do.
const TENANTS: u64 = 4;

/// The same account for every tenant, under the tenant's name.
#[derive(Debug)]
struct Tenants {
    url: String,
    sid: String,
    token: String,
}

#[async_trait]
impl Accounts for Tenants {
    async fn account(&self, tenant: &str) -> Result<Account, AccountError> {
        let adapter = TwilioAdapter::builder().base_url(&self.url).build().unwrap();
        let credentials = Credentials::twilio(&self.sid, &self.token).phone_number(sender());
        Ok(Account::new(adapter, credentials).named(tenant))
    }
}

fn sender() -> String {
    std::env::var("CHILD_SENDER").unwrap()
}

/// Evidence at 1/60 of the time. Leases are shorter, so that a run takes minutes rather than hours.
fn timing() -> Timing {
    Timing {
        begin: Duration::from_millis(number("BEGIN_MILLIS", 2_000)),
        send: Duration::from_secs(4),
        deadline: Duration::from_millis(number("BEGIN_MILLIS", 2_000) + 5_000),
        lease: Duration::from_secs(3),
        horizon: Duration::from_millis(250),
        look: Duration::from_millis(100),
        away: Duration::from_secs(600),
        ..Timing::new().faster(60)
    }
}

/// The program under test. After each start it enqueues its part of the messages again, and runs until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs to be started by the tests of this file"]
async fn child() {
    let Some(outbox) = TestDatabase::of_environment().await else { return };
    let read = |name: &str| std::env::var(name).unwrap();
    let accounts = Tenants { url: read("CHILD_URL"), sid: read("CHILD_ACCOUNT"), token: read("CHILD_TOKEN") };
    let if_absent = if read("CHILD_IF_ABSENT") == "requeue" { IfAbsent::Requeue } else { IfAbsent::Park };
    let worker = outbox.worker(accounts).rate(sender().as_str(), 1e6).timing(timing()).if_absent(if_absent);
    let worker = worker.spawn().await.unwrap();
    let (messages, part) = (number("CHILD_MESSAGES", 0), number("CHILD_PART", 0));
    let own: Vec<u64> = (0..messages).filter(|n| n % 2 == part).collect();
    for some in own.chunks(100) {
        while outbox.enqueue_all(some.iter().map(|n| message(*n))).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    // Without traffic, no list can prove that a message is absent.
    for n in 0_u64.. {
        assert!(worker.is_running(), "the worker ended by itself");
        let key = format!("canary {} {n}", std::process::id());
        let canary = Outgoing::text(format!("+1415556{:04}", fastrand::u32(..10_000)), key.as_str());
        drop(outbox.enqueue_all([Enqueue::new(key, canary).tenant(format!("t{}", n % TENANTS))]).await);
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
}

fn message(n: u64) -> Enqueue {
    let text = Outgoing::text(format!("+1212555{:04}", n % 5_000), format!("message {n}"));
    Enqueue::new(format!("k{n}"), text).tenant(format!("t{}", n % TENANTS))
}

/// A schema of its own, and the fake that the workers use.
struct Site {
    postgres: Postgres,
    fake: Arc<FakeTwilio>,
    messages: u64,
    if_absent: &'static str,
}

impl Site {
    async fn start(messages: u64, if_absent: &'static str) -> Self {
        let schema = format!("kill_{}_{}", std::process::id(), fastrand::u32(..));
        let postgres = connect(&schema).await;
        Outbox::open(postgres.clone()).await.unwrap();
        let fake = Arc::new(FakeTwilio::start().await);
        // The fake's clock stands still by itself, and a list proves something only if time passes at the provider.
        let (clock, tick) = (Arc::downgrade(&fake), Duration::from_millis(200));
        tokio::spawn(async move {
            let mut last = Instant::now();
            while let Some(fake) = clock.upgrade() {
                tokio::time::sleep(tick).await;
                fake.advance(last.elapsed());
                last = Instant::now();
            }
        });
        Self { postgres, fake, messages, if_absent }
    }

    fn worker(&self, part: usize, environment: &[(&str, &str)]) -> Child {
        program(CHILD)
            .env("CHILD_SCHEMA", self.postgres.schema())
            .env("CHILD_URL", self.fake.url())
            .env("CHILD_ACCOUNT", self.fake.account_sid())
            .env("CHILD_TOKEN", self.fake.auth_token())
            .env("CHILD_SENDER", self.fake.phone_number())
            .env("CHILD_IF_ABSENT", self.if_absent)
            .env("CHILD_MESSAGES", self.messages.to_string())
            .env("CHILD_PART", part.to_string())
            .envs(environment.iter().copied())
            .spawn()
            .unwrap()
    }

    /// Connects, also while the server restarts.
    async fn connection(&self) -> Connection {
        loop {
            match self.postgres.connection().await {
                Ok(connection) => return connection,
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Ends every connection but this one, in the middle of whatever they do.
    async fn terminate(&self) {
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND application_name = 'switchboard'";
        drop(self.connection().await.query(others, &[]).await);
    }

    /// How many messages are ready or being sent, and how many are unknown. `None` while the server restarts.
    async fn left(&self) -> Option<(i64, i64)> {
        let sql = "SELECT (SELECT count(*) FROM {s}.message AS m WHERE key LIKE 'k%'
                AND NOT EXISTS (SELECT FROM {s}.outcome AS o WHERE o.id = m.id)
                AND NOT EXISTS (SELECT FROM {s}.open AS o WHERE o.id = m.id AND state IN ('unknown', 'parked'))),
              (SELECT count(*) FROM {s}.open AS o JOIN {s}.message AS m USING (id)
                WHERE state = 'unknown' AND key LIKE 'k%'), (SELECT count(*) FROM {s}.message WHERE key LIKE 'k%')";
        let sql = expand_schema(sql, self.postgres.schema());
        let row = self.connection().await.one(&sql, &[]).await.ok()?;
        let (waiting, unknown, all): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
        (all == self.messages as i64).then_some((waiting, unknown))
    }

    /// Runs the workers until every message has a result, and every unknown one is settled or parked.
    async fn finish(&self, workers: &mut [Child]) {
        let began = Instant::now();
        while self.left().await != Some((0, 0)) {
            for (part, worker) in workers.iter_mut().enumerate() {
                if worker.try_wait().unwrap().is_some() {
                    *worker = self.worker(part, &[]);
                }
            }
            assert!(
                began.elapsed() < Duration::from_secs(400),
                "it does not come to an end: {:?}",
                self.left().await
            );
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn examine(&self) -> Examined {
        let mut arrived: BTreeMap<String, u64> = BTreeMap::new();
        for sent in self.fake.sent() {
            *arrived.entry(sent.body).or_default() += 1;
        }
        let outbox = Outbox::open(self.postgres.clone()).await.unwrap();
        let mut examined = Examined::default();
        for n in 0..self.messages {
            let times = arrived.get(&format!("message {n}")).copied().unwrap_or(0);
            examined.doubled += u64::from(times > 1);
            let (tenant, key) = (format!("t{}", n % TENANTS), format!("k{n}"));
            let message = outbox.get((tenant.as_str(), key.as_str())).await.unwrap();
            match message.state {
                State::Accepted { .. } if times > 0 => examined.accepted += 1,
                State::Parked => {
                    examined.parked += 1;
                    examined.parked_that_arrived += u64::from(times > 0);
                }
                state => {
                    println!(
                        "lost: {key} is {state} after {} attempts, and arrived {times} times",
                        message.attempts
                    );
                    examined.lost += 1;
                }
            }
        }
        examined
    }

    async fn end(self) {
        let connection = self.connection().await;
        connection.batch(&expand_schema("DROP SCHEMA {s} CASCADE", self.postgres.schema())).await.unwrap();
    }
}

/// What became of the messages.
#[derive(Debug, Default)]
struct Examined {
    accepted: u64,
    lost: u64,
    doubled: u64,
    parked: u64,
    parked_that_arrived: u64,
}

fn kill(child: &mut Child) -> u64 {
    let ran = child.try_wait().unwrap().is_none();
    drop(child.kill());
    child.wait().unwrap();
    u64::from(ran)
}

/// Restarts the server as after a crash, if these tests may do so.
async fn restart_server() -> bool {
    let read = |name: &str| std::env::var(name).ok();
    let (Some(data), Some(programs), Some(owner)) = (
        read("SWITCHBOARD_TEST_SERVER"),
        read("SWITCHBOARD_TEST_SERVER_PROGRAMS"),
        read("SWITCHBOARD_TEST_SERVER_OWNER"),
    ) else {
        return false;
    };
    let restart = format!("{programs}/pg_ctl -D {data} -m immediate -s -w -l {data}/../log restart");
    let restart = move || {
        let mut command = Command::new("su");
        command.args([&owner, "-s", "/bin/bash", "-c", &restart]);
        if owner != "postgres" {
            command = Command::new("bash");
            command.args(["-c", &restart]);
        }
        command.stdout(Stdio::null()).status().unwrap().success()
    };
    assert!(tokio::task::spawn_blocking(restart).await.unwrap(), "the server does not restart");
    true
}

async fn run_and_kill(messages: u64, kills: u64, random: &mut fastrand::Rng) {
    let site = Site::start(messages, "park").await;
    let began = Instant::now();
    let mut workers = [site.worker(0, &[]), site.worker(1, &[])];
    let (mut killed, mut restarts) = (0, 0);
    for turn in 0..kills {
        tokio::time::sleep(Duration::from_millis(random.u64(300..1_500))).await;
        match turn % 4 {
            1 => site.terminate().await,
            3 if restarts == 0 => restarts += u64::from(restart_server().await),
            _ => {}
        }
        let part = random.usize(0..2);
        killed += kill(&mut workers[part]);
        workers[part] = site.worker(part, &[]);
    }
    site.finish(&mut workers).await;
    workers.iter_mut().for_each(|worker| _ = kill(worker));
    let examined = site.examine().await;
    println!(
        "{messages} messages, {killed} kills, {restarts} restarts, {:.0?}: {examined:?}",
        began.elapsed()
    );
    assert_eq!((examined.lost, examined.doubled), (0, 0), "{examined:?}");
    assert_eq!(examined.parked_that_arrived, 0, "they are in the provider's list: {examined:?}");
    assert!(killed > 0, "none was killed");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and minutes: KILL_RUNS, KILL_MESSAGES"]
async fn two_workers_are_killed_at_random() {
    let seed = number("KILL_SEED", fastrand::u64(..));
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..number("KILL_RUNS", 2) {
        run_and_kill(number("KILL_MESSAGES", 10_000), 8, &mut random).await;
    }
}

/// A process that stands still past its deadline sends nothing late, although the other worker has taken over, has
/// proved that the messages are absent, and has sent them again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn a_process_that_stood_still_past_its_deadline_sends_nothing_twice() {
    let site = Site::start(40, "requeue").await;
    let environment = [process::STOPS_BEFORE_REQUEST, ("BEGIN_MILLIS", "1000")];
    let mut stopped = site.worker(0, &environment);
    process::is_stopped(&stopped).await;
    let mut workers = [site.worker(0, &environment[1..]), site.worker(1, &environment[1..])];
    site.finish(&mut workers).await;
    process::resume(&stopped);
    // Longer than everything that it could still do.
    tokio::time::sleep(Duration::from_secs(8)).await;
    workers.iter_mut().chain([&mut stopped]).for_each(|worker| _ = kill(worker));
    let examined = site.examine().await;
    println!("{examined:?}");
    assert_eq!((examined.lost, examined.doubled, examined.accepted), (0, 0, 40), "{examined:?}");
    site.end().await;
}

/// So that an error of this file is not taken for one of the outbox.
#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn the_server_of_these_tests_is_there() {
    let none = Postgres::connect("postgres://nobody@127.0.0.1:1/none").await.unwrap_err();
    assert!(matches!(none, StoreError::CannotConnect { .. }), "{none}");
    Postgres::connect(&url()).await.unwrap();
}
