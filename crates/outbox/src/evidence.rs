//! Evidence of webhooks: what a provider reports about messages whose answer was lost.

use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;
use switchboard::provider::Evidence;

use crate::error::OutboxError;
use crate::keyword::Keyword;
use crate::outbox::Outbox;
use crate::reference::Reference;
use crate::rows::Applied;
use crate::rows::check::{Proof, Reported};

/// What evidence changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Evidenced {
    /// The state of a message changed, or what is known of its delivery.
    Changed,
    /// It was known already, or something newer is known.
    Known,
    /// It is not about a message of this outbox.
    NotOurs,
    /// It is about a message that was deleted, perhaps because its recipient was [forgotten](Outbox::forget).
    Deleted,
}

/// References in callbacks that were ignored since this outbox was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct IgnoredReferences {
    /// They belong to another database, or to another program.
    pub foreign: u64,
    /// They name this database, and their signature is wrong: somebody tried to forge one, or a URL was damaged.
    pub forged: u64,
    /// They came to the webhook of another tenant than their message's: see [`Outbox::evidence_of`].
    pub of_another: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Ignored {
    foreign: AtomicU64,
    forged: AtomicU64,
    of_another: AtomicU64,
}

impl Outbox {
    /// Applies what a webhook proves: that the provider has a message, and its delivery status; or that a person texted
    /// STOP or START. The signature of the webhook must have been verified. When this returns, the change is on disk, and
    /// no message that the person does not want is marked any more.
    ///
    /// A callback whose URL carries our [reference](crate::WorkerBuilder::callbacks) settles its message from every
    /// state. Without a reference, only the delivery status of a message is changed whose id at the provider is known.
    /// Early, late, repeated and shuffled callbacks end in the same state.
    ///
    /// ```
    /// # use switchboard::provider::Messenger;
    /// # use switchboard_outbox::{Outbox, OutboxError};
    /// // On any server, after the signature was verified:
    /// async fn callback(outbox: &Outbox, provider: &dyn Messenger, url: &str, form: &[(String, String)])
    ///     -> Result<(), OutboxError> {
    ///     if let Some(evidence) = provider.evidence(url, form) {
    ///         outbox.evidence(&evidence).await?; // then answer 200
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`OutboxError::StaleCopy`] if the reference is ours and names a message or an attempt that this database never
    /// stored. The event log gets the event `stale_copy`.
    pub async fn evidence(&self, evidence: &Evidence) -> Result<Evidenced, OutboxError> {
        self.evidenced(None, evidence).await
    }

    /// Applies what the webhook of one tenant proves, whose signature was verified with this tenant's own credentials. It changes
    /// only messages of this tenant, so tenants who trust neither each other nor each other's accounts can share an outbox.
    ///
    /// As [`evidence`](Self::evidence), except for what is another tenant's, which is [`NotOurs`](Evidenced::NotOurs):
    /// - A callback with a reference to a message of another tenant, or whose id at the provider is known as that of a message
    ///   of another tenant, changes nothing.
    /// - STOP and START count for the number if no other tenant is known to send from it, or only tenants of the same account.
    ///   If tenants of other accounts send from it too, they count for the messages of this tenant only; and if only other
    ///   tenants do, they are ignored, with a warning in the log of the program.
    /// - With [`OptOutReach::Tenant`](crate::policy::OptOutReach::Tenant) they reach this tenant only; with
    ///   `Everything` all tenants, as that policy says.
    ///
    /// # Errors
    /// As [`evidence`](Self::evidence).
    pub async fn evidence_of(&self, tenant: &str, evidence: &Evidence) -> Result<Evidenced, OutboxError> {
        self.evidenced(Some(tenant), evidence).await
    }

    async fn evidenced(&self, tenant: Option<&str>, evidence: &Evidence) -> Result<Evidenced, OutboxError> {
        let (delivery, reference) = match evidence {
            Evidence::Delivery { delivery, reference } => (delivery, reference),
            Evidence::Inbound { from, to, pool, consent: Some(consent) } => {
                let keyword = Keyword { from, to, pool: pool.as_deref(), consent: *consent };
                return self.keyword(tenant, keyword).await;
            }
            _ => return Ok(Evidenced::NotOurs),
        };
        let reported = Reported::of(delivery).of_tenant(tenant);
        let ignored = match reference.as_deref().map(|reference| self.references().read(reference)) {
            Some(Reference::Ours { id, attempt }) => {
                return self.prove(Proof { id, attempt, reported }).await;
            }
            Some(Reference::Foreign) => Some(&self.ignored().foreign),
            Some(Reference::Forged) => Some(&self.ignored().forged),
            None => None,
        };
        if let Some(ignored) = ignored {
            ignored.fetch_add(1, Ordering::Relaxed);
        }
        let applied = self.rows().reported(self.clock().now(), vec![reported]).await?;
        Ok(match applied.first() {
            Some(Applied::Moved(_)) => Evidenced::Changed,
            Some(Applied::Unchanged(..)) => Evidenced::Known,
            Some(Applied::Deleted) => Evidenced::Deleted,
            Some(Applied::Missing | Applied::OfAnother) | None => Evidenced::NotOurs,
        })
    }

    async fn prove(&self, proof: Proof) -> Result<Evidenced, OutboxError> {
        let Proof { id, attempt, .. } = proof;
        let applied = self.rows().prove(self.clock().now(), proof).await?;
        match applied {
            stale if stale.is_stale_copy() => {
                let error = OutboxError::StaleCopy { message: id, attempt };
                tracing::error!(%error, "evidence was refused");
                Err(error)
            }
            Applied::Moved(_) => Ok(Evidenced::Changed),
            Applied::Deleted => Ok(Evidenced::Deleted),
            Applied::OfAnother => {
                self.ignored().of_another.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(
                    "a callback was ignored: it names a message of another tenant than the webhook"
                );
                Ok(Evidenced::NotOurs)
            }
            _ => Ok(Evidenced::Known),
        }
    }

    /// Applies the evidence of a verified webhook, and returns the HTTP status to answer: 204, or 503 if the provider
    /// must deliver it again, because it could not be stored.
    ///
    /// With axum, a handler consists of the extractor of the provider's evidence and this call: see the README and the
    /// example `evidence`.
    ///
    /// A stale copy of the database answers 409, so that the deliveries show as failures at the provider.
    pub async fn webhook(&self, evidence: Option<&Evidence>) -> StatusCode {
        let Some(evidence) = evidence else { return StatusCode::NO_CONTENT };
        match self.evidence(evidence).await {
            Ok(_) => StatusCode::NO_CONTENT,
            Err(OutboxError::StaleCopy { .. }) => StatusCode::CONFLICT,
            Err(error) => {
                tracing::warn!(%error, "evidence of a webhook could not be stored");
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// Returns how many references in callbacks were ignored since this outbox was opened.
    #[must_use]
    pub fn ignored_references(&self) -> IgnoredReferences {
        let Ignored { foreign, forged, of_another } = self.ignored();
        let [foreign, forged, of_another] =
            [foreign, forged, of_another].map(|count| count.load(Ordering::Relaxed));
        IgnoredReferences { foreign, forged, of_another }
    }
}
