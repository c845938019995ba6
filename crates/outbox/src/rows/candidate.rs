//! A ready message that may be marked, as a store reads it.

use std::panic::catch_unwind;

use switchboard::provider::SendKind;

use crate::enqueue::{Digest16, Payload, Prepared};
use crate::policy::{About, Known, Limit, Passes, Policy, Purpose, Recent, Sending};
use crate::state::ParkReason;
use crate::timing::Micros;

/// A row of `ready` with what its message says.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) due: Micros,
    pub(crate) id: i64,
    /// The last attempt that was marked.
    pub(crate) attempt: u32,
    pub(crate) tries: u32,
    pub(crate) error: Option<String>,
    /// The message that it was told to wait for.
    pub(crate) waits_for: Option<i64>,
    pub(crate) weight: Option<u32>,
    pub(crate) fingerprint: Option<String>,
    pub(crate) expires: Option<Micros>,
    pub(crate) request: String,
    /// The open message of the sender that it cannot be told apart from.
    pub(crate) equal: Option<i64>,
    pub(crate) recipient: String,
    pub(crate) tenant: String,
    /// The campaign it belongs to; 0 for none.
    pub(crate) campaign: i64,
    /// The identity of the rules that its text was held against.
    pub(crate) text_rules: Option<String>,
    /// The rules that it passes because it is an emergency.
    pub(crate) passes: Option<Passes>,
    pub(crate) purpose: Purpose,
    /// The recipient's time zone, if the program knows it.
    pub(crate) zone: Option<String>,
    /// What the recipient said about such messages.
    pub(crate) known: Option<Known>,
    /// What was sent recently, as far as limits count it.
    pub(crate) recent: Recent,
    /// What [`prepare`](Self::prepare) computed.
    pub(crate) prepared: Option<Result<Columns, ParkReason>>,
}

/// The columns that are empty in rows inserted by plain SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) weight: u32,
    pub(crate) fingerprint: String,
    pub(crate) hash: String,
}

impl Candidate {
    /// The question for the policy.
    pub(crate) fn about(&self) -> About<'_> {
        let Self { recipient, purpose, zone, known, passes, .. } = self;
        // Every store writes the kind first.
        let kind = if self.request.starts_with("{\"call\"") { SendKind::Call } else { SendKind::Text };
        About {
            kind,
            to: recipient,
            purpose: *purpose,
            zone: zone.as_deref(),
            known: known.as_ref(),
            passes: *passes,
        }
    }

    /// What the limits of a policy say about it. Emergencies pass them.
    pub(crate) fn limits<'p>(&self, policy: &'p Policy, begins: Micros) -> Vec<Limit<'p>> {
        let About { kind, to, purpose, passes, .. } = self.about();
        if !policy.has_velocity() || passes.is_some() {
            return Vec::new();
        }
        policy.limits(&Sending { kind, to, tenant: &self.tenant, purpose }, begins)
    }

    /// Computes the columns that are empty in a row inserted by plain SQL. Returns `true` if the store must look for an
    /// open message with this fingerprint now.
    pub(crate) fn prepare(&mut self) -> bool {
        if self.weight.is_some() && self.fingerprint.is_some() {
            return false;
        }
        let columns = match catch_unwind(|| Columns::of_request(&self.request)) {
            Err(_) => Err(ParkReason::Panicked),
            Ok(None) => Err(ParkReason::Unreadable),
            Ok(Some(columns)) => Ok(columns),
        };
        if let Ok(columns) = &columns {
            (self.weight, self.fingerprint) = (Some(columns.weight), Some(columns.fingerprint.clone()));
        }
        let is_readable = columns.is_ok();
        self.prepared = Some(columns);
        is_readable
    }
}

impl Columns {
    /// Returns `None` if the request cannot be read.
    pub(crate) fn of_request(request: &str) -> Option<Self> {
        let payload: Payload = serde_json::from_str(request).ok()?;
        Prepared::of(&payload).ok().map(|prepared| Self::of(&prepared))
    }

    pub(crate) fn of(prepared: &Prepared) -> Self {
        let Prepared { weight, fingerprint, hash, .. } = prepared;
        Self { weight: *weight, fingerprint: hex(fingerprint), hash: hex(hash) }
    }
}

pub(crate) fn hex(digest: &Digest16) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value)).map_or('0', |digit| char::from(*digit));
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
