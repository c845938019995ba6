//! Processes of this test program: a test starts them, and they run another test of it.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The environment of a process that stops itself between its first mark and the request for it.
pub(super) const STOPS_BEFORE_REQUEST: (&str, &str) = ("STOP_AT", "Begin:1");

pub(super) fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// This program, to run one of its tests.
pub(super) fn program(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Waits until a process has stopped itself.
pub(super) async fn is_stopped(child: &Child) {
    let stat = format!("/proc/{}/stat", child.id());
    let began = Instant::now();
    loop {
        let stat = std::fs::read_to_string(&stat).unwrap_or_default();
        if stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T')) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "it does not stop");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Lets a process that has stopped itself go on.
pub(super) fn resume(child: &Child) {
    let resumed = Command::new("kill").args(["-CONT", &child.id().to_string()]).status().unwrap();
    assert!(resumed.success());
}
