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
    // It has caught up, and waits.
    assert!(tokio::time::timeout(Duration::from_millis(50), slow.next()).await.is_err());
    let mut quick = mesh.live("**").await.unwrap();
    for part in 0..20 {
        mesh.publish_all((part * 100..part * 100 + 100).map(notice)).await.unwrap();
        for n in part * 100..part * 100 + 100 {
            assert_eq!(next(&mut quick).await, n);
        }
    }
    let Some(LiveEvent::Lagged(dropped)) = soon(slow.next()).await.unwrap() else { panic!("it is told of") };
    let first = next(&mut slow).await;
    assert_eq!((dropped, slow.lagged()), (first, first), "what was dropped is what is missing");
    assert_eq!(first, 2_000 - 1_024);
    assert_eq!(quick.lagged(), 0);
}

on_both! {
    a_live_subscriber_gets_what_comes_for_its_tenant,
    a_notice_reaches_other_programs_within_a_second,
    who_was_away_gets_each_notice_once,
    who_is_too_slow_is_told_how_much_was_dropped,
}
