//! Reads the ready rows that a transaction may mark, those of many senders at once.

use std::collections::{HashMap, HashSet, VecDeque};

use super::column::{count, get};
use super::due::{Dues, number};
use super::recent;
use super::seek::{Lane, Place};
use super::work::Work;
use super::{Row, ToSql};
use crate::enqueue::Priority;
use crate::error::OutboxError;
use crate::policy::{Known, Passes, Purpose};
use crate::rows::Tick;
use crate::rows::candidate::Candidate;
use crate::rows::choose::{Decided, Wanted};

/// Rows that are read at once for one transaction, at most.
const MOST: u32 = 1024;

/// Rows that are read for a lane before it is its turn, at most.
const EACH: u32 = 64;

/// The rows of a lane that were read and not handed out yet.
#[derive(Default)]
struct Read {
    rows: VecDeque<Candidate>,
    /// Where the next reading begins.
    after: Option<Place>,
    /// How many rows the last reading asked for.
    asked: u32,
    more: bool,
}

/// The rows that were read for a transaction.
pub(super) struct Candidates<'t> {
    tick: &'t Tick,
    /// By sender and lane.
    lanes: HashMap<(i64, Lane), Read>,
    /// The scopes of consents, by sender.
    scopes: HashMap<i64, String>,
    /// The rows that were decided about. If a queue belongs to two senders, the second does not get them.
    decided: HashSet<i64>,
}

/// A lane to read.
struct Reading {
    lane: Lane,
    sender: i64,
    /// The scope of consents about this sender.
    scope: String,
    after: Place,
    rows: u32,
}

impl<'t> Candidates<'t> {
    pub(super) fn new(tick: &'t Tick, scopes: HashMap<i64, String>) -> Self {
        Self { tick, lanes: HashMap::new(), scopes, decided: HashSet::new() }
    }

    /// Must rows be read before the wanted ones can be handed out?
    pub(super) fn needs(&self, sender: i64, wanted: Wanted) -> bool {
        self.lanes.get(&(sender, lane(wanted))).is_none_or(|read| read.rows.is_empty() && read.more)
    }

    /// Returns rows of a lane, and whether there may be more.
    pub(super) fn hand(&mut self, sender: i64, wanted: Wanted) -> (VecDeque<Candidate>, bool) {
        let Some(read) = self.lanes.get_mut(&(sender, lane(wanted))) else { return (VecDeque::new(), false) };
        let mut rows = std::mem::take(&mut read.rows);
        rows.retain(|row| !self.decided.contains(&row.id));
        (rows, read.more)
    }

    pub(super) fn decided(&mut self, decided: &[Decided]) {
        self.decided.extend(decided.iter().map(|one| one.row.id));
    }

    /// Reads the wanted rows, and those that will be wanted next: of the sender's other queues, and of the senders after
    /// it, until there are as many as may be marked.
    pub(super) async fn read(
        &mut self,
        work: &Work<'_>,
        place: usize,
        wanted: Wanted,
        left: u32,
        dues: &Dues,
    ) -> Result<(), OutboxError> {
        let mut readings: Vec<Reading> = Vec::new();
        let mut rows = 0_u32;
        let later = self.tick.take.iter().enumerate().skip(place);
        for (at, take) in later {
            let due = dues.due_lanes(&take.queues, self.tick.at);
            let current = at == place;
            let lanes = Priority::ALL.into_iter().zip(&due).filter(|(priority, queues)| {
                if current { *priority == wanted.priority } else { !queues.is_empty() }
            });
            let Some((priority, queues)) = lanes.into_iter().next() else { continue };
            let share = left.div_ceil(u32::try_from(queues.len()).unwrap_or(u32::MAX).max(1));
            let each = if current { wanted.rows } else { share.min(EACH) };
            for queue in queues {
                let lane = (*queue, number(priority));
                let Some((after, more)) = self.next_of(work, (take.sender, lane), each) else { continue };
                // The wanted lane is always read.
                if rows >= left.min(MOST) && lane != self::lane(wanted) {
                    continue;
                }
                rows = rows.saturating_add(more);
                let scope = self.scopes.get(&take.sender).cloned().unwrap_or_default();
                readings.push(Reading { lane, sender: take.sender, scope, after, rows: more });
            }
            if rows >= left.min(MOST) {
                break;
            }
        }
        self.run(work, &readings).await
    }

    /// Returns from where a lane is read, and how many rows. A lane that is read again gave too few, so that more are
    /// read each time. `None` if there are rows left, or none behind them.
    fn next_of(&self, work: &Work<'_>, of: (i64, Lane), rows: u32) -> Option<(Place, u32)> {
        match self.lanes.get(&of) {
            None => Some((work.after(of.1, None), rows)),
            Some(read) if read.rows.is_empty() && read.more => {
                let after = read.after.unwrap_or_else(|| work.after(of.1, None));
                Some((after, rows.max(read.asked.saturating_mul(8)).min(MOST)))
            }
            Some(_) => None,
        }
    }

    async fn run(&mut self, work: &Work<'_>, readings: &[Reading]) -> Result<(), OutboxError> {
        let list = |of: fn(&Reading) -> i64| readings.iter().map(of).collect::<Vec<i64>>();
        let rows: Vec<i32> = readings.iter().map(|one| i32::try_from(one.rows).unwrap_or(i32::MAX)).collect();
        let priorities: Vec<i32> = readings.iter().map(|one| one.lane.1).collect();
        let scopes: Vec<&str> = readings.iter().map(|one| one.scope.as_str()).collect();
        let values: [&(dyn ToSql + Sync); 8] = [
            &list(|one| one.lane.0),
            &priorities,
            &list(|one| one.sender),
            &list(|one| one.after.0),
            &list(|one| one.after.1),
            &rows,
            &self.tick.at,
            &scopes,
        ];
        let mut found: HashMap<(i64, Lane), Vec<Candidate>> = HashMap::new();
        for row in work.transaction.query(&work.shared.sql.candidates, &values).await? {
            let lane = (get(&row, 0)?, get(&row, 1)?);
            found.entry((get(&row, 13)?, lane)).or_default().push(candidate(&row)?);
        }
        recent::read(work, self.tick, found.values_mut().flatten()).await?;
        for one in readings {
            let mut rows = found.remove(&(one.sender, one.lane)).unwrap_or_default();
            rows.sort_by_key(|row| (row.due, row.id));
            self.equal(work, one.sender, &mut rows).await?;
            let read = self.lanes.entry((one.sender, one.lane)).or_default();
            read.more = rows.len() >= usize::try_from(one.rows).unwrap_or(usize::MAX);
            read.asked = one.rows;
            read.after = rows.last().map(|row| (row.due, row.id)).or(read.after);
            read.rows.extend(rows);
        }
        Ok(())
    }

    /// Looks for the open messages that equal rows of plain SQL, whose fingerprint is computed only now.
    async fn equal(&self, work: &Work<'_>, sender: i64, rows: &mut [Candidate]) -> Result<(), OutboxError> {
        let new: Vec<String> = rows
            .iter_mut()
            .filter_map(|row| if row.prepare() { row.fingerprint.clone() } else { None })
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        let senders = vec![sender; new.len()];
        let found = work.transaction.query(&work.shared.sql.open_equal, &[&senders, &new]).await?;
        let open = found.iter().map(|row| Ok((get(row, 1)?, get(row, 2)?)));
        let open: HashMap<String, i64> = open.collect::<Result<_, OutboxError>>()?;
        for row in rows.iter_mut().filter(|row| row.prepared.is_some()) {
            row.equal = row.fingerprint.as_ref().and_then(|fingerprint| open.get(fingerprint)).copied();
        }
        Ok(())
    }
}

fn lane(wanted: Wanted) -> Lane {
    (wanted.queue, number(wanted.priority))
}

fn candidate(row: &Row) -> Result<Candidate, OutboxError> {
    let weight: Option<i32> = get(row, 8)?;
    Ok(Candidate {
        due: get(row, 2)?,
        id: get(row, 3)?,
        attempt: count(row, 4)?,
        tries: count(row, 5)?,
        error: get(row, 6)?,
        waits_for: get(row, 7)?,
        weight: weight.and_then(|weight| u32::try_from(weight).ok()),
        fingerprint: get(row, 9)?,
        expires: get(row, 10)?,
        request: get(row, 11)?,
        equal: get(row, 12)?,
        recipient: get(row, 14)?,
        purpose: Purpose::named(get(row, 15)?).unwrap_or_default(),
        zone: get(row, 16)?,
        known: get::<Option<String>>(row, 17)?.map(Known::new),
        tenant: get(row, 18)?,
        text_rules: get(row, 19)?,
        passes: get::<Option<&str>>(row, 20)?.and_then(Passes::of_word),
        campaign: get(row, 21)?,
        recent: Default::default(),
        prepared: None,
    })
}
