//! What the proxy counts, and the connections it can close.

use std::collections::BTreeMap;
use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpStream;

use super::ProxyMode;

/// The state that the connections share with the handle.
#[derive(Default)]
pub(super) struct Registry {
    accepted: AtomicUsize,
    forwarded: AtomicUsize,
    mode: Mutex<ProxyMode>,
    open: Mutex<BTreeMap<usize, Entry>>,
}

/// A connection, with a second handle on its socket to close it from outside.
struct Entry {
    socket: std::net::TcpStream,
    idle: bool,
}

impl Registry {
    pub(super) fn set(&self, mode: ProxyMode) {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    pub(super) fn mode(&self) -> ProxyMode {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(super) fn forwarded(&self) -> usize {
        self.forwarded.load(Ordering::SeqCst)
    }

    pub(super) fn open(&self) -> usize {
        self.entries().len()
    }

    /// Counts a request that was passed on.
    pub(super) fn passed_on(&self) {
        self.forwarded.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts a connection; returns its number.
    pub(super) fn count(&self) -> usize {
        self.accepted.fetch_add(1, Ordering::SeqCst)
    }

    /// Enters a connection until the ticket is dropped.
    pub(super) fn enter(
        self: &Arc<Self>,
        number: usize,
        stream: TcpStream,
    ) -> io::Result<(Ticket, TcpStream)> {
        let stream = stream.into_std()?;
        let entry = Entry { socket: stream.try_clone()?, idle: true };
        self.entries().insert(number, entry);
        let ticket = Ticket { registry: Arc::clone(self), number };
        Ok((ticket, TcpStream::from_std(stream)?))
    }

    pub(super) fn close_idle(&self) -> usize {
        let mut entries = self.entries();
        let before = entries.len();
        entries.retain(|_, entry| {
            if entry.idle {
                // Fails for a connection that the client closed first; then there is nothing to do.
                let _ = entry.socket.shutdown(Shutdown::Both);
            }
            !entry.idle
        });
        before - entries.len()
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<usize, Entry>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one connection in the registry.
pub(super) struct Ticket {
    pub(super) registry: Arc<Registry>,
    number: usize,
}

impl Ticket {
    /// Says whether a request is under way. Returns whether the connection is still wanted.
    pub(super) fn set_idle(&self, idle: bool) -> bool {
        self.registry.entries().get_mut(&self.number).map(|entry| entry.idle = idle).is_some()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.registry.entries().remove(&self.number);
    }
}
