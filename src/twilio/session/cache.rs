//! Sessions that are open, so that a tenant's next request prepares nothing again.
//!
//! A session is found by a keyed hash and handed out only where the whole credentials are the same. At most
//! [`CAPACITY`] are kept, those used last, and none longer than [`IDLE`] after its last use: a login that is no longer
//! used does not stay in memory for as long as the program runs.

use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use super::Session;
use crate::provider::{Credentials, ProviderError};

/// The most sessions that are kept; each takes some 3 kB.
const CAPACITY: usize = 1024;
/// How long a session is kept that nobody uses.
const IDLE: Duration = Duration::from_secs(10 * 60);
/// How often those are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// The open sessions of one adapter.
pub(in crate::twilio) struct SessionCache {
    sessions: RwLock<HashMap<u64, Entry>>,
    hasher: RandomState,
    begun: Instant,
    /// When idle ones are looked for next, in milliseconds since `begun`.
    next_sweep: AtomicU64,
}

struct Entry {
    credentials: Credentials,
    session: Session,
    /// When it was last used, in milliseconds since `begun`.
    used: AtomicU64,
}

impl SessionCache {
    pub(in crate::twilio) fn new() -> Self {
        Self {
            sessions: RwLock::default(),
            hasher: RandomState::new(),
            begun: Instant::now(),
            next_sweep: AtomicU64::new(millis(SWEEP_EVERY)),
        }
    }

    /// Returns the session of these credentials; `open` makes it where there is none.
    ///
    /// # Errors
    /// That of `open`; nothing is kept then.
    pub(in crate::twilio) fn get(
        &self,
        credentials: &Credentials,
        open: impl FnOnce() -> Result<Session, ProviderError>,
    ) -> Result<Session, ProviderError> {
        self.get_at(millis(self.begun.elapsed()), credentials, open)
    }

    fn get_at(
        &self,
        now: u64,
        credentials: &Credentials,
        open: impl FnOnce() -> Result<Session, ProviderError>,
    ) -> Result<Session, ProviderError> {
        let hash = credentials.keyed_hash(&self.hasher);
        let found = self.find(now, hash, credentials);
        self.sweep(now);
        if let Some(session) = found {
            return Ok(session);
        }
        let session = open()?;
        let entry =
            Entry { credentials: credentials.clone(), session: session.clone(), used: AtomicU64::new(now) };
        let mut sessions = self.write();
        if sessions.len() >= CAPACITY && !sessions.contains_key(&hash) {
            let oldest = sessions.iter().min_by_key(|(_, entry)| entry.used.load(Ordering::Relaxed));
            if let Some(oldest) = oldest.map(|(hash, _)| *hash) {
                sessions.remove(&oldest);
            }
        }
        sessions.insert(hash, entry);
        Ok(session)
    }

    fn find(&self, now: u64, hash: u64, credentials: &Credentials) -> Option<Session> {
        let sessions = self.read();
        let entry = sessions.get(&hash).filter(|entry| entry.credentials == *credentials)?;
        // Written only where it changes, so that threads do not take the cache line from each other on every request.
        if entry.used.load(Ordering::Relaxed) != now {
            entry.used.store(now, Ordering::Relaxed);
        }
        Some(entry.session.clone())
    }

    /// Lets go of what nobody has used for a while; one caller a minute does it.
    fn sweep(&self, now: u64) {
        let due = self.next_sweep.load(Ordering::Relaxed);
        let next = now.saturating_add(millis(SWEEP_EVERY));
        let mine = now >= due
            && self.next_sweep.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if mine {
            let oldest = now.saturating_sub(millis(IDLE));
            self.write().retain(|_, entry| entry.used.load(Ordering::Relaxed) >= oldest);
        }
    }

    // A panic while the lock is held leaves the map whole: each change of it is one call.
    fn read(&self) -> RwLockReadGuard<'_, HashMap<u64, Entry>> {
        self.sessions.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<u64, Entry>> {
        self.sessions.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use super::super::Network;
    use super::*;
    use crate::twilio::credentials::Login;
    use crate::twilio::hosts::Hosts;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn credentials(tenant: usize) -> Credentials {
        Credentials::twilio(format!("AC{tenant:032x}"), TOKEN)
    }

    struct Stage {
        cache: SessionCache,
        network: Arc<Network>,
        opened: AtomicUsize,
    }

    impl Stage {
        fn new() -> Self {
            let network = Network { hosts: Hosts::default(), transport: Err("no network here".into()) };
            Self { cache: SessionCache::new(), network: Arc::new(network), opened: AtomicUsize::new(0) }
        }

        fn get(&self, now: u64, credentials: &Credentials) -> Result<Session, ProviderError> {
            self.cache.get_at(now, credentials, || {
                self.opened.fetch_add(1, Ordering::SeqCst);
                Session::new(Arc::clone(&self.network), Login::of(credentials)?)
            })
        }

        fn opened(&self) -> usize {
            self.opened.load(Ordering::SeqCst)
        }

        fn kept(&self) -> usize {
            self.cache.read().len()
        }
    }

    #[test]
    fn a_session_is_opened_once_and_only_for_the_same_credentials() {
        let stage = Stage::new();
        let first = credentials(1);
        for _ in 0..3 {
            assert_eq!(stage.get(0, &first).unwrap().account_sid(), format!("AC{:032x}", 1));
        }
        assert_eq!(stage.opened(), 1);
        let others = [
            credentials(2),
            Credentials::twilio(format!("AC{:032x}", 1), TOKEN.replace('0', "1")),
            first.clone().phone_number("+14155550100"),
            first.clone().set("note", "another name"),
            Credentials::new().set("accountSid", format!("AC{:032x}", 1)).set("authToken", TOKEN),
        ];
        for (n, other) in others.iter().enumerate() {
            stage.get(0, other).unwrap();
            assert_eq!(stage.opened(), n + 2);
        }
    }

    #[test]
    fn credentials_of_the_same_hash_do_not_get_each_others_session() {
        let stage = Stage::new();
        let (mine, theirs) = (credentials(1), credentials(2));
        stage.get(0, &theirs).unwrap();
        // As if both had one hash: theirs stands where mine is looked for.
        let entry = stage.cache.write().drain().next().unwrap().1;
        stage.cache.write().insert(mine.keyed_hash(&stage.cache.hasher), entry);
        assert_eq!(stage.get(0, &mine).unwrap().account_sid(), format!("AC{:032x}", 1));
    }

    #[test]
    fn wrong_credentials_are_not_kept_and_fail_each_time() {
        let stage = Stage::new();
        for n in 1..3 {
            assert!(stage.get(0, &Credentials::twilio("AC1", TOKEN)).is_err());
            assert_eq!((stage.opened(), stage.kept()), (n, 0));
        }
    }

    #[test]
    fn the_least_recently_used_goes_and_so_does_what_nobody_uses() {
        let stage = Stage::new();
        for tenant in 0..CAPACITY {
            stage.get(tenant as u64, &credentials(tenant)).unwrap();
        }
        stage.get(5_000, &credentials(0)).unwrap();
        stage.get(5_001, &credentials(CAPACITY)).unwrap();
        assert_eq!((stage.kept(), stage.opened()), (CAPACITY, CAPACITY + 1));
        stage.get(5_002, &credentials(0)).unwrap();
        assert_eq!(stage.opened(), CAPACITY + 1, "the first was used again, so the second had to go");
        stage.get(5_003, &credentials(1)).unwrap();
        assert_eq!(stage.opened(), CAPACITY + 2);

        let later = 5_003 + millis(IDLE) + 1;
        stage.get(later, &credentials(0)).unwrap();
        assert_eq!(stage.kept(), 1);
    }

    #[test]
    fn nothing_that_is_kept_keeps_the_adapter() {
        let stage = Stage::new();
        stage.get(0, &credentials(1)).unwrap();
        let weak = Arc::downgrade(&stage.network);
        drop(stage);
        assert!(weak.upgrade().is_none(), "cache, session and network go together");
    }

    #[test]
    fn many_threads_get_each_his_own() {
        let stage = Stage::new();
        std::thread::scope(|scope| {
            for thread in 0..16 {
                let stage = &stage;
                scope.spawn(move || {
                    for round in 0..200 {
                        let tenant = (thread + round) % 40;
                        let session = stage.get(round as u64, &credentials(tenant)).unwrap();
                        assert_eq!(session.account_sid(), format!("AC{tenant:032x}"));
                    }
                });
            }
        });
        assert_eq!(stage.kept(), 40);
    }
}
