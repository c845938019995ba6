//! What the operating system knows: folders, processor time of threads, memory, waits for the disk.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// A folder on the disk that Cargo builds on, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        // Not the temporary folder: that may be memory.
        let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let path = root.join(format!("outbox-{name}-{}-{}", std::process::id(), fastrand::u32(..)));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nobody can be told.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Time that the threads of open databases have run, by the scheduler's own count; Linux only.
pub(crate) fn store_cpu() -> Option<Duration> {
    let mut nanoseconds = 0;
    for task in fs::read_dir("/proc/self/task").ok()? {
        let task = task.ok()?.path();
        // Linux keeps 15 bytes of a thread's name: `switchboard-store` and `switchboard-read`.
        if fs::read_to_string(task.join("comm")).unwrap_or_default().starts_with("switchboard-") {
            let stat = fs::read_to_string(task.join("schedstat")).ok()?;
            nanoseconds += stat.split_whitespace().next()?.parse::<u64>().ok()?;
        }
    }
    Some(Duration::from_nanos(nanoseconds))
}

/// The most memory that this process had resident, in MiB.
pub(crate) fn peak_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
