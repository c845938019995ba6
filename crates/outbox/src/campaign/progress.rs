//! How far a campaign is.

use std::fmt;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;

use super::{Campaign, Imported};
use crate::error::OutboxError;
use crate::message::timestamp;
use crate::rows::campaign::{CampaignRow, Stage, Tally};

/// The weight of the newest rate in the average, and that of those before it.
const NEWEST: f64 = 0.2;

/// What a campaign is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CampaignStatus {
    /// Its list is being read, or reading was interrupted. Messages that were enqueued are sent.
    Importing,
    /// Its list could not be read to the end: see the error of the import, and start it again. Messages that were enqueued
    /// are sent.
    Interrupted,
    /// Its list was read, and messages wait to be sent.
    Sending,
    /// Its messages wait until it is resumed.
    Paused,
    /// No message waits any more, but of some it is not known whether they were sent. Evidence settles most of them; where
    /// the outbox repeats what certainly was not sent, some may be sent again.
    Settling,
    /// All its messages were sent or refused. Some may still need a person: see [`CampaignProgress::parked`].
    Finished,
    /// A person has stopped it.
    Stopped,
}

/// How far a campaign is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CampaignProgress {
    /// Its number. Newer campaigns have a higher one.
    pub id: i64,
    /// Its tenant; empty if it has none.
    pub tenant: String,
    /// Its name.
    pub name: String,
    /// What it is doing.
    pub status: CampaignStatus,
    /// When it was created.
    pub created: Timestamp,
    /// The messages that were enqueued until now.
    pub messages: u64,
    /// Their segments, and the number of calls.
    pub segments: u64,
    /// The messages that wait to be sent, or are being sent.
    pub waiting: u64,
    /// Those whose answer was lost. Evidence settles most of them.
    pub unknown: u64,
    /// Those that a person must look at.
    pub parked: u64,
    /// Those that the provider took, and whose delivery is not known yet.
    pub accepted: u64,
    /// Those that arrived.
    pub delivered: u64,
    /// Those that surely did not arrive after the provider had taken them.
    pub undelivered: u64,
    /// Those that the provider refused.
    pub rejected: u64,
    /// Those that a rule refused after they were enqueued, for example an opt-out.
    pub blocked: u64,
    /// Those that expired before they were sent.
    pub expired: u64,
    /// Those that were cancelled.
    pub cancelled: u64,
    /// Those of which a person decided that nobody will find out.
    pub abandoned: u64,
    /// What the last import that came to its end found in the list.
    pub imported: Option<Imported>,
    /// How many messages a second left the queue; known to [`Watch`] from its second look on.
    pub rate: Option<f64>,
    /// How long the messages that wait will take at this rate.
    pub time_left: Option<Duration>,
}

impl CampaignProgress {
    pub(super) fn of(row: &CampaignRow, tally: &Tally) -> Self {
        let of = |word: &str| tally.0.get(word).map_or(0, |rows| u64::try_from(*rows).unwrap_or_default());
        let counted: u64 = tally.0.keys().map(|word| of(word)).sum();
        let messages = u64::try_from(row.messages).unwrap_or_default();
        let waiting = messages.saturating_sub(counted);
        Self {
            id: row.id,
            tenant: row.tenant.clone(),
            name: row.name.clone(),
            status: status(row, waiting, of("unknown")),
            created: timestamp(row.created),
            messages,
            segments: u64::try_from(row.segments).unwrap_or_default(),
            waiting,
            unknown: of("unknown"),
            parked: of("parked"),
            accepted: of("accepted"),
            delivered: of("delivered"),
            undelivered: of("undelivered"),
            rejected: of("rejected"),
            blocked: of("blocked"),
            expired: of("expired"),
            cancelled: of("cancelled"),
            abandoned: of("abandoned"),
            imported: row.imported.as_deref().and_then(|found| serde_json::from_str(found).ok()),
            rate: None,
            time_left: None,
        }
    }

    /// The messages that do not wait any more.
    #[must_use]
    pub const fn done(&self) -> u64 {
        self.messages.saturating_sub(self.waiting)
    }

    /// Does no message wait any more? See [`CampaignStatus::Settling`].
    #[must_use]
    pub const fn is_over(&self) -> bool {
        match self.status {
            CampaignStatus::Finished | CampaignStatus::Settling => true,
            CampaignStatus::Stopped | CampaignStatus::Interrupted => self.waiting == 0,
            _ => false,
        }
    }
}

fn status(row: &CampaignRow, waiting: u64, unknown: u64) -> CampaignStatus {
    match row.stage {
        Stage::Stopped => CampaignStatus::Stopped,
        Stage::Closed => CampaignStatus::Finished,
        Stage::Imported if waiting == 0 && unknown > 0 => CampaignStatus::Settling,
        Stage::Imported if waiting == 0 => CampaignStatus::Finished,
        _ if row.paused => CampaignStatus::Paused,
        Stage::Imported => CampaignStatus::Sending,
        Stage::Importing => CampaignStatus::Importing,
        Stage::Interrupted => CampaignStatus::Interrupted,
    }
}

impl fmt::Display for CampaignStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Importing => "importing",
            Self::Interrupted => "interrupted",
            Self::Sending => "sending",
            Self::Settling => "settling",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Stopped => "stopped",
        })
    }
}

impl fmt::Display for CampaignProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, status, messages, waiting, .. } = self;
        let done = self.done();
        let percent = (done * 100).checked_div(*messages).unwrap_or(0);
        write!(f, "{name}: {status}, {done} of {messages} done ({percent} %), {waiting} waiting")?;
        let counts = [
            ("accepted", self.accepted),
            ("delivered", self.delivered),
            ("undelivered", self.undelivered),
            ("rejected", self.rejected),
            ("blocked", self.blocked),
            ("expired", self.expired),
            ("cancelled", self.cancelled),
            ("abandoned", self.abandoned),
            ("unknown", self.unknown),
            ("parked", self.parked),
        ];
        for (word, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            write!(f, ", {count} {word}")?;
        }
        if let Some(rate) = self.rate {
            write!(f, "; {rate:.1} a second")?;
        }
        match self.time_left.map(|left| left.as_secs()) {
            Some(left) if left >= 5_400 => write!(f, ", about {} h left", (left + 1_800) / 3_600),
            Some(left) if left >= 90 => write!(f, ", about {} min left", (left + 30) / 60),
            Some(left) => write!(f, ", about {left} s left"),
            None => Ok(()),
        }
    }
}

/// Watches a campaign. See [`Campaign::watch`].
#[derive(Debug)]
pub struct Watch {
    campaign: Campaign,
    interval: Duration,
    /// The last look: when, and how many messages were done, if that could be read.
    last: Option<(Instant, Option<u64>)>,
    rate: Option<f64>,
    is_over: bool,
}

impl Watch {
    pub(super) const fn new(campaign: Campaign, interval: Duration) -> Self {
        Self { campaign, interval, last: None, rate: None, is_over: false }
    }

    /// Waits for the next look; `None` after the campaign is over. If this is dropped, nothing is lost.
    ///
    /// # Errors
    /// [`OutboxError::NotFound`] if there is no such campaign, or an error of the database. The next call looks again.
    pub async fn next(&mut self) -> Option<Result<CampaignProgress, OutboxError>> {
        if self.is_over {
            return None;
        }
        if let Some((at, _)) = self.last {
            tokio::time::sleep_until((at + self.interval).into()).await;
        }
        let at = Instant::now();
        match self.campaign.progress().await {
            Ok(progress) => Some(Ok(self.look(at, progress))),
            Err(error) => {
                self.last = Some((at, None));
                Some(Err(error))
            }
        }
    }

    fn look(&mut self, at: Instant, mut progress: CampaignProgress) -> CampaignProgress {
        let done = progress.done();
        if let Some((before, Some(done_before))) = self.last.replace((at, Some(done))) {
            let seconds = at.duration_since(before).as_secs_f64().max(1e-3);
            #[allow(clippy::cast_precision_loss, reason = "a rate is not exact")]
            let now = done.saturating_sub(done_before) as f64 / seconds;
            self.rate = Some(self.rate.map_or(now, |rate| NEWEST.mul_add(now - rate, rate)));
        }
        progress.rate = self.rate;
        #[allow(clippy::cast_precision_loss, reason = "an estimate is not exact")]
        let left = self.rate.filter(|rate| *rate > 0.0).map(|rate| progress.waiting as f64 / rate);
        let is_moving = matches!(
            progress.status,
            CampaignStatus::Importing | CampaignStatus::Interrupted | CampaignStatus::Sending
        );
        progress.time_left =
            left.filter(|_| is_moving).and_then(|left| Duration::try_from_secs_f64(left).ok());
        self.is_over = progress.is_over();
        progress
    }
}
