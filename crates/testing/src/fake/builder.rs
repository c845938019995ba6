//! The settings and the start of a fake.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::Timestamp;
use switchboard::secret::Secret;
use tokio::task::JoinSet;

use super::{AccountHandle, FakeTwilio, Running, Shared};
use crate::engine::{Engine, is_sid};
use crate::sender_rates::SenderRates;
use crate::server::Server;

/// How often the clock is updated in real time where no request does it.
const TICK: Duration = Duration::from_millis(100);
/// The default for how long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(60);

/// Counts the fakes of this process. The count is the default seed.
static FAKES: AtomicU64 = AtomicU64::new(0);

/// Settings of a [`FakeTwilio`].
#[derive(Debug, Clone)]
pub struct FakeTwilioBuilder {
    port: u16,
    real_time: bool,
    start: Option<Timestamp>,
    idle: Option<Duration>,
    seed: Option<u16>,
    accounts: Vec<(String, Secret)>,
    sender_rates: Option<SenderRates>,
}

impl Default for FakeTwilioBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            real_time: false,
            start: None,
            idle: Some(IDLE),
            seed: None,
            accounts: Vec::new(),
            sender_rates: None,
        }
    }
}

impl FakeTwilioBuilder {
    /// Adds an account with these credentials and with a telephone number. The handle of the started fake works with the
    /// first account. Without any, the fake generates one.
    #[must_use]
    pub fn account(mut self, sid: impl Into<String>, auth_token: impl Into<String>) -> Self {
        self.accounts.push((sid.into(), Secret::new(auth_token)));
        self
    }

    /// Sets the seed of SIDs and generated credentials, for output that must be the same in every run. Without it the first
    /// fake of a process has 0, the next one 1, and so on.
    #[must_use]
    pub const fn seed(mut self, seed: u16) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Gives each sender a rate and a queue: messages wait for their turn, and a full queue refuses. Without it messages do
    /// not wait for each other.
    #[must_use]
    pub fn sender_rates(mut self, rates: SenderRates) -> Self {
        self.sender_rates = Some(rates);
        self
    }

    /// Listens on this loopback port; 0, the default, means any free port.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Lets the clock follow the wall clock: messages are delivered after some seconds.
    #[must_use]
    pub const fn real_time(mut self) -> Self {
        self.real_time = true;
        self
    }

    /// Sets the time at which the clock begins, instead of the current time.
    #[must_use]
    pub const fn starting_at(mut self, start: Timestamp) -> Self {
        self.start = Some(start);
        self
    }

    /// Sets how long an idle connection is kept: a minute by default; `None` means without limit.
    #[must_use]
    pub const fn idle_timeout(mut self, idle: Option<Duration>) -> Self {
        self.idle = idle;
        self
    }

    /// Starts the fake.
    ///
    /// # Panics
    /// Outside a tokio runtime, and where [`try_start`](Self::try_start) returns an error.
    #[expect(clippy::panic, reason = "a test without its loopback port can only stop")]
    pub async fn start(self) -> FakeTwilio {
        self.try_start().await.unwrap_or_else(|error| panic!("the fake cannot start: {error}"))
    }

    /// Starts the fake. Unlike [`start`](Self::start) it returns an error.
    ///
    /// # Errors
    /// When the port cannot be bound, because another program uses it or it is reserved; when the SID of an account is not
    /// `AC` and 32 hexadecimal digits; when two accounts have the same SID.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[expect(clippy::unused_async, reason = "a server may have to be waited for one day")]
    pub async fn try_start(self) -> io::Result<FakeTwilio> {
        self.check_accounts()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))
            .map_err(|error| io::Error::new(error.kind(), format!("port {}: {error}", self.port)))?;
        // Twilio's dates have whole seconds.
        let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or(Timestamp::UNIX_EPOCH);
        let seed = self.seed.map_or_else(|| FAKES.fetch_add(1, Ordering::Relaxed), u64::from);
        let mut engine = Engine::new(seed, self.start.unwrap_or(now), self.accounts);
        if let Some(rates) = &self.sender_rates {
            engine.set_sender_rates(rates);
        }
        let main = engine.main_account().to_owned();
        let shared = Arc::new(Shared::new(engine, self.real_time));
        let server = Server::start(listener, Arc::clone(&shared), self.idle)?;
        let mut ticker = JoinSet::new();
        if self.real_time {
            ticker.spawn(tick(Arc::downgrade(&shared)));
        }
        let url = format!("http://{}", server.address());
        let account = AccountHandle { shared, sid: main.into() };
        Ok(FakeTwilio::new(account, Arc::new(Running { server, url, _ticker: ticker })))
    }

    fn check_accounts(&self) -> io::Result<()> {
        let bad = |why: String| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        for (n, (sid, _)) in self.accounts.iter().enumerate() {
            if !is_sid(sid, &["AC"]) {
                return bad(format!("the account SID {sid} is not AC and 32 hexadecimal digits"));
            }
            if self.accounts.iter().skip(n + 1).any(|(other, _)| other == sid) {
                return bad(format!("the account {sid} was added twice"));
            }
        }
        Ok(())
    }
}

/// Updates the clock, and runs what is due, also without requests.
async fn tick(shared: Weak<Shared>) {
    let mut interval = tokio::time::interval(TICK);
    loop {
        interval.tick().await;
        let Some(shared) = shared.upgrade() else { return };
        shared.with(|_| ());
    }
}
