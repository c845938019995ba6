//! What became of messages, for reports: pages in the order of their ids.

use switchboard::provider::{DeliveryStatus, SendKind};

use super::delivered::Delivered;
use crate::timing::Micros;

/// An opt-out counts for a message if it came within this time after it.
pub(crate) const CAUSED_WITHIN: Micros = 7 * 24 * 3_600_000_000;

/// Which messages to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Select {
    pub(crate) after: i64,
    /// When they were enqueued, from this time on.
    pub(crate) since: Micros,
    /// And before this one.
    pub(crate) until: Micros,
    pub(crate) tenant: Option<String>,
    /// Only those of this campaign.
    pub(crate) campaign: Option<i64>,
    /// The requests are needed, for an estimate of their cost.
    pub(crate) with_request: bool,
    /// How many stored messages a page covers, those that are not selected too.
    pub(crate) limit: u32,
}

/// A page of messages.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Histories {
    pub(crate) rows: Vec<History>,
    /// Where the next page begins; `None` after the last message.
    pub(crate) next: Option<i64>,
}

/// What became of one message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct History {
    pub(crate) id: i64,
    pub(crate) created: Micros,
    pub(crate) kind: SendKind,
    /// The tenant and the name of its campaign.
    pub(crate) campaign: Option<(String, String)>,
    /// The address of its sender, or the sender field of its queue if no worker has resolved it yet.
    pub(crate) sender: String,
    /// Empty if the person was forgotten.
    pub(crate) recipient: String,
    /// Segments, as they were counted when it was enqueued.
    pub(crate) weight: Option<u32>,
    pub(crate) request: Option<String>,
    /// The word of its state.
    pub(crate) state: String,
    /// The delivery status of an accepted one.
    pub(crate) status: Option<DeliveryStatus>,
    pub(crate) error: Option<String>,
    /// Segments that the provider bills.
    pub(crate) segments: Option<u32>,
    pub(crate) delivered: Delivered,
    /// When its recipient opted out, within [`CAUSED_WITHIN`] after it.
    pub(crate) opted_out: Option<Micros>,
}
