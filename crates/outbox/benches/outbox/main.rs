//! What durable sending costs: a table of figures, each beside its target.
//!
//! `cargo bench -p switchboard-outbox --bench outbox` measures every row in a few minutes; names after `--` measure
//! some of them, such as `-- drain idle`:
//!
//! | row | what it measures |
//! |---|---|
//! | `drain` | one worker, 64 requests at once, unpaced, beside the bare adapter at the same server |
//! | `enqueue` | 64 tasks that each wait for the disk, and one task alone |
//! | `cpu` | processor time of the database's threads a message, from `enqueue` to accepted |
//! | `policy` | what all rules and a million consents add to a message, when it is enqueued and when it is sent |
//! | `idle` | from the call of `enqueue` to the first byte at the server, one message at a time |
//! | `fsync` | waits for the disk a transaction of the worker, counted by `strace` |
//! | `import` | `enqueue_all` in batches of several sizes, then a million rows |
//! | `tick` | the worker's transactions with 10,000 and with a million ready rows |
//! | `restart` | killed with a million ready rows: from the start of the process to the first byte at the server |
//! | `campaign` | importing a list with template and policy: speed, peak memory, and what reading the progress takes |
//! | `report` | a report of a million delivered messages: seconds, and peak memory |
//! | `memory` | peak memory of a process that imports 250,000 and a million rows and sends some |
//!
//! `.ci/postgres cargo bench -p switchboard-outbox --bench outbox -- --postgres` measures on PostgreSQL, with the server
//! on the same processors. `cpu`, `fsync` and `memory` are missing there. `restart` is `takeover`: two workers, and
//! the one that has the sender is killed. These come in addition:
//!
//! | row | what it measures |
//! |---|---|
//! | `workers` | one worker, and two in processes of their own, with eight senders |
//! | `snapshot` | the rate of a worker after ten minutes with a snapshot held open, against the rate before |
//!
//! `--ready 10000000` sets another number than a million, for `import`, `tick` and `restart`; `--messages` that of `drain`
//! and `fsync`; `--rounds` the rounds. `--quick`, or no
//! `--bench` as in `cargo test --benches`, does a little of everything: its figures mean nothing. Targets are printed
//! and never fail the run.
//!
//! What is compared takes turns within a round; figures are medians of rounds, ratios are medians of each round's
//! ratio. Every database has the defaults, so each commit waits for the disk.

#![allow(clippy::print_stdout, reason = "a benchmark reports on stdout")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot run has nothing to report"
)]
#![allow(clippy::indexing_slicing, reason = "buffers and rounds of this program's own")]

mod campaign;
mod child;
mod database;
mod drain;
mod enqueue;
mod history;
mod import;
mod machine;
mod memory;
mod plan;
mod policy;
mod report;
mod restart;
mod sender;
mod server;
mod snapshot;
mod tick;
mod workers;

use crate::database::Place;
use crate::plan::Plan;

/// The rows of the table. What makes the file with a million rows comes before what uses it.
const SQLITE: [&str; 12] = [
    "drain", "enqueue", "cpu", "policy", "idle", "fsync", "campaign", "import", "tick", "restart", "report",
    "memory",
];
const POSTGRES: [&str; 11] = [
    "drain", "enqueue", "policy", "idle", "workers", "campaign", "import", "tick", "takeover", "report",
    "snapshot",
];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if child::is_child() {
        return runtime.block_on(child::run());
    }
    let plan = Plan::from_arguments();
    let names = plan.rows.clone();
    let rows = if plan.databases.is_postgres() { &POSTGRES[..] } else { &SQLITE[..] };
    assert!(names.iter().all(|name| rows.contains(&name.as_str())), "the rows are {}", rows.join(", "));
    println!("tokio with 2 workers; the server is on threads of its own; medians of {} rounds", plan.rounds);
    if !plan.measuring {
        println!("a try, too short to measure");
    }
    report::head();
    let mut bench = Bench { many: None, plan };
    runtime.block_on(async {
        for row in rows {
            if names.is_empty() || names.iter().any(|name| name == row) {
                bench.measure(row).await;
            }
        }
        if let Some(many) = bench.many {
            many.remove().await;
        }
    });
}

struct Bench {
    plan: Plan,
    /// The database with a million ready rows, once it is there.
    many: Option<Place>,
}

impl Bench {
    async fn measure(&mut self, row: &str) {
        match row {
            "drain" => drain::drain(&self.plan).await,
            "enqueue" => enqueue::enqueue(&self.plan).await,
            "cpu" => drain::cpu(&self.plan).await,
            "idle" => enqueue::idle(&self.plan).await,
            "fsync" => drain::fsync(&self.plan).await,
            "import" => {
                let many = self.plan.databases.place("many");
                import::import(&self.plan, &many).await;
                self.many = Some(many);
            }
            "tick" => {
                self.make_many().await;
                tick::tick(&self.plan, self.many()).await;
            }
            "restart" => {
                self.make_many().await;
                restart::restart(&self.plan, self.many()).await;
            }
            "takeover" => {
                self.make_many().await;
                restart::takeover(&self.plan, self.many()).await;
            }
            "policy" => policy::policy(&self.plan).await,
            "campaign" => campaign::campaign(&self.plan).await,
            "report" => history::report(&self.plan).await,
            "workers" => workers::workers(&self.plan).await,
            "snapshot" => snapshot::snapshot(&self.plan).await,
            _ => memory::memory(&self.plan).await,
        }
    }

    /// The database with a million ready rows; made now, where it was not measured how long that takes.
    async fn make_many(&mut self) {
        if self.many.is_none() {
            let many = self.plan.databases.place("many");
            make(&many, self.plan.ready).await;
            self.many = Some(many);
        }
    }

    fn many(&self) -> &Place {
        self.many.as_ref().expect("it was made before")
    }
}

async fn make(place: &Place, rows: u64) {
    let outbox = place.open().await;
    import::all(&outbox, 0, rows, import::BATCH).await;
    outbox.store().close().await;
}
