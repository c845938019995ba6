//! Live subscribers.

use std::time::{Duration, Instant};

use serde_json::json;
use switchboard_automation::mesh::{Live, LiveEvent, Mesh, Notice};

use crate::database::{TestDatabase, on_both, soon};

fn notice(n: u64) -> Notice {
    Notice::new("a.b", json!({"n": n})).source("test").id(n.to_string())
}

async fn next(live: &mut Live) -> u64 {
    match soon(live.next()).await.unwrap() {
        Some(LiveEvent::Notice { notice, .. }) => notice.payload["n"].as_u64().unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn a_live_subscriber_gets_what_comes_for_its_tenant(database: &TestDatabase) {
    let mesh = database.mesh().await;
    mesh.publish(notice(0)).await.unwrap();
    let mut live = mesh.live("a.*").await.unwrap().tenant("blue");
    let mut all = mesh.live("**").await.unwrap();
    mesh.publish(notice(1).tenant("red")).await.unwrap();
    mesh.publish(Notice::new("b.c", json!({})).tenant("blue")).await.unwrap();
    mesh.publish(notice(2).tenant("blue")).await.unwrap();
    assert_eq!(next(&mut live).await, 2);
    assert_eq!(next(&mut all).await, 1);
    drop(mesh);
    assert_eq!(soon(live.next()).await.unwrap(), None);
}

async fn a_notice_reaches_other_programs_within_a_second(database: &TestDatabase) {
    let (here, there) = (database.mesh().await, database.mesh().await);
    let mut live = there.live("**").await.unwrap();
    for n in 0..3 {
        let begun = Instant::now();
        here.publish(notice(n)).await.unwrap();
        assert_eq!(next(&mut live).await, n);
        // The promise is a second; a busy machine gets more.
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }
}

/// A page that was away continues behind the last notice that it saw, while others are published.
async fn who_was_away_gets_each_notice_once(database: &TestDatabase) {
    let mesh = database.mesh().await;
    let publisher = tokio::spawn({
        let mesh = mesh.clone();
        async move {
            for n in 0..400 {
                mesh.publish(notice(n)).await.unwrap();
            }
        }
    });
    let mut last = 0;
    let mut got = Vec::new();
    while got.len() < 400 {
        let mut live = mesh.live_after(last, "a.b").await.unwrap();
        for _ in 0..fastrand::usize(1..40).min(400 - got.len()) {
            match soon(live.next()).await.unwrap() {
                Some(LiveEvent::Notice { number, notice }) => {
                    last = number;
                    got.push(notice.payload["n"].as_u64().unwrap());
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(got, (0..400).collect::<Vec<_>>());
    publisher.await.unwrap();
}

async fn who_is_too_slow_is_told_how_much_was_dropped(database: &TestDatabase) {
    let mesh: Mesh = database.mesh().await;
    let mut slow = mesh.live("**").await.unwrap();
    // It catches up, and waits.
    assert!(tokio::time::timeout(Duration::from_secs(2), slow.next()).await.is_err());
    let mut quick = mesh.live("**").await.unwrap();
    for part in 0..20 {
        mesh.publish_all((part * 100..part * 100 + 100).map(notice)).await.unwrap();
        for n in part * 100..part * 100 + 100 {
            assert_eq!(next(&mut quick).await, n);
        }
    }
    let (mut got, mut last) = (0, None);
    while last != Some(1_999) {
        match soon(slow.next()).await.unwrap() {
            Some(LiveEvent::Notice { notice, .. }) => {
                got += 1;
                last = notice.payload["n"].as_u64();
            }
            Some(LiveEvent::Lagged(dropped)) => assert!(dropped > 0),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(got + slow.lagged(), 2_000, "what was dropped is what is missing");
    // More than the queue, if the last ones came while it read.
    assert!(got >= 1_024 && slow.lagged() > 0, "{got}");
    assert_eq!(quick.lagged(), 0);
}

async fn who_catches_up_is_not_told_of_what_it_gets(database: &TestDatabase) {
    let mesh = database.mesh().await;
    let publish = async |from: u64, to: u64| {
        for part in (from..to).step_by(500) {
            mesh.publish_all((part..part + 500).map(notice)).await.unwrap();
        }
    };
    publish(0, 1_000).await;
    let mut live = mesh.live_after(0, "**").await.unwrap();
    assert_eq!(next(&mut live).await, 0);
    publish(1_000, 3_000).await;
    for n in 1..3_000 {
        assert_eq!(next(&mut live).await, n);
    }
    assert_eq!(live.lagged(), 0);
}

async fn what_was_read_in_advance_is_forgotten_too(database: &TestDatabase) {
    let mesh = database.mesh().await;
    let mut live = mesh.live("**").await.unwrap();
    let mut behind = mesh.live_after(0, "**").await.unwrap();
    let mut crm = mesh.subscribe("crm", "**").await.unwrap();
    let about = |n: u64, who: &str| notice(n).subject(who);
    mesh.publish_all([notice(0), about(1, "ada"), about(2, "bob")]).await.unwrap();
    assert_eq!((next(&mut live).await, next(&mut behind).await), (0, 0));
    soon(crm.next()).await.unwrap();
    assert_eq!(mesh.forget("ada").await.unwrap(), 1);
    for live in [&mut live, &mut behind] {
        match soon(live.next()).await.unwrap() {
            Some(LiveEvent::Notice { notice, .. }) => {
                assert!(notice.payload.is_null() && notice.subject.is_none())
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(next(live).await, 2);
    }
    assert!(soon(crm.next()).await.unwrap().notice.payload.is_null());
    assert_eq!(soon(crm.next()).await.unwrap().notice.payload["n"], 2);
}

async fn a_subscriber_that_comes_after_all_others_have_gone_is_served(database: &TestDatabase) {
    let mesh = database.mesh().await;
    for n in 0..20 {
        let mut live = mesh.live("**").await.unwrap();
        mesh.publish(notice(n)).await.unwrap();
        assert_eq!(next(&mut live).await, n);
        drop(live);
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..30))).await;
    }
}

on_both! {
    who_catches_up_is_not_told_of_what_it_gets,
    what_was_read_in_advance_is_forgotten_too,
    a_subscriber_that_comes_after_all_others_have_gone_is_served,
    a_live_subscriber_gets_what_comes_for_its_tenant,
    a_notice_reaches_other_programs_within_a_second,
    who_was_away_gets_each_notice_once,
    who_is_too_slow_is_told_how_much_was_dropped,
}
