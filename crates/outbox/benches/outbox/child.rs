//! This program again, in a process of its own: to be killed, traced, or weighed.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::{database, import, machine, sender};

const ROLE: &str = "SWITCHBOARD_BENCH_CHILD";
const DATABASE: &str = "SWITCHBOARD_BENCH_DATABASE";
const URL: &str = "SWITCHBOARD_BENCH_URL";
const ROWS: &str = "SWITCHBOARD_BENCH_ROWS";
const SENT: &str = "SWITCHBOARD_BENCH_SENT";

/// Sends all rows, and answers with the number of its transactions.
pub(crate) const DRAIN: &str = "drain";
/// Sends until it is killed.
pub(crate) const SEND: &str = "send";
/// Imports rows, sends some, and answers with its peak memory in MiB.
pub(crate) const IMPORT: &str = "import";
/// Imports a campaign, and answers with its rows a second, its peak memory in MiB, and what reading its progress takes after
/// the first rows and at the end, in microseconds.
pub(crate) const CAMPAIGN: &str = "campaign";

/// Makes a report, and answers with its seconds and its peak memory in MiB.
pub(crate) const REPORT: &str = "report";

pub(crate) struct Child {
    process: std::process::Child,
    output: BufReader<ChildStdout>,
}

impl Child {
    pub(crate) fn start(role: &str, database: &str, url: &str, rows: u64, sent: u64) -> Self {
        let program = std::env::current_exe().unwrap();
        Self::spawn(&mut Command::new(program), role, database, url, rows, sent)
    }

    pub(crate) fn start_traced(role: &str, database: &str, url: &str, rows: u64, log: &Path) -> Self {
        let mut strace = Command::new("strace");
        strace.args(["-f", "--seccomp-bpf", "-e", "trace=fsync,fdatasync", "-o"]).arg(log);
        Self::spawn(strace.arg(std::env::current_exe().unwrap()), role, database, url, rows, rows)
    }

    fn spawn(program: &mut Command, role: &str, database: &str, url: &str, rows: u64, sent: u64) -> Self {
        let mut process = program
            .env(ROLE, role)
            .env(DATABASE, database)
            .env(URL, url)
            .env(ROWS, rows.to_string())
            .env(SENT, sent.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts again");
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, output }
    }

    /// The number that it prints.
    pub(crate) fn answer(&mut self) -> f64 {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the child answers");
        line.trim().parse().expect("a number")
    }

    pub(crate) fn wait(mut self) {
        assert!(self.process.wait().unwrap().success(), "the child ends well");
    }

    /// Ends it with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.process.kill().expect("it is running");
        self.process.wait().unwrap();
    }
}

pub(crate) fn is_child() -> bool {
    std::env::var_os(ROLE).is_some()
}

fn variable(name: &str) -> String {
    std::env::var(name).expect("the parent sets it")
}

/// Does what [`Child::start`] asked for.
pub(crate) async fn run() {
    let (rows, sent): (u64, u64) = (variable(ROWS).parse().unwrap(), variable(SENT).parse().unwrap());
    let outbox = database::open(&variable(DATABASE)).await;
    let role = variable(ROLE);
    if role == CAMPAIGN || role == REPORT {
        let figures = if role == CAMPAIGN {
            crate::campaign::import(outbox, rows).await.to_vec()
        } else {
            crate::history::measured(outbox, rows).await.to_vec()
        };
        let mut out = std::io::stdout();
        for figure in figures {
            writeln!(out, "{figure}").and_then(|()| out.flush()).expect("the parent listens");
        }
        return;
    }
    if role == IMPORT {
        import::all(&outbox, 0, rows, import::BATCH).await;
    }
    let before = database::transactions(&outbox);
    let worker = sender::unpaced(&outbox, &variable(URL)).await;
    if role == SEND {
        worker.ended().await.expect("it is killed before");
        return;
    }
    wait_for(&outbox, rows.saturating_sub(sent)).await;
    worker.shutdown(Duration::from_secs(10)).await.unwrap();
    let transactions =
        before.zip(database::transactions(&outbox)).map(|(before, after)| (after - before) as f64);
    let figure = if role == IMPORT { machine::peak_memory() } else { transactions }.unwrap_or(f64::NAN);
    let mut out = std::io::stdout();
    writeln!(out, "{figure}").and_then(|()| out.flush()).expect("the parent listens");
}

/// Waits until at most so many are left to send.
async fn wait_for(outbox: &switchboard_outbox::Outbox, left: u64) {
    loop {
        let counts = outbox.counts().await.unwrap();
        if counts.ready + counts.sending <= left {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
