//! A worker that is aborted with marked messages does not make anybody get more than a limit allows.

use std::time::Duration;

use super::{Counter, Point, TestDatabase, number, start, wait};
use crate::policy::{Policy, Velocity};

const MESSAGES: u64 = 600;
const RECIPIENTS: u64 = 50;
const MOST: u64 = 3;

/// The policy of a process that a test starts.
pub(super) fn policy() -> Policy {
    let most = u32::try_from(number("CHILD_MOST", 0)).unwrap();
    if most == 0 {
        return Policy::new();
    }
    // What is beyond the limit is blocked, so that the process comes to an end.
    let rule = Velocity::per_recipient(most, Duration::from_secs(3_600)).unwrap();
    Policy::new().velocity(rule.every_purpose().block())
}

async fn nobody_gets_more(database: &TestDatabase, point: Point) {
    let counter = Counter::start(0).await;
    let mut aborts = 0;
    for time in [1, 2, 0] {
        let (plan, most, people) = (format!("{point:?}:{time}"), MOST.to_string(), RECIPIENTS.to_string());
        let environment = [
            ("ABORT_AT", plan.as_str()),
            ("CHILD_MOST", &most),
            ("CHILD_RECIPIENTS", &people),
            ("LEASE_MILLIS", "900"),
            ("BEGIN_MILLIS", "800"),
        ];
        let status = wait(start(database, &counter.url(), MESSAGES, &environment)).await;
        aborts += u64::from(!status.success());
        assert!(time != 0 || status.success(), "{point:?}: it does not come to an end");
    }
    assert!(aborts > 0, "{point:?} is never reached");
    let of = |person: u64| (person..MESSAGES).step_by(50).map(|n| counter.count(n)).sum::<u64>();
    let counts: Vec<u64> = (0..RECIPIENTS).map(of).collect();
    println!("{point:?}: {aborts} aborts, {} texts", counter.total());
    assert_eq!(counts.iter().sum::<u64>(), counter.total());
    assert!(counts.iter().all(|count| *count <= MOST), "{point:?}: {counts:?}");
    let unknown = database.open().await.counts().await.unwrap().unknown;
    assert_eq!(counter.total() + unknown_that_did_not_arrive(database, &counter).await, RECIPIENTS * MOST);
    assert!(unknown <= RECIPIENTS * MOST);
}

/// These count, too.
async fn unknown_that_did_not_arrive(database: &TestDatabase, counter: &Counter) -> u64 {
    let all = database.open().await.unsettled(None, 1_000).await.unwrap();
    let number = |key: &str| key.trim_start_matches('k').parse::<u64>().unwrap();
    all.iter().filter(|message| counter.count(number(&message.key)) == 0).count() as u64
}

const POINTS: [Point; 4] = [Point::Committed, Point::Begin, Point::Answered, Point::PutBack];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_more_than_the_limit_after_a_crash() {
    for point in POINTS {
        nobody_gets_more(&TestDatabase::sqlite("velocity"), point).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn nobody_gets_more_than_the_limit_after_a_crash_on_postgres() {
    for point in POINTS {
        let database = TestDatabase::postgres("velocity").await;
        nobody_gets_more(&database, point).await;
        database.end().await;
    }
}
