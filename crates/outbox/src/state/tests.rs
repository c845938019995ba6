use std::collections::HashSet;

use fastrand::Rng;

use super::*;

const WORDS: [&str; 6] = ["queued", "sending", "sent", "undelivered", "delivered", "read"];

fn status(random: &mut Rng) -> DeliveryStatus {
    DeliveryStatus::from(WORDS[random.usize(..WORDS.len())])
}

fn event(random: &mut Rng, attempts: u32) -> Event {
    let attempt = random.u32(0..=attempts + 1);
    let sid = random.bool().then(|| format!("SM{}", random.u8(1..4)));
    match random.u8(..13) {
        0..=2 => Event::Mark,
        3 => Event::Unmark { attempt },
        4 => Event::Accepted { attempt, sid, status: status(random) },
        5 => Event::Refused { attempt, again: random.bool() },
        6 => Event::Lost { attempt },
        7 => Event::Park { attempt },
        8 => Event::Cancel,
        9 => Event::Expire,
        11 => Event::Block,
        10 => Event::Settle(match random.u8(..3) {
            0 => Settlement::WasSent(sid),
            1 => Settlement::WasNotSent,
            _ => Settlement::GiveUp,
        }),
        _ => Event::Report { sid: sid.unwrap_or_default(), status: status(random) },
    }
}

/// The allowed moves between states, written independently of the function under test:
/// r(eady), s(ending), u(nknown), p(arked), a(ccepted), x (rejected), e(xpired), b(locked), c(ancelled), g(iven up).
fn may_move(event: &Event, from: char, to: char) -> bool {
    let allowed: &[&str] = match event {
        Event::Mark => &["rs"],
        Event::Unmark { .. } | Event::Refused { again: true, .. } => &["sr", "ur", "pr", "sc", "uc", "pc"],
        Event::Refused { again: false, .. } => &["sx", "ux", "px"],
        Event::Lost { .. } => &["su"],
        Event::Park { .. } => &["rp", "sp", "up"],
        Event::Cancel => &["rc", "ss", "uu", "pp"],
        Event::Expire => &["re"],
        Event::Block => &["rb"],
        Event::Settle(_) => &["ua", "pa", "ur", "pr", "uc", "pc", "ug", "pg"],
        Event::Accepted { .. } => &["ra", "sa", "ua", "pa", "aa", "xa", "ea", "ba", "ca", "ga"],
        Event::Report { .. } => &["aa"],
    };
    allowed.contains(&[from, to].iter().collect::<String>().as_str())
}

fn letter(state: &State) -> char {
    match state {
        State::Ready => 'r',
        State::Sending => 's',
        State::Unknown => 'u',
        State::Parked => 'p',
        State::Accepted { .. } => 'a',
        State::Rejected => 'x',
        State::Expired => 'e',
        State::Blocked => 'b',
        State::Cancelled => 'c',
        State::Abandoned => 'g',
    }
}

/// Checks the rules that hold for every step, independently of the function under test.
fn check(before: &Progress, event: &Event, step: &Step) -> Result<(), String> {
    let Some(after) = step.moved() else { return Ok(()) };
    let fail = |what: &str| Err(format!("{what}: {before:?} {event:?} {after:?}"));
    let (from, to) = (letter(&before.state), letter(&after.state));
    if !may_move(event, from, to) {
        return fail("this move is not in the table");
    }
    let marks = u32::from(matches!(event, Event::Mark));
    if after.attempt != before.attempt + marks {
        return fail("only a mark counts an attempt");
    }
    if before.no_repeat && (!after.no_repeat || after.state == State::Ready) {
        return fail("what was cancelled is ready again");
    }
    let about = match event {
        Event::Unmark { attempt }
        | Event::Refused { attempt, .. }
        | Event::Lost { attempt }
        | Event::Park { attempt } => Some(*attempt),
        _ => None,
    };
    if about.is_some_and(|attempt| attempt != before.attempt) {
        return fail("evidence about one attempt moved another");
    }
    // The most important rule: a message may be sent again only if it was certainly not sent, or if a person said so.
    let proof = matches!(
        event,
        Event::Unmark { .. } | Event::Refused { again: true, .. } | Event::Settle(Settlement::WasNotSent)
    );
    if to == 'r' && !proof {
        return fail("it is ready again without proof");
    }
    if let (State::Accepted { sid: Some(first), .. }, State::Accepted { sid, .. }) =
        (&before.state, &after.state)
        && sid.as_ref() != Some(first)
    {
        return fail("the first id was lost");
    }
    Ok(())
}

#[test]
fn no_sequence_of_events_makes_a_move_that_is_not_in_the_table() {
    let sequences: u64 = std::env::var("SEQUENCES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let mut seen = HashSet::new();
    for seed in 0..sequences {
        let mut random = Rng::with_seed(seed);
        let mut now = Progress::new();
        for _ in 0..random.usize(1..16) {
            let event = event(&mut random, now.attempt);
            let step = step(&now, &event);
            check(&now, &event, &step).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            if let Some(after) = step.moved() {
                seen.insert((letter(&now.state), letter(&after.state)));
                now = after.clone();
            }
        }
    }
    // Every allowed move happens at least once, because a sequence that never leaves `ready` would prove nothing.
    let all: HashSet<(char, char)> = [
        "rs", "sr", "ur", "pr", "sc", "uc", "pc", "sx", "ux", "px", "su", "rp", "sp", "up", "rc", "ss", "uu",
        "pp", "re", "rb", "ba", "ua", "pa", "ug", "pg", "ra", "sa", "aa", "xa", "ea", "ca", "ga",
    ]
    .iter()
    .map(|both| (both.chars().next().unwrap(), both.chars().last().unwrap()))
    .collect();
    assert_eq!(seen, all);
}

/// Returns every order of a list.
fn orders<T: Clone>(all: &[T]) -> Vec<Vec<T>> {
    if all.is_empty() {
        return vec![Vec::new()];
    }
    let rest = |n: usize| all.iter().enumerate().filter(move |(m, _)| *m != n).map(|(_, one)| one.clone());
    let with = |n: usize| {
        let rest: Vec<T> = rest(n).collect();
        orders(&rest).into_iter().map(move |order| [vec![all[n].clone()], order].concat())
    };
    (0..all.len()).flat_map(with).collect()
}

fn fold(start: &Progress, events: &[Event]) -> Progress {
    events.iter().fold(start.clone(), |now, event| step(&now, event).moved().cloned().unwrap_or(now))
}

fn accepted(attempt: u32, sid: &str, status: &str) -> Event {
    Event::Accepted { attempt, sid: Some(sid.to_owned()), status: DeliveryStatus::from(status) }
}

#[test]
fn every_order_of_a_messages_evidence_ends_in_one_state() {
    let marked = fold(&Progress::new(), &[Event::Mark]);
    let evidence = [
        accepted(1, "SM1", "queued"),
        accepted(1, "SM1", "sent"),
        accepted(1, "SM1", "delivered"),
        accepted(1, "SM1", "read"),
        Event::Lost { attempt: 1 },
        Event::Accepted { attempt: 1, sid: None, status: DeliveryStatus::Queued },
    ];
    let ends: HashSet<String> =
        orders(&evidence).iter().map(|order| format!("{:?}", fold(&marked, order))).collect();
    assert_eq!(ends.len(), 1, "{ends:?}");
    assert!(ends.iter().all(|end| end.contains("SM1") && end.contains("Read")), "{ends:?}");
}

#[test]
fn two_accepted_attempts_are_told_in_every_order() {
    let twice = fold(&Progress::new(), &[Event::Mark, Event::Lost { attempt: 1 }]);
    let twice = fold(&twice, &[Event::Settle(Settlement::WasNotSent), Event::Mark]);
    for order in orders(&[accepted(1, "SM1", "sent"), accepted(2, "SM2", "delivered")]) {
        let first = step(&twice, &order[0]);
        let then = step(first.moved().unwrap(), &order[1]);
        let told = [&first, &then].iter().any(|step| matches!(step, Step::Anomaly(_, Anomaly::Doubled)));
        assert!(told, "{order:?}: {first:?} {then:?}");
    }
}

#[test]
fn what_was_cancelled_while_it_was_sent_is_not_sent_again() {
    let open = fold(&Progress::new(), &[Event::Mark, Event::Cancel]);
    assert!(open.no_repeat && open.state == State::Sending);
    assert_eq!(fold(&open, &[Event::Refused { attempt: 1, again: true }]).state, State::Cancelled);
    assert_eq!(
        fold(&open, &[Event::Lost { attempt: 1 }, Event::Settle(Settlement::WasNotSent)]).state,
        State::Cancelled
    );
    assert!(matches!(fold(&open, &[accepted(1, "SM1", "queued")]).state, State::Accepted { .. }));
}

#[test]
fn a_late_answer_counts_where_nothing_newer_has_happened() {
    let unknown = fold(&Progress::new(), &[Event::Mark, Event::Lost { attempt: 1 }]);
    assert_eq!(fold(&unknown, &[Event::Refused { attempt: 1, again: true }]).state, State::Ready);
    assert!(matches!(fold(&unknown, &[accepted(1, "SM1", "sent")]).state, State::Accepted { .. }));
    let again = fold(&unknown, &[Event::Settle(Settlement::WasNotSent), Event::Mark]);
    assert_eq!(step(&again, &Event::Refused { attempt: 1, again: false }), Step::Unchanged(Unchanged::Stale));
    let proof = step(&again, &accepted(1, "SM1", "sent"));
    assert!(matches!(proof, Step::Anomaly(_, Anomaly::PerhapsDoubled)), "{proof:?}");
}

#[test]
fn evidence_for_an_attempt_that_was_never_marked_here_tells_of_an_old_copy() {
    let ready = Progress::new();
    assert_eq!(step(&ready, &accepted(1, "SM1", "sent")), Step::Unchanged(Unchanged::FromTheFuture));
    assert_eq!(step(&ready, &accepted(0, "SM1", "sent")), Step::Unchanged(Unchanged::FromTheFuture));
}
