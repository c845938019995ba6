//! Time limits that expire while a connection takes the request: each error reports the true outcome of its send.
//!
//! `SENDS=200000 cargo test --test it hand_over -- --nocapture` is the long run, `.ci/long/hand-over`.

#![allow(clippy::print_stdout, reason = "the long run reports its figures")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use switchboard::provider::{BeginBy, SendOptions, StopSignal};
use switchboard::twilio::{CreateMessage, TwilioAccount, TwilioAdapter};
use switchboard::{Credentials, Outcome, Reason};

use crate::raw_server::RawServer;
use crate::support::TO;

const TASKS: usize = 64;
/// Each pool has an address of its own, so that no run is short of ports.
const POOLS: u8 = 16;

#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    accepted: usize,
    not_applied: usize,
    unknown: usize,
    failed_without_limit: usize,
    false_outcomes: usize,
    doubled: usize,
}

fn credentials() -> Credentials {
    Credentials::twilio("AC0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef")
        .phone_number("+14155550100")
}

fn accounts(port: u16) -> Vec<TwilioAccount> {
    let credentials = credentials();
    let account = |host: u8| {
        let adapter = TwilioAdapter::builder().base_url(format!("http://127.0.1.{host}:{port}"));
        adapter.build().unwrap().account(&credentials).unwrap()
    };
    (1..=POOLS).map(account).collect()
}

/// Limits of 0 to 4 ms, of each kind; every sixteenth send has none and must go through.
fn limits(number: usize) -> SendOptions {
    let limit = Duration::from_micros(fastrand::u64(0..4000));
    match number % 16 {
        0 => SendOptions::new(),
        1..=4 => SendOptions::new().connect_timeout(limit),
        5..=6 => SendOptions::new().begin_by(BeginBy::within(limit)),
        7 => SendOptions::new().read_timeout(limit),
        _ => SendOptions::new().timeout(limit),
    }
}

async fn run(sends: usize) -> Tally {
    let server = RawServer::start().await;
    let accounts = accounts(server.port);
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let (account, next) = (accounts[task % accounts.len()].clone(), Arc::clone(&next));
        tasks.spawn(async move {
            let mut reported = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= sends {
                    return reported;
                }
                let message = CreateMessage::new(TO).body(number.to_string());
                let sent = account.messages().create_with(&message, &limits(number)).await;
                reported.push((number, sent.map(drop).map_err(|error| error.outcome())));
            }
        });
    }
    let reported: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    drop(accounts);
    let arrived = server.finish().await;
    let mut tally = Tally::default();
    for (number, result) in reported {
        let count = arrived.get(&number.to_string()).copied().unwrap_or_default();
        let truth = match result {
            Ok(()) | Err(Outcome::Applied) => count == 1,
            Err(Outcome::NotApplied) => count == 0,
            Err(Outcome::Unknown) => true,
        };
        match result {
            Ok(()) => tally.accepted += 1,
            Err(Outcome::NotApplied) => tally.not_applied += 1,
            Err(_) => tally.unknown += 1,
        }
        tally.failed_without_limit += usize::from(number % 16 == 0 && result.is_err());
        tally.false_outcomes += usize::from(!truth);
        tally.doubled += usize::from(count > 1);
    }
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_limit_that_expires_at_the_hand_over_reports_the_true_outcome() {
    let sends = std::env::var("SENDS").ok().map_or(4000, |sends| sends.parse().unwrap());
    let tally = run(sends).await;
    println!("{sends} sends: {tally:?}");
    let Tally { accepted, not_applied, unknown, failed_without_limit, false_outcomes, doubled } = tally;
    assert_eq!((false_outcomes, doubled, failed_without_limit), (0, 0, 0));
    assert_eq!(accepted + not_applied + unknown, sends);
    assert!(
        accepted > sends / 20 && not_applied > 0,
        "the limits are not near the hand-over on this machine"
    );
}

/// Each adapter is stopped at some moment of its send: what is reported as not sent did not arrive, and what arrived is reported
/// with its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stop_at_any_moment_reports_the_true_outcome() {
    let server = RawServer::start().await;
    let port = server.port;
    let mut tasks = tokio::task::JoinSet::new();
    let free = Arc::new(tokio::sync::Semaphore::new(TASKS));
    for number in 0..600_usize {
        let free = Arc::clone(&free);
        tasks.spawn(async move {
            let _free = free.acquire_owned().await.unwrap();
            let stop = StopSignal::new();
            let adapter =
                TwilioAdapter::builder().base_url(format!("http://127.0.2.{}:{port}", number % 16 + 1));
            let adapter = adapter.stop_signal(stop.clone()).build().unwrap();
            let account = adapter.account(&credentials()).unwrap();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_micros(fastrand::u64(0..40_000))).await;
                stop.stop();
            });
            let message = CreateMessage::new(TO).body(number.to_string());
            (number, account.messages().create(&message).await.map(drop))
        });
    }
    let reported = tasks.join_all().await;
    let arrived = server.finish().await;
    let (mut sent, mut stopped) = (0, 0);
    for (number, result) in reported {
        let count = arrived.get(&number.to_string()).copied().unwrap_or_default();
        match result {
            Ok(()) => {
                assert_eq!(count, 1);
                sent += 1;
            }
            Err(error) => {
                assert_eq!(error.outcome(), Outcome::NotApplied, "{error}");
                assert_eq!(count, 0, "{number} arrived, and was reported as stopped");
                // On a busy machine the limit for a connection may run out first.
                stopped += usize::from(error.reason() == Reason::Stopped);
            }
        }
    }
    assert!(sent > 20 && stopped > 20, "{sent} sent, {stopped} stopped: not near the hand-over");
}
