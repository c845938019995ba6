//! An interrupt in the middle of a send: what was not handed over is stopped, what was is waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use switchboard::provider::StopSignal;
use switchboard::twilio::TwilioAccount;
use switchboard::{Outcome, ProviderError, Reason};
use tokio::sync::Notify;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The interrupts of this process, counted from the first send on. Before that, the default of the system ends it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupts(Arc<State>);

#[derive(Debug, Default)]
struct State {
    seen: AtomicUsize,
    again: Notify,
}

impl Interrupts {
    /// Begins to count interrupts, and gives the signal at the first one.
    pub(crate) fn begin(stop: StopSignal) -> std::io::Result<Self> {
        let interrupts = Self::default();
        let state = Arc::clone(&interrupts.0);
        let mut next = Signals::new()?;
        tokio::spawn(async move {
            loop {
                next.wait().await;
                stop.stop();
                state.seen.fetch_add(1, Ordering::SeqCst);
                state.again.notify_waiters();
            }
        });
        Ok(interrupts)
    }

    /// Waits until there were this many.
    pub(crate) async fn reached(&self, count: usize) {
        loop {
            let mut again = std::pin::pin!(self.0.again.notified());
            again.as_mut().enable();
            if self.0.seen.load(Ordering::SeqCst) >= count {
                return;
            }
            again.await;
        }
    }
}

#[cfg(unix)]
struct Signals([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    async fn wait(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn wait(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

impl Context {
    /// Changes or deletes something of the account, as [`hand_over`](Self::hand_over) does: whoever interrupts it learns
    /// whether it was done.
    pub(crate) async fn change<T>(
        &self,
        work: impl AsyncFnOnce(TwilioAccount) -> Result<T, ProviderError>,
    ) -> Result<T, Failure> {
        let account = self.account().await?;
        self.hand_over(work(account)).await
    }

    /// Does what must not be done twice. The first interrupt stops it if nothing has left, and else waits for its answer; the
    /// second one ends the wait, and then nobody knows.
    pub(crate) async fn hand_over<T>(
        &self,
        work: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, Failure> {
        let interrupts = self.interrupts()?;
        let mut work = std::pin::pin!(work);
        let told = async {
            interrupts.reached(1).await;
            // What has not left ends at once, and then there is nothing to tell.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            self.out.note("waiting for the answer, as it may have gone out; interrupt again to stop waiting");
            std::future::pending::<()>().await;
        };
        let ended = tokio::select! {
            biased;
            ended = &mut work => ended,
            () = interrupts.reached(2) => {
                return Err(Failure::new(Exit::Unknown, "you stopped waiting for the answer: it may have gone out")
                    .todo("do not repeat it before you know"));
            }
            () = told => return Err(Failure::new(Exit::Unknown, "the wait ended")),
        };
        if ended.as_ref().map_or_else(|error| error.outcome() != Outcome::NotApplied, |_| true) {
            self.out.was_done();
        }
        ended.map_err(|error| match error.reason() {
            Reason::Stopped => Failure::new(Exit::Interrupted, "interrupted before anything was sent"),
            _ => error.into(),
        })
    }
}
