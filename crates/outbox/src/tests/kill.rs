//! Tests with real processes: this test program starts itself as the worker, aborts it at named points, kills it at random
//! times, or stops it, and counts the requests that arrived at a test server.
//!
//! `.ci/run` runs [`killed_at_random`] twice with 10,000 messages; `.ci/long/outbox-kill` 20 times.

mod campaign;
mod restart;
mod server;
mod velocity;

use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use switchboard::Credentials;
use switchboard::provider::Outgoing;
use switchboard::twilio::TwilioAdapter;

use self::server::Counter;
use super::database::TestDatabase;
use super::process::{self, number, program};
use crate::crash::Point;
use crate::{Account, Enqueue, MessageId, OutboxError, State, Timing};

const CHILD: &str = "tests::kill::child";
const SENDER: &str = "+14155550100";
/// The exit code of a child whose worker ended by itself.
const REFUSED: i32 = 17;

fn start(database: &TestDatabase, url: &str, messages: u64, environment: &[(&str, &str)]) -> Child {
    program(CHILD)
        .envs([database.environment()])
        .env("CHILD_URL", url)
        .env("CHILD_MESSAGES", messages.to_string())
        .envs(environment.iter().copied())
        .spawn()
        .unwrap()
}

async fn wait(mut child: Child) -> ExitStatus {
    tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap()
}

/// The program under test. After each start it enqueues all messages again, and runs until none is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs to be started by the tests of this file"]
async fn child() {
    let Some(outbox) = TestDatabase::of_environment().await else { return };
    let outbox = outbox.with_policy(velocity::policy());
    let url = std::env::var("CHILD_URL").unwrap();
    let messages = number("CHILD_MESSAGES", 0);
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
    let to = format!("+1415555{:04}", n % number("CHILD_RECIPIENTS", 10_000));
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
    timing.begin = Duration::from_millis(number("BEGIN_MILLIS", 5_000));
    timing.lease = Duration::from_millis(number("LEASE_MILLIS", 30_000));
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

async fn examine(database: &TestDatabase, counter: &Counter, messages: u64) -> Result {
    let outbox = database.open().await;
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
    let database = TestDatabase::sqlite("kill");
    let counter = Counter::start(0).await;
    let mut killed = 0;
    let began = Instant::now();
    loop {
        let mut child = start(&database, &counter.url(), messages, &[]);
        if killed < kills {
            tokio::time::sleep(Duration::from_millis(random.u64(10..250))).await;
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                killed += 1;
            }
        }
        if wait(child).await.success() {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(600), "it does not come to an end");
    }
    let result = examine(&database, &counter, messages).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aborted_at_each_point() {
    for point in Point::ALL {
        let database = TestDatabase::sqlite("abort");
        let counter = Counter::start(0).await;
        let messages = number("ABORT_MESSAGES", 600);
        let mut aborts = 0;
        for time in [1, 2, 1, 5, 0] {
            let plan = format!("{point:?}:{time}");
            let status = wait(start(&database, &counter.url(), messages, &[("ABORT_AT", &plan)])).await;
            aborts += u64::from(!status.success());
            assert!(time != 0 || status.success(), "{point:?}: it does not come to an end");
        }
        assert!(aborts > 0, "{point:?} is never reached");
        let result = examine(&database, &counter, messages).await;
        println!("{point:?}: {aborts} aborts: {result:?}");
        check(&result, aborts);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_stood_still_between_mark_and_request_does_not_send_late() {
    let database = TestDatabase::sqlite("stop");
    let counter = Counter::start(0).await;
    // Opened before, because the process may be stopped inside a transaction.
    let outbox = database.open().await;
    let child =
        start(&database, &counter.url(), 20, &[process::STOPS_BEFORE_REQUEST, ("BEGIN_MILLIS", "700")]);
    process::is_stopped(&child).await;

    // The stopped process still holds the lock, so no other worker takes over its messages.
    let second = outbox.worker(account(&counter.url())).spawn().await;
    assert!(matches!(second, Err(OutboxError::Store(_))), "a second worker was let in");
    drop(second);
    tokio::time::sleep(Duration::from_millis(900)).await;
    // Requests of other messages that left before the stop may arrive now.
    assert!(counter.total() < 20, "the request of the message that stands still was sent");

    process::resume(&child);
    assert!(wait(child).await.success(), "it goes on where it was");
    let result = examine(&database, &counter, 20).await;
    assert_eq!((result.lost, result.doubled, result.accepted), (0, 0, 20), "{result:?}");
    let mut again = 0;
    for n in 0..20 {
        again += u64::from(outbox.get(format!("k{n}")).await.unwrap().attempts > 1);
    }
    assert!(again > 0, "the marks that were too old were taken back, and made anew");
}
