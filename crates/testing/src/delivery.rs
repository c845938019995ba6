//! Delivers callbacks: one request each, in order for one resource, and in parallel for several resources.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::callback_faults::CallbackFaults;
use super::engine::Callback;
use super::webhook_client::{Outgoing, exchange};

/// The most callbacks that are delivered in parallel.
const LANES: usize = 8;
/// What became of one callback.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveredCallback {
    /// The resource that changed.
    pub sid: String,
    /// What it changed to: `delivered`, `completed`.
    pub event: String,
    /// The URL of the listener, without a fragment and without what a GET adds.
    pub url: String,
    /// The status that came back.
    pub status: Option<u16>,
    /// Why none came back.
    pub error: Option<String>,
}

impl DeliveredCallback {
    fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// A callback that failed, for the alert that it raises.
#[derive(Debug)]
pub(super) struct FailedCallback {
    pub(super) account: String,
    pub(super) sid: String,
    pub(super) method: &'static str,
    pub(super) url: String,
    /// The status that came back, or why none did.
    pub(super) answer: String,
}

/// Takes callbacks and sends them from tasks of its own, which end with it.
#[derive(Debug)]
pub(super) struct Delivery {
    lanes: Vec<mpsc::UnboundedSender<Callback>>,
    log: Arc<Log>,
    faults: Mutex<CallbackFaults>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Log {
    done: Mutex<Vec<DeliveredCallback>>,
    /// Failed callbacks that were not yet returned.
    failed: Mutex<Vec<FailedCallback>>,
    pending: watch::Sender<usize>,
}

impl Delivery {
    /// Starts the tasks on the caller's runtime.
    pub(super) fn start() -> Self {
        let log = Arc::new(Log::default());
        let mut tasks = JoinSet::new();
        let mut lane = || {
            let (sender, receiver) = mpsc::unbounded_channel();
            tasks.spawn(run(receiver, Arc::clone(&log)));
            sender
        };
        let lanes = (0..LANES).map(|_| lane()).collect();
        Self { lanes, log, faults: Mutex::default(), _tasks: tasks }
    }

    /// Queues the callbacks of one step, repeated and shuffled as [`CallbackFaults`] says.
    pub(super) fn send_all(&self, callbacks: Vec<Callback>) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.apply(callbacks).into_iter().for_each(|callback| self.send(callback));
    }

    /// Repeats each later callback this many times.
    pub(super) fn repeat(&self, times: usize) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).repeat(times);
    }

    /// Shuffles later callbacks.
    pub(super) fn shuffle(&self, seed: u64) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).shuffle(seed);
    }

    /// Queues a callback.
    fn send(&self, callback: Callback) {
        let mut hasher = DefaultHasher::new();
        callback.sid.hash(&mut hasher);
        let lane = usize::try_from(hasher.finish() % LANES as u64).unwrap_or(0);
        self.log.pending.send_modify(|pending| *pending += 1);
        let sent = self.lanes.get(lane).is_some_and(|lane| lane.send(callback).is_ok());
        if !sent {
            self.log.pending.send_modify(|pending| *pending -= 1);
        }
    }

    /// Takes the callbacks that failed since the last time.
    pub(super) fn take_failed(&self) -> Vec<FailedCallback> {
        std::mem::take(&mut *self.log.failed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until nothing is queued or under way.
    pub(super) async fn settled(&self) {
        // Fails only without a sender, and the log holds it.
        let _ = self.log.pending.subscribe().wait_for(|pending| *pending == 0).await;
    }

    /// Returns what became of the callbacks so far.
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
        if !done.is_taken() {
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
        log.done.lock().unwrap_or_else(PoisonError::into_inner).push(done);
        log.pending.send_modify(|pending| *pending -= 1);
    }
}

/// Sends one callback. Of the answer, only the status is used.
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
