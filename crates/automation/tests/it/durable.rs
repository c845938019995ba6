//! Durable subscribers.

use std::time::Duration;

use serde_json::json;
use switchboard_automation::mesh::{Mesh, MeshError, Notice, Subscription};
use switchboard_store::StoreError;

use crate::database::{TestDatabase, on_both, soon};

async fn publish(mesh: &Mesh, name: &str, n: u64) {
    mesh.publish(Notice::new(name, json!({"n": n})).source("test").id(n.to_string())).await.unwrap();
}

async fn next(subscription: &mut Subscription) -> (u64, bool) {
    let delivered = soon(subscription.next()).await.unwrap();
    (delivered.notice.payload["n"].as_u64().unwrap(), delivered.again)
}

/// Subscribes again. A PostgreSQL server needs a moment to notice that the last one has ended.
async fn subscribe(mesh: &Mesh, name: &str, pattern: &str) -> Subscription {
    loop {
        match mesh.subscribe(name, pattern).await {
            Err(MeshError::Store(StoreError::Locked { .. })) => {
                tokio::time::sleep(Duration::from_millis(5)).await
            }
            other => return other.unwrap(),
        }
    }
}

async fn a_subscriber_continues_where_it_was(database: &TestDatabase) {
    let mesh = database.mesh().await;
    for n in 0..6 {
        publish(&mesh, if n % 2 == 0 { "a.even" } else { "a.odd" }, n).await;
    }
    let mut crm = mesh.subscribe("crm", "a.even").await.unwrap();
    assert_eq!(next(&mut crm).await, (0, false));
    assert_eq!(next(&mut crm).await, (2, false));
    crm.save().await.unwrap();
    assert_eq!(next(&mut crm).await, (4, false));
    drop(crm);
    let mut crm = subscribe(&mesh, "crm", "a.*").await;
    assert_eq!(next(&mut crm).await, (4, true));
    assert_eq!(next(&mut crm).await, (5, false));
    let mut other = mesh.subscribe("other", "**").await.unwrap();
    assert_eq!(next(&mut other).await, (0, false), "each has a position of its own");
    let second = mesh.subscribe("other", "**").await.unwrap_err();
    assert!(matches!(second, MeshError::Store(StoreError::Locked { .. })), "{second}");
    let bad = mesh.subscribe("x", "a..b").await.unwrap_err();
    assert!(matches!(bad, MeshError::BadPattern { .. }), "{bad}");
}

/// The future of `next` is dropped again and again, at any place.
async fn a_subscriber_that_is_interrupted_misses_nothing(database: &TestDatabase) {
    let mesh = database.mesh().await;
    let publisher = tokio::spawn({
        let mesh = mesh.clone();
        async move {
            for n in 0..300 {
                publish(&mesh, "a.b", n).await;
            }
        }
    });
    let mut crm = mesh.subscribe("crm", "a.b").await.unwrap();
    let mut got = Vec::new();
    for attempt in 0_u64.. {
        if got.len() == 300 {
            break;
        }
        // Now and then long enough for a busy machine.
        let most = if attempt % 4 == 3 { 100_000 } else { 1_500 };
        let patience = Duration::from_micros(fastrand::u64(0..most));
        if let Ok(delivered) = tokio::time::timeout(patience, crm.next()).await {
            got.push(delivered.unwrap().notice.payload["n"].as_u64().unwrap());
        }
    }
    assert_eq!(got, (0..300).collect::<Vec<_>>());
    publisher.await.unwrap();
}

async fn several_programs_publish_in_the_order_of_their_commits(database: &TestDatabase) {
    let meshes = [database.mesh().await, database.mesh().await];
    let mut crm = meshes[0].subscribe("crm", "**").await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for (place, mesh) in meshes.into_iter().enumerate() {
        tasks.spawn(async move {
            for n in 0..100 {
                publish(&mesh, "a.b", place as u64 * 1_000 + n).await;
            }
        });
    }
    let mut last = [None, None];
    let mut numbers = Vec::new();
    for _ in 0..200 {
        let delivered = soon(crm.next()).await.unwrap();
        let n = delivered.notice.payload["n"].as_u64().unwrap();
        let last = &mut last[usize::from(n >= 1_000)];
        assert!(last.is_none_or(|last| last < n), "{n} comes behind {last:?}");
        *last = Some(n);
        numbers.push(delivered.number);
    }
    assert!(numbers.is_sorted_by(|one, next| one < next));
    tasks.join_all().await;
}

on_both! {
    a_subscriber_continues_where_it_was,
    a_subscriber_that_is_interrupted_misses_nothing,
    several_programs_publish_in_the_order_of_their_commits,
}
