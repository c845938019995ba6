//! How much is measured, and on which database.

use crate::database::Databases;
use crate::report::Target;

/// The counts of every row.
pub(crate) struct Plan {
    pub(crate) measuring: bool,
    pub(crate) databases: Databases,
    /// The rows that were asked for; none for all.
    pub(crate) rows: Vec<String>,
    pub(crate) rounds: usize,
    /// Messages of a round of `drain`, `cpu` and `fsync`.
    pub(crate) drained: u64,
    /// Messages that each of 64 tasks enqueues.
    pub(crate) each: u64,
    /// Messages enqueued one after the other.
    pub(crate) singles: u64,
    /// Messages that find an idle worker.
    pub(crate) idle: u64,
    /// Rows for each size of a batch.
    pub(crate) batches: u64,
    /// The ready rows of the large database, a million.
    pub(crate) ready: u64,
    /// The ready rows of the small one that `tick` holds against it.
    pub(crate) few: u64,
    /// Messages that `tick` sends from each in a round.
    pub(crate) ticked: u64,
    /// Starts after a kill.
    pub(crate) starts: usize,
    /// Seconds for which a snapshot is held.
    pub(crate) held: u64,
    /// Rows of the two processes whose memory is measured, and how many of them are sent.
    pub(crate) imported: [u64; 2],
    pub(crate) sent: u64,
}

impl Plan {
    pub(crate) fn from_arguments() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
        let after = |flag: &str| {
            let at = arguments.iter().position(|argument| argument == flag)?;
            Some(arguments.get(at + 1)?.parse().expect("a number after the flag"))
        };
        let mut plan = if has("--bench") && !has("--quick") { Self::full() } else { Self::quick() };
        if has("--postgres") {
            let url = std::env::var("SWITCHBOARD_TEST_POSTGRES");
            plan.databases = Databases::Postgres(url.expect("run it with .ci/postgres"));
        }
        plan.ready = after("--ready").unwrap_or(plan.ready);
        plan.drained = after("--messages").unwrap_or(plan.drained);
        plan.rounds =
            after("--rounds").and_then(|rounds| usize::try_from(rounds).ok()).unwrap_or(plan.rounds);
        let is_name = |word: &&String| word.bytes().all(|byte| byte.is_ascii_lowercase());
        plan.rows = arguments.iter().filter(is_name).cloned().collect();
        plan
    }

    /// The target for the database that is measured.
    pub(crate) fn target(&self, sqlite: Target, postgres: Target) -> Target {
        if self.databases.is_postgres() { postgres } else { sqlite }
    }

    fn full() -> Self {
        Self {
            measuring: true,
            databases: Databases::Files,
            rows: Vec::new(),
            rounds: 5,
            drained: 30_000,
            each: 500,
            singles: 500,
            idle: 200,
            batches: 50_000,
            ready: 1_000_000,
            few: 10_000,
            ticked: 5_000,
            starts: 5,
            held: 600,
            imported: [250_000, 1_000_000],
            sent: 50_000,
        }
    }

    fn quick() -> Self {
        Self {
            measuring: false,
            databases: Databases::Files,
            rows: Vec::new(),
            rounds: 1,
            drained: 300,
            each: 5,
            singles: 10,
            idle: 5,
            batches: 500,
            ready: 3_000,
            few: 500,
            ticked: 200,
            starts: 1,
            held: 2,
            imported: [500, 1_000],
            sent: 200,
        }
    }
}
