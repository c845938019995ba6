//! Stopping what was not sent yet, when a program ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Stops requests that no connection has taken yet. What was taken is waited for.
///
/// A program that is interrupted gives it a [`stop`](Self::stop) and waits for its requests: each ends either with
/// [`NotApplied`](crate::Outcome::NotApplied), and then certainly was not sent, or with its answer. Dropping the request instead
/// would leave open whether it was sent. Clones share the signal, and it cannot be taken back.
#[derive(Debug, Clone, Default)]
pub struct StopSignal(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    stopped: AtomicBool,
    waiting: Notify,
}

impl StopSignal {
    /// Makes a signal that has not been given.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal: from now on no connection takes a request.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::Release);
        self.0.waiting.notify_waiters();
    }

    /// Was it given?
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::Acquire)
    }

    /// Waits until it is given.
    pub async fn stopped(&self) {
        let waiting = self.0.waiting.notified();
        let mut waiting = std::pin::pin!(waiting);
        // Enabled first: a signal between the question and the wait is not missed.
        waiting.as_mut().enable();
        if !self.is_stopped() {
            waiting.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_signal_wakes_those_who_wait_and_those_who_come_later() {
        let signal = StopSignal::new();
        let waiting = tokio::spawn({
            let signal = signal.clone();
            async move { signal.stopped().await }
        });
        tokio::task::yield_now().await;
        assert!(!signal.is_stopped() && !waiting.is_finished());
        signal.stop();
        waiting.await.unwrap();
        signal.stopped().await;
        assert!(signal.is_stopped());
    }
}
