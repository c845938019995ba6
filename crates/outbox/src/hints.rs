//! How a program tells the worker in the same process that it has enqueued something.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::timing::Micros;

/// Notifies the worker of this process of messages that were enqueued here: their queues, and when the first message of
/// each is due.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints(Arc<HintsInner>);

#[derive(Debug, Default)]
struct HintsInner {
    due: Mutex<HashMap<i64, Micros>>,
    notify: Notify,
}

impl Hints {
    pub(crate) fn put(&self, queue: i64, due: Micros) {
        let mut all = self.0.due.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(queue).and_modify(|known| *known = due.min(*known)).or_insert(due);
    }

    pub(crate) fn wake(&self) {
        self.0.notify.notify_one();
    }

    /// Lets the worker look at all queues.
    #[cfg(feature = "campaign")]
    pub(crate) fn look(&self) {
        // No queue has this number, and the worker looks for queues that it does not know.
        self.put(0, 0);
        self.wake();
    }

    pub(crate) async fn changed(&self) {
        self.0.notify.notified().await;
    }

    pub(crate) fn drain(&self) -> HashMap<i64, Micros> {
        std::mem::take(&mut self.0.due.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
