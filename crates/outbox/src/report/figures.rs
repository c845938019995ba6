//! The figures of a report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use switchboard::provider::Price;

use crate::message::{Counts, address, sender_of};

/// The messages of one campaign, sender, country or day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Group {
    /// Its name: of the campaign, the sender, the country, or the date.
    pub name: String,
    /// What became of them.
    pub figures: Figures,
}

impl Group {
    pub(super) const fn new(name: String, figures: Figures) -> Self {
        Self { name, figures }
    }
}

/// What became of a group of messages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Figures {
    /// The texts.
    pub texts: TextFigures,
    /// The calls.
    pub calls: CallFigures,
    /// What they cost.
    pub cost: CostFigures,
    /// Why messages were not sent, or did not arrive; the most frequent first.
    pub failures: Vec<FailureFigures>,
    /// How many people opted out after them.
    pub opt_outs: u64,
}

/// What became of texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TextFigures {
    /// How many are in each state of the outbox.
    pub states: Counts,
    /// Of the accepted ones: they arrived.
    pub delivered: u64,
    /// Of the accepted ones: the carrier reports that they did not arrive.
    pub undelivered: u64,
    /// Of the accepted ones: they could not be sent, or were cancelled at the provider.
    pub failed: u64,
    /// Of the accepted ones: their final status is not known. Some carriers never report one.
    pub pending: u64,
    /// The share of the accepted ones that arrived, from 0 to 1; `None` if none was accepted.
    pub delivery_rate: Option<f64>,
    /// How long the delivery took.
    pub time_to_delivery: Option<TimeFigures>,
    /// The segments of the accepted ones.
    pub segments: SegmentFigures,
}

/// How long deliveries took, accurate to 1 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TimeFigures {
    /// The number of deliveries whose time is known.
    pub count: u64,
    /// Half of them took so many seconds or less.
    pub p50_seconds: f64,
    /// 95 % of them took so many seconds or less.
    pub p95_seconds: f64,
}

impl TimeFigures {
    pub(super) const fn new(count: u64, p50_seconds: f64, p95_seconds: f64) -> Self {
        Self { count, p50_seconds, p95_seconds }
    }
}

/// Segments of accepted texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SegmentFigures {
    /// As they were counted when the texts were enqueued.
    pub estimated: u64,
    /// As the provider bills them.
    pub billed: u64,
    /// Texts whose segments the provider does not say yet.
    pub not_billed_yet: u64,
}

/// What became of calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct CallFigures {
    /// How many are in each state of the outbox.
    pub states: Counts,
    /// Of the accepted ones: a person picked up.
    pub person: u64,
    /// Of the accepted ones: an answering machine picked up.
    pub machine: u64,
    /// Of the accepted ones: a fax picked up.
    pub fax: u64,
    /// Of the accepted ones: somebody or something picked up, and the provider did not find out which, or was not asked to.
    pub somebody: u64,
    /// How many people pressed which keys. Of very many inputs, the most are counted as `other`.
    pub pressed: BTreeMap<String, u64>,
    /// Of the accepted ones: nobody picked up.
    pub no_answer: u64,
    /// Of the accepted ones: the line was busy.
    pub busy: u64,
    /// Of the accepted ones: they could not be connected, or were cancelled at the provider.
    pub failed: u64,
    /// Of the accepted ones: their final status is not known.
    pub pending: u64,
}

/// What accepted messages cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CostFigures {
    /// What the provider bills, by currency.
    pub billed: Vec<Price>,
    /// The number of messages in [`billed`](Self::billed).
    pub priced: u64,
    /// The number of messages whose price is not known yet.
    pub not_priced_yet: u64,
    /// The number of messages without a price that failed before they were sent, or that nobody picked up. Usually nothing
    /// is billed for them.
    pub not_billed: u64,
    /// What the accepted texts cost by the given price list.
    pub estimated: Option<Price>,
    /// Accepted messages that the price list has no price for, and all calls. 0 without a price list.
    pub not_estimated: u64,
}

/// Why messages were not sent, or did not arrive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FailureFigures {
    /// The provider's number for it.
    pub provider_code: Option<u32>,
    /// The kind of failure: `INVALID_REQUEST`, `BLOCKED`.
    pub code: String,
    /// What it means.
    pub meaning: String,
    /// What a person should do about it.
    pub advice: Option<String>,
    /// Messages that were not sent for this reason.
    pub refused: u64,
    /// Messages that the provider took, and that did not arrive for this reason.
    pub failed: u64,
}

impl FailureFigures {
    /// How many messages it affects.
    #[must_use]
    pub const fn messages(&self) -> u64 {
        self.refused + self.failed
    }
}

/// A sender as people know it. A queue that no worker has resolved yet has the sender field of its messages.
pub(super) fn sender(stored: &str) -> String {
    match sender_of(stored) {
        Ok(Some(sender)) => address(&sender),
        _ => stored.to_owned(),
    }
}
