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
//! | `idle` | from the call of `enqueue` to the first byte at the server, one message at a time |
//! | `fsync` | waits for the disk a transaction of the worker, counted by `strace` |
//! | `import` | `enqueue_all` in batches of several sizes, then a million rows |
//! | `tick` | the worker's transactions with 10,000 and with a million ready rows |
//! | `restart` | killed with a million ready rows: from the start of the process to the first byte at the server |
//! | `memory` | peak memory of a process that imports 250,000 and a million rows and sends some |
//!
//! `--ready 10000000` sets another number than a million, for `import`, `tick` and `restart`; `--messages` that of `drain`
//! and `fsync`; `--rounds` the rounds. `--quick`, or no
//! `--bench` as in `cargo test --benches`, does a little of everything: its figures mean nothing. Targets are printed
//! and never fail the run.
//!
//! What is compared takes turns within a round; figures are medians of rounds, ratios are medians of each round's
//! ratio. Every database is a file with the defaults, so each commit waits for the disk.

#![allow(clippy::print_stdout, reason = "a benchmark reports on stdout")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot run has nothing to report"
)]
#![allow(clippy::indexing_slicing, reason = "buffers and rounds of this program's own")]

mod child;
mod drain;
mod enqueue;
mod import;
mod machine;
mod memory;
mod plan;
mod report;
mod restart;
mod sender;
mod server;
mod tick;

use std::path::{Path, PathBuf};

use crate::machine::Folder;
use crate::plan::Plan;

/// The rows of the table. What makes the file with a million rows comes before what uses it.
const ROWS: [&str; 9] = ["drain", "enqueue", "cpu", "idle", "fsync", "import", "tick", "restart", "memory"];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if child::is_child() {
        return runtime.block_on(child::run());
    }
    let plan = Plan::from_arguments();
    let names = plan.rows.clone();
    assert!(names.iter().all(|name| ROWS.contains(&name.as_str())), "the rows are {}", ROWS.join(", "));
    println!("tokio with 2 workers; the server is on threads of its own; medians of {} rounds", plan.rounds);
    if !plan.measuring {
        println!("a try, too short to measure");
    }
    report::head();
    let mut bench = Bench { folder: Folder::new("bench"), many: None, plan };
    runtime.block_on(async {
        for row in ROWS {
            if names.is_empty() || names.iter().any(|name| name == row) {
                bench.measure(row).await;
            }
        }
    });
}

struct Bench {
    plan: Plan,
    folder: Folder,
    /// The database with a million ready rows, once it is there.
    many: Option<PathBuf>,
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
                let path = self.folder.path("many.db");
                import::import(&self.plan, &path).await;
                self.many = Some(path);
            }
            "tick" => {
                let path = self.many().await;
                tick::tick(&self.plan, &path).await;
            }
            "restart" => {
                let path = self.many().await;
                restart::restart(&self.plan, &path).await;
            }
            _ => memory::memory(&self.plan).await,
        }
    }

    /// The database with a million ready rows; made now, where it was not measured how long that takes.
    async fn many(&mut self) -> PathBuf {
        if self.many.is_none() {
            let path = self.folder.path("many.db");
            make(&path, self.plan.ready).await;
            self.many = Some(path);
        }
        self.many.clone().unwrap()
    }
}

async fn make(path: &Path, rows: u64) {
    let outbox = sender::open(path).await;
    import::all(&outbox, 0, rows, import::BATCH).await;
    outbox.store().close().await;
}
