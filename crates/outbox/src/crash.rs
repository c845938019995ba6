//! Named points at which a test lets its child process abort, or stop itself. They cost nothing outside tests.

/// The points at which a crash leaves different data behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(test), allow(dead_code, reason = "only tests ask for it"))]
pub(crate) enum Point {
    /// A message is inserted, but not committed.
    Inserted,
    /// A message is committed, but its caller has not received the result.
    Enqueued,
    /// The last worker's messages were set to unknown, but this is not committed.
    Started,
    /// Results are written, but not committed.
    Recorded,
    /// Messages are marked, but the marks are not committed.
    Marked,
    /// The transaction is committed, but the worker has not received the result.
    Committed,
    /// The request is about to be sent.
    Begin,
    /// The answer has arrived, but nothing is written yet.
    Answered,
    /// Marks of messages that had not begun are about to be taken back.
    PutBack,
}

#[cfg(test)]
impl Point {
    pub(crate) const ALL: [Self; 9] = [
        Self::Inserted,
        Self::Enqueued,
        Self::Started,
        Self::Recorded,
        Self::Marked,
        Self::Committed,
        Self::Begin,
        Self::Answered,
        Self::PutBack,
    ];
}

/// Reports that a point was reached.
#[cfg(not(test))]
#[inline(always)]
pub(crate) const fn at(_: Point) {}

/// Aborts or stops the process if an environment variable names this point. `ABORT_AT=Marked:3` aborts when the point
/// is reached for the third time.
#[cfg(test)]
pub(crate) fn at(point: Point) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicI64, Ordering};

    static PLAN: OnceLock<Option<(String, AtomicI64, bool)>> = OnceLock::new();
    let read = |name: &str, stop: bool| {
        let plan = std::env::var(name).ok()?;
        let (point, count) = plan.split_once(':')?;
        Some((point.to_owned(), AtomicI64::new(count.parse().ok()?), stop))
    };
    let plan = PLAN.get_or_init(|| read("ABORT_AT", false).or_else(|| read("STOP_AT", true)));
    let Some((name, left, stop)) = plan else { return };
    if *name != format!("{point:?}") || left.fetch_sub(1, Ordering::SeqCst) != 1 {
        return;
    }
    if !stop {
        std::process::abort();
    }
    let stopped =
        std::process::Command::new("kill").args(["-STOP", &std::process::id().to_string()]).status();
    assert!(stopped.is_ok_and(|status| status.success()), "the process cannot stop itself");
    // On a busy machine this thread may run for a while after the signal was sent, and would send its request before the
    // stop.
    std::thread::sleep(std::time::Duration::from_secs(1));
}
