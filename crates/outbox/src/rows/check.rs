//! What the store needs to settle unknown messages by evidence: claims, checks, references and canaries.

use serde::{Deserialize, Serialize};
use switchboard::ProviderError;
use switchboard::provider::{Delivery, DeliveryStatus, Scope, SendKind};

use super::delivered::Facts;
use super::{Finished, Source};
use crate::state::{Event, ParkReason};
use crate::timing::Micros;

/// The identity of a database, which its references contain.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Distinguishes this database from others.
    pub(crate) store: String,
    /// The secret key of its references, in hex.
    pub(crate) key: String,
}

/// `Debug` does not show the key.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("store", &self.store).finish_non_exhaustive()
    }
}

/// Proof that the provider has the message of an attempt: a verified callback with the reference of the attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) id: i64,
    pub(crate) attempt: u32,
    pub(crate) reported: Reported,
}

/// Claims unknown messages whose check is due, so that no other worker checks them at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) at: Micros,
    /// A message that was never checked must have been unknown since this time.
    pub(crate) unknown_since: Micros,
    /// If nothing is recorded by then, the message can be claimed again.
    pub(crate) until: Micros,
    /// The accounts whose messages are not claimed now.
    pub(crate) except: Vec<String>,
    pub(crate) limit: u32,
}

/// An unknown message to check.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unknown {
    pub(crate) id: i64,
    pub(crate) attempt: u32,
    pub(crate) tenant: String,
    pub(crate) kind: SendKind,
    /// The account of its sender.
    pub(crate) account: String,
    /// Its sender: a number, or the id of a pool. Empty if it had none.
    pub(crate) address: String,
    pub(crate) recipient: String,
    pub(crate) request: String,
    pub(crate) marked: Micros,
    /// The number of checks so far.
    pub(crate) checks: u32,
    pub(crate) seen: Seen,
}

/// What the checks of an unknown message showed so far. It is stored with the message as JSON. All times are the
/// provider's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Seen {
    /// When the attempt was certainly over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) over: Option<Micros>,
    /// The first time at which the provider may have created the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) earliest: Option<Micros>,
    /// The same, if the clock with which the message was marked cannot be trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) doubtful: Option<Micros>,
    /// The date of the first list that proves that the message was absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) absent: Option<Micros>,
    /// The ids of messages that may be this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) sids: Vec<String>,
}

impl Seen {
    /// Reads the stored JSON. If it cannot be read, nothing was seen, so the checks begin again.
    pub(crate) fn read(stored: Option<&str>) -> Self {
        stored.and_then(|stored| serde_json::from_str(stored).ok()).unwrap_or_default()
    }

    /// Returns the JSON to store; `None` if nothing was seen.
    pub(crate) fn stored(&self) -> Option<String> {
        (*self != Self::default()).then(|| serde_json::to_string(self).unwrap_or_default())
    }
}

/// The result of one check of an unknown message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Checked {
    pub(crate) id: i64,
    pub(crate) attempt: u32,
    /// What the check proved; `None` if the message is checked again.
    pub(crate) event: Option<Event>,
    pub(crate) why: Option<ParkReason>,
    pub(crate) seen: Seen,
    /// When it is checked again.
    pub(crate) next: Micros,
}

/// What the database knows about ids of a provider's list, from the point of view of one message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bound {
    /// Those that belong to other messages.
    pub(crate) sids: Vec<String>,
    /// Another, equal message may have been sent, and its id is not known. So one of the ids may belong to it.
    pub(crate) rival: bool,
}

/// What the provider says about the message with an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reported {
    pub(crate) sid: String,
    pub(crate) status: DeliveryStatus,
    /// Why it did not arrive, as JSON of a [`ProviderError`].
    pub(crate) error: Option<String>,
    pub(crate) segments: Option<u32>,
    pub(crate) facts: Facts,
    /// The provider says that the recipient has opted out.
    pub(crate) opted_out: bool,
    /// The provider's list says it, not a callback.
    pub(crate) is_listed: bool,
    /// The tenant whose account says it: it is about nobody else's messages. `None`: of every tenant.
    pub(crate) tenant: Option<String>,
}

impl Reported {
    pub(crate) fn of(delivery: &Delivery) -> Self {
        let failure = delivery.error.as_ref();
        Self {
            sid: delivery.id.id.clone(),
            status: delivery.status.clone(),
            error: failure.and_then(|failure| serde_json::to_string(&ProviderError::from(failure)).ok()),
            segments: delivery.segments,
            facts: Facts {
                at: delivery.updated.map(|at| at.as_microsecond()),
                price: delivery.price.clone(),
                picked_up_by: delivery.picked_up_by,
                pressed: delivery.pressed.as_ref().map(|keys| keys.as_str().to_owned()),
            },
            opted_out: failure.is_some_and(|failure| failure.scope == Scope::Recipient),
            is_listed: false,
            tenant: None,
        }
    }

    pub(crate) fn of_tenant(self, tenant: Option<&str>) -> Self {
        Self { tenant: tenant.map(ToOwned::to_owned), ..self }
    }

    pub(crate) fn listed(self) -> Self {
        Self { is_listed: true, ..self }
    }

    /// The event for the message that has this id.
    pub(crate) fn told(&self, at: Micros, id: i64) -> Finished {
        self.finished(at, id, Event::Report { sid: self.sid.clone(), status: self.status.clone() })
    }

    fn finished(&self, at: Micros, id: i64, event: Event) -> Finished {
        Finished {
            id,
            error: self.error.clone(),
            segments: self.segments,
            facts: self.facts.clone(),
            source: if self.is_listed { Source::List(Seen::default()) } else { Source::Callback },
            ..Finished::from_outside(at, event)
        }
    }
}

impl Proof {
    /// The event for the message whose attempt it names.
    pub(crate) fn told(&self, at: Micros) -> Finished {
        let (sid, status) = (Some(self.reported.sid.clone()), self.reported.status.clone());
        self.reported.finished(at, self.id, Event::Accepted { attempt: self.attempt, sid, status })
    }
}

/// The last message of a sender is stored at most once in this time, so that the row of a busy sender is not written in
/// each transaction. An older one is as good a canary if its date proves that it was created after the attempt.
pub(crate) const NEWEST_STEP: Micros = 1_000_000;

/// A message that a sender sent last, by which a worker recognises whether a list is up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Canary {
    pub(crate) sid: String,
    pub(crate) recipient: String,
}
