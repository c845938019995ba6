//! Tests each decision separately: which sender is next, who pauses for how long, and the effect of a slow disk.

mod lease;

use std::time::{Duration, Instant};

use switchboard::provider::{Accepted, DeliveryStatus, Outcome, Reason, SendId, SendKind};
use switchboard::{ErrorCode, ProviderError};

use super::*;
use crate::rows::{AccountRow, Foreign, NewSender, Paused, Take};
use crate::worker::pace::Pace;

const SECOND: Micros = 1_000_000;
const NOW: Micros = 1_800_000_000 * SECOND;
const FAST: u32 = u32::MAX;

/// What the tests, and the simulation, ask.
impl Core {
    /// Was it asked to stop?
    pub(crate) const fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// How many requests wait for their answer.
    pub(crate) fn flights(&self) -> usize {
        self.flights.len()
    }

    /// How many results are not in a committed transaction yet.
    pub(crate) fn unrecorded(&self) -> usize {
        self.results.len() + self.pending.as_ref().map_or(0, |pending| pending.results.len())
    }

    /// How many messages are marked whose request has not begun.
    pub(crate) fn marked(&self) -> usize {
        self.waiting.len()
    }
}

fn queue(id: i64) -> QueueRow {
    let (tenant, sender) = (format!("tenant {id}"), String::new());
    QueueRow { id, tenant, kind: SendKind::Text, sender, bound: None, next_due: NOW, held: None }
}

fn sender(id: i64, account: &str) -> SenderRow {
    let sender =
        NewSender { account: account.to_owned(), kind: SendKind::Text, address: format!("+1415555{id:04}") };
    SenderRow { id, sender, next_free: 0, paused: None }
}

/// Creates a core in which queue n belongs to the nth sender.
fn core(senders: &[SenderRow], rate: u32) -> Core {
    let started = Started { epoch: 1, lapsed: 0, dirty_starts: 1, clock: NOW, alive: NOW, guard: None };
    let mut core = Core::new(Timing::new(), Limits::default(), &started, Rng::with_seed(1));
    let queues = senders.iter().map(|sender| queue(sender.id)).collect();
    core.looked(NOW, Look { queues, ..Look::default() });
    for sender in senders {
        core.bound(NOW, sender.id, sender.clone(), rate);
    }
    core
}

/// The answer of a database in which every sender of the tick has more messages than may be marked.
fn mark(tick: &Tick, ids: &mut i64) -> Ticked {
    let mut ticked = Ticked::default();
    let mut left = tick.limit;
    for take in &tick.take {
        ticked.next_due.extend(take.queues.iter().map(|queue| (*queue, Some(NOW))));
        if left == 0 {
            continue;
        }
        let mut pace = take.pace;
        while left > 0
            && ticked.marked.iter().filter(|marked| marked.sender == take.sender).count() < take.rows as usize
        {
            let Some(begin) = pace.take(tick.at, take.until, 1) else { break };
            *ids += 1;
            left -= 1;
            ticked.marked.push(marked(*ids, take, begin, tick.at));
        }
        ticked.paces.push((take.sender, pace));
    }
    ticked
}

fn marked(id: i64, take: &Take, begin: Micros, due: Micros) -> Marked {
    let (queue, sender) = (take.queues[0], take.sender);
    let request = String::new();
    Marked {
        id,
        attempt: 1,
        queue,
        sender,
        weight: 1,
        begin,
        due,
        tries: 0,
        expires: None,
        request,
        charges: Vec::new(),
        counts: Vec::new(),
    }
}

fn accepted() -> Result<Accepted, ProviderError> {
    Ok(Accepted::new(SendId::text("SM1"), DeliveryStatus::Queued))
}

fn refused(code: ErrorCode, reason: Reason) -> ProviderError {
    ProviderError::new(code, Outcome::NotApplied).with_reason(reason)
}

/// Marks messages once, and begins those that were marked.
fn begin(core: &mut Core, now: Micros, ids: &mut i64) -> Vec<Marked> {
    if let Some(tick) = core.tick(now) {
        let ticked = mark(&tick, ids);
        core.ticked(now, Some(ticked));
    }
    std::iter::from_fn(|| core.begin(now)).map(|begin| begin.marked).collect()
}

#[test]
fn a_sender_that_got_nothing_goes_first_the_next_time() {
    let mut core = core(&[sender(1, "a"), sender(2, "a"), sender(3, "a")], FAST);
    let (mut ids, mut seen, mut now) = (0, std::collections::BTreeSet::new(), NOW + SECOND);
    for _ in 0..40 {
        for marked in begin(&mut core, now, &mut ids) {
            seen.insert(marked.sender);
            core.finished(now, marked.id, &accepted());
        }
        now += 1_000;
    }
    assert_eq!(seen.len(), 3, "the first sender's backlog keeps the others waiting");
}

#[test]
fn senders_of_an_account_on_trial_keep_no_other_account_waiting() {
    let mut senders: Vec<SenderRow> = (1..=200).map(|id| sender(id, "broken")).collect();
    senders.push(sender(201, "works"));
    let mut core = core(&senders, FAST);
    let paused = Paused { until: NOW, times: 1, reason: "badCredentials".to_owned() };
    let accounts = vec![AccountRow { name: "broken".to_owned(), paused }];
    core.looked(NOW, Look { accounts, ..Look::default() });
    let mut ids = 0;
    let mut now = NOW + SECOND;
    let mut works = 0;
    // The test message has no answer yet.
    for _ in 0..10 {
        let begun = begin(&mut core, now, &mut ids);
        works += begun.iter().filter(|marked| marked.sender == 201).count();
        now += 1_000;
    }
    assert!(works > 0, "the account that works sends nothing");
}

#[test]
fn an_answer_to_an_earlier_request_does_not_end_a_pause() {
    let mut core = core(&[sender(1, "a")], FAST);
    let mut ids = 0;
    let now = NOW + SECOND;
    let begun = begin(&mut core, now, &mut ids);
    let limited =
        refused(ErrorCode::RateLimited, Reason::RateLimited).with_retry_after(Duration::from_secs(20));
    core.finished(now, begun[0].id, &Err(limited));
    core.finished(now, begun[1].id, &accepted());
    let rest: Vec<i64> = begun[2..].iter().map(|marked| marked.id).collect();
    rest.iter().for_each(|id| core.finished(now, *id, &accepted()));
    assert!(begin(&mut core, now + SECOND, &mut ids).is_empty(), "the provider asked for 20 s");
    let trial = begin(&mut core, now + 21 * SECOND, &mut ids);
    assert_eq!(trial.len(), 1, "then one tries");
    core.finished(now + 21 * SECOND, trial[0].id, &accepted());
    assert!(begin(&mut core, now + 22 * SECOND, &mut ids).len() > 1, "and ends it");
}

#[test]
fn no_provider_ends_sending_for_longer_than_the_longest_pause() {
    for (asked, least, most) in [(100 * 366 * 86_400, 60, 15 * 60), (0, 1, 2)] {
        let mut core = core(&[sender(1, "a")], FAST);
        let mut ids = 0;
        let now = NOW + SECOND;
        let begun = begin(&mut core, now, &mut ids);
        let limited =
            refused(ErrorCode::RateLimited, Reason::RateLimited).with_retry_after(Duration::from_secs(asked));
        core.finished(now, begun[0].id, &Err(limited));
        begun[1..].iter().for_each(|marked| core.finished(now, marked.id, &accepted()));
        let early = begin(&mut core, now + least * SECOND - 1_000, &mut ids);
        assert!(early.is_empty(), "asked for {asked} s, tried within {least} s");
        assert_eq!(begin(&mut core, now + most * SECOND, &mut ids).len(), 1, "asked for {asked} s");
    }
}

#[test]
fn after_a_pause_that_a_person_ends_everything_is_due_as_before() {
    let mut core = core(&[sender(1, "a")], FAST);
    let mut ids = 0;
    let now = NOW + SECOND;
    let begun = begin(&mut core, now, &mut ids);
    for marked in &begun {
        core.finished(now, marked.id, &Err(refused(ErrorCode::Unauthorized, Reason::BadCredentials)));
    }
    let tick = core.tick(now).unwrap();
    assert!(tick.results.len() >= begun.len());
    assert!(tick.results.iter().all(|result| result.due <= now), "they would wait after `resume`, too");
}

#[test]
fn a_pause_that_a_look_has_not_seen_goes_on() {
    let mut core = core(&[sender(1, "a")], FAST);
    let mut ids = 0;
    let now = NOW + SECOND;
    let begun = begin(&mut core, now, &mut ids);
    // A read of the database begins here, sees no pause, and returns after the pause was written.
    core.look_begins();
    let refused = refused(ErrorCode::Unauthorized, Reason::BadCredentials);
    core.finished(now, begun[0].id, &Err(refused));
    let tick = core.tick(now).unwrap();
    let ticked = mark(&tick, &mut ids);
    assert!(!tick.pauses.is_empty() && ticked.marked.is_empty());
    core.ticked(now, Some(ticked));
    core.looked(now, Look { senders: vec![sender(1, "a")], ..Look::default() });
    assert!(begin(&mut core, now + SECOND, &mut ids).is_empty(), "the pause was forgotten");
}

#[test]
fn a_slow_disk_does_not_keep_a_slow_sender_from_sending() {
    for commit in [300_000, 700_000, 2_000_000] {
        let mut core = core(&[sender(1, "a")], 1_000);
        let (mut ids, mut begun, mut now) = (0, 0, NOW + SECOND);
        let end = now + 60 * SECOND;
        while now < end {
            if let Some(tick) = core.tick(now) {
                let ticked = mark(&tick, &mut ids);
                now += commit;
                core.ticked(now, Some(ticked));
            }
            while let Some(begin) = core.begin(now) {
                begun += 1;
                core.finished(now, begin.marked.id, &accepted());
            }
            now = core.wake_at(now).unwrap_or(now).max(now + 1_000);
        }
        // At least one message in three seconds, at most one a second, and never two transactions at the same time.
        assert!(begun >= 20, "with commits of {commit} µs, {begun} begun in a minute");
        assert!(begun <= 61, "{begun}");
    }
}

#[test]
fn many_tenants_may_share_one_number() {
    let queues = 4_000;
    let started = Started { epoch: 1, lapsed: 0, dirty_starts: 1, clock: NOW, alive: NOW, guard: None };
    let mut core = Core::new(Timing::new(), Limits::default(), &started, Rng::with_seed(1));
    let look = || Look { queues: (1..=queues).map(queue).collect(), ..Look::default() };
    let begun = Instant::now();
    core.looked(NOW, look());
    (1..=queues).for_each(|queue| core.bound(NOW, queue, sender(1, "a"), FAST));
    for _ in 0..5 {
        core.looked(NOW, look());
        (1..=queues).for_each(|queue| assert!(core.hint(queue, NOW)));
    }
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[test]
fn turns_go_on_where_the_last_transaction_ended() {
    let queues = 1_000;
    let started = Started { epoch: 1, lapsed: 0, dirty_starts: 1, clock: NOW, alive: NOW, guard: None };
    let mut core = Core::new(Timing::new(), Limits::default(), &started, Rng::with_seed(1));
    core.looked(NOW, Look { queues: (1..=queues).map(queue).collect(), ..Look::default() });
    (1..=queues).for_each(|queue| core.bound(NOW, queue, sender(1, "a"), FAST));
    let (mut id, mut now, mut served) = (0, NOW + SECOND, std::collections::BTreeSet::new());
    for _ in 0..40 {
        if let Some(tick) = core.tick(now) {
            let mut ticked = Ticked::default();
            for take in &tick.take {
                // Takes one row from each queue in turn, as the store does.
                for queue in take.queues.iter().take(tick.limit as usize) {
                    id += 1;
                    ticked.marked.push(Marked { queue: *queue, ..marked(id, take, now, NOW) });
                }
                ticked.paces.push((take.sender, Pace { next_free: now, ..take.pace }));
                ticked.next_due.extend(take.queues.iter().map(|queue| (*queue, Some(NOW))));
            }
            core.ticked(now, Some(ticked));
        }
        while let Some(begin) = core.begin(now) {
            served.insert(begin.marked.queue);
            core.finished(now, begin.marked.id, &accepted());
        }
        now += 1_000;
    }
    assert_eq!(served.len(), 1_000, "some tenants had several turns before others had one");
}
