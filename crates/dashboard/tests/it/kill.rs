//! The server killed in the middle of a stream, and started again: every event arrives, once.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Response;
use serde_json::{Value, json};

use crate::stage::{Folder, Stage, fake};

/// How often the server is killed: 10 times, or what `KILLS` says.
fn kills() -> u32 {
    std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(10)
}

/// The folder of the database, for the process that is killed.
const FOLDER: &str = "SWITCHBOARD_KILLED_FOLDER";

/// What the killed process runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is started by another test"]
async fn serves_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let stage = Stage::start(Path::new(&folder), 0, fake().await).await;
    std::fs::write(Path::new(&folder).join("ready.tmp"), format!("{} {}", stage.base, stage.control))
        .unwrap();
    std::fs::rename(Path::new(&folder).join("ready.tmp"), Path::new(&folder).join("ready")).unwrap();
    tokio::time::sleep(Duration::from_secs(600)).await;
}

struct Server {
    child: Child,
    base: String,
    control: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let ready = folder.join("ready");
        drop(std::fs::remove_file(&ready));
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::serves_until_it_is_killed", "--ignored"])
            .env(FOLDER, folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        loop {
            if let Ok(text) = std::fs::read_to_string(&ready) {
                let (base, control) = text.split_once(' ').unwrap();
                return Self { child, base: base.to_owned(), control: control.to_owned() };
            }
            assert!(child.try_wait().unwrap().is_none(), "the server ended");
            assert!(begun.elapsed() < Duration::from_secs(60), "the server does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    async fn publish(&self, client: &reqwest::Client, number: u64) -> bool {
        let body = json!({"id": number.to_string(), "name": "order.paid", "payload": {"number": number}});
        let sent = client.post(format!("{}/publish", self.control)).json(&body).send().await;
        sent.is_ok_and(|answer| answer.status().is_success())
    }

    /// Publishes from this number on, and returns the first one that was not answered.
    async fn publish_until_killed(mut self, client: &reqwest::Client, mut number: u64) -> u64 {
        let until = Instant::now() + Duration::from_millis(u64::from(fastrand::u32(20..300)));
        while Instant::now() < until && self.publish(client, number).await {
            number += 1;
        }
        if fastrand::bool() {
            // In the middle of one more.
            let id = self.child.id().to_string();
            let kill = async { drop(Command::new("kill").args(["-9", &id]).status()) };
            let (_, ()) = tokio::join!(self.publish(client, number), kill);
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        number
    }

    async fn stream(&self, client: &reqwest::Client, last: Option<&str>) -> Option<Response> {
        let request = client.get(format!("{}/api/events", self.base)).header("cookie", "login=blue:ada:view");
        let request = last.into_iter().fold(request, |request, last| request.header("Last-Event-ID", last));
        request.send().await.ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a page has seen: how often each number arrived, and the id of the last event.
#[derive(Default)]
struct Seen {
    numbers: BTreeMap<u64, u32>,
    last: Option<String>,
}

impl Seen {
    /// Reads until the connection ends, or until nothing comes for a while.
    async fn read(&mut self, mut stream: Response) {
        let mut text = String::new();
        while let Ok(Ok(Some(chunk))) = tokio::time::timeout(Duration::from_secs(2), stream.chunk()).await {
            text.push_str(&String::from_utf8_lossy(&chunk));
            // An event that was cut is not one.
            while let Some((event, rest)) = text.split_once("\n\n") {
                self.note(event);
                text = rest.to_owned();
            }
        }
    }

    fn note(&mut self, event: &str) {
        let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
        let (Some(id), Some(data)) = (line("id: "), line("data: ")) else { return };
        self.last = Some(id.to_owned());
        let data: Value = serde_json::from_str(data).unwrap();
        if let Some(number) = data["payload"]["number"].as_u64() {
            *self.numbers.entry(number).or_default() += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_is_lost_or_doubled_when_the_server_is_killed() {
    let (folder, client) = (Folder::new(), reqwest::Client::new());
    let (mut seen, mut number) = (Seen { last: Some("0".to_owned()), ..Seen::default() }, 0);
    for _ in 0..kills() {
        let server = Server::start(&folder.0);
        let stream = server.stream(&client, seen.last.as_deref()).await.unwrap();
        // One that was not answered is published again by the next server: under its id, so not twice.
        let (published, ()) = tokio::join!(server.publish_until_killed(&client, number), seen.read(stream));
        number = published;
    }
    let server = Server::start(&folder.0);
    let stream = server.stream(&client, seen.last.as_deref()).await.unwrap();
    for _ in 0..20 {
        assert!(server.publish(&client, number).await);
        number += 1;
    }
    seen.read(stream).await;
    let expected: BTreeMap<u64, u32> = (0..number).map(|number| (number, 1)).collect();
    drop(server);
    assert!(number > u64::from(kills()), "too few were published: {number}");
    assert_eq!(seen.numbers, expected);
    println!("{} kills, {number} events: 0 lost, 0 doubled", kills());
}
