//! What the store needs to recognise that it is an old copy of the database.

/// Where the database is, and where it was when its last worker started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) before: Option<String>,
    /// `None` if the place cannot change, for example in memory.
    pub(crate) now: Option<String>,
}

impl Place {
    pub(crate) fn has_changed(&self) -> bool {
        self.before.is_some() && self.before != self.now
    }
}

/// A message to one of some recipients that may be the one that the provider has under an unknown id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alike {
    pub(crate) id: i64,
    /// It may have been sent, with an id that is not known. Otherwise it waits in `ready`.
    pub(crate) perhaps_sent: bool,
    pub(crate) recipient: String,
    pub(crate) request: String,
}
