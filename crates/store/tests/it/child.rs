//! Tests that kill a second process, and check the database afterwards.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use switchboard_store::{Log, Sqlite, StoreError};

use crate::log::append;
use crate::{Folder, NOTES, add, notes};

/// The environment variables with the task and the database file of the second process.
const TASK: &str = "SWITCHBOARD_STORE_TASK";
const FILE: &str = "SWITCHBOARD_STORE_FILE";
/// How many times a process is killed in the middle of its commits.
const KILLS: &str = "KILLS";

/// Starts this binary again to do one task.
fn start(folder: &Folder, task: &str) -> (Child, BufReader<ChildStdout>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["child::second_process", "--exact", "--ignored", "--nocapture"]);
    command.env(TASK, task).env(FILE, folder.file()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

/// The number in a line that the second process wrote; other lines are the test harness's.
fn number(line: &str) -> Option<i64> {
    line.rsplit_once("number ")?.1.trim().parse().ok()
}

/// Kills it once it has written this many numbers, and returns all that it has written.
fn numbers_until_killed(child: &mut Child, output: BufReader<ChildStdout>, count: usize) -> Vec<i64> {
    let mut numbers = Vec::new();
    let mut killed = false;
    for line in output.lines() {
        // The last line may be cut.
        let Ok(line) = line else { break };
        numbers.extend(number(&line));
        if numbers.len() >= count && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(killed, "the second process ended by itself after {} numbers", numbers.len());
    numbers
}

fn say(number: i64) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("number {number}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

async fn write_for_ever(db: &Sqlite) {
    db.migrate(&NOTES).await.unwrap();
    let first = notes(db).await.last().map_or(0, |last| last + 1);
    let tasks = (0..8).map(|task| {
        let db = db.clone();
        tokio::spawn(async move {
            for n in (first + task..).step_by(8) {
                add(&db, n).await.unwrap();
                say(n);
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

async fn read_for_ever(db: Sqlite) {
    let log = Log::open(db).await.unwrap();
    let mut cursor = log.cursor("crm").await.unwrap();
    loop {
        let handed = cursor.next().await.unwrap();
        say(handed.event.seq);
    }
}

#[tokio::test]
#[ignore = "the second process of the tests below"]
async fn second_process() {
    let Ok(task) = std::env::var(TASK) else { return };
    let db = Sqlite::open(std::env::var(FILE).unwrap()).await.unwrap();
    match task.as_str() {
        "lock" => {
            let _lock = db.lock("worker").unwrap();
            say(1);
            std::future::pending::<()>().await;
        }
        "try" => say(i64::from(db.lock("worker").is_ok())),
        "write" => write_for_ever(&db).await,
        "read" => read_for_ever(db).await,
        other => panic!("no task {other}"),
    }
}

#[tokio::test]
async fn a_lock_is_free_at_once_when_its_process_is_killed() {
    let folder = Folder::new();
    let db = Sqlite::open(folder.file()).await.unwrap();
    let (mut child, mut output) = start(&folder, "lock");
    let mut line = String::new();
    while number(&line).is_none() {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0, "the second process ended");
    }
    assert!(matches!(db.lock("worker"), Err(StoreError::Locked { .. })));
    child.kill().unwrap();
    child.wait().unwrap();
    drop(db.lock("worker").unwrap());
}

/// The kernel frees a process's lock on a file when the process closes any handle of that file.
#[tokio::test]
async fn a_lock_survives_a_failed_try_of_its_own_process() {
    let folder = Folder::new();
    let db = Sqlite::open(folder.file()).await.unwrap();
    let tries = || {
        let (mut child, output) = start(&folder, "try");
        let taken: Vec<i64> = output.lines().filter_map(|line| number(&line.unwrap())).collect();
        child.wait().unwrap();
        taken
    };
    assert_eq!(tries(), [1]);
    let lock = db.lock("worker").unwrap();
    db.lock("worker").unwrap_err();
    assert_eq!(tries(), [0]);
    drop(lock);
    assert_eq!(tries(), [1]);
}

#[tokio::test]
async fn a_killed_process_loses_no_answered_job() {
    let kills = std::env::var(KILLS).map_or(1, |kills| kills.parse().unwrap());
    let folder = Folder::new();
    let mut answered = BTreeSet::new();
    for _ in 0..kills {
        let (mut child, output) = start(&folder, "write");
        answered.extend(numbers_until_killed(&mut child, output, fastrand::usize(1..2000)));
        let db = Sqlite::open(folder.file()).await.unwrap();
        let kept: BTreeSet<i64> = notes(&db).await.into_iter().collect();
        let lost: Vec<_> = answered.difference(&kept).collect();
        assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), answered.len());
        let check = db.read(|c| {
            Ok::<_, StoreError>(c.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))?)
        });
        assert_eq!(check.await.unwrap(), "ok");
        db.close().await;
    }
}

#[tokio::test]
async fn a_killed_reader_skips_no_event() {
    let kills = std::env::var(KILLS).map_or(1, |kills| kills.parse().unwrap());
    let folder = Folder::new();
    let db = Sqlite::open(folder.file()).await.unwrap();
    let log = Log::open(db.clone()).await.unwrap();
    let mut last = 0;
    for _ in 0..kills {
        append(&db.clone().into(), 5000).await;
        let (mut child, output) = start(&folder, "read");
        let handed = numbers_until_killed(&mut child, output, fastrand::usize(1..5000));
        let (first, end) = (handed[0], *handed.last().unwrap());
        assert!(first <= last + 1, "after {last} came {first}");
        assert_eq!(handed, (first..=end).collect::<Vec<_>>());
        last = last.max(end);
    }
    append(&db.clone().into(), 1).await;
    let newest = log.read(last, u32::MAX).await.unwrap().last().unwrap().seq;
    let mut cursor = log.cursor("crm").await.unwrap();
    let mut next = None;
    while next != Some(newest) {
        let handed = cursor.next().await.unwrap();
        assert!(next.is_none_or(|before| handed.event.seq == before + 1));
        assert!(next.is_some() || handed.event.seq <= last, "the last one was not done");
        assert!(handed.again || handed.event.seq > last, "{} was handed out before", handed.event.seq);
        next = Some(handed.event.seq);
    }
}
