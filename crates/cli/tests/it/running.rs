//! The program while it runs: read, typed to, and ended by a signal. It has files of its own.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use switchboard_testing::FakeTwilio;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// The files of one user.
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("switchboard-cli-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The journals of `listen`.
    pub(crate) fn journals(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.path().join("state/switchboard/listen")) else {
            return Vec::new();
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The program while it runs. It is killed when this is dropped.
pub(crate) struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<UnboundedReceiver<String>>,
    stderr: UnboundedReceiver<String>,
    /// All lines so far, for a failed assertion.
    pub(crate) told: Vec<String>,
}

impl Program {
    /// Starts it with the account of a fake, whose API is at this URL.
    pub(crate) fn start(home: &Home, fake: &FakeTwilio, url: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(arguments)
            .env_clear()
            .env("HOME", home.path())
            .env("XDG_STATE_HOME", home.path().join("state"))
            .env("TWILIO_BASE_URL", url)
            .env("TWILIO_ACCOUNT_SID", fake.account_sid())
            .env("TWILIO_AUTH_TOKEN", fake.auth_token())
            .current_dir(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        let stdin = child.stdin.take();
        Self { child, stdin, stdout: Some(stdout), stderr, told: Vec::new() }
    }

    /// Waits for a line of standard error with these words.
    pub(crate) async fn tells(&mut self, words: &str) -> String {
        loop {
            let line = tokio::time::timeout(PATIENCE, self.stderr.recv()).await;
            let Ok(Some(line)) = line else { panic!("nothing tells {words:?}: {:#?}", self.told) };
            self.told.push(line.clone());
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Waits for a line of standard output with these words.
    pub(crate) async fn prints(&mut self, words: &str) -> String {
        loop {
            let line = tokio::time::timeout(PATIENCE, self.stdout.as_mut().unwrap().recv()).await;
            let Ok(Some(line)) = line else { panic!("nothing prints {words:?}: {:#?}", self.told) };
            self.told.push(line.clone());
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Types a line.
    pub(crate) async fn types(&mut self, line: &str) {
        self.stdin.as_mut().unwrap().write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// Stops reading standard output.
    pub(crate) fn close_output(&mut self) {
        self.stdout = None;
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Waits for its end; returns the status, and keeps what it told.
    pub(crate) async fn ends(&mut self) -> ExitStatus {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends").unwrap();
        while let Some(line) = self.stderr.recv().await {
            self.told.push(line);
        }
        status
    }

    /// Waits for its end; returns the exit code.
    pub(crate) async fn code(&mut self) -> i32 {
        let status = self.ends().await;
        status.code().unwrap_or_else(|| panic!("{status}: {:#?}", self.told))
    }

    pub(crate) fn has_told(&self, words: &str) -> bool {
        self.told.iter().any(|line| line.contains(words))
    }
}

fn lines(stream: impl AsyncRead + Unpin + Send + 'static) -> UnboundedReceiver<String> {
    let (send, receive) = unbounded_channel();
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}
