//! Tests with real processes: this test program starts itself as the worker, aborts it at named points, kills it at random
//! times, or stops it, and counts the requests that arrived at a test server.
//!
//! `.ci/run` runs [`killed_at_random`] twice with 10,000 messages; `.ci/long/outbox-kill` 20 times.

mod server;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use switchboard::Credentials;
use switchboard::provider::Outgoing;
use switchboard::twilio::TwilioAdapter;
use switchboard_testing::FakeTwilio;

use self::server::Counter;
use crate::crash::Point;
use crate::{Account, Enqueue, MessageId, Outbox, OutboxError, State, Timing};

const CHILD: &str = "tests::kill::child";
const SENDER: &str = "+14155550100";
/// The exit code of a child whose worker ended by itself.
const REFUSED: i32 = 17;

pub(super) fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// A database in its own folder, which is deleted at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!(
            "switchboard-{name}-{}-{}",
            std::process::id(),
            fastrand::u64(..)
        ));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn database(&self) -> PathBuf {
        self.0.join("outbox.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn start(database: &Path, url: &str, messages: u64, environment: &[(&str, String)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", CHILD, "--ignored", "--nocapture", "--test-threads=1"])
        .env("CHILD_DATABASE", database)
        .env("CHILD_URL", url)
        .env("CHILD_MESSAGES", messages.to_string())
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The program under test. After each start it enqueues all messages again, and runs until none is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs to be started by the tests of this file"]
async fn child() {
    let Some(database) = std::env::var_os("CHILD_DATABASE") else { return };
    let url = std::env::var("CHILD_URL").unwrap();
    let messages = number("CHILD_MESSAGES", 0);
    let outbox = Outbox::sqlite(database).await.unwrap();
    let sender = std::env::var("CHILD_SENDER").unwrap_or_else(|_| SENDER.to_owned());
    let worker =
        outbox.worker(account(&url)).rate(sender.as_str(), 1e6).timing(timing()).spawn().await.unwrap();
    for first in (0..messages).step_by(100) {
        let all = (first..messages.min(first + 100)).map(|n| message(n, &sender));
        outbox.enqueue_all(all).await.unwrap();
    }
    while outbox.counts().await.is_ok_and(|counts| counts.ready + counts.sending > 0) {
        if !worker.is_running() {
            std::process::exit(REFUSED);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

fn message(n: u64, sender: &str) -> Enqueue {
    let to = format!("+1415555{:04}", n % 10_000);
    Enqueue::new(format!("k{n}"), Outgoing::text(to, format!("message {n}")).from(sender))
}

fn account(url: &str) -> Account {
    let (sid, token) = match std::env::var("CHILD_ACCOUNT") {
        Ok(sid) => (sid, std::env::var("CHILD_TOKEN").unwrap()),
        Err(_) => (format!("AC{}", "0".repeat(32)), "0".repeat(32)),
    };
    let credentials = Credentials::twilio(sid, token);
    let adapter = TwilioAdapter::builder().base_url(url).build().unwrap();
    Account::new(adapter, credentials)
}

fn timing() -> Timing {
    let mut timing = Timing::new();
    if let Some(begin) = std::env::var("BEGIN_MILLIS").ok().and_then(|value| value.parse().ok()) {
        timing.begin = Duration::from_millis(begin);
    }
    if std::env::var_os("ALWAYS_AWAY").is_some() {
        timing.away = Duration::ZERO;
    }
    timing
}

/// The result of a run.
#[derive(Debug, Default)]
struct Result {
    lost: u64,
    doubled: u64,
    accepted: u64,
    unknown: u64,
    unknown_that_arrived: u64,
    /// Unknown messages that are missing from the list for a person.
    hidden: u64,
}

async fn examine(database: &Path, counter: &Counter, messages: u64) -> Result {
    let outbox = Outbox::sqlite(database).await.unwrap();
    let mut result = Result::default();
    let mut listed = std::collections::HashSet::new();
    let mut after: Option<MessageId> = None;
    loop {
        let page = outbox.unsettled(after, 500).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        listed.extend(page.iter().map(|message| message.key.clone()));
    }
    for n in 0..messages {
        let arrived = counter.count(n);
        result.doubled += u64::from(arrived > 1);
        match outbox.get(format!("k{n}")).await {
            Ok(message) if matches!(message.state, State::Accepted { .. }) => {
                result.accepted += 1;
                result.lost += u64::from(arrived == 0);
            }
            Ok(message) if message.state.is_unsettled() => {
                result.unknown += 1;
                result.unknown_that_arrived += u64::from(arrived > 0);
                result.hidden += u64::from(!listed.contains(&message.key));
            }
            // In another state or missing, although it should have been sent.
            Ok(_) | Err(_) => result.lost += 1,
        }
    }
    assert_eq!(result.accepted + result.unknown + result.lost, messages);
    result
}

fn check(result: &Result, kills: u64) {
    assert_eq!((result.lost, result.doubled, result.hidden), (0, 0, 0), "{result:?}");
    // Each kill can leave unknown: at most 256 marked messages, 64 requests without an answer, and the answers that
    // arrived while a transaction ran. When that transaction began, there were at most 128 marked messages and 64
    // requests.
    assert!(result.unknown <= kills * (256 + 64 + 192), "{kills} kills: {result:?}");
}

/// Runs the worker until it ends by itself. Before that, kills it at random times.
async fn run_and_kill(messages: u64, kills: u64, random: &mut fastrand::Rng) {
    let folder = Folder::new("kill");
    let counter = Counter::start(0).await;
    let mut killed = 0;
    let began = Instant::now();
    loop {
        let mut child = start(&folder.database(), &counter.url(), messages, &[]);
        if killed < kills {
            tokio::time::sleep(Duration::from_millis(random.u64(10..250))).await;
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                killed += 1;
            }
        }
        let status = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
        if status.success() {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(600), "it does not come to an end");
    }
    let result = examine(&folder.database(), &counter, messages).await;
    println!("{messages} messages, {killed} kills: {result:?}");
    check(&result, killed);
    assert!(killed > 0 || kills == 0, "it was never killed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs minutes: KILL_RUNS, KILL_MESSAGES"]
async fn killed_at_random() {
    let seed = number("KILL_SEED", fastrand::u64(..));
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..number("KILL_RUNS", 2) {
        run_and_kill(number("KILL_MESSAGES", 10_000), 8, &mut random).await;
    }
}

/// Each restart compares the database with the provider, and finds no message of an old copy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs minutes: RESTARTS"]
async fn a_healthy_restart_after_a_kill_is_never_refused() {
    let (mut left, restarts) = (number("RESTARTS", 100), number("RESTARTS", 100));
    let mut random = fastrand::Rng::new();
    while left > 0 {
        let (fake, folder) = (FakeTwilio::start().await, Folder::new("healthy"));
        let credentials = fake.credentials();
        let environment = [
            ("CHILD_SENDER", fake.phone_number().to_string()),
            ("CHILD_ACCOUNT", credentials.get("account_sid").unwrap().to_owned()),
            ("CHILD_TOKEN", credentials.get("auth_token").unwrap().to_owned()),
            ("ALWAYS_AWAY", "1".to_owned()),
        ];
        loop {
            let mut child = start(&folder.database(), fake.url().as_str(), 20_000, &environment);
            tokio::time::sleep(Duration::from_millis(random.u64(150..400))).await;
            child.kill().unwrap();
            let status = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
            assert_ne!(status.code(), Some(REFUSED), "it was refused with {left} of {restarts} left");
            left = left.saturating_sub(1);
            if status.success() || left == 0 {
                break;
            }
        }
        let sent = fake.sent();
        let texts: std::collections::HashSet<_> = sent.iter().map(|text| text.body.clone()).collect();
        assert_eq!(texts.len(), sent.len(), "somebody was texted twice");
        println!("{} texts, {left} restarts left", sent.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aborted_at_each_point() {
    for point in Point::ALL {
        let folder = Folder::new("abort");
        let counter = Counter::start(0).await;
        let messages = number("ABORT_MESSAGES", 600);
        let mut aborts = 0;
        for time in [1, 2, 1, 5, 0] {
            let plan = format!("{point:?}:{time}");
            let mut child = start(&folder.database(), &counter.url(), messages, &[("ABORT_AT", plan)]);
            let status = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
            aborts += u64::from(!status.success());
            assert!(time != 0 || status.success(), "{point:?}: it does not come to an end");
        }
        assert!(aborts > 0, "{point:?} is never reached");
        let result = examine(&folder.database(), &counter, messages).await;
        println!("{point:?}: {aborts} aborts: {result:?}");
        check(&result, aborts);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_stood_still_between_mark_and_request_does_not_send_late() {
    let folder = Folder::new("stop");
    let counter = Counter::start(0).await;
    let environment = [("STOP_AT", "Begin:1".to_owned()), ("BEGIN_MILLIS", "700".to_owned())];
    let mut child = start(&folder.database(), &counter.url(), 20, &environment);
    let pid = child.id().to_string();
    wait_until(|| is_stopped(&pid)).await;
    let before = counter.total();

    // The stopped process still holds the lock, so no other worker takes over its messages.
    let outbox = Outbox::sqlite(folder.database()).await.unwrap();
    let second = outbox.worker(account(&counter.url())).spawn().await;
    assert!(matches!(second, Err(OutboxError::Store(_))), "a second worker was let in");
    drop(second);
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert_eq!(counter.total(), before, "a process that stands still sends nothing");

    let continued = Command::new("kill").args(["-CONT", &pid]).status().unwrap();
    assert!(continued.success());
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    assert!(status.success(), "it goes on where it was");
    let result = examine(&folder.database(), &counter, 20).await;
    assert_eq!((result.lost, result.doubled, result.accepted), (0, 0, 20), "{result:?}");
    let mut again = 0;
    for n in 0..20 {
        again += u64::from(outbox.get(format!("k{n}")).await.unwrap().attempts > 1);
    }
    assert!(again > 0, "the marks that were too old were taken back, and made anew");
}

pub(super) fn is_stopped(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
}

pub(super) async fn wait_until(condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(60), "it never happens");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
