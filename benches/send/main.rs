//! The cost of sending a message: this crate compared with typical `reqwest` code, and with `hyper` alone.
//!
//! One local server answers all of them with the same message. It is a second process of this program, so that its CPU
//! time is not counted. The contenders alternate within each round, and ratios are computed within a round, so that a slow
//! moment of the machine affects all of them. Targets are printed and never fail the run.
//!
//! Run it with `cargo bench --bench send`. Under `cargo test --benches` it sends a few messages only, and its numbers are
//! not measurements. `cargo bench --bench send -- --only adapter --sends 1200` sends 1,200 messages one at a time and does
//! nothing else, for a tool that counts instructions.

#![allow(clippy::print_stdout, reason = "a benchmark reports on stdout")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot run has nothing to report"
)]
#![allow(clippy::indexing_slicing, reason = "tables of the contenders, indexed by the contender")]

mod contenders;
mod server;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use contenders::{Account, Adapter, Contender, WithHyper, WithReqwest};
use server::Server;

/// The contenders: this crate's two ways to send, and the two that they are compared with.
const CONTENDERS: usize = 4;
const NAMES: [&str; CONTENDERS] = ["account", "adapter", "reqwest", "hyper"];
const ACCOUNT: usize = 0;
const ADAPTER: usize = 1;
const REQWEST: usize = 2;

/// The number of worker threads of the client's runtime: small enough to leave a core to the server on a small machine,
/// and the same on every machine, so that numbers can be compared.
const WORKERS: usize = 2;

const LATENCY: Duration = Duration::from_millis(50);
const LATENCY_AT_ONCE: usize = 64;

/// The ratios to report, and the targets for them.
const TARGETS: [Target; 4] = [
    Target { of: ACCOUNT, to: REQWEST, throughput: Some(0.97), cpu: Some(1.0) },
    Target { of: ADAPTER, to: REQWEST, throughput: Some(0.97), cpu: None },
    Target { of: ADAPTER, to: ACCOUNT, throughput: None, cpu: Some(1.05) },
    Target { of: ACCOUNT, to: REQWEST + 1, throughput: None, cpu: None },
];
const TARGET_IDEAL: f64 = 0.95;

struct Target {
    of: usize,
    to: usize,
    /// The lowest ratio that meets the target.
    throughput: Option<f64>,
    /// The highest ratio that meets the target.
    cpu: Option<f64>,
}

/// How many messages to send.
struct Plan {
    rounds: usize,
    /// For each load: how many messages at once, and how many per round.
    loads: [(usize, usize); 3],
    /// How many messages to send to the slow server.
    slow: usize,
}

const MEASURE: Plan = Plan { rounds: 7, loads: [(1, 15_000), (16, 40_000), (64, 40_000)], slow: 64 * 80 };
const TRIAL: Plan = Plan { rounds: 1, loads: [(1, 10), (16, 50), (64, 100)], slow: 64 };

fn main() {
    if let Ok(latency) = std::env::var(server::LATENCY_VARIABLE) {
        return server::run(Duration::from_millis(latency.parse().expect("milliseconds")));
    }
    let plan = if measuring() { MEASURE } else { TRIAL };
    if !measuring() {
        println!("a trial run, too short to measure: run it with `cargo bench`");
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build().unwrap();
    println!("client: tokio, multi-thread, {WORKERS} workers; server: hyper, one thread, another process");
    println!("medians of {} rounds; ratios are medians of each round's ratio\n", plan.rounds);
    if let Some((which, sends)) = only() {
        let server = Server::start(Duration::ZERO);
        runtime.block_on(Contenders::new(&server).run(which, sends, 1));
        return;
    }
    runtime.block_on(async {
        throughput(&plan).await;
        slow_server(&plan).await;
    });
}

/// Reads the contender after `--only` and the number of messages after `--sends`.
fn only() -> Option<(usize, usize)> {
    let after = |flag: &str| std::env::args().skip_while(|argument| argument != flag).nth(1);
    let name = after("--only")?;
    let which = NAMES.iter().position(|known| *known == name).expect("a contender's name after --only");
    Some((which, after("--sends")?.parse().expect("a number after --sends")))
}

/// `cargo bench` passes `--bench`, and `cargo test --benches` does not.
fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// All contenders. Each has its own port at the same server.
struct Contenders {
    account: Account,
    adapter: Adapter,
    reqwest: WithReqwest,
    hyper: WithHyper,
}

impl Contenders {
    fn new(server: &Server) -> Self {
        let [account, adapter, reqwest, hyper] = &server.bases;
        Self {
            account: Account::new(account),
            adapter: Adapter::new(adapter),
            reqwest: WithReqwest::new(reqwest),
            hyper: WithHyper::new(hyper),
        }
    }

    async fn run(&self, which: usize, messages: usize, at_once: usize) -> Sample {
        match which {
            ACCOUNT => run(&self.account, messages, at_once).await,
            ADAPTER => run(&self.adapter, messages, at_once).await,
            REQWEST => run(&self.reqwest, messages, at_once).await,
            _ => run(&self.hyper, messages, at_once).await,
        }
    }

    /// Opens the connections and fills the caches.
    async fn warm_up(&self, messages: usize, at_once: usize) {
        for which in 0..NAMES.len() {
            self.run(which, messages, at_once).await;
        }
    }
}

/// The result of one contender in one round.
#[derive(Clone, Copy)]
struct Sample {
    per_second: f64,
    /// Microseconds of CPU time per message; `None` where the system does not report it.
    cpu: Option<f64>,
}

async fn run<C: Contender>(contender: &C, messages: usize, at_once: usize) -> Sample {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    let (start, cpu_before) = (Instant::now(), cpu_time());
    for _ in 0..at_once {
        let (contender, next) = (contender.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= messages {
                    break;
                }
                let to = format!("+1415555{:04}", number % 10_000);
                let body =
                    format!("Hello! Your code is {number:06}, it holds for 10 minutes. Don't share it.");
                contender.send(&to, &body).await;
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.expect("no sender panics");
    }
    let (elapsed, cpu_after) = (start.elapsed(), cpu_time());
    let cpu = cpu_before.zip(cpu_after).map(|(before, after)| after.saturating_sub(before));
    Sample {
        per_second: messages as f64 / elapsed.as_secs_f64(),
        cpu: cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / messages as f64),
    }
}

/// Returns the CPU time of all threads of this process, from the scheduler's statistics; Linux only.
fn cpu_time() -> Option<Duration> {
    let mut nanoseconds = 0;
    for task in fs::read_dir("/proc/self/task").ok()? {
        let schedstat = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += schedstat.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    Some(Duration::from_nanos(nanoseconds))
}

/// Measures against a server that answers at once, so that the client is the limit.
async fn throughput(plan: &Plan) {
    let mut server = Server::start(Duration::ZERO);
    let contenders = Contenders::new(&server);
    println!("{:>7}  {:<12} {:>9} {:>9} {:>11}", "at once", "", "msg/s", "CPU µs", "connections");
    for (at_once, messages) in plan.loads {
        contenders.warm_up(messages / 5, at_once).await;
        server.peaks();
        let mut rounds = Vec::new();
        for round in 0..plan.rounds {
            let mut samples = [Sample { per_second: 0.0, cpu: None }; CONTENDERS];
            for turn in 0..NAMES.len() {
                let which = (round + turn) % NAMES.len();
                samples[which] = contenders.run(which, messages, at_once).await;
            }
            rounds.push(samples);
        }
        report(at_once, &rounds, server.peaks());
    }
}

fn report(at_once: usize, rounds: &[[Sample; CONTENDERS]], peaks: [usize; CONTENDERS]) {
    let over = |value: &dyn Fn(&[Sample; CONTENDERS]) -> Option<f64>| {
        median(rounds.iter().filter_map(value).collect())
    };
    for (which, name) in NAMES.iter().enumerate() {
        let speed = show(over(&|round| Some(round[which].per_second)), 0);
        let cpu = show(over(&|round| round[which].cpu), 1);
        println!("{at_once:>7}  {name:<12} {speed:>9} {cpu:>9} {:>11}", peaks[which]);
    }
    for Target { of, to, throughput, cpu } in TARGETS {
        let speed = over(&|round| Some(round[of].per_second / round[to].per_second));
        let time = over(&|round| Some(round[of].cpu? / round[to].cpu?));
        let fast = throughput.map(|least| format!(" (≥ {least}: {})", judge(speed, |it| it >= least)));
        let lean = cpu.map(|most| format!(" (≤ {most}: {})", judge(time, |it| it <= most)));
        println!(
            "{:>7}  {:<18} throughput {}{}, CPU {}{}",
            "",
            format!("{} / {}", NAMES[of], NAMES[to]),
            show(speed, 2),
            fast.unwrap_or_default(),
            show(time, 2),
            lean.unwrap_or_default(),
        );
    }
    println!();
}

/// Measures against a slow server: does the client keep as many requests in flight as it may?
async fn slow_server(plan: &Plan) {
    let mut server = Server::start(LATENCY);
    let contenders = Contenders::new(&server);
    let ideal = LATENCY_AT_ONCE as f64 / LATENCY.as_secs_f64();
    println!("{LATENCY_AT_ONCE} at once against a server that takes {LATENCY:?}: at most {ideal:.0} msg/s");
    println!("{:>7}  {:<12} {:>9} {:>9} {:>11}", "", "", "msg/s", "CPU µs", "connections");
    contenders.warm_up(LATENCY_AT_ONCE * 2, LATENCY_AT_ONCE).await;
    server.peaks();
    let mut samples = Vec::new();
    for which in 0..NAMES.len() {
        samples.push(contenders.run(which, plan.slow, LATENCY_AT_ONCE).await);
    }
    for ((name, sample), peak) in NAMES.iter().zip(&samples).zip(server.peaks()) {
        let (speed, cpu) = (show(Some(sample.per_second), 0), show(sample.cpu, 1));
        let share = sample.per_second / ideal;
        println!("{:>7}  {name:<12} {speed:>9} {cpu:>9} {peak:>11}  {share:.3} of the ideal", "");
    }
    for which in [ACCOUNT, ADAPTER] {
        let verdict = judge(Some(samples[which].per_second / ideal), |it| it >= TARGET_IDEAL);
        println!("{:>7}  target: {} ≥ {TARGET_IDEAL} of the ideal: {verdict}", "", NAMES[which]);
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn show(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "n/a".to_owned(), |value| format!("{value:.digits$}"))
}

fn judge(value: Option<f64>, holds: impl Fn(f64) -> bool) -> &'static str {
    if !measuring() {
        return "not measured";
    }
    match value.map(holds) {
        Some(true) => "ok",
        Some(false) => "MISSED",
        None => "n/a",
    }
}
