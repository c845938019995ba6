//! The contract of [`Rows`](super::Rows): scripts of calls with their expected answers, which run on every store.
//!
//! A script is text. A case begins with `##` and its name. Each line is a call, followed by `=>` and the answer, which
//! was written by hand. Times are in seconds after [`BASE`]. `1.2` is the second attempt of message 1, `1.2!1` is the
//! same attempt after one failure that lengthens the wait, and `1.2@5` is an attempt that may begin at 5 s.

mod call;
mod parse;
mod random;
mod run;
#[cfg(feature = "postgres")]
mod server;
mod show;
mod subject;

use std::fmt::Write;

use self::run::Run;
#[cfg(feature = "postgres")]
use self::server::Server;
use self::subject::{Disk, InMemory, Model, Subject};
use crate::timing::Micros;

/// 2027-01-15T08:00:00Z.
const BASE: Micros = 1_800_000_000_000_000;

/// Scripts for every store.
const SCRIPTS: &[(&str, &str)] = &[
    ("enqueue", include_str!("contract/enqueue.txt")),
    ("take", include_str!("contract/take.txt")),
    ("result", include_str!("contract/result.txt")),
    ("person", include_str!("contract/person.txt")),
    ("worker", include_str!("contract/worker.txt")),
    ("pause", include_str!("contract/pause.txt")),
    ("erase", include_str!("contract/erase.txt")),
    ("copy", include_str!("contract/copy.txt")),
    ("check", include_str!("contract/check.txt")),
    ("consent", include_str!("contract/consent.txt")),
    ("budget", include_str!("contract/budget.txt")),
    ("quiet", include_str!("contract/quiet.txt")),
    ("reported", include_str!("contract/reported.txt")),
    ("history", include_str!("contract/history.txt")),
    ("list", include_str!("contract/list.txt")),
    ("tenant", include_str!("contract/tenant.txt")),
    ("emergency", include_str!("contract/emergency.txt")),
    ("campaign", include_str!("contract/campaign.txt")),
    ("velocity", include_str!("contract/velocity.txt")),
];
/// Scripts that insert rows with plain SQL.
const SQL_SCRIPTS: &[(&str, &str)] = &[("sql", include_str!("contract/sql.txt"))];

/// Scripts with several workers, for databases that may have them.
const SHARED_SCRIPTS: &[(&str, &str)] = &[("lease", include_str!("contract/lease.txt"))];

struct Case<'a> {
    name: &'a str,
    lines: Vec<&'a str>,
}

fn cases<'a>(scripts: &[(&'a str, &'a str)]) -> Vec<Case<'a>> {
    let mut cases: Vec<Case<'a>> = Vec::new();
    for line in scripts.iter().flat_map(|(_, text)| text.lines()) {
        match (line.strip_prefix("## "), cases.last_mut()) {
            (Some(name), _) => cases.push(Case { name, lines: Vec::new() }),
            (None, Some(case)) if !line.trim().is_empty() && !line.starts_with("# ") => case.lines.push(line),
            _ => {}
        }
    }
    cases
}

/// Runs a case, and returns each call with its answer.
async fn transcript(subject: &mut dyn Subject, case: &Case<'_>, wrong: &mut String) -> String {
    let mut run = Run::new(subject);
    let mut transcript = String::new();
    for line in &case.lines {
        let (call, expected) =
            line.split_once("=>").map_or((*line, None), |(call, text)| (call, Some(text.trim())));
        let answer = run.call(&parse::call(call.trim())).await;
        writeln!(transcript, "{} => {answer}", call.trim()).unwrap();
        if expected.is_some_and(|expected| expected != answer) {
            writeln!(
                wrong,
                "{}: {}\n  should be {}\n  but is    {answer}",
                case.name,
                call.trim(),
                expected.unwrap()
            )
            .unwrap();
        }
    }
    let before = run.digest().await;
    run.reopen().await;
    assert_eq!(run.digest().await, before, "{}: another answer after opening again", case.name);
    transcript + &before
}

async fn run_on(open: impl AsyncFn() -> Box<dyn Subject>, cases: &[Case<'_>]) -> Vec<String> {
    let mut wrong = String::new();
    let mut transcripts = Vec::new();
    for case in cases {
        let mut subject = open().await;
        transcripts.push(transcript(&mut *subject, case, &mut wrong).await);
        subject.close().await;
    }
    assert!(wrong.is_empty(), "{wrong}");
    transcripts
}

#[tokio::test]
async fn every_store_gives_the_answers_of_the_scripts() {
    let cases = cases(SCRIPTS);
    assert!(cases.len() >= 60, "only {} cases", cases.len());
    let model = run_on(async || Model::open(), &cases).await;
    let in_memory = run_on(async || InMemory::open("p_").await, &cases).await;
    let disk = run_on(async || Disk::open().await, &cases).await;
    for (place, case) in cases.iter().enumerate() {
        assert_eq!(in_memory[place], model[place], "{}", case.name);
        assert_eq!(disk[place], model[place], "{}", case.name);
    }
}

#[tokio::test]
async fn rows_of_plain_sql_are_messages_like_any_other() {
    let cases = cases(SQL_SCRIPTS);
    assert!(cases.len() >= 10, "only {} cases", cases.len());
    let in_memory = run_on(async || InMemory::open("p_").await, &cases).await;
    let disk = run_on(async || Disk::open().await, &cases).await;
    assert_eq!(in_memory, disk);
}

#[tokio::test]
async fn several_workers_share_the_model() {
    let cases = cases(SHARED_SCRIPTS);
    assert!(cases.len() >= 10, "only {} cases", cases.len());
    run_on(async || Model::open(), &cases).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn postgres_gives_the_transcripts_of_the_model() {
    let cases = cases(&[SCRIPTS, SHARED_SCRIPTS].concat());
    let model = run_on(async || Model::open(), &cases).await;
    let server = run_on(async || Server::open().await, &cases).await;
    for (place, case) in cases.iter().enumerate() {
        assert_eq!(server[place], model[place], "{}", case.name);
    }
}

#[cfg(feature = "postgres")]
#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn postgres_treats_rows_of_plain_sql_as_sqlite_does() {
    let cases = cases(SQL_SCRIPTS);
    let sqlite = run_on(async || InMemory::open("p_").await, &cases).await;
    let server = run_on(async || Server::open().await, &cases).await;
    for (place, case) in cases.iter().enumerate() {
        assert_eq!(server[place], sqlite[place], "{}", case.name);
    }
}

/// Two outboxes in one file are independent of each other: each case runs in both, alternating call by call.
#[tokio::test]
async fn two_prefixes_in_one_file_do_not_touch() {
    for case in cases(SCRIPTS) {
        let expected = transcript(&mut *Model::open(), &case, &mut String::new()).await;
        let [mut one, mut two] = Disk::two().await;
        let (mut one, mut two) = (Run::new(&mut *one), Run::new(&mut *two));
        let (mut first, mut second) = (String::new(), String::new());
        for line in &case.lines {
            let text = line.split("=>").next().unwrap_or_default().trim();
            let call = parse::call(text);
            writeln!(first, "{text} => {}", one.call(&call).await).unwrap();
            writeln!(second, "{text} => {}", two.call(&call).await).unwrap();
        }
        assert_eq!(first + &one.digest().await, expected, "{}", case.name);
        assert_eq!(second + &two.digest().await, expected, "{}", case.name);
    }
}

/// Tests queues with more rows than one query reads, and with more rows to skip than one transaction skips.
#[tokio::test]
async fn long_queues_are_read_in_parts_with_the_same_answers() {
    let mut lines: Vec<String> = vec!["start".into()];
    for n in 0..600 {
        let (expires, from) = (if n % 5 < 3 { "expires=10" } else { "" }, n % 2);
        let priority = ["", "", "urgent", "bulk"][n % 4];
        lines.push(format!("put k{n} to={:04} text=t{} from=000{from} {priority} {expires}", n / 3, n % 7));
    }
    lines.extend(["bind 1 AC/x", "bind 2 AC/x", "rate 1 500000", "at 20"].map(String::from));
    for n in 0..20 {
        lines.extend([format!("at {}", 20 + n * 10), "tick 1:1,2".into(), "log".into()]);
    }
    let calls: Vec<_> = lines.iter().map(|line| parse::call(line)).collect();
    let (mut model, mut sqlite) = (Model::open(), InMemory::open("p_").await);
    let (mut model, mut sqlite) = (Run::new(&mut *model), Run::new(&mut *sqlite));
    let mut marks = 0;
    for (line, call) in lines.iter().zip(&calls) {
        let answer = model.call(call).await;
        assert_eq!(sqlite.call(call).await, answer, "{line}");
        marks += if line.starts_with("tick") { answer.matches(".1").count() } else { 0 };
    }
    assert!(marks > 200, "only {marks} marks");
    assert_eq!(sqlite.digest().await, model.digest().await);
}

/// One transaction expires, parks or delays a limited number of messages.
#[tokio::test]
async fn one_transaction_puts_a_bounded_number_of_rows_aside() {
    for mut subject in [Model::open(), InMemory::open("p_").await] {
        let mut run = Run::new(&mut *subject);
        let puts: Vec<String> = (0..300).map(|n| format!("k{n} expires=10")).collect();
        let puts = format!("put {}; last", puts.join("; "));
        for line in ["start", &puts, "bind 1 AC/x", "at 20"] {
            run.call(&parse::call(line)).await;
        }
        let tick = parse::call("tick 1:1");
        assert_eq!(run.call(&tick).await, "nothing; queue 1 due 0");
        assert_eq!(run.call(&parse::call("counts")).await, "ready 45 expired 256");
        assert_eq!(run.call(&tick).await, "301.1; queue 1 empty");
    }
}

/// The name of a case identifies the rule that is broken, so names must be unique.
#[test]
fn names_of_cases_are_unique() {
    let names: Vec<&str> = cases(SCRIPTS)
        .iter()
        .chain(&cases(SQL_SCRIPTS))
        .chain(&cases(SHARED_SCRIPTS))
        .map(|case| case.name)
        .collect();
    let unique: std::collections::BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(unique.len(), names.len());
}
