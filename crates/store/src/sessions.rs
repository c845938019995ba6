//! A few connections for statements that stand alone, so that one slow statement does not hold up the others.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::postgres::{Acquired, Session};
use crate::{Postgres, StoreError};

/// How many connections there are at most. Each is opened when it is first needed.
const COUNT: usize = 4;

pub(crate) struct Sessions {
    all: [Session; COUNT],
    next: AtomicUsize,
}

impl Sessions {
    pub(crate) fn new(postgres: &Postgres) -> Self {
        Self { all: std::array::from_fn(|_| postgres.session()), next: AtomicUsize::new(0) }
    }

    /// Takes them in turn, and waits until that one is free.
    pub(crate) async fn acquire(&self) -> Result<Acquired<'_>, StoreError> {
        let next = self.next.fetch_add(1, Ordering::Relaxed) % COUNT;
        match self.all.get(next) {
            Some(session) => session.acquire().await,
            None => Err(StoreError::Stopped),
        }
    }
}
