//! The delivery of status callbacks: in order for one resource, in parallel for different resources.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::callback_faults::CallbackFaults;
use super::engine::Callback;
use super::webhook_client::{Outgoing, exchange};

/// The number of queues, and of callbacks that are delivered in parallel.
const QUEUES: usize = 8;
/// The result of one callback.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveredCallback {
    /// The resource that changed.
    pub sid: String,
    /// Its new status: `delivered`, `completed`.
    pub event: String,
    /// The callback URL, without its fragment and without the parameters of a GET.
    pub url: String,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// Why there is no answer.
    pub error: Option<String>,
}

impl DeliveredCallback {
    fn is_accepted(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// A callback that failed, which raises an alert.
#[derive(Debug)]
pub(super) struct FailedCallback {
    pub(super) account: String,
    pub(super) sid: String,
    pub(super) method: &'static str,
    pub(super) url: String,
    /// The HTTP status, or why there is no answer.
    pub(super) answer: String,
}

/// Sends callbacks from background tasks, which end when it is dropped.
#[derive(Debug)]
pub(super) struct Delivery {
    queues: Vec<mpsc::UnboundedSender<Callback>>,
    log: Arc<Log>,
    faults: Mutex<CallbackFaults>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Log {
    done: Mutex<Vec<DeliveredCallback>>,
    /// Failed callbacks that were not taken yet.
    failed: Mutex<Vec<FailedCallback>>,
    pending: watch::Sender<usize>,
    /// The pending callbacks of each resource.
    pending_of: Mutex<HashMap<String, usize>>,
}

impl Log {
    fn begin(&self, sid: &str) {
        let mut all = self.pending_of.lock().unwrap_or_else(PoisonError::into_inner);
        *all.entry(sid.to_owned()).or_default() += 1;
        drop(all);
        self.pending.send_modify(|pending| *pending += 1);
    }

    fn end(&self, sid: &str) {
        let mut all = self.pending_of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = all.get_mut(sid) {
            *left -= 1;
            if *left == 0 {
                all.remove(sid);
            }
        }
        drop(all);
        self.pending.send_modify(|pending| *pending -= 1);
    }
}

impl Delivery {
    /// Starts the tasks on the current runtime.
    pub(super) fn start() -> Self {
        let log = Arc::new(Log::default());
        let mut tasks = JoinSet::new();
        let mut queue = || {
            let (sender, receiver) = mpsc::unbounded_channel();
            tasks.spawn(run(receiver, Arc::clone(&log)));
            sender
        };
        let queues = (0..QUEUES).map(|_| queue()).collect();
        Self { queues, log, faults: Mutex::default(), _tasks: tasks }
    }

    /// Queues the callbacks of one step, after applying [`CallbackFaults`].
    pub(super) fn send_all(&self, callbacks: Vec<Callback>) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.apply(callbacks).into_iter().for_each(|callback| self.send(callback));
    }

    /// Repeats each later callback this many times.
    pub(super) fn repeat(&self, times: usize) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).repeat(times);
    }

    /// Loses this percentage of later callbacks.
    pub(super) fn lose(&self, per_cent: u8) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).lose(per_cent);
    }

    /// Shuffles later callbacks.
    pub(super) fn shuffle(&self, seed: u64) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).shuffle(seed);
    }

    /// Queues a callback.
    fn send(&self, callback: Callback) {
        let mut hasher = DefaultHasher::new();
        callback.sid.hash(&mut hasher);
        let queue = usize::try_from(hasher.finish() % QUEUES as u64).unwrap_or(0);
        let sid = callback.sid.clone();
        self.log.begin(&sid);
        let sent = self.queues.get(queue).is_some_and(|queue| queue.send(callback).is_ok());
        if !sent {
            self.log.end(&sid);
        }
    }

    /// Removes and returns the callbacks that failed since the last call.
    pub(super) fn take_failed(&self) -> Vec<FailedCallback> {
        std::mem::take(&mut *self.log.failed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns how many queued callbacks of a resource were neither delivered nor have failed.
    fn pending_of(&self, sid: &str) -> usize {
        self.log.pending_of.lock().unwrap_or_else(PoisonError::into_inner).get(sid).copied().unwrap_or(0)
    }

    /// Waits until every queued callback of a resource was delivered or has failed.
    pub(super) async fn settled_of(&self, sid: &str) {
        let mut pending = self.log.pending.subscribe();
        while self.pending_of(sid) > 0 && pending.changed().await.is_ok() {}
    }

    /// Waits until every queued callback was delivered or has failed.
    pub(super) async fn settled(&self) {
        // Fails only when the sender is dropped, and `log` owns the sender.
        let _ = self.log.pending.subscribe().wait_for(|pending| *pending == 0).await;
    }

    /// Returns the results so far.
    pub(super) fn done(&self) -> Vec<DeliveredCallback> {
        self.log.done.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn run(mut queue: mpsc::UnboundedReceiver<Callback>, log: Arc<Log>) {
    while let Some(callback) = queue.recv().await {
        let (account, method) = (callback.account.clone(), callback.method());
        let answer = deliver(&callback).await;
        let (status, error) = answer.map_or_else(|error| (None, Some(error)), |status| (Some(status), None));
        let done = DeliveredCallback {
            sid: callback.sid,
            event: callback.event,
            url: callback.endpoint,
            status,
            error,
        };
        if !done.is_accepted() {
            let answer = done.status.map(|status| status.to_string()).or_else(|| done.error.clone());
            let failed = FailedCallback {
                account,
                sid: done.sid.clone(),
                method,
                url: done.url.clone(),
                answer: answer.unwrap_or_default(),
            };
            log.failed.lock().unwrap_or_else(PoisonError::into_inner).push(failed);
        }
        let sid = done.sid.clone();
        log.done.lock().unwrap_or_else(PoisonError::into_inner).push(done);
        log.end(&sid);
    }
}

/// Sends one callback, and returns the status of the answer.
async fn deliver(callback: &Callback) -> Result<u16, String> {
    let request = Outgoing {
        url: &callback.url,
        fragment: &callback.fragment,
        form: callback.form.as_deref(),
        signature: &callback.signature,
        token: &callback.token,
    };
    exchange(request, 0).await.map(|answer| answer.status).map_err(|failure| failure.text())
}
