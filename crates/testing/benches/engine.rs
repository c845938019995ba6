//! What a simulation pays for `FakeEngine`: making one, creating a message, taking it to `delivered` with three callbacks.
//!
//! Run it with `cargo bench -p switchboard-testing --bench engine`. Under `cargo test --benches` it runs a few times only, and
//! its numbers are not measurements.

#![allow(clippy::print_stdout, reason = "a benchmark reports on stdout")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use switchboard_testing::FakeEngine;

fn main() {
    let times: u32 = if std::env::args().any(|argument| argument == "--bench") { 20_000 } else { 20 };
    let best = |work: &mut dyn FnMut(u32) -> Duration| {
        let fastest = (0..7).map(|_| work(times)).min().unwrap_or_default();
        fastest.as_secs_f64() * 1e6 / f64::from(times)
    };
    println!("engine made:                   {:6.2} µs", best(&mut make));
    println!("message created:               {:6.2} µs", best(&mut create));
    println!("delivered, with 3 callbacks:   {:6.2} µs", best(&mut deliver));
    println!("list of one page of 50:        {:6.2} µs", best(&mut list));
}

fn engine(seed: u64) -> FakeEngine {
    FakeEngine::new(seed, "2026-01-05T09:00:00Z".parse().unwrap())
}

fn make(times: u32) -> Duration {
    let begun = Instant::now();
    for seed in 0..times {
        black_box(engine(seed.into()));
    }
    begun.elapsed()
}

/// Creates messages in one engine.
fn filled(times: u32) -> (FakeEngine, String, Duration) {
    let mut engine = engine(1);
    let path = format!("/2010-04-01/Accounts/{}/Messages.json", engine.account_sid());
    let from = engine.phone_number().to_owned();
    let callback = "https://app.example/status?ref=s1.1.1.1.abc";
    let form = [("To", "+14155551234"), ("From", &from), ("Body", "Hello"), ("StatusCallback", callback)];
    let begun = Instant::now();
    for _ in 0..times {
        black_box(engine.post(&path, &form).unwrap());
    }
    (engine, path, begun.elapsed())
}

fn create(times: u32) -> Duration {
    filled(times).2
}

fn deliver(times: u32) -> Duration {
    let (mut engine, ..) = filled(times);
    let begun = Instant::now();
    engine.advance(Duration::from_secs(10));
    black_box(engine.take_callbacks());
    begun.elapsed()
}

fn list(times: u32) -> Duration {
    let (mut engine, path, _) = filled(50);
    let begun = Instant::now();
    for _ in 0..times {
        black_box(engine.get(&path).unwrap());
    }
    begun.elapsed()
}
