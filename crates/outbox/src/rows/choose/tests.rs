//! Tests that the decisions do not depend on how the rows arrive, and where they end.

use super::*;

const NOW: Micros = 1_800_000_000_000_000;

fn tick(take: Vec<Take>) -> Tick {
    Tick { at: NOW, take, limit: 100, equal_due: NOW + 60_000_000, ..Tick::default() }
}

fn take(milli_per_second: u32, rows: u32) -> Take {
    let pace = Pace { next_free: 0, milli_per_second };
    Take { sender: 7, queues: vec![1, 2], pace, until: NOW + 250_000, rows, from: None }
}

fn row(id: i64) -> Candidate {
    Candidate {
        due: NOW - 1_000_000 + id,
        id,
        attempt: 0,
        tries: 0,
        error: None,
        waits_for: None,
        weight: Some(1),
        fingerprint: Some(format!("{id:032}")),
        expires: None,
        request: String::new(),
        equal: None,
        recipient: "+14155551234".to_owned(),
        campaign: 0,
        tenant: String::new(),
        text_rules: None,
        passes: None,
        purpose: Default::default(),
        zone: None,
        known: None,
        recent: Default::default(),
        prepared: None,
    }
}

/// Runs to the end, and passes in at most `most` rows at once.
fn run(
    mut chooser: Chooser<'_>,
    lanes: &mut HashMap<(i64, i64), Vec<Candidate>>,
    most: usize,
) -> Vec<Decided> {
    let mut decided = Vec::new();
    while let Some(wanted) = chooser.next() {
        let lane = lanes.entry((wanted.queue, wanted.priority.number())).or_default();
        let rows: Vec<Candidate> = lane.drain(..most.min(lane.len())).collect();
        chooser.give(rows, !lane.is_empty());
        decided.extend(chooser.decided());
    }
    decided.extend(chooser.decided());
    decided
}

fn words(decided: &[Decided]) -> Vec<String> {
    let word = |one: &Decided| match &one.decision {
        Decision::Mark { begin, .. } => format!("{} at {}", one.row.id, begin - NOW),
        Decision::End(event, why) => format!("{} {event:?} {why:?}", one.row.id),
        Decision::Block(because) => format!("{} blocked by {}", one.row.id, because.rule),
        Decision::Defer { until, because, .. } => {
            format!("{} put off to {} by {}", one.row.id, until - NOW, because.rule)
        }
        Decision::Wait { other } => format!("{} waits for {other}", one.row.id),
    };
    decided.iter().map(word).collect()
}

#[test]
fn the_decisions_do_not_depend_on_how_many_rows_arrive_at_once() {
    let take = take(40_000, 100);
    let tick = tick(vec![take.clone()]);
    let lanes = || {
        let mut lanes: HashMap<(i64, i64), Vec<Candidate>> = HashMap::new();
        for id in 1..200 {
            let mut one = row(id);
            one.expires = (id % 5 == 0).then_some(NOW);
            one.fingerprint = Some(format!("{:032}", id % 60));
            lanes.entry((id % 3 % 2 + 1, id % 3)).or_default().push(one);
        }
        lanes
    };
    let due = || [vec![1, 2], vec![1, 2], vec![1, 2]];
    let one_by_one =
        words(&run(Chooser::new(&tick, &take, 100, due(), &mut Spent::default()), &mut lanes(), 1));
    let all_at_once =
        words(&run(Chooser::new(&tick, &take, 100, due(), &mut Spent::default()), &mut lanes(), 1000));
    assert_eq!(one_by_one, all_at_once);
    let marks = one_by_one.iter().filter(|word| word.contains(" at ")).count();
    assert_eq!(marks, 21, "what was missed in a quarter of a second, and a quarter ahead: {one_by_one:?}");
}

#[test]
fn equal_rows_of_one_transaction_wait_for_the_first() {
    let take = take(u32::MAX, 100);
    let tick = tick(vec![take.clone()]);
    let equal = |id, fingerprint: &str| Candidate { fingerprint: Some(fingerprint.to_owned()), ..row(id) };
    let open = Candidate { equal: Some(99), ..row(4) };
    let mut lanes = HashMap::from([((1, 1), vec![equal(1, "x"), equal(2, "x"), equal(3, "y"), open])]);
    let decided = run(
        Chooser::new(&tick, &take, 100, [vec![], vec![1], vec![]], &mut Spent::default()),
        &mut lanes,
        10,
    );
    assert_eq!(words(&decided), ["1 at 0", "2 waits for 1", "3 at 0", "4 waits for 99"]);
    assert_eq!(decided[1].waits_anew(), Some(1));
    let told =
        Decided { row: Candidate { waits_for: Some(1), ..decided[1].row.clone() }, ..decided[1].clone() };
    assert_eq!(told.waits_anew(), None, "it was told to wait for this one before");
}

#[test]
fn a_row_that_expired_is_not_read_and_one_that_cannot_be_read_is_parked() {
    let take = take(u32::MAX, 100);
    let tick = tick(vec![take.clone()]);
    let unread = |id, expires| {
        let mut row =
            Candidate { weight: None, fingerprint: None, request: "{}".to_owned(), expires, ..row(id) };
        assert!(!row.prepare());
        row
    };
    let mut lanes = HashMap::from([((1, 1), vec![unread(1, Some(NOW)), unread(2, None)])]);
    let decided = run(
        Chooser::new(&tick, &take, 100, [vec![], vec![1], vec![]], &mut Spent::default()),
        &mut lanes,
        10,
    );
    assert_eq!(words(&decided), ["1 Expire None", "2 Park { attempt: 0 } Some(Unreadable)"]);
}

#[test]
fn no_row_is_asked_for_that_cannot_be_used() {
    let (slow, fast) = (take(1_000, 100), take(u32::MAX, 10));
    let (tick_slow, tick_fast) = (tick(vec![slow.clone()]), tick(vec![fast.clone()]));
    let due = || [vec![], vec![1, 2], vec![]];
    let wanted = Chooser::new(&tick_slow, &slow, 100, due(), &mut Spent::default()).next().unwrap();
    assert_eq!((wanted.queue, wanted.rows), (1, 1), "its rate allows one");
    let wanted = Chooser::new(&tick_fast, &fast, 100, due(), &mut Spent::default()).next().unwrap();
    assert_eq!((wanted.queue, wanted.rows), (1, 5), "half of ten for each of two queues");
    assert_eq!(Chooser::new(&tick_fast, &fast, 0, due(), &mut Spent::default()).next(), None);
}
