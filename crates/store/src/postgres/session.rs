use std::fmt;
use std::ops::{Deref, DerefMut};

use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use super::{Connection, Postgres};
use crate::StoreError;

/// The owner of one connection. It is opened at the first use, and again after it was lost.
pub struct Session {
    postgres: Postgres,
    open: Mutex<Option<Connection>>,
}

/// Exclusive use of the connection of a [`Session`].
#[derive(Debug)]
pub struct Acquired<'s>(MappedMutexGuard<'s, Connection>);

impl Session {
    pub(super) fn new(postgres: Postgres) -> Self {
        Self { postgres, open: Mutex::new(None) }
    }

    /// Waits for the other users of this connection, and opens it if that is necessary.
    ///
    /// # Errors
    /// `CannotConnect`.
    pub async fn acquire(&self) -> Result<Acquired<'_>, StoreError> {
        let mut open = self.open.lock().await;
        if open.as_ref().is_none_or(Connection::is_closed) {
            *open = None;
            *open = Some(self.postgres.connection().await?);
        }
        let connection = MutexGuard::try_map(open, Option::as_mut);
        connection.map(Acquired).map_err(|_| StoreError::ConnectionLost)
    }

    /// Returns the database.
    #[must_use]
    pub fn postgres(&self) -> &Postgres {
        &self.postgres
    }
}

impl Deref for Acquired<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Acquired<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
