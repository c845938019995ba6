//! A simulation of the worker. It has its own scheduler and clock, the rules of the fake provider in the same process,
//! and a store that crashes before and after commits. One number, the seed, decides everything, so a seed that fails
//! once fails in every run.
//!
//! The worker's decisions ([`Core`](crate::worker::core::Core)) and the state machine are those of production. The
//! runtime, the network and the process are simulated: requests are lost before or after they arrive, answers come late
//! or never, and the process is killed, or suspended for a while, at any point.
//!
//! `SEEDS=1000000 cargo test --release -p switchboard-outbox sim` runs more seeds. `SEED=42` runs one seed, and prints
//! each event.

mod check;
mod network;
mod pacing;
mod people;
mod process;
mod world;

use self::world::World;
use crate::rows::Rows;
use crate::rows::memory::MemoryRows;
use crate::rows::sqlite::direct::DirectRows;

/// Creates an empty store: the reference model, or with `STORE=sqlite` the statements that run in production, which are
/// slower. Both give the same answers, as the contract suite shows.
fn store() -> Box<dyn Rows> {
    match std::env::var("STORE").as_deref() {
        Ok("sqlite") => Box::new(DirectRows::new()),
        _ => Box::new(MemoryRows::default()),
    }
}

/// The seeds of one run of the tests; `.ci/run` sets 10,000.
const SEEDS: u64 = 200;

fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => {
            let first = number("FIRST_SEED").unwrap_or(0);
            first..first + number("SEEDS").unwrap_or(SEEDS)
        }
    }
}

/// Runs one seed. If it fails, prints the seed.
fn named(seed: u64) -> check::Totals {
    let world = std::panic::AssertUnwindSafe(|| World::new(seed, store()).run());
    std::panic::catch_unwind(world).unwrap_or_else(|_| panic!("seed {seed} fails: run it with SEED={seed}"))
}

#[test]
fn nobody_is_texted_twice_and_nobody_is_forgotten() {
    let all = seeds();
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get) as u64;
    let run = |thread: u64| {
        let mine = all.clone().filter(move |seed| seed % threads == thread);
        mine.fold(check::Totals::default(), |totals, seed| totals.add(named(seed)))
    };
    let totals = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|thread| scope.spawn(move || run(thread))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .fold(check::Totals::default(), check::Totals::add)
    });
    println!("{} seeds: {totals:?}", all.end - all.start);
    totals.check_that_something_happened(all.end - all.start);
}

#[test]
fn a_seed_gives_the_same_history_each_time() {
    for seed in 0..20 {
        assert_eq!(World::new(seed, store()).run(), World::new(seed, store()).run(), "seed {seed}");
    }
}
