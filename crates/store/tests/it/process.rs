//! Other processes: this test program starts itself again to do one task on the same database, and kills it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use switchboard_store::{Database, Postgres, Sqlite};

use crate::Folder;
use crate::postgres::{drop_schema, empty, url};

/// The variables of the other process: its task, its database, a file for its notes.
const TASK: &str = "SWITCHBOARD_STORE_OTHER_TASK";
const DATABASE: &str = "SWITCHBOARD_STORE_OTHER_DATABASE";
const NOTES: &str = "SWITCHBOARD_STORE_OTHER_NOTES";

/// A database that several processes use, and a file to which they append lines.
pub(crate) struct Site {
    folder: Folder,
    postgres: Option<Postgres>,
}

impl Site {
    pub(crate) fn sqlite() -> Self {
        Self { folder: Folder::new(), postgres: None }
    }

    pub(crate) async fn postgres(name: &str) -> Self {
        Self { folder: Folder::new(), postgres: Some(empty(name).await) }
    }

    /// How another process finds the database.
    fn address(&self) -> String {
        match &self.postgres {
            Some(postgres) => format!("schema {}", postgres.schema()),
            None => format!("file {}", self.folder.file().display()),
        }
    }

    pub(crate) async fn open(&self) -> Database {
        open(&self.address()).await
    }

    fn notes(&self) -> PathBuf {
        self.folder.path().join("notes")
    }

    /// The lines that the processes appended.
    pub(crate) fn noted(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.notes()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Starts this program again to do one task, which is the test with this path.
    pub(crate) fn start(&self, test: &str, task: &str) -> Process {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
        command.env(TASK, task).env(DATABASE, self.address()).env(NOTES, self.notes());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Process { child, output }
    }

    pub(crate) async fn end(self) {
        if let Some(postgres) = &self.postgres {
            drop_schema(postgres).await;
        }
    }
}

/// Another process. It is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Waits for the next word that it says.
    pub(crate) fn hears(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the other process ended");
            if let Some((_, word)) = line.rsplit_once("says ") {
                return word.trim().to_owned();
            }
        }
    }

    /// As `kill -9`. Returns whether it was still running.
    pub(crate) fn kill(&mut self) -> bool {
        let ran = self.child.try_wait().unwrap().is_none();
        drop(self.child.kill());
        self.child.wait().unwrap();
        ran
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn open(address: &str) -> Database {
    match address.split_once(' ').unwrap() {
        ("schema", schema) => Postgres::builder(&url()).schema(schema).connect().await.unwrap().into(),
        (_, file) => Sqlite::open(Path::new(file)).await.unwrap().into(),
    }
}

/// The task of this process, if it is the other one, and its database.
pub(crate) async fn task() -> Option<(String, Database)> {
    let task = std::env::var(TASK).ok()?;
    Some((task, open(&std::env::var(DATABASE).unwrap()).await))
}

/// Tells the first process a word.
pub(crate) fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("says {word}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// Appends a line, whole even if others append at the same moment.
pub(crate) fn note(line: &str) {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.create(true).append(true).open(std::env::var(NOTES).unwrap()).unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}
