//! Tests of what a worker does where others use the same database.

use std::collections::BTreeMap;

use super::*;

const LEASE: Micros = 30 * SECOND;

fn shared(senders: &[SenderRow], rate: u32) -> Core {
    core(senders, rate).shared()
}

const OTHER: i64 = 7;

fn foreign(sender: i64, until: Micros) -> Foreign {
    Foreign { sender, owner: OTHER, until }
}

/// The answer of a database in which another worker has every sender until `until`.
fn held(tick: &Tick, until: Micros) -> Ticked {
    let foreign = tick.take.iter().map(|take| foreign(take.sender, until)).collect();
    let queues = tick.take.iter().flat_map(|take| &take.queues);
    Ticked { foreign, next_due: queues.map(|queue| (*queue, Some(NOW))).collect(), ..Ticked::default() }
}

fn takes(tick: &Tick) -> Vec<i64> {
    tick.take.iter().map(|take| take.sender).collect()
}

#[test]
fn a_worker_that_is_alone_leases_nothing() {
    let mut core = core(&[sender(1, "a")], FAST);
    assert_eq!(core.tick(NOW + SECOND).unwrap().lease, None);
}

#[test]
fn each_transaction_leases_its_senders_from_its_own_time() {
    let mut core = shared(&[sender(1, "a")], FAST);
    let tick = core.tick(NOW + SECOND).unwrap();
    assert_eq!(tick.lease.unwrap().until, NOW + SECOND + LEASE);
}

#[test]
fn a_sender_of_another_worker_is_asked_for_again_only_after_its_lease() {
    let mut core = shared(&[sender(1, "a"), sender(2, "a")], FAST);
    let tick = core.tick(NOW + SECOND).unwrap();
    assert_eq!(takes(&tick), [1, 2]);
    let until = NOW + 20 * SECOND;
    let answer = Ticked { paces: vec![(2, tick.take[1].pace)], ..held(&tick, until) };
    core.ticked(NOW + SECOND, Some(Ticked { foreign: vec![foreign(1, until)], ..answer }));
    // Neither a hint, nor a look, nor other transactions change that.
    for second in 2..20 {
        let now = NOW + second * SECOND;
        core.hint(1, now);
        core.looked(now, Look { queues: vec![queue(1), queue(2)], ..Look::default() });
        let tick = core.tick(now).unwrap();
        assert_eq!(takes(&tick), [2], "second {second}");
        let next_due = vec![(2, Some(NOW))];
        let paces = vec![(2, tick.take[0].pace)];
        core.ticked(now, Some(Ticked { paces, next_due, ..Ticked::default() }));
    }
    assert!(takes(&core.tick(until).unwrap()).contains(&1));
}

#[test]
fn the_worker_wakes_up_at_the_end_of_another_ones_lease() {
    let mut core = shared(&[sender(1, "a")], FAST);
    let now = NOW + SECOND;
    let tick = core.tick(now).unwrap();
    let until = now + SECOND / 2;
    core.ticked(now, Some(held(&tick, until)));
    assert_eq!(core.wake_at(now), Some(until));
}

#[test]
fn a_sender_that_was_taken_over_has_the_pace_that_the_database_answered() {
    let mut core = shared(&[sender(1, "a")], 1_000);
    let now = NOW + SECOND;
    let tick = core.tick(now).unwrap();
    let stored = Pace { next_free: now + 7 * SECOND, milli_per_second: 1_000 };
    core.ticked(
        now,
        Some(Ticked { paces: vec![(1, stored)], ..Ticked { foreign: vec![], ..held(&tick, now) } }),
    );
    let mut now = now;
    let taken = loop {
        now += SECOND / 10;
        let tick = core.tick(now);
        match tick {
            Some(tick) if tick.take.is_empty() => core.ticked(now, Some(Ticked::default())),
            Some(tick) => break tick.take[0].clone(),
            None => {}
        }
    };
    assert!(now >= stored.next_free - SECOND / 4 && now <= stored.next_free, "{}", now - NOW);
    assert!(taken.pace.next_free >= stored.next_free);
}

#[test]
fn an_idle_worker_looks_for_messages_past_their_deadline() {
    let mut core = shared(&[], FAST);
    let mut lapses = 0;
    let mut now = NOW;
    while now < NOW + 45 * SECOND {
        if let Some(tick) = core.tick(now) {
            lapses += i32::from(tick.lease.unwrap().lapse);
            core.ticked(now, Some(Ticked::default()));
        }
        let next = core.wake_at(now).unwrap();
        assert!(next > now, "it never sleeps");
        now = next;
    }
    assert_eq!(lapses, 32);
}

#[test]
fn what_waits_or_is_in_progress_here_does_not_lapse() {
    let mut core = shared(&[sender(1, "a")], 10_000);
    let now = NOW + SECOND;
    let mut ids = 0;
    let tick = core.tick(now).unwrap();
    let ticked = mark(&tick, &mut ids);
    core.ticked(now, Some(ticked));
    let begun = core.begin(now).unwrap().marked.id;
    assert!(core.marked() > 0);
    let lapse = std::iter::from_fn(|| core.tick(now + 2 * SECOND)).next().unwrap().lease.unwrap();
    let mut held = lapse.held;
    held.sort_unstable();
    assert!(lapse.lapse && held.contains(&begun));
    assert_eq!(held, (1..=ids).collect::<Vec<i64>>());
}

/// Several workers, and the leases and messages of the database that they share.
struct Shared {
    workers: Vec<Core>,
    /// The worker that has a sender, and until when.
    leases: BTreeMap<i64, (usize, Micros)>,
    /// Messages that wait, by sender.
    waiting: BTreeMap<i64, u32>,
    changes: u32,
}

impl Shared {
    fn new(workers: usize, senders: i64) -> Self {
        let senders: Vec<SenderRow> = (1..=senders).map(|id| sender(id, "a")).collect();
        Self {
            workers: (0..workers).map(|_| shared(&senders, FAST)).collect(),
            leases: BTreeMap::new(),
            waiting: senders.iter().map(|sender| (sender.id, 0)).collect(),
            changes: 0,
        }
    }

    fn look(&mut self, worker: usize, now: Micros) {
        let queues = self.waiting.iter().filter(|(_, count)| **count > 0).map(|(id, _)| queue(*id)).collect();
        self.workers[worker].looked(now, Look { queues, ..Look::default() });
    }

    fn tick(&mut self, worker: usize, now: Micros) {
        let Some(tick) = self.workers[worker].tick(now) else { return };
        let mut answer = Ticked::default();
        for take in &tick.take {
            let held = self.leases.get(&take.sender).copied().filter(|(_, until)| *until > now);
            let waiting = self.waiting.get_mut(&take.sender).unwrap();
            match held {
                Some((owner, until)) if owner != worker && take.from != Some(owner as i64) => {
                    answer.foreign.push(Foreign { sender: take.sender, owner: owner as i64, until });
                }
                _ => {
                    let before =
                        self.leases.insert(take.sender, (worker, tick.lease.as_ref().unwrap().until));
                    self.changes += u32::from(before.is_some_and(|(owner, _)| owner != worker));
                    *waiting = waiting.saturating_sub(1);
                    answer.paces.push((take.sender, take.pace));
                }
            }
            let due = (*waiting > 0).then_some(NOW);
            answer.next_due.extend(take.queues.iter().map(|queue| (*queue, due)));
        }
        self.workers[worker].ticked(now, Some(answer));
    }

    /// Runs for some seconds. `add` puts messages into the database, ten times a second.
    fn run(&mut self, from: Micros, seconds: i64, mut add: impl FnMut(i64, &mut BTreeMap<i64, u32>)) {
        for tenth in 0..seconds * 10 {
            let now = from + tenth * SECOND / 10;
            add(tenth, &mut self.waiting);
            for worker in 0..self.workers.len() {
                // Each worker reads at a time of its own.
                if (tenth + worker as i64 * 3) % 10 == 0 {
                    self.look(worker, now);
                }
                self.tick(worker, now + worker as i64 * 7_000);
            }
        }
    }

    fn owned(&self) -> Vec<usize> {
        let of = |worker| self.leases.values().filter(|(owner, _)| *owner == worker).count();
        (0..self.workers.len()).map(of).collect()
    }
}

fn always(_: i64, waiting: &mut BTreeMap<i64, u32>) {
    waiting.values_mut().for_each(|count| *count = 100);
}

#[test]
fn workers_share_senders_that_always_have_messages_and_then_keep_them() {
    for (workers, senders) in [(2, 10), (3, 8), (5, 50)] {
        let mut shared = Shared::new(workers, senders);
        // The first one has them all, as the others start later.
        for second in 0..20 {
            let now = NOW + second * SECOND;
            always(0, &mut shared.waiting);
            shared.look(0, now);
            shared.tick(0, now);
        }
        assert_eq!(shared.owned()[0], senders as usize);
        shared.run(NOW + 20 * SECOND, 300, always);
        let (most, least) = (*shared.owned().iter().max().unwrap(), *shared.owned().iter().min().unwrap());
        assert!(most - least <= 1, "{workers} workers: {:?}", shared.owned());
        let before = shared.changes;
        shared.run(NOW + 320 * SECOND, 300, always);
        assert_eq!(shared.changes, before, "{workers} workers: senders change hands for ever");
    }
}

#[test]
fn senders_that_have_a_message_now_and_then_are_not_passed_around() {
    for every in [3, 10, 30, 70] {
        let mut shared = Shared::new(3, 12);
        let add = |tenth: i64, waiting: &mut BTreeMap<i64, u32>| {
            for (id, count) in waiting.iter_mut() {
                *count += u32::from((tenth + id * 5) % every == 0);
            }
        };
        shared.run(NOW, 100, add);
        let before = shared.changes;
        shared.run(NOW + 100 * SECOND, 600, add);
        let changes = shared.changes - before;
        assert!(
            changes <= 12,
            "a message every {every} tenths of a second: {changes} changes in ten minutes"
        );
    }
}

#[test]
fn a_worker_leaves_another_one_its_only_sender() {
    let mut shared = Shared::new(2, 1);
    shared.run(NOW, 100, always);
    assert_eq!(shared.changes, 0);
}
