//! The counts and the open connections of the proxy.

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

    /// Counts a forwarded request.
    pub(super) fn count_forwarded(&self) {
        self.forwarded.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts a connection; returns its number.
    pub(super) fn count(&self) -> usize {
        self.accepted.fetch_add(1, Ordering::SeqCst)
    }

    /// Adds a connection, which is removed when the ticket is dropped.
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
                // Fails where the client has closed the connection already.
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

/// The entry of one connection in the registry, removed on drop.
pub(super) struct Ticket {
    pub(super) registry: Arc<Registry>,
    number: usize,
}

impl Ticket {
    /// Sets whether the connection is idle. Returns false when the connection was closed in the meantime.
    pub(super) fn set_idle(&self, idle: bool) -> bool {
        self.registry.entries().get_mut(&self.number).map(|entry| entry.idle = idle).is_some()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.registry.entries().remove(&self.number);
    }
}
