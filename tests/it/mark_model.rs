//! Checks the mark that decides whether a request is sent, with loom: every order of taking, revoking and dropping.

use loom::sync::Arc;
use loom::sync::atomic;
use loom::thread;

#[path = "../../src/transport/mark.rs"]
mod mark;

use mark::Mark;

#[test]
fn a_request_is_either_taken_or_revoked_and_both_sides_agree() {
    loom::model(|| {
        let mark = Arc::new(Mark::new());
        let connection = Arc::clone(&mark);
        let sent = thread::spawn(move || {
            let first = connection.take(7);
            // hyper polls a body once more to see its end.
            assert_eq!(connection.take(9), first);
            first
        });
        let seen = mark.taken_at();
        let not_sent = mark.revoke();
        assert!(seen.is_none() || !not_sent, "a request that was seen as taken cannot be revoked");
        let sent = sent.join().unwrap();
        assert_eq!(sent, !not_sent, "the reported outcome differs from what happened");
        assert_eq!(mark.taken_at(), sent.then_some(7));
        assert_eq!(mark.is_revoked(), !sent);
    });
}

/// A limit runs out on one thread, the caller drops the send on another, the connection takes it on a third.
#[test]
fn a_time_limit_a_drop_and_a_connection_may_race() {
    loom::model(|| {
        let mark = Arc::new(Mark::new());
        let side = |act: fn(&Mark) -> bool| {
            let mark = Arc::clone(&mark);
            thread::spawn(move || act(&mark))
        };
        let connection = side(|mark| mark.take(1));
        let dropped = side(Mark::revoke);
        let limit = mark.revoke();
        let (sent, dropped) = (connection.join().unwrap(), dropped.join().unwrap());
        assert_eq!(limit, dropped, "both revocations must have the same result");
        assert_eq!(sent, !limit);
    });
}

#[test]
fn every_time_can_be_stored() {
    loom::model(|| {
        for at in [0, 1, u64::MAX - 1, u64::MAX] {
            let mark = Mark::new();
            assert!(mark.take(at) && !mark.revoke() && mark.taken_at().is_some(), "{at}");
        }
    });
}
