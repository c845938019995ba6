//! `dashboard`: for one person of this machine, over the database of the command line.

use serde_json::Value;
use switchboard_testing::FakeTwilio;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::program::run;
use crate::seeded::{self, Home, PROGRAM};

/// A dashboard that runs, and where.
struct Running {
    child: Child,
    address: String,
    link: String,
}

impl Running {
    async fn start(environment: &[(&str, String)], arguments: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        command
            .arg("dashboard")
            .args(arguments)
            .args(["--port", "0", "--json"])
            .env_clear()
            .kill_on_drop(true);
        command.envs(environment.iter().map(|(name, value)| (*name, value.as_str())));
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        let told = serde_json::from_str::<Value>(&line).unwrap()["data"].take();
        let link = told["login"].as_str().unwrap().to_owned();
        let address = told["url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        Self { child, address, link }
    }

    /// The status, the headers and the body of an answer.
    async fn ask(&self, head: &str, cookie: &str, body: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{head} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}",
            self.address
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (headers, body) = answer.split_once("\r\n\r\n").unwrap();
        (headers.split(' ').nth(1).unwrap().parse().unwrap(), headers.to_owned(), body.to_owned())
    }

    /// Opens the link, and returns the cookie.
    async fn sign_in(&self) -> String {
        let path = self.link.rsplit_once("/login/").unwrap().1;
        let (status, headers, _) = self.ask(&format!("GET /login/{path}"), "", "").await;
        assert_eq!(status, 303, "{headers}");
        let cookie = headers.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        assert!(cookie.contains("HttpOnly"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn end(mut self) -> Option<i32> {
        let pid = self.child.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.child.wait().await.unwrap().code()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fake_dashboard_serves_only_who_has_opened_its_link() {
    let home = Home::new("dashboard-fake");
    let environment = [("HOME", home.path().display().to_string())];
    let dashboard = Running::start(&environment, &["--fake"]).await;
    assert_eq!(dashboard.ask("GET /api/messages", "", "").await.0, 401);
    assert_eq!(dashboard.ask("GET /api/messages", "switchboard=1; session=2", "").await.0, 401);
    let cookie = dashboard.sign_in().await;
    let path = dashboard.link.rsplit_once("/login/").unwrap().1;
    assert_eq!(dashboard.ask(&format!("GET /login/{path}"), "", "").await.0, 403, "it works once");
    let text = r#"{"to": "+14155551234", "body": "Your table is ready"}"#;
    let (status, _, body) = dashboard.ask("POST /api/actions/twilio/send-sms", &cookie, text).await;
    assert!(status == 200 && body.contains(r#""success":true"#), "{status} {body}");
    assert_eq!(dashboard.end().await, Some(0));
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_shares_the_database_and_no_other_process_sends_meanwhile() {
    let (home, fake) = (Home::new("dashboard"), FakeTwilio::builder().real_time().start().await);
    let mut environment = seeded::environment(&fake, home.path());
    let key = run(&environment, &["keys", "new", "2026a"]).await.stdout.trim().to_owned();
    environment.push(("SWITCHBOARD_KEYS", key));
    let list = home.path().join("list.csv");
    std::fs::write(&list, "phone,name\n+14155550001,Ada\n").unwrap();
    let list = list.display().to_string();
    let send = ["bulk", "send", &list, "--text", "Hi {{name}}", "--yes", "--rate", "100/s"];
    assert_eq!(run(&environment, &send).await.status, Some(0));

    let dashboard = Running::start(&environment, &[]).await;
    let cookie = dashboard.sign_in().await;
    let (status, _, body) = dashboard.ask("GET /api/campaigns", &cookie, "").await;
    assert!(status == 200 && body.contains(r#""name":"list""#), "{status} {body}");
    let ran = run(&environment, &[&send[..], &["--name", "other"]].concat()).await;
    assert_eq!(ran.status, Some(5), "{ran:?}");
    let text = r#"{"to": "+14155551234", "body": "Your table is ready"}"#;
    let (status, _, body) = dashboard.ask("POST /api/actions/twilio/send-sms", &cookie, text).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(dashboard.end().await, Some(0));
    let listed = run(&environment, &["outbox", "list", "--json=to,state"]).await;
    assert_eq!(listed.stdout, "{\"state\":\"accepted\",\"to\":\"+14155551234\"}\n");

    // The account was sealed with the key.
    let checked = run(&environment, &["keys", "check"]).await;
    assert!(checked.status == Some(0) && checked.stdout.starts_with("2026a seals "), "{checked:?}");
    let token = fake.auth_token();
    for file in std::fs::read_dir(home.path().join("data/switchboard")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|bytes| bytes == token.as_bytes()));
    }
    let old = environment.iter().find(|(name, _)| *name == "SWITCHBOARD_KEYS").unwrap().1.clone();
    let new = run(&environment, &["keys", "new", "2026b"]).await.stdout.trim().to_owned();
    let with = |keys: String| {
        let mut environment = environment.clone();
        environment.retain(|(name, _)| *name != "SWITCHBOARD_KEYS");
        environment.push(("SWITCHBOARD_KEYS", keys));
        environment
    };
    let missing = run(&with(new.clone()), &["keys", "rotate"]).await;
    assert!(missing.status == Some(4) && missing.stderr.contains("2026a"), "{missing:?}");
    let rotated = run(&with(format!("{new},{old}")), &["keys", "rotate"]).await;
    assert!(rotated.status == Some(0) && rotated.stdout.contains("needed now: 2026b"), "{rotated:?}");
    let checked = run(&with(new), &["keys", "check"]).await;
    assert_eq!(checked.status, Some(0), "{checked:?}");
}
