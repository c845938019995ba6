//! The engine that the server and all handles share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::delivery::Delivery;
use crate::engine::{AccountState, Engine, FakeReply, FakeRequest, Phones, Tenant};

/// The engine, and the delivery of its callbacks.
pub(crate) struct Shared {
    state: Mutex<State>,
    delivery: Delivery,
}

struct State {
    engine: Engine,
    /// Messages are sent before the request that creates them is answered.
    early: bool,
    /// In real time: when the clock of the engine was last updated.
    wall: Option<Instant>,
}

impl Shared {
    pub(super) fn new(engine: Engine, real_time: bool) -> Self {
        let wall = real_time.then(Instant::now);
        Self { state: Mutex::new(State { engine, early: false, wall }), delivery: Delivery::start() }
    }

    /// Answers a request; `None` where a fault closes the connection without an answer. With
    /// [`call_back_early`](Self::call_back_early) the answer comes after the first callback.
    pub(crate) async fn handle(&self, request: &FakeRequest) -> Option<FakeReply> {
        let early = self.lock().early;
        let (reply, created) = self.with(|engine| {
            let reply = engine.handle(request);
            let created = if early { engine.send_created() } else { Vec::new() };
            (reply, created)
        });
        for sid in created {
            self.delivery.settled_of(&sid).await;
        }
        reply
    }

    pub(super) fn call_back_early(&self, early: bool) {
        self.lock().early = early;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls a function with the engine, then queues the callbacks that it caused, in order.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Engine) -> T) -> T {
        let mut state = self.lock();
        let passed = state.wall.as_mut().map(passed);
        if let Some(passed) = passed {
            state.engine.advance(passed);
        }
        for failed in self.delivery.take_failed() {
            if let Some(AccountState { tenant, .. }) = state.engine.account_mut(&failed.account) {
                tenant.core.callback_failed(&failed.sid, failed.method, &failed.url, &failed.answer);
            }
        }
        let result = work(&mut state.engine);
        self.delivery.send_all(state.engine.take_callbacks());
        result
    }

    pub(crate) fn delivery(&self) -> &Delivery {
        &self.delivery
    }
}

fn passed(wall: &mut Instant) -> Duration {
    let before = std::mem::replace(wall, Instant::now());
    wall.saturating_duration_since(before)
}

/// One account of an engine.
#[derive(Clone)]
pub(crate) struct AccountHandle {
    pub(super) shared: Arc<Shared>,
    pub(super) sid: Arc<str>,
}

impl AccountHandle {
    /// Finds an account of an engine.
    pub(super) fn find(shared: &Arc<Shared>, sid: &str) -> Option<Self> {
        let known = shared.with(|engine| engine.account(sid).is_some());
        known.then(|| Self { shared: Arc::clone(shared), sid: sid.into() })
    }

    /// Calls a function with what the account owns, then queues the callbacks that it caused, in order.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Tenant) -> T) -> T {
        self.with_phones(|_, tenant| work(tenant))
    }

    /// Does what [`with`](Self::with) does; the function also gets the live calls that the test drives.
    #[expect(clippy::expect_used, reason = "a handle is made for an account that exists, and accounts stay")]
    pub(crate) fn with_phones<T>(&self, work: impl FnOnce(&mut Phones, &mut Tenant) -> T) -> T {
        self.shared.with(|engine| {
            let AccountState { tenant, phones } = engine.account_mut(&self.sid).expect("accounts stay");
            work(phones, tenant)
        })
    }
}
