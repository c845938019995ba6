//! Starting the program.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::seeded::PROGRAM;

/// What a command printed, and its status.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// The program with this environment and no other, without a terminal.
pub(crate) fn command(environment: &[(&str, String)], arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.envs(environment.iter().map(|(name, value)| (*name, value.as_str())));
    command
}

/// Runs it to its end, in a thread of its own, so that a fake of this process can answer.
pub(crate) async fn run(environment: &[(&str, String)], arguments: &[&str]) -> Ran {
    run_in(Path::new("."), environment, arguments).await
}

/// The same in a working folder.
pub(crate) async fn run_in(folder: &Path, environment: &[(&str, String)], arguments: &[&str]) -> Ran {
    let mut command = command(environment, arguments);
    command.current_dir(folder);
    tokio::task::spawn_blocking(move || command.output().unwrap().into()).await.unwrap()
}

/// Waits for a child.
pub(crate) async fn ended(child: Child) -> Ran {
    tokio::task::spawn_blocking(move || child.wait_with_output().unwrap().into()).await.unwrap()
}

/// Sends a signal: `INT`, `TERM`, `HUP`, `KILL`.
pub(crate) fn signal(child: &Child, name: &str) {
    let killed = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap();
    assert!(killed.success());
}
