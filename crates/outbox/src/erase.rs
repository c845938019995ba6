//! Deleting messages: old ones, and those of a person who wants to be forgotten.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use switchboard::phone::Address;

use crate::error::OutboxError;
use crate::outbox::Outbox;
use crate::rows::check::Identity;
use crate::rows::erase::{Forget, Retire};
use crate::timing::Micros;

/// The number of messages that one transaction reads.
const CHUNK: u32 = 1_000;
/// The number of ids in which one transaction looks for a person's messages.
const SEARCHED: u32 = 20_000;
/// Messages that ended later are needed to recognise at the provider what belongs to unknown messages.
const KEPT: Micros = 3 * 24 * 3_600 * 1_000_000;

/// A person, by number, and of one tenant or of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    number: Address,
    tenant: Option<String>,
}

impl Person {
    /// The person with this number, for every tenant.
    pub fn new(number: impl Into<Address>) -> Self {
        Self { number: number.into(), tenant: None }
    }

    /// Only the messages of this tenant.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }
}

/// What was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forgotten {
    /// The number of messages that were deleted.
    pub deleted: u64,
    /// The number of messages to this person whose result is not known. They are not sent again. While there are any,
    /// nothing is deleted: settle them, then forget the person again.
    pub open: u64,
}

impl Outbox {
    /// Deletes the messages that ended before a time, with their keys, and returns their number. A key can be used
    /// again then.
    ///
    /// It works in short transactions, beside the worker. The newest message always stays.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if the time is less than three days ago: these messages are still needed to settle
    /// unknown ones.
    pub async fn delete_ended(&self, before: Timestamp) -> Result<u64, OutboxError> {
        let ended_before = before.as_microsecond();
        if ended_before > self.clock().now().saturating_sub(KEPT) {
            return Err(OutboxError::invalid("keep messages for at least three days after they ended"));
        }
        let (mut deleted, mut after) = (0, Some(0));
        while let Some(from) = after {
            let retire = Retire { after: from, ended_before, limit: CHUNK };
            let retired = self.rows().retire(retire).await?;
            deleted += u64::from(retired.deleted);
            after = retired.next;
            tokio::task::yield_now().await;
        }
        Ok(deleted)
    }

    /// Deletes the events before a time that every cursor has handled, and returns their number. The newest event
    /// always stays. An event that a cursor has not handled keeps all later ones; to delete a cursor that nobody reads
    /// any more, see [`Log::MIGRATIONS`](switchboard_store::Log::MIGRATIONS).
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn delete_events(&self, before: Timestamp) -> Result<u64, OutboxError> {
        let mut deleted = 0;
        loop {
            let now = self.log().delete_before(before.as_microsecond(), CHUNK).await?;
            deleted += now;
            if now == 0 {
                return Ok(deleted);
            }
        }
    }

    /// Cancels and deletes the messages to a person, and refuses further ones. A keyed hash of the number is kept for
    /// that; the number itself is not.
    ///
    /// On SQLite, texts and numbers are overwritten in the file. A key that holds the number may stay in unused parts of the
    /// file until `VACUUM` is run. PostgreSQL removes what was deleted with its next vacuum.
    ///
    /// What the person said about messages is kept under the same hash, without its proof, so that an opt-out counts again
    /// if they are [remembered](Self::remember).
    ///
    /// With a tenant, only what the person said about that tenant is kept this way.
    ///
    /// The refusal, and the opt-outs of a person who was forgotten, hold for messages that are enqueued with this package's functions, not for plain SQL. The events of
    /// deleted messages stay in the log: they hold no number and no text.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if `by` is empty.
    pub async fn forget(&self, person: &Person, by: &str) -> Result<Forgotten, OutboxError> {
        if by.trim().is_empty() {
            return Err(OutboxError::invalid("say who forgets the person: the log keeps the name"));
        }
        let (mut forgotten, mut after) = (Forgotten::default(), Some(0));
        while let Some(from) = after {
            let forget = Forget {
                at: self.clock().now(),
                recipient: person.number.as_str().to_owned(),
                tenant: person.tenant.clone(),
                hash: hash(self.identity(), person.tenant.as_deref(), person.number.as_str()),
                after: from,
                limit: SEARCHED,
                actor: Some(by.to_owned()),
            };
            let forgot = self.rows().forget(forget).await?;
            forgotten.deleted += u64::from(forgot.deleted);
            forgotten.open = u64::from(forgot.open);
            after = forgot.next;
        }
        Ok(forgotten)
    }

    /// Allows messages to a person again, who was forgotten with the same tenant. Returns `false` if they were allowed.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn remember(&self, person: &Person) -> Result<bool, OutboxError> {
        let hash = hash(self.identity(), person.tenant.as_deref(), person.number.as_str());
        self.rows().remember(hash, person.number.as_str().to_owned()).await
    }
}

/// Returns the hashes under which a recipient may be forgotten: by every tenant, and by this one.
pub(crate) fn hashes(identity: &Identity, tenant: &str, number: &str) -> [String; 2] {
    [hash(identity, None, number), hash(identity, Some(tenant), number)]
}

/// Without the key, a hash of a telephone number is as good as the number: there are too few of them.
fn hash(identity: &Identity, tenant: Option<&str>, number: &str) -> String {
    // A key of any length is accepted.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(identity.key.as_bytes()) else { return String::new() };
    mac.update(b"forget\0");
    mac.update(tenant.map_or(String::new(), |tenant| format!("{tenant}\0")).as_bytes());
    mac.update(b"\0");
    mac.update(number.as_bytes());
    mac.finalize().into_bytes().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_depends_on_key_tenant_and_number() {
        let identity = |key: &str| Identity { store: String::new(), key: key.repeat(32) };
        let mut all = vec![
            hash(&identity("42"), None, "+14155551234"),
            hash(&identity("43"), None, "+14155551234"),
            hash(&identity("42"), None, "+14155551235"),
            hash(&identity("42"), Some(""), "+14155551234"),
            hash(&identity("42"), Some("a"), "+14155551234"),
        ];
        assert!(all.iter().all(|hash| hash.len() == 32));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 5);
    }
}
