//! How a fake is started.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::{FakeTwilio, Host, Shared, wire};
use crate::engine::Engine;
use crate::server::Server;

/// How often a clock that follows the wall clock looks at it without being asked.
const TICK: Duration = Duration::from_millis(100);
/// How long the plain server keeps an idle connection, unless told otherwise.
const IDLE: Duration = Duration::from_secs(60);

/// Settings of a [`FakeTwilio`].
#[derive(Debug, Clone)]
pub struct FakeTwilioBuilder {
    port: u16,
    real_time: bool,
    start: Option<Timestamp>,
    plain: bool,
    idle: Option<Duration>,
}

impl Default for FakeTwilioBuilder {
    fn default() -> Self {
        Self { port: 0, real_time: false, start: None, plain: false, idle: Some(IDLE) }
    }
}

impl FakeTwilioBuilder {
    /// Listens on this loopback port; 0 takes a free one.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Lets the clock follow the wall clock, from now on: messages are delivered after some seconds.
    #[must_use]
    pub const fn real_time(mut self) -> Self {
        self.real_time = true;
        self
    }

    /// Lets the clock begin at this time instead of now, for what must look the same in every run.
    #[must_use]
    pub const fn starting_at(mut self, start: Timestamp) -> Self {
        self.start = Some(start);
        self
    }

    /// Serves with a small server that keeps nothing and streams bodies: for benches, large media and long runs.
    #[must_use]
    pub const fn plain_server(mut self) -> Self {
        self.plain = true;
        self
    }

    /// Sets how long the plain server keeps a connection without a request: a minute by default, `None` for ever.
    #[must_use]
    pub const fn idle_timeout(mut self, idle: Option<Duration>) -> Self {
        self.idle = idle;
        self
    }

    /// Starts the fake.
    ///
    /// # Panics
    /// Outside a tokio runtime, and when the port cannot be bound.
    #[expect(clippy::expect_used, reason = "a test without its loopback port can only stop")]
    pub async fn start(self) -> FakeTwilio {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).expect("the loopback port can be bound");
        // Whole seconds, as Twilio's dates are.
        let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or(Timestamp::UNIX_EPOCH);
        let engine = Engine::starting(self.start.unwrap_or(now));
        let shared = Arc::new(Shared::new(engine, self.real_time));
        let (host, address) = if self.plain {
            let server =
                Server::start(listener, Arc::clone(&shared), self.idle).expect("the listener can be served");
            let address = server.address();
            (Host::Plain(server), address)
        } else {
            let server = wire::serve(listener, Arc::clone(&shared)).await;
            let address = *server.address();
            (Host::Wiremock { _server: server }, address)
        };
        let mut ticker = JoinSet::new();
        if self.real_time {
            ticker.spawn(tick(Arc::downgrade(&shared)));
        }
        FakeTwilio { shared, host, url: format!("http://{address}"), _ticker: ticker }
    }
}

/// Lets happen what is due even when nobody asks.
async fn tick(shared: Weak<Shared>) {
    let mut interval = tokio::time::interval(TICK);
    loop {
        interval.tick().await;
        let Some(shared) = shared.upgrade() else { return };
        shared.with(|_| ());
    }
}
