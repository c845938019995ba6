//! A campaign whose process is killed at random times, while it imports and while it sends, and is started again with the
//! same list.
//!
//! `.ci/run` runs it on both databases with 20,000 rows; `.ci/long/campaign` with a million.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use switchboard::sms::Templates;

use super::server::Counter;
use super::{SENDER, account, timing, wait};
use crate::MessageId;
use crate::campaign::{CampaignStatus, Recipients};
use crate::policy::{Budget, Policy, Purpose, QuietHours, TextRules};
use crate::tests::database::TestDatabase;
use crate::tests::process::{number, program};

const CHILD: &str = "tests::kill::campaign::child";
const NAME: &str = "a list";
/// So many rows have a number that a spreadsheet has changed.
const BAD: u64 = 1_009;

fn is_bad(n: u64) -> bool {
    n % BAD == 7
}

/// Writes the list. The header is line 1.
fn write_list(path: &Path, rows: u64) {
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    writeln!(file, "phone,N,note").unwrap();
    for n in 0..rows {
        let phone = if is_bad(n) {
            "1.21E+10".to_owned()
        } else {
            format!("(212) {:03}-{:04}", 200 + n / 10_000, n % 10_000)
        };
        writeln!(file, "{phone},{n},\"a note, with a comma\"").unwrap();
    }
    file.flush().unwrap();
}

fn rules() -> Policy {
    Policy::new()
        .countries(["US"])
        .unwrap()
        .text_rules(TextRules::standard())
        .quiet_hours(QuietHours::standard())
        .budget(Budget::messages("day", 1_000_000_000).unwrap().per_day("UTC").unwrap())
}

/// The program under test: it imports the list, sends it, and ends when the campaign is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs to be started by the tests of this file"]
async fn child() {
    let Some(outbox) = TestDatabase::of_environment().await else { return };
    let outbox = outbox.with_policy(rules());
    let url = std::env::var("CHILD_URL").unwrap();
    let folder = PathBuf::from(std::env::var_os("CHILD_FOLDER").unwrap());
    let worker = outbox.worker(account(&url)).rate(SENDER, 1e6).timing(timing()).spawn().await.unwrap();
    let templates = Templates::new().add("text", "message {{n}}").unwrap();
    let campaign = outbox.campaign(NAME);
    let draft = campaign.text(&templates, "text").unwrap();
    let draft = draft.from(switchboard::provider::Sender::Number(SENDER.into()));
    let draft = draft.purpose(Purpose::Transactional).rejects(folder.join("rejects.csv"));
    let list = Recipients::csv(std::fs::File::open(folder.join("list.csv")).unwrap()).country("US");
    draft.start(list).await.unwrap().finished().await.unwrap();
    let mut watch = campaign.watch_every(Duration::from_millis(100));
    while let Some(progress) = watch.next().await {
        progress.unwrap();
        assert!(worker.is_running());
    }
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// The most memory that a process has used, in KiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

async fn run_and_kill(database: TestDatabase, rows: u64, kills: u64, random: &mut fastrand::Rng) {
    let folder = std::env::temp_dir().join(format!("switchboard-campaign-{}", fastrand::u64(..)));
    std::fs::create_dir_all(&folder).unwrap();
    write_list(&folder.join("list.csv"), rows);
    let counter = Counter::start(0).await;
    let (mut killed, mut most, began) = (0, 0, Instant::now());
    loop {
        let mut child = program(CHILD)
            .envs([database.environment()])
            .env("CHILD_URL", counter.url())
            .env("CHILD_FOLDER", &folder)
            .spawn()
            .unwrap();
        // A release build is about ten times as fast.
        let longest = rows / if cfg!(debug_assertions) { 20 } else { 200 };
        let until = Instant::now() + Duration::from_millis(random.u64(50..longest + 200));
        let ended = loop {
            most = most.max(peak(child.id()));
            if child.try_wait().unwrap().is_some() {
                break true;
            }
            if killed < kills && Instant::now() >= until {
                child.kill().unwrap();
                killed += 1;
                break false;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let status = wait(child).await;
        if ended {
            assert!(status.success(), "the campaign fails");
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(600 + rows / 100), "it does not come to an end");
    }
    let seconds = began.elapsed().as_secs();
    examine(&database, &counter, &folder, rows).await;
    println!("{rows} rows, {killed} kills, {seconds} s, at most {} MiB", most / 1024);
    assert!(killed > 0 || kills == 0, "it was never killed");
    assert!(most < 64 * 1024 || cfg!(debug_assertions), "{most} KiB");
    std::fs::remove_dir_all(&folder).unwrap();
    database.end().await;
}

/// Each message of the list arrived once, or its fate is listed; each bad row is in the file of rejected rows, once.
async fn examine(database: &TestDatabase, counter: &Counter, folder: &Path, rows: u64) {
    let outbox = database.open().await;
    let mut listed = 0;
    let mut after: Option<MessageId> = None;
    loop {
        let page = outbox.unsettled(after, 500).await.unwrap();
        let Some(last) = page.last() else { break };
        (after, listed) = (Some(last.id), listed + page.len() as u64);
    }
    let (mut arrived, mut missing) = (0, 0);
    for n in (0..rows).filter(|n| !is_bad(*n)) {
        match counter.count(n) {
            0 => missing += 1,
            1 => arrived += 1,
            more => panic!("{n} arrived {more} times"),
        }
    }
    let progress = outbox.campaign(NAME).progress().await.unwrap();
    println!("{progress}; {listed} unsettled, {missing} of them did not arrive");
    let good = (0..rows).filter(|n| !is_bad(*n)).count() as u64;
    let end = if progress.unknown > 0 { CampaignStatus::Settling } else { CampaignStatus::Finished };
    assert_eq!((progress.status, progress.messages, progress.waiting), (end, good, 0));
    assert_eq!(progress.unknown + progress.parked, listed);
    assert_eq!(progress.accepted + listed, good, "{progress}");
    assert!(
        missing <= listed && arrived + missing == good,
        "{missing} did not arrive, and {listed} are listed"
    );
    let rejects = std::fs::read_to_string(folder.join("rejects.csv")).unwrap();
    let lines: Vec<u64> = rejects
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().and_then(|line| line.parse().ok()).unwrap())
        .collect();
    let bad: Vec<u64> = (0..rows).filter(|n| is_bad(*n)).map(|n| n + 2).collect();
    assert_eq!(lines, bad, "the rejected rows are not complete");
}

async fn run(database: TestDatabase) {
    let seed = number("KILL_SEED", fastrand::u64(..));
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let (rows, kills) = (number("CAMPAIGN_ROWS", 20_000), number("CAMPAIGN_KILLS", 20));
    run_and_kill(database, rows, kills, &mut random).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs minutes: CAMPAIGN_ROWS, CAMPAIGN_KILLS"]
async fn killed_on_sqlite() {
    run(TestDatabase::sqlite("campaign")).await;
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL, and minutes: CAMPAIGN_ROWS, CAMPAIGN_KILLS"]
async fn killed_on_postgres() {
    run(TestDatabase::postgres("campaign").await).await;
}
