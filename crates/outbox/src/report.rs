//! What became of messages: delivery, times, errors, cost and opt-outs, by campaign, sender, country and day.
//!
//! The rows are read in pages and counted one by one, so a report of a million messages needs no more memory than one of a
//! thousand. This room knows no provider: what an error means was stored with it.

mod csv;
mod figures;
mod show;
mod tally;
mod times;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use switchboard::sms::PriceList;

pub use self::figures::{
    CallFigures, CostFigures, FailureFigures, Figures, Group, SegmentFigures, TextFigures, TimeFigures,
};
use self::tally::Tallies;
use crate::error::OutboxError;
use crate::message::timestamp;
use crate::outbox::Outbox;
use crate::rows::history::Select;

/// Stored messages that one page covers.
const PAGE: u32 = 2_000;

/// Which messages a report is about, and how it is made.
///
/// ```
/// use switchboard_outbox::report::ReportOptions;
///
/// let (since, until) = ("2026-11-01T00:00:00Z".parse()?, "2026-12-01T00:00:00Z".parse()?);
/// let options = ReportOptions::new().since(since).until(until).tenant("blue-door").days_in("Europe/Berlin")?;
/// # let _ = options;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ReportOptions {
    since: Timestamp,
    until: Timestamp,
    tenant: Option<String>,
    campaign: Option<String>,
    sender: Option<String>,
    zone: TimeZone,
    prices: Option<PriceList>,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl ReportOptions {
    /// Selects all messages. Days are those of UTC.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            since: Timestamp::MIN,
            until: Timestamp::MAX,
            tenant: None,
            campaign: None,
            sender: None,
            zone: TimeZone::UTC,
            prices: None,
        }
    }

    /// Only messages that were enqueued from this time on.
    #[must_use]
    pub const fn since(mut self, since: Timestamp) -> Self {
        self.since = since;
        self
    }

    /// Only messages that were enqueued before this time.
    #[must_use]
    pub const fn until(mut self, until: Timestamp) -> Self {
        self.until = until;
        self
    }

    /// Only messages of this tenant.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Only messages of the campaign with this name, of the given tenant.
    #[must_use]
    pub fn campaign(mut self, name: impl Into<String>) -> Self {
        self.campaign = Some(name.into());
        self
    }

    /// Only messages of this sender: a number, or the id of a pool.
    #[must_use]
    pub fn sender(mut self, sender: impl Into<String>) -> Self {
        self.sender = Some(sender.into());
        self
    }

    /// Sets the time zone in which days begin.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if the time zone is not known.
    pub fn days_in(mut self, zone: &str) -> Result<Self, OutboxError> {
        self.zone = TimeZone::get(zone).map_err(|_| {
            OutboxError::invalid(
                "the time zone of the report is not known: use a name such as America/Chicago",
            )
        })?;
        Ok(self)
    }

    /// Compares the cost with an estimate at these prices.
    #[must_use]
    pub fn prices(mut self, prices: PriceList) -> Self {
        self.prices = Some(prices);
        self
    }
}

/// What became of messages.
///
/// `Display` writes it for a person in a terminal; [`csv`](Self::csv) and serde write it for programs.
///
/// - A message belongs to the day on which it was enqueued, and to the country of its recipient's number.
/// - The cost is what the provider bills, and is known once [`Outbox::collect`](crate::Outbox::collect) has read it. What
///   has no price yet is counted apart, and never as 0. Amounts of several currencies are not added up.
/// - The time to delivery begins with the mark before the request. It ends by the provider's clock if the report of the
///   delivery says the time, perhaps in whole seconds only, else when the callback arrived. 50 % and 95 % are
///   accurate to 1 %.
/// - An opt-out, a STOP or a refusal by the provider because of one, counts for the last text of the report that the
///   provider took for this person from the same sender or tenant, at most seven days before. So each counts once, and
///   the opt-outs of all groups add up. One that was taken back with START does not count.
/// - A message that was sent twice, which is an anomaly in the event log, counts once, with the price of the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Report {
    /// The messages were enqueued from this time on; `None` if from the beginning.
    pub since: Option<Timestamp>,
    /// And before this time; `None` if until now.
    pub until: Option<Timestamp>,
    /// When the report was made.
    pub made: Timestamp,
    /// The time zone of the days.
    pub time_zone: String,
    /// All messages.
    pub total: Figures,
    /// By campaign: `spring`, or `tenant/spring`. Messages without a campaign are in no group.
    pub by_campaign: Vec<Group>,
    /// By sender: a number, or the id of a pool.
    pub by_sender: Vec<Group>,
    /// By country, ISO 3166; `other` for what is not a number, or was forgotten.
    pub by_country: Vec<Group>,
    /// By day.
    pub by_day: Vec<Group>,
}

impl Outbox {
    /// Reports what became of messages.
    ///
    /// It reads all stored messages once, or those of the campaign, in pages. A message that changes meanwhile counts as it
    /// was when its page was read. Messages that were deleted are missing.
    ///
    /// # Errors
    /// [`OutboxError::Store`], and [`OutboxError::NotFound`] if there is no such campaign.
    pub async fn report(&self, options: &ReportOptions) -> Result<Report, OutboxError> {
        let campaign = match &options.campaign {
            Some(name) => {
                let tenant = options.tenant.clone().unwrap_or_default();
                let found = self.rows().campaign(tenant, name.clone()).await?;
                Some(found.ok_or(OutboxError::NotFound)?.0.id)
            }
            None => None,
        };
        let micros = |at: Timestamp| at.as_microsecond();
        let mut select = Select {
            after: 0,
            since: micros(options.since),
            until: micros(options.until),
            tenant: options.tenant.clone(),
            campaign,
            with_request: options.prices.is_some(),
            limit: PAGE,
        };
        let mut tallies = Tallies::new(options.zone.clone(), options.prices.as_ref());
        loop {
            let page = self.rows().histories(select.clone()).await?;
            let is_selected =
                |sender: &str| options.sender.as_ref().is_none_or(|only| *only == figures::sender(sender));
            page.rows.iter().filter(|row| is_selected(&row.sender)).for_each(|row| tallies.add(row));
            match page.next {
                Some(next) => select.after = next,
                None => break,
            }
        }
        Ok(tallies.report(options, timestamp(self.clock().now())))
    }
}

impl Report {
    /// The groups of each kind.
    fn groups(&self) -> [(&'static str, &[Group]); 4] {
        [
            ("campaign", &self.by_campaign),
            ("sender", &self.by_sender),
            ("country", &self.by_country),
            ("day", &self.by_day),
        ]
    }
}

fn groups(tallies: BTreeMap<String, tally::Tally>) -> Vec<Group> {
    tallies.into_iter().map(|(name, tally)| Group::new(name, tally.figures())).collect()
}

#[cfg(test)]
mod tests;
