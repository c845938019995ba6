//! Tests of what a worker does where others use the same database.

use std::collections::BTreeSet;

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

/// The answer of a database in which another worker has the senders that are not in `mine`.
fn taken_over(tick: &Tick, mine: &mut BTreeSet<i64>, until: Micros) -> Ticked {
    mine.extend(tick.take.iter().filter(|take| take.from == Some(OTHER)).map(|take| take.sender));
    let (ours, theirs): (Vec<&Take>, Vec<&Take>) =
        tick.take.iter().partition(|take| mine.contains(&take.sender));
    let queues = tick.take.iter().flat_map(|take| &take.queues);
    Ticked {
        paces: ours.iter().map(|take| (take.sender, take.pace)).collect(),
        foreign: theirs.iter().map(|take| foreign(take.sender, until)).collect(),
        next_due: queues.map(|queue| (*queue, Some(NOW))).collect(),
        ..Ticked::default()
    }
}

fn senders(count: i64) -> Vec<SenderRow> {
    (1..=count).map(|id| sender(id, "a")).collect()
}

#[test]
fn a_worker_takes_senders_from_one_that_has_more_until_both_have_as_many() {
    let mut core = shared(&senders(10), FAST);
    let until = NOW + 30 * SECOND;
    let mut mine = BTreeSet::new();
    for tenth in 10..40 {
        let now = NOW + tenth * SECOND / 10;
        if let Some(tick) = core.tick(now) {
            core.ticked(now, Some(taken_over(&tick, &mut mine, until)));
        }
    }
    assert_eq!(mine.len(), 5, "{mine:?}");
}

#[test]
fn a_worker_leaves_another_one_its_only_sender() {
    let mut core = shared(&senders(1), FAST);
    for tenth in 10..40 {
        let now = NOW + tenth * SECOND / 10;
        if let Some(tick) = core.tick(now) {
            assert!(tick.take.iter().all(|take| take.from.is_none()));
            core.ticked(now, Some(held(&tick, NOW + 30 * SECOND)));
        }
    }
}
