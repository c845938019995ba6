use super::*;

const SECOND: Micros = 1_000_000;
const MINUTE: Micros = 60 * SECOND;
/// When the attempt was over, by the provider's clock.
const OVER: Micros = 1_000 * MINUTE;
const TIMING: Timing = Timing::new();

fn listed(sid: &str, likeness: Likeness) -> Listed {
    Listed {
        sid: sid.to_owned(),
        status: DeliveryStatus::Sent,
        to: Some("+14155551234".into()),
        from: Some("+14155550100".into()),
        pool: None,
        created: Some(OVER),
        outbound: true,
        likeness,
    }
}

fn same(sid: &str) -> Listed {
    listed(sid, Likeness::Same)
}

fn opaque(sid: &str) -> Listed {
    listed(sid, Likeness::Opaque)
}

/// The facts of one case; each test changes what its row of the table is about.
struct Case {
    sent: Sent,
    rows: Vec<Listed>,
    bound: Bound,
    seen: Seen,
    date: Micros,
    canary: Option<Micros>,
}

fn case(rows: impl Into<Vec<Listed>>) -> Case {
    let (to, from) = ("+14155551234".into(), "+14155550100".to_owned());
    Case {
        sent: Sent { to, from, exclusive: false, age: 2 * MINUTE },
        rows: rows.into(),
        bound: Bound::default(),
        seen: Seen { over: Some(OVER), earliest: Some(OVER - 3 * MINUTE), ..Seen::default() },
        date: OVER + 20 * MINUTE,
        canary: Some(OVER + MINUTE),
    }
}

impl Case {
    fn verdict(self) -> Verdict {
        let read = Read::Complete { date: self.date, rows: self.rows, canary: self.canary };
        verdict(&self.sent, &read, &self.bound, &self.seen, &TIMING)
    }
}

fn is(sid: &str) -> Verdict {
    Verdict::Accepted { sid: sid.to_owned(), status: DeliveryStatus::Sent }
}

fn parks(why: ParkReason, sids: &[&str]) -> Verdict {
    Verdict::Park { why, sids: sids.iter().map(ToString::to_string).collect() }
}

const PROOF: Verdict = Verdict::Again { proof: true };
const AGAIN: Verdict = Verdict::Again { proof: false };

#[test]
fn one_message_with_the_same_text_is_this_one() {
    assert_eq!(case([same("SM1")]).verdict(), is("SM1"));
    let others = [listed("SM2", Likeness::Other), same("SM1"), opaque("SM3")];
    assert_eq!(case(others).verdict(), is("SM1"), "whatever else was sent to this person");
    let early =
        Case { seen: Seen { over: Some(OVER * 2), ..Seen::default() }, canary: None, ..case([same("SM1")]) };
    assert_eq!(early.verdict(), is("SM1"), "what is there needs no proof of absence");
}

#[test]
fn one_message_that_cannot_be_compared_is_this_one_if_nobody_else_sends() {
    let mut exclusive = case([opaque("SM1")]);
    exclusive.sent.exclusive = true;
    assert_eq!(exclusive.verdict(), is("SM1"));
    assert_eq!(case([opaque("SM1")]).verdict(), parks(ParkReason::Opaque, &["SM1"]));
}

#[test]
fn several_messages_are_for_a_person() {
    assert_eq!(case([same("SM2"), same("SM1")]).verdict(), parks(ParkReason::Several, &["SM2", "SM1"]));
    let mut exclusive = case([opaque("SM2"), opaque("SM1")]);
    exclusive.sent.exclusive = true;
    assert_eq!(exclusive.verdict(), parks(ParkReason::Several, &["SM2", "SM1"]));
}

#[test]
fn an_equal_message_of_ours_without_an_id_makes_one_message_doubtful() {
    for row in [same("SM1"), opaque("SM1")] {
        let mut rival = case([row]);
        rival.sent.exclusive = true;
        rival.bound.rival = true;
        assert_eq!(rival.verdict(), parks(ParkReason::Undecided, &["SM1"]));
    }
    let mut none = case([]);
    none.bound.rival = true;
    assert_eq!(none.verdict(), PROOF, "what is not there belongs to neither");
}

#[test]
fn a_candidate_is_outbound_to_this_recipient_and_belongs_to_nobody_else() {
    let inbound = Listed { outbound: false, ..same("SM1") };
    let to_another = Listed { to: Some("+14155559999".into()), ..same("SM1") };
    assert_eq!(case([inbound, to_another]).verdict(), PROOF);
    let mut bound = case([same("SM1")]);
    bound.bound.sids = vec!["SM1".to_owned()];
    assert_eq!(bound.verdict(), PROOF);
}

#[test]
fn a_candidate_is_from_this_sender_or_its_pool() {
    let by_pool = |from: Option<&str>, pool: Option<&str>| {
        let row = Listed { from: from.map(Into::into), pool: pool.map(Into::into), ..same("SM1") };
        let mut pool = case([row]);
        pool.sent.from = "MG1".to_owned();
        pool.verdict()
    };
    assert_eq!(by_pool(None, Some("MG1")), is("SM1"), "no number was chosen yet");
    assert_eq!(by_pool(Some("+14155550107"), Some("MG1")), is("SM1"));
    assert_eq!(by_pool(None, None), is("SM1"), "it may be from there");
    let other = parks(ParkReason::Undecided, &["SM1"]);
    assert_eq!(
        by_pool(Some("+14155550107"), Some("MG2")),
        other,
        "the same text from elsewhere is no absence"
    );
    assert_eq!(case([Listed { from: Some("+14155550107".into()), ..same("SM1") }]).verdict(), other);
    let foreign = Listed { from: Some("+14155550107".into()), ..opaque("SM1") };
    assert_eq!(case([foreign]).verdict(), PROOF);
}

#[test]
fn a_candidate_was_created_at_the_mark_or_at_any_time_later() {
    let at = |created| case([Listed { created, ..same("SM1") }]).verdict();
    assert_eq!(at(Some(OVER - 3 * MINUTE)), is("SM1"));
    assert_eq!(at(Some(OVER - 3 * MINUTE - 1)), PROOF, "sent before");
    assert_eq!(at(Some(OVER + 100 * MINUTE)), is("SM1"), "created late");
    assert_eq!(at(None), is("SM1"), "without a date it may be new");
}

#[test]
fn if_the_clock_of_the_mark_cannot_be_trusted_an_earlier_message_is_no_absence() {
    let mut case = case([Listed { created: Some(OVER - 60 * MINUTE), ..same("SM1") }]);
    case.seen.doubtful = Some(OVER - 1_500 * MINUTE);
    assert_eq!(case.verdict(), parks(ParkReason::Undecided, &["SM1"]));
}

#[test]
fn absent_needs_two_complete_reads_a_quarter_of_an_hour_apart() {
    let at = |date, absent| {
        let mut case = case([]);
        (case.date, case.seen.absent) = (date, absent);
        case.verdict()
    };
    assert_eq!(at(OVER + MINUTE, None), PROOF);
    assert_eq!(at(OVER + 15 * MINUTE, Some(OVER + MINUTE)), AGAIN);
    assert_eq!(at(OVER + 16 * MINUTE - 1, Some(OVER + MINUTE)), AGAIN);
    assert_eq!(at(OVER + 16 * MINUTE, Some(OVER + MINUTE)), Verdict::Absent);
    assert_eq!(at(OVER + MINUTE, Some(OVER + 2 * MINUTE)), AGAIN, "the provider's clock went back");
}

#[test]
fn absent_needs_reads_after_the_attempt_was_over() {
    let mut early = case([]);
    (early.date, early.canary) = (OVER - 1, Some(OVER + MINUTE));
    assert_eq!(early.verdict(), AGAIN);
    let mut unknown = case([]);
    unknown.seen = Seen { absent: Some(OVER - 100 * MINUTE), ..Seen::default() };
    assert_eq!(unknown.verdict(), AGAIN);
}

#[test]
fn absent_needs_a_canary_from_after_the_attempt_in_each_read() {
    for first in [None, Some(OVER)] {
        let with = |canary| {
            let mut case = case([]);
            (case.canary, case.seen.absent) = (canary, first);
            case.verdict()
        };
        assert_eq!(with(None), AGAIN);
        assert_eq!(with(Some(OVER - 1)), AGAIN, "older than the attempt");
        assert_eq!(with(Some(OVER)), if first.is_some() { Verdict::Absent } else { PROOF });
    }
}

#[test]
fn after_a_day_without_proof_a_person_decides() {
    let aged = |age| {
        let mut case = case([]);
        (case.sent.age, case.canary) = (age, None);
        case.verdict()
    };
    assert_eq!(aged(24 * 60 * MINUTE - 1), AGAIN);
    assert_eq!(aged(24 * 60 * MINUTE), parks(ParkReason::Unproven, &[]));
    let mut proven = case([]);
    (proven.sent.age, proven.seen.absent) = (25 * 60 * MINUTE, Some(OVER));
    assert_eq!(proven.verdict(), Verdict::Absent, "a late proof is a proof");
}

#[test]
fn without_a_complete_list_it_is_looked_at_again_and_then_parked() {
    let Case { sent, bound, seen, .. } = case([]);
    let at = |read, age| verdict(&Sent { age, ..sent.clone() }, &read, &bound, &seen, &TIMING);
    assert_eq!(at(Read::Incomplete, 23 * 60 * MINUTE), AGAIN);
    assert_eq!(at(Read::Incomplete, 24 * 60 * MINUTE), parks(ParkReason::Unproven, &[]));
    for read in [Read::Refused, Read::Impossible] {
        assert_eq!(at(read.clone(), 15 * MINUTE - 1), AGAIN, "a callback may still come");
        assert_eq!(at(read, 15 * MINUTE), parks(ParkReason::Unlisted, &[]));
    }
}
