//! A worker that is started again after kill -9 compares the database with the provider, and finds no message of an old
//! copy.
//!
//! `.ci/run` restarts ten times on each database; `.ci/long/outbox-restart` 100 times.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use switchboard_testing::FakeTwilio;

use super::{REFUSED, TestDatabase, number, start, wait};

/// How long a worker may take until it sends. One that has nothing left to send never does.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs minutes: RESTARTS"]
async fn a_healthy_restart_after_a_kill_is_never_refused_on_sqlite() {
    let mut left = number("RESTARTS", 100);
    while left > 0 {
        left = run_and_kill(&TestDatabase::sqlite("restart"), left).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and minutes: RESTARTS"]
async fn a_healthy_restart_after_a_kill_is_never_refused_on_postgres() {
    let mut left = number("RESTARTS", 100);
    while left > 0 {
        let database = TestDatabase::postgres("restart").await;
        left = run_and_kill(&database, left).await;
        database.end().await;
    }
}

/// Restarts a worker until everything is sent, and returns how many restarts are left then.
async fn run_and_kill(database: &TestDatabase, mut left: u64) -> u64 {
    let fake = FakeTwilio::start().await;
    let (sid, token) = (fake.account_sid(), fake.auth_token());
    let environment = [
        ("CHILD_SENDER", fake.phone_number()),
        ("CHILD_ACCOUNT", sid.as_str()),
        ("CHILD_TOKEN", token.as_str()),
        ("ALWAYS_AWAY", "1"),
        ("BEGIN_MILLIS", "400"),
        // On PostgreSQL, a worker waits for the end of its predecessor's lease before it sends.
        ("LEASE_MILLIS", "500"),
    ];
    let (mut lives, mut lives_that_sent) = (0_u64, 0_u64);
    loop {
        let sent = fake.sent().len();
        let mut child = start(database, &fake.url(), 20_000, &environment);
        // Half of them are killed in the middle of their work, the others perhaps while they start.
        let began = Instant::now();
        while !lives.is_multiple_of(2) && fake.sent().len() == sent && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..400))).await;
        child.kill().unwrap();
        let status = wait(child).await;
        assert_ne!(status.code(), Some(REFUSED), "it was refused with {left} restarts left");
        assert!(status.success() || status.code().is_none(), "it failed with {left} restarts left: {status}");
        lives += 1;
        lives_that_sent += u64::from(fake.sent().len() > sent);
        left = left.saturating_sub(1);
        if status.success() || left == 0 {
            break;
        }
    }
    let sent = fake.sent();
    let texts: HashSet<_> = sent.iter().map(|text| text.body.clone()).collect();
    assert_eq!(texts.len(), sent.len(), "somebody was texted twice");
    let lists = fake.requests() - sent.len() as u64;
    println!(
        "{} texts by {lives_that_sent} of {lives} workers, {lists} lists, {left} restarts left",
        sent.len()
    );
    assert!(lives < 4 || (lives_that_sent > 1 && lists > 0), "no worker had anything to compare");
    left
}
