//! One check of one unknown message.

use std::collections::HashSet;
use std::time::Instant;

use switchboard::phone::Address;
use switchboard::provider::{FoundRow, Likeness, Messenger, SendKind};

use super::canaries::{Canaries, Sample};
use super::list::{Reader, Unread};
use super::losses::Loss;
use super::verdict::{Listed, Read, Sent, Verdict, verdict};
use super::{IfAbsent, Rules};
use crate::clock::Clock;
use crate::enqueue::Payload;
use crate::error::OutboxError;
use crate::rows::Rows;
use crate::rows::check::{Bound, Checked, Seen, Unknown};
use crate::state::{Event, ParkReason};
use crate::timing::{Micros, Timing, micros};

/// Dates of providers are whole seconds.
const DATE: Micros = 1_000_000;
/// A list is read this many tolerances beyond the first time that matters, in case it is not sorted strictly.
const BEYOND: i64 = 5;
/// How many samples are looked for in one check.
const TRIES: usize = 3;

/// What the checks of an account have found in its lists.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// When the newest message was created that a list was seen to contain.
    created: Option<Micros>,
    /// The ids that were looked for.
    tried: HashSet<String>,
}

/// What the checks of an account share.
pub(super) struct Checker<'a> {
    pub(super) rows: &'a dyn Rows,
    pub(super) clock: &'a Clock,
    pub(super) timing: &'a Timing,
    pub(super) rules: &'a Rules,
    pub(super) canaries: &'a Canaries,
    pub(super) reader: Reader<'a>,
    pub(super) found: &'a mut Found,
}

impl Checker<'_> {
    /// Reads the list for one message, and returns what to record.
    pub(super) async fn check(&mut self, row: &Unknown, loss: Loss) -> Result<Checked, OutboxError> {
        let mut seen = row.seen.clone();
        let sent = self.sent(row);
        let mut read = Read::Impossible;
        let mut bound = Bound::default();
        if self.can_list(row.kind, &sent) {
            (read, bound) = self.read(row, &sent, loss, &mut seen).await?;
            // The canary comes first: what is in its list proves that the later list is as new.
            if self.needs_canary(&sent, &read, &bound, &seen) && self.find_canary(row, loss, &seen).await {
                (read, bound) = self.read(row, &sent, loss, &mut seen).await?;
            }
        }
        let decided = verdict(&sent, &read, &bound, &seen, self.timing);
        Ok(self.record(row, loss, seen, &read, decided))
    }

    fn sent(&self, row: &Unknown) -> Sent {
        let now = self.clock.now();
        let exclusive = self.rules.exclusive.contains(&Address::from(row.address.as_str()));
        Sent {
            to: Address::from(row.recipient.as_str()),
            from: row.address.clone(),
            exclusive,
            age: now.saturating_sub(row.marked),
        }
    }

    /// Lists of calls have no text. So they say something only if nobody else calls from there.
    fn can_list(&self, kind: SendKind, sent: &Sent) -> bool {
        self.reader.account.messenger().abilities().list && (kind == SendKind::Text || sent.exclusive)
    }

    async fn read(
        &mut self,
        row: &Unknown,
        sent: &Sent,
        loss: Loss,
        seen: &mut Seen,
    ) -> Result<(Read, Bound), OutboxError> {
        // The number must be written as the provider writes it, or a search for it finds nothing.
        let provable = sent.to.number().is_some();
        let canary = self.found.created.filter(|_| provable);
        let began = Instant::now();
        let (timing, clock) = (self.timing, self.clock);
        let pages = self.reader.read(row.kind, &row.recipient, |date, page| {
            if seen.over.is_none() {
                *seen = times(row, loss, began, date, clock.now(), timing);
            }
            let first = seen.doubtful.or(seen.earliest).unwrap_or(Micros::MIN);
            let first = first.saturating_sub(BEYOND * micros(timing.created_before));
            page.last().and_then(created).is_some_and(|created| created < first)
        });
        let pages = match pages.await {
            Ok(pages) => pages,
            Err(Unread::Refused) => return Ok((Read::Refused, Bound::default())),
            Err(Unread::Incomplete) => return Ok((Read::Incomplete, Bound::default())),
        };
        let rows: Vec<Listed> = pages.rows.iter().map(|found| self.listed(row, found)).collect();
        let sids = rows.iter().filter(|row| row.likeness != Likeness::Other).map(|row| row.sid.clone());
        let since = row.marked.saturating_sub(micros(self.timing.doubt));
        let bound = self.rows.bound(row.id, sids.collect(), since).await?;
        Ok((Read::Complete { date: pages.date, rows, canary }, bound))
    }

    fn listed(&self, row: &Unknown, found: &FoundRow) -> Listed {
        let likeness = match serde_json::from_str(&row.request) {
            Ok(Payload::Text(text)) => self.reader.account.messenger().likeness(&text, found),
            _ => Likeness::Opaque,
        };
        Listed {
            sid: found.delivery.id.id.clone(),
            status: found.delivery.status.clone(),
            to: found.to.clone(),
            from: found.from.clone(),
            pool: found.pool.clone(),
            created: created(found),
            outbound: found.by_api,
            likeness,
        }
    }

    /// Is everything there but a canary that is new enough?
    fn needs_canary(&self, sent: &Sent, read: &Read, bound: &Bound, seen: &Seen) -> bool {
        let Read::Complete { date, rows, canary } = read else { return false };
        let over = seen.over.unwrap_or(Micros::MAX);
        let has = canary.is_some_and(|created| created >= over);
        let with_canary = Read::Complete { date: *date, rows: rows.clone(), canary: Some(Micros::MAX) };
        let decided = verdict(sent, &with_canary, bound, seen, self.timing);
        !has && matches!(decided, Verdict::Absent | Verdict::Again { proof: true })
    }

    /// Looks for messages that the account has sent since the attempt, each in the list of its own recipient. Returns
    /// whether one was found that is new enough.
    async fn find_canary(&mut self, row: &Unknown, loss: Loss, seen: &Seen) -> bool {
        let over = seen.over.unwrap_or(Micros::MAX);
        // What an earlier process has seen was over before this one began.
        let stored = row.seen.over.is_some() && loss.marked.is_none();
        let from = if stored { loss.lost } else { loss.lost + self.timing.deadline };
        let samples = self.canaries.since(&row.account, row.kind, from).into_iter();
        let new: Vec<_> = samples.filter(|sample| !self.found.tried.contains(&sample.canary.sid)).collect();
        for Sample { canary, .. } in new.into_iter().take(TRIES) {
            self.found.tried.insert(canary.sid.clone());
            let is_it = |found: &FoundRow| found.delivery.id.id == canary.sid;
            let pages = self.reader.read(row.kind, &canary.recipient, |_, page| {
                let old = page.last().and_then(created).is_some_and(|created| created < over);
                old || page.iter().any(is_it)
            });
            let Ok(pages) = pages.await else { continue };
            let created = pages.rows.iter().find(|found| is_it(found)).and_then(created);
            self.found.created = self.found.created.max(created);
            if self.found.created.is_some_and(|created| created >= over) {
                return true;
            }
        }
        false
    }

    fn record(&self, row: &Unknown, loss: Loss, mut seen: Seen, read: &Read, decided: Verdict) -> Checked {
        let Unknown { id, attempt, .. } = *row;
        let date = if let Read::Complete { date, .. } = read { Some(*date) } else { None };
        let (mut event, mut why) = (None, None);
        match decided {
            Verdict::Accepted { sid, status } => {
                event = Some(Event::Accepted { attempt, sid: Some(sid), status });
            }
            Verdict::Park { why: reason, sids } => {
                seen.sids = sids;
                (event, why) = (Some(Event::Park { attempt }), Some(reason));
            }
            Verdict::Absent if self.rules.if_absent == IfAbsent::Requeue => {
                event = Some(Event::Refused { attempt, again: true });
            }
            Verdict::Absent => (event, why) = (Some(Event::Park { attempt }), Some(ParkReason::Absent)),
            Verdict::Again { proof } => seen.absent = date.filter(|_| proof).or(seen.absent),
        }
        let mut after = wait(row.checks, date, &seen, self.timing);
        // After a start this process has no samples yet of what the account sends: it need not wait for an hour.
        if loss.marked.is_none() && loss.lost.elapsed() < self.timing.checks[1] {
            after = after.min(micros(self.timing.checks[0]));
        }
        let next = self.clock.now().saturating_add(after);
        Checked { id, attempt, event, why, seen, next }
    }
}

fn created(found: &FoundRow) -> Option<Micros> {
    Some(found.created?.as_microsecond())
}

/// Converts the times of an attempt to the provider's clock.
///
/// `earliest` is early rather than late, and `over` late rather than early, whatever this machine's clocks did. `date` is
/// the provider's date of a request that began at `began`.
fn times(row: &Unknown, loss: Loss, began: Instant, date: Micros, now: Micros, timing: &Timing) -> Seen {
    let by_wall = now.saturating_sub(row.marked).max(0);
    let since_mark = loss.marked.map(|marked| micros(marked.elapsed()).max(by_wall));
    let since_loss = micros(began.saturating_duration_since(loss.lost));
    let earliest = date - since_mark.unwrap_or(by_wall) - micros(timing.created_before);
    Seen {
        over: Some(date + DATE - since_loss + micros(timing.deadline)),
        earliest: Some(earliest),
        // Another process marked it, perhaps with a clock that was wrong.
        doubtful: since_mark.is_none().then(|| earliest - micros(timing.doubt)),
        ..row.seen.clone()
    }
}

/// Returns the time until the next check.
fn wait(checks: u32, date: Option<Micros>, seen: &Seen, timing: &Timing) -> Micros {
    let at = |check: u32| usize::try_from(check).ok().and_then(|check| timing.checks.get(check));
    let scheduled = match (at(checks), at(checks.saturating_add(1))) {
        (Some(this), Some(next)) => next.saturating_sub(*this),
        _ => timing.check_every,
    };
    // A second read is worth nothing before its time, and everything right after it.
    let proof = seen.absent.map(|first| first.saturating_add(micros(timing.absent_gap)));
    let until = date.and_then(|date| {
        let useful = [proof, seen.over].into_iter().flatten().find(|at| *at > date)?;
        Some(useful - date + DATE)
    });
    until.unwrap_or_else(|| micros(scheduled))
}

#[cfg(test)]
mod tests;
