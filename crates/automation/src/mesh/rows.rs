//! What the mesh asks of a database.

use async_trait::async_trait;

use super::{MeshError, Notice, Published};

/// The topic under which notices are in the log of the store.
pub(super) const TOPIC: &str = "notice";
/// What the names of the cursors of durable subscribers begin with.
pub(super) const CURSORS: &str = "mesh.";

/// A notice as it is stored, with its number: later commits have higher ones.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stored {
    pub(super) number: i64,
    /// `None` if another program has changed the row so that it cannot be read. Others must not wait for it.
    pub(super) notice: Option<Notice>,
}

impl Stored {
    pub(super) fn of(number: i64, notice: Result<Notice, MeshError>) -> Self {
        if let Err(error) = &notice {
            tracing::error!(%error, number, "a stored notice is passed over");
        }
        Self { number, notice: notice.ok() }
    }
}

/// A notice that was checked, and its payload as text.
#[derive(Debug, Clone)]
pub(super) struct Checked {
    pub(super) notice: Notice,
    pub(super) payload: String,
}

#[async_trait]
pub(super) trait NoticeRows: Send + Sync {
    /// Stores notices, all or none.
    async fn publish(&self, at: i64, notices: Vec<Checked>) -> Result<Vec<Published>, MeshError>;
    /// The notices after a number, oldest first; of one tenant, if it is named.
    async fn after(&self, number: i64, tenant: Option<&str>, limit: u32) -> Result<Vec<Stored>, MeshError>;
    /// The highest number; 0 if there is none.
    async fn newest(&self) -> Result<i64, MeshError>;
    /// Deletes old notices, see [`Mesh::delete_before`](super::Mesh::delete_before).
    async fn delete_before(&self, at: i64, limit: u32) -> Result<u64, MeshError>;
    /// Deletes the payload and the subject of what is about somebody or something; of one tenant, if it is named.
    async fn forget(&self, tenant: Option<&str>, subject: &str) -> Result<u64, MeshError>;
}
