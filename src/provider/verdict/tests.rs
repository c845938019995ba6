//! One test for each row of the README's table, and for each refinement.

use super::*;
use Outcome::{Applied, NotApplied, Unknown};
use Repeat::{Counted, No, Uncounted};
use RequestClass::{Create, Read, Update};

const NOTHING: Earlier = Earlier { perhaps_done: false, in_grace: false };
const PERHAPS_DONE: Earlier = Earlier { perhaps_done: true, in_grace: false };
const NO_FACT: Fact = Fact { outcome: None, later: None };

const fn status(status: u16) -> Seen {
    Seen::Status { status, deleting: false }
}

/// What each class is told: outcome, repeat, retryable. In the order read, update, create.
type Row = [(Outcome, Repeat, bool); 3];

fn row(seen: Seen, fact: Fact) -> Row {
    [Read, Update, Create].map(|class| told(verdict(seen, class, fact, NOTHING, false)))
}

fn told(verdict: Verdict) -> (Outcome, Repeat, bool) {
    assert!(!verdict.is_done());
    (verdict.outcome(), verdict.repeat(), verdict.is_retryable())
}

const ALL_REPEAT: Row = [(NotApplied, Counted, true); 3];
const STOP: Row = [(NotApplied, No, false); 3];
/// It may have been done: only a create stops.
const CREATES_STOP: Row = [(Unknown, Counted, true), (Unknown, Counted, true), (Unknown, No, false)];

#[test]
fn what_no_connection_took_is_repeated() {
    assert_eq!(row(Seen::NotTaken, NO_FACT), ALL_REPEAT);
}

#[test]
fn what_cannot_be_built_stops() {
    assert_eq!(row(Seen::Unbuilt, NO_FACT), STOP);
}

#[test]
fn too_many_requests_are_repeated() {
    assert_eq!(row(status(429), NO_FACT), ALL_REPEAT);
}

#[test]
fn a_408_and_everything_from_500_on_may_have_been_done() {
    for code in [408, 500, 502, 503, 504, 599, 600, 999] {
        assert_eq!(row(status(code), NO_FACT), CREATES_STOP, "{code}");
    }
}

#[test]
fn a_1xx_that_ends_the_exchange_may_have_been_done() {
    for code in [100, 101, 103] {
        assert_eq!(row(status(code), NO_FACT), CREATES_STOP, "{code}");
    }
}

#[test]
fn a_2xx_whose_body_is_an_error_stops_and_is_unknown() {
    assert_eq!(row(Seen::Undone { status: 200 }, NO_FACT), [(Unknown, No, false); 3]);
    let later = Fact { outcome: None, later: Some(true) };
    assert_eq!(row(Seen::Undone { status: 201 }, later), [(Unknown, No, false); 3]);
}

#[test]
fn without_a_status_line_it_may_have_been_done() {
    assert_eq!(row(Seen::NoStatus, NO_FACT), CREATES_STOP);
}

#[test]
fn a_success_that_was_cut_was_done_and_is_read_again() {
    assert_eq!(
        row(Seen::Cut, NO_FACT),
        [(Applied, Counted, true), (Applied, No, true), (Applied, No, false)]
    );
}

#[test]
fn a_success_that_cannot_be_read_was_done_and_stops() {
    assert_eq!(row(Seen::Unreadable, NO_FACT), [(Applied, No, false); 3]);
    assert_eq!(row(status(200), NO_FACT), [(Applied, No, false); 3]);
}

#[test]
fn a_redirect_stops() {
    for code in [300, 301, 302, 307, 308, 399] {
        assert_eq!(row(status(code), NO_FACT), STOP, "{code}");
    }
}

#[test]
fn a_303_to_a_create_says_that_it_was_done() {
    assert_eq!(
        row(status(303), NO_FACT),
        [(NotApplied, No, false), (NotApplied, No, false), (Unknown, No, false)]
    );
}

#[test]
fn any_other_4xx_stops() {
    for code in [400, 401, 403, 404, 409, 410, 422, 451, 499] {
        assert_eq!(row(status(code), NO_FACT), STOP, "{code}");
    }
}

/// Refinements by the catalogue.
#[test]
fn a_code_may_know_that_a_4xx_is_unknown() {
    let unclear = Fact { outcome: Some(Unknown), later: None };
    assert_eq!(row(status(400), unclear), [(Unknown, No, false); 3]);
    let both = Fact { outcome: Some(Unknown), later: Some(true) };
    assert_eq!(row(status(400), both), [(Unknown, No, false); 3]);
}

#[test]
fn a_code_may_know_that_a_4xx_passes_later_but_we_do_not_repeat_it() {
    let later = Fact { outcome: None, later: Some(true) };
    assert_eq!(row(status(400), later), [(NotApplied, No, true); 3]);
}

#[test]
fn a_code_may_stop_a_429() {
    let never = Fact { outcome: None, later: Some(false) };
    assert_eq!(row(status(429), never), STOP);
}

#[test]
fn a_code_changes_nothing_of_what_may_have_been_done() {
    let hopeful = Fact { outcome: Some(NotApplied), later: Some(true) };
    for seen in [status(500), status(408), status(101), Seen::NoStatus] {
        assert_eq!(row(seen, hopeful), CREATES_STOP, "{seen:?}");
    }
}

/// Refinements by what happened before.
#[test]
fn a_delete_that_finds_nothing_left_is_done_if_an_earlier_one_may_have_been() {
    let missing = Seen::Status { status: 404, deleting: true };
    assert!(verdict(missing, Update, NO_FACT, PERHAPS_DONE, false).is_done());
    assert_eq!(told(verdict(missing, Update, NO_FACT, NOTHING, false)), (NotApplied, No, false));
    assert!(!verdict(status(404), Update, NO_FACT, PERHAPS_DONE, false).is_done());
}

#[test]
fn what_was_just_made_is_asked_for_again_without_being_counted() {
    let in_grace = Earlier { in_grace: true, ..NOTHING };
    assert_eq!(told(verdict(status(404), Read, NO_FACT, in_grace, false)), (NotApplied, Uncounted, false));
    assert_eq!(told(verdict(status(400), Read, NO_FACT, in_grace, false)), (NotApplied, No, false));
}

#[test]
fn a_refusal_does_not_undo_an_earlier_attempt() {
    for seen in [status(400), status(429), Seen::NotTaken] {
        let of = |class| verdict(seen, class, NO_FACT, PERHAPS_DONE, false).outcome();
        assert_eq!([Read, Update, Create].map(of), [NotApplied, Unknown, Unknown], "{seen:?}");
    }
    assert_eq!(told(verdict(status(429), Create, NO_FACT, PERHAPS_DONE, false)), (Unknown, No, false));
    assert_eq!(told(verdict(status(429), Update, NO_FACT, PERHAPS_DONE, false)), (Unknown, Counted, true));
}

/// Refinement by the caller.
#[test]
fn who_allows_duplicates_gets_repeats_and_is_not_told_that_they_are_safe() {
    for seen in [Seen::NoStatus, status(500), status(408)] {
        assert_eq!(
            told(verdict(seen, Create, NO_FACT, NOTHING, true)),
            (Unknown, Counted, false),
            "{seen:?}"
        );
    }
    assert_eq!(told(verdict(status(429), Create, NO_FACT, PERHAPS_DONE, true)), (Unknown, Counted, false));
    for seen in [Seen::Cut, Seen::Unreadable, Seen::Undone { status: 200 }, status(303), status(400)] {
        assert_eq!(verdict(seen, Create, NO_FACT, NOTHING, true).repeat(), No, "{seen:?}");
    }
}

/// Over everything: the promise that nobody is texted twice.
#[test]
fn a_create_that_may_have_been_done_is_never_repeated_nor_called_repeatable() {
    let mut seen = vec![Seen::Unbuilt, Seen::NotTaken, Seen::NoStatus, Seen::Cut, Seen::Unreadable];
    seen.extend((100..1000).map(status));
    seen.extend((200..300).map(|status| Seen::Undone { status }));
    let facts = [None, Some(NotApplied), Some(Unknown), Some(Applied)]
        .into_iter()
        .flat_map(|outcome| [None, Some(false), Some(true)].map(|later| Fact { outcome, later }));
    for fact in facts {
        for (seen, perhaps_done) in seen.iter().flat_map(|seen| [(*seen, false), (*seen, true)]) {
            let verdict = verdict(seen, Create, fact, Earlier { perhaps_done, in_grace: false }, false);
            let harmless = verdict.outcome() == NotApplied;
            assert!(harmless || verdict.repeat() == No, "{seen:?} {fact:?} {perhaps_done}: {verdict:?}");
            assert!(harmless || !verdict.is_retryable(), "{seen:?} {fact:?} {perhaps_done}: {verdict:?}");
        }
    }
}
