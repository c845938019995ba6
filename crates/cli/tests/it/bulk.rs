//! `bulk`: what its plan says is what it does, and whatever ends it, nobody is texted twice and nobody is forgotten.
//!
//! `BULK_MESSAGES` and `BULK_RATE` make the lists longer, as `.ci/long/cli` does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Child;
use std::time::Duration;

use serde_json::Value;
use switchboard_testing::{FakeTwilio, Fault};

use crate::program::{Ran, command, ended, run, signal};
use crate::seeded::{self, Home};

type Environment = Vec<(&'static str, String)>;

const TEXT: &str = "Hi {{name}}, your table is ready";

struct Stage {
    home: Home,
    fake: FakeTwilio,
    environment: Environment,
}

fn number(variable: &str, usual: usize) -> usize {
    std::env::var(variable).map_or(usual, |value| value.parse().unwrap())
}

impl Stage {
    async fn new(name: &str) -> Self {
        let fake = FakeTwilio::builder().real_time().start().await;
        let home = Home::new(name);
        let environment = seeded::environment(&fake, home.path());
        Self { home, fake, environment }
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    /// A list of this many people.
    fn list(&self, people: usize) -> String {
        let mut list = "phone,name\n".to_owned();
        for n in 0..people {
            writeln!(list, "+1415{:07},Guest {n}", 5_551_000 + n).unwrap();
        }
        self.write("list.csv", &list)
    }

    async fn run(&self, arguments: &[&str]) -> Ran {
        run(&self.environment, arguments).await
    }

    fn start(&self, arguments: &[&str]) -> Child {
        command(&self.environment, arguments).spawn().unwrap()
    }

    async fn sent_at_least(&self, texts: usize) {
        while self.fake.sent().len() < texts {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// How many texts each person has.
    fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        self.fake.sent().into_iter().for_each(|sent| *counts.entry(sent.to).or_default() += 1);
        counts
    }

    /// The people of whom it is not known whether they have their text.
    async fn unknown(&self) -> BTreeSet<String> {
        let listed = [
            "outbox",
            "list",
            "--state",
            "unknown",
            "--state",
            "parked",
            "--campaign",
            "list",
            "--limit",
            "0",
        ];
        let ran = self.run(&[&listed[..], &["--json=to"]].concat()).await;
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let to = |line: &str| serde_json::from_str::<Value>(line).unwrap()["to"].as_str().unwrap().to_owned();
        ran.stdout.lines().map(to).collect()
    }

    /// Nobody has a text twice, and who has none is listed as unknown.
    async fn assert_none_twice_none_forgotten(&self, people: usize) -> usize {
        let (counts, unknown) = (self.counts(), self.unknown().await);
        assert!(counts.values().all(|texts| *texts == 1), "twice: {counts:?}");
        let all = (0..people).map(|n| format!("+1415{:07}", 5_551_000 + n));
        let forgotten: Vec<String> =
            all.filter(|to| !counts.contains_key(to) && !unknown.contains(to)).collect();
        assert_eq!(forgotten, [""; 0]);
        unknown.len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute, after which Twilio's list is read"]
async fn what_was_lost_is_found_out() {
    let stage = Stage::new("bulk-settle").await;
    let list = stage.list(3);
    stage.fake.fail_next(Fault::CutAfter);
    let ran = stage.run(&["bulk", "send", &list, "--text", TEXT, "--yes", "--rate", "100/s"]).await;
    assert_eq!((ran.status, stage.fake.sent().len()), (Some(3), 3), "{ran:?}");
    assert!(ran.stderr.contains("bulk resume list --settle"), "{ran:?}");
    let ran = stage.run(&["bulk", "resume", "list", "--settle"]).await;
    assert_eq!((ran.status, stage.fake.sent().len()), (Some(0), 3), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn on_postgres_an_interrupted_list_goes_on_and_the_password_is_not_shown() {
    let mut stage = Stage::new("bulk-postgres").await;
    let url = std::env::var("SWITCHBOARD_TEST_POSTGRES").unwrap();
    let url = url.replace("postgres@", "postgres:planted-4711@");
    stage.environment.push(("SWITCHBOARD_DATABASE", url.clone()));
    let list = stage.list(100);
    let child = stage.start(&["bulk", "send", &list, "--text", TEXT, "--yes", "--rate", "100/s"]);
    stage.sent_at_least(20).await;
    signal(&child, "INT");
    let mut all = vec![ended(child).await];
    assert_eq!(all[0].status, Some(5), "{all:?}");
    let sent = stage.fake.sent().len();
    let dry = ["bulk", "send", &list, "--text", TEXT, "--dry-run", "--json"];
    for arguments in
        [&dry[..], &["bulk", "list"], &["outbox", "list"], &["consent", "opt-out", "+14155559999"]]
    {
        all.push(stage.run(arguments).await);
        assert_eq!(all.last().unwrap().status, Some(0), "{all:?}");
    }
    assert!(sent < 100 && stage.fake.sent().len() == sent);
    all.push(stage.run(&["bulk", "resume", "list"]).await);
    assert_eq!(
        (all.last().unwrap().status, stage.counts().len(), stage.fake.sent().len()),
        (Some(0), 100, 100),
        "{all:?}"
    );
    assert!(!std::path::Path::new(&stage.path("data/switchboard/outbox.db")).exists());
    stage.environment.retain(|(name, _)| *name != "SWITCHBOARD_DATABASE");
    let closed = url.replace("127.0.0.1:", "127.0.0.1:1");
    for wrong in [closed, url.replace("postgres://", "postgres://[")] {
        stage.environment.push(("SWITCHBOARD_DATABASE", wrong));
        all.push(stage.run(&["bulk", "list"]).await);
        assert!([Some(2), Some(5)].contains(&all.last().unwrap().status), "{all:?}");
        stage.environment.pop();
    }
    assert!(!format!("{all:?}").contains("4711"), "{all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_decides_about_what_was_lost() {
    let stage = Stage::new("bulk-decide").await;
    let list = stage.list(3);
    for _ in 0..3 {
        stage.fake.fail_next(Fault::Cut);
    }
    let ran = stage.run(&["bulk", "send", &list, "--text", TEXT, "--yes", "--rate", "100/s"]).await;
    assert_eq!((ran.status, stage.fake.sent().len()), (Some(3), 0), "{ran:?}");
    let refused = stage.run(&["outbox", "settle", "1", "not-sent"]).await;
    assert_eq!(refused.status, Some(2), "it asks: {refused:?}");
    let settled = stage.run(&["outbox", "settle", "1", "list/+14155551001", "not-sent", "--yes"]).await;
    assert_eq!(settled.status, Some(0), "{settled:?}");
    assert_eq!(stage.run(&["outbox", "settle", "3", "give-up"]).await.status, Some(0));
    assert_eq!(stage.run(&["outbox", "settle", "3", "accepted"]).await.status, Some(1), "it is settled");
    let ran = stage.run(&["bulk", "resume", "list"]).await;
    assert_eq!((ran.status, stage.counts().len()), (Some(3), 2), "{ran:?}");
}

#[track_caller]
fn data(ran: &Ran) -> Value {
    serde_json::from_str::<Value>(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))["data"]
        .take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_makes_no_request_and_says_what_the_real_run_reports() {
    let stage = Stage::new("bulk-dry").await;
    let list = stage.write(
        "list.csv",
        &format!(
            "phone,name\n+14155550001,Ada\n+447700900123,Grace\n+14155550003,{}\n+14155550004,☃\n+14155550005,Hopper\n",
            "x".repeat(200)
        ),
    );
    let prices = stage.write(
        "prices.json",
        r#"{"currency": "USD", "prices": {"US": {"local": "0.0083"}, "GB": {"local": "0.04"}}}"#,
    );
    let send = ["bulk", "send", &list, "--text", TEXT, "--prices", &prices, "--rate", "100/s", "--json"];
    let dry = stage.run(&[&send[..], &["--dry-run"]].concat()).await;
    assert_eq!(
        (dry.status, stage.fake.requests(), &data(&dry)["messages"]),
        (Some(0), 0, &Value::from(5)),
        "{dry:?}"
    );
    assert!(!std::path::Path::new(&stage.path("data/switchboard/outbox.db")).exists());
    // Who has opted out is left out of both.
    assert_eq!(stage.run(&["consent", "opt-out", "+14155550005"]).await.status, Some(0));
    let dry = stage.run(&[&send[..], &["--dry-run"]].concat()).await;
    assert_eq!((dry.status, stage.fake.requests()), (Some(0), 0), "{dry:?}");
    let real = stage.run(&[&send[..], &["--yes"]].concat()).await;
    assert_eq!((real.status, stage.fake.sent().len()), (Some(6), 4), "{real:?}");
    let (dry, real) = (data(&dry), data(&real));
    for field in ["messages", "segments", "cost", "currency"] {
        assert_eq!(dry[field], real[field], "{field}");
    }
    assert_eq!((&dry["segments"], &dry["cost"]), (&Value::from(5), &Value::from("0.0732")));
    let listed = stage.run(&["message", "list", "--json=numSegments"]).await;
    let billed =
        listed.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["numSegments"].clone());
    let billed: u64 = billed
        .map(|count| count.as_str().map_or_else(|| count.as_u64().unwrap(), |count| count.parse().unwrap()))
        .sum();
    assert_eq!(billed, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_exit_status_is_the_worst_of_what_became_of_them() {
    let cases = [
        ("+14155550001", 0),
        ("4.41E+11", 1),
        ("+15005550001", 1),
        ("+15005550004", 6),
        ("+15005550001,x\n+15005550004", 6),
    ];
    for (place, (rows, status)) in cases.into_iter().enumerate() {
        let stage = Stage::new(&format!("bulk-exit-{place}")).await;
        let list = stage.write("list.csv", &format!("phone,name\n+14155550099,Ada\n{rows},x\n"));
        let ran = stage.run(&["bulk", "send", &list, "--text", TEXT, "--yes", "--rate", "100/s"]).await;
        assert_eq!(ran.status, Some(status), "{rows} {ran:?}");
        assert!(stage.counts().contains_key("+14155550099"));
        assert!(!format!("{ran:?}").contains("5550099"), "{ran:?}");
        // The same line again sends nothing again.
        let before = stage.fake.sent().len();
        let again = stage.run(&["bulk", "send", &list, "--text", TEXT, "--yes", "--rate", "100/s"]).await;
        assert_eq!((again.status, stage.fake.sent().len()), (Some(status), before), "{again:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_without_an_answer_an_account_or_a_text() {
    let stage = Stage::new("bulk-refused").await;
    let list = stage.list(3);
    let bad = stage.write("bad.csv", "phone,name\n4.41E+11,x\n");
    let cases: [(&[&str], i32); 8] = [
        (&["bulk", "send", &list, "--text", TEXT], 2),
        (&["bulk", "send", &list, "--text", "Hi {{nobody}}", "--yes"], 2),
        (&["bulk", "send", &list, "--text", "Hi {{name", "--yes"], 2),
        (&["bulk", "send", &list, "--yes"], 2),
        (&["bulk", "send", "nowhere.csv", "--text", TEXT, "--yes"], 2),
        (&["bulk", "send", &list, "--text", TEXT, "--yes", "--rate", "fast"], 2),
        (
            &[
                "bulk",
                "send",
                &list,
                "--text",
                TEXT,
                "--yes",
                "--database",
                "postgres://ada:planted-4711@db.example/app",
            ],
            2,
        ),
        (&["bulk", "send", &bad, "--text", TEXT, "--yes"], 1),
    ];
    for (arguments, status) in cases {
        let ran = stage.run(arguments).await;
        assert_eq!(ran.status, Some(status), "{arguments:?} {ran:?}");
        assert!(!ran.stderr.contains("4711") && !ran.stderr.contains("panicked"), "{ran:?}");
        assert_eq!(stage.fake.requests(), 0, "{arguments:?}");
    }
    let mut wrong = stage.environment.clone();
    wrong.retain(|(name, _)| *name != "TWILIO_AUTH_TOKEN");
    wrong.push(("TWILIO_AUTH_TOKEN", "0123456789abcdef0123456789abcdef".to_owned()));
    let send = ["bulk", "send", &list, "--text", TEXT, "--yes"];
    let ran = run(&wrong, &send).await;
    assert_eq!((ran.status, stage.fake.sent().len()), (Some(4), 0), "{ran:?}");
    assert!(ran.stderr.contains("bulk resume list"), "{ran:?}");
    // With the right token, it goes on where it was.
    stage.run(&["bulk", "resume", "list", "--rate", "100/s"]).await;
    assert_eq!(stage.counts().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_stops_and_a_resume_goes_on() {
    let people = number("BULK_MESSAGES", 300);
    let rate = format!("{}/s", number("BULK_RATE", 200));
    for name in ["INT", "TERM", "HUP"] {
        let stage = Stage::new(&format!("bulk-{name}")).await;
        let list = stage.list(people);
        let child = stage.start(&["bulk", "send", &list, "--text", TEXT, "--yes", "--rate", &rate]);
        stage.sent_at_least(people / 4).await;
        signal(&child, name);
        let ran = ended(child).await;
        assert_eq!(ran.status, Some(5), "{ran:?}");
        assert!(ran.stderr.contains("switchboard bulk resume list"), "{ran:?}");
        let sent = stage.fake.sent().len();
        assert!(sent < people && stage.unknown().await.is_empty(), "{sent} {ran:?}");
        let status = data(&stage.run(&["bulk", "status", "list", "--json"]).await);
        assert_eq!((&status["status"], &status["accepted"]), (&Value::from("paused"), &Value::from(sent)));
        // Another campaign does not take it along.
        let other = stage.write("other.csv", "phone,name\n+14165550000,Ada\n");
        let ran = stage.run(&["bulk", "send", &other, "--text", TEXT, "--yes", "--rate", &rate]).await;
        assert_eq!((ran.status, stage.fake.sent().len()), (Some(0), sent + 1), "{ran:?}");
        let ran = stage.run(&["bulk", "resume", "list"]).await;
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let counts = stage.counts();
        assert!(counts.len() == people + 1 && counts.values().all(|texts| *texts == 1), "{counts:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_forgets_nobody_and_doubles_nobody() {
    let people = number("BULK_MESSAGES", 300);
    let rate = format!("{}/s", number("BULK_RATE", 200));
    let stage = Stage::new("bulk-kill").await;
    let list = stage.list(people);
    let send = ["bulk", "send", &list, "--text", TEXT, "--yes", "--rate", &rate];
    let child = stage.start(&send);
    stage.sent_at_least(people / 4).await;
    signal(&child, "KILL");
    ended(child).await;
    let killed_at = stage.fake.sent().len();
    // Who starts another campaign does not mean this one.
    let other = stage.write("other.csv", "phone,name\n+14165550000,Ada\n");
    let ran = stage.run(&["bulk", "send", &other, "--text", TEXT, "--yes", "--rate", &rate]).await;
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("the campaign list did not end, and is paused now"), "{ran:?}");
    assert!(stage.fake.sent().len() <= killed_at + 1);
    // Killed again in the middle of the rest, and gone on with by the line that began it.
    let child = stage.start(&["bulk", "resume", "list"]);
    stage.sent_at_least(people / 2).await;
    signal(&child, "KILL");
    ended(child).await;
    let ran = stage.run(&send).await;
    let unknown = stage.assert_none_twice_none_forgotten(people).await;
    assert_eq!(ran.status, Some(if unknown == 0 { 0 } else { 3 }), "{ran:?}");
    println!("{people} people, 2 kills, {} texts, {unknown} unknown", stage.fake.sent().len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_the_list_is_read_is_gone_on_with() {
    // So many that a busy machine is still reading when it is killed.
    let people = 150_000;
    let stage = Stage::new("bulk-import").await;
    let list = stage.list(people);
    let child = stage.start(&["bulk", "send", &list, "--text", TEXT, "--yes", "--rate", "100/s"]);
    loop {
        let status = stage.run(&["bulk", "status", "list", "--json"]).await;
        if status.status == Some(0) && data(&status)["messages"].as_u64().unwrap() > 0 {
            break;
        }
    }
    signal(&child, "KILL");
    ended(child).await;
    assert_eq!(stage.fake.sent().len(), 0, "nothing is sent before the whole list is enqueued");
    let status = data(&stage.run(&["bulk", "status", "list", "--json"]).await);
    assert_eq!(status["status"], "importing");
    // Another list of that name is not taken for it.
    let content = std::fs::read_to_string(&list).unwrap();
    let modified = std::fs::metadata(&list).unwrap().modified().unwrap();
    stage.write("list.csv", "phone,name\n+14165550000,Ada\n");
    let ran = stage.run(&["bulk", "resume", "list"]).await;
    assert!(ran.status == Some(2) && ran.stderr.contains("is another one now"), "{ran:?}");
    stage.write("list.csv", &content);
    std::fs::File::options().write(true).open(&list).unwrap().set_modified(modified).unwrap();
    let child = stage.start(&["bulk", "resume", "list"]);
    stage.sent_at_least(5).await;
    signal(&child, "INT");
    assert_eq!(ended(child).await.status, Some(5));
    let status = data(&stage.run(&["bulk", "status", "list", "--json"]).await);
    assert_eq!((&status["messages"], &status["status"]), (&Value::from(people), &Value::from("paused")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_interrupts_are_unknown_and_a_second_process_is_refused() {
    let stage = Stage::new("bulk-twice").await;
    let list = stage.list(3);
    stage.fake.fail_next(Fault::Slow(Duration::from_secs(600)));
    let child = stage.start(&["bulk", "send", &list, "--text", TEXT, "--yes", "--rate", "100/s"]);
    stage.sent_at_least(3).await;
    let requests = stage.fake.requests();
    for arguments in [&["bulk", "resume", "list"][..], &["bulk", "send", &list, "--text", TEXT, "--yes"]] {
        let ran = stage.run(arguments).await;
        assert_eq!((ran.status, stage.fake.requests()), (Some(5), requests), "{ran:?}");
        assert!(ran.stderr.contains("another process") && ran.stderr.contains("`worker`"), "{ran:?}");
    }
    // What only asks, or only says what others should do, is not refused.
    assert_eq!(stage.run(&["bulk", "status", "list"]).await.status, Some(0));
    signal(&child, "INT");
    tokio::time::sleep(Duration::from_millis(500)).await;
    signal(&child, "INT");
    let ran = ended(child).await;
    assert_eq!(ran.status, Some(3), "{ran:?}");
    assert!(
        ran.stderr.contains("waiting for the answers") && ran.stderr.contains("may have gone out"),
        "{ran:?}"
    );
    let ran = stage.run(&["bulk", "resume", "list"]).await;
    assert_eq!((ran.status, stage.fake.sent().len()), (Some(3), 3), "{ran:?}");
    assert_eq!(stage.unknown().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_from_another_terminal_ends_it_and_a_pause_waits() {
    let stage = Stage::new("bulk-stop").await;
    let list = stage.list(2_000);
    let child = stage.start(&["bulk", "send", &list, "--text", TEXT, "--yes", "--rate", "100/s"]);
    stage.sent_at_least(20).await;
    assert_eq!(stage.run(&["bulk", "pause", "list"]).await.status, Some(0));
    let resumed = stage.run(&["bulk", "resume", "list"]).await;
    assert!(resumed.stdout.contains("goes on in the process that works on it"), "{resumed:?}");
    assert_eq!(stage.run(&["bulk", "stop", "list"]).await.status, Some(2), "it asks");
    assert_eq!(stage.run(&["bulk", "stop", "list", "--yes"]).await.status, Some(0));
    let ran = ended(child).await;
    assert_eq!(ran.status, Some(6), "{ran:?}");
    assert!(stage.fake.sent().len() < 2_000);
    let ran = stage.run(&["bulk", "resume", "list"]).await;
    assert_eq!(ran.status, Some(6), "{ran:?}");
}
