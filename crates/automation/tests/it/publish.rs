//! Publishing: once, all or nothing, found and forgotten.

use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard_automation::mesh::{MeshError, Notice, Published};

use crate::database::{TestDatabase, on_both, soon};

fn notice(id: &str) -> Notice {
    Notice::new("order.paid", json!({"order": id})).source("shop").id(id)
}

async fn the_same_notice_of_many_tasks_and_programs_is_published_once(database: &TestDatabase) {
    let meshes = [database.mesh().await, database.mesh().await];
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..60 {
        let mesh = meshes[n % 2].clone();
        tasks.spawn(async move { mesh.publish(notice(&format!("evt_{}", n % 3))).await.unwrap() });
    }
    let all = soon(tasks.join_all()).await;
    let new = all.iter().filter(|one| matches!(one, Published::New(_))).count();
    let mut numbers: Vec<i64> = all.iter().map(|one| one.number()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!((new, numbers.len()), (3, 3));
    let other = meshes[0].publish(notice("evt_0").source("bank")).await.unwrap();
    assert!(matches!(other, Published::New(_)), "another source has ids of its own");
}

async fn all_or_none_are_published(database: &TestDatabase) {
    let mesh = database.mesh().await;
    let bad = Notice::new("order paid", json!({}));
    let error = mesh.publish_all([notice("1"), bad]).await.unwrap_err();
    assert!(matches!(error, MeshError::BadName { .. }), "{error}");
    assert_eq!(mesh.publish_all([]).await.unwrap(), []);
    let twice = mesh.publish_all([notice("1"), notice("2"), notice("1")]).await.unwrap();
    let [Published::New(one), Published::New(two), Published::Existing(again)] = twice[..] else {
        panic!("{twice:?}")
    };
    assert!(one == again && one < two);
}

async fn a_notice_comes_back_as_it_was(database: &TestDatabase) {
    let mesh = database.mesh().await;
    let cause = notice("1").tenant("blue-door");
    let payload =
        json!({"text": "a\"b\\ \u{1f44b} \u{0000}", "n": 1.5, "big": u64::MAX, "list": [null, true]});
    let sent = Notice::new("a.b-c.d_e", payload).subject("+14155551234").caused_by(&cause);
    let time: Timestamp = "2026-01-02T03:04:05.000006Z".parse().unwrap();
    let sent = sent.time(time);
    mesh.publish(sent.clone()).await.unwrap();
    let delivered = soon(mesh.subscribe("all", "**").await.unwrap().next()).await.unwrap();
    assert_eq!(delivered.notice, sent);
    assert!(!delivered.again);
}

async fn what_is_about_a_person_is_forgotten(database: &TestDatabase) {
    let mesh = database.mesh().await;
    mesh.publish(notice("1").subject("+14155551234")).await.unwrap();
    mesh.publish(notice("2").subject("+14155559999")).await.unwrap();
    assert_eq!(mesh.forget("+14155551234").await.unwrap(), 1);
    assert_eq!(mesh.forget("+14155551234").await.unwrap(), 0);
    let mut all = mesh.subscribe("all", "**").await.unwrap();
    let first = soon(all.next()).await.unwrap().notice;
    assert_eq!((first.id.as_str(), &first.payload, first.subject), ("1", &Value::Null, None));
    assert_eq!(soon(all.next()).await.unwrap().notice.payload["order"], "2");
    assert!(matches!(mesh.publish(notice("1")).await.unwrap(), Published::Existing(_)), "it is still known");
}

async fn what_a_subscriber_has_not_handled_is_not_deleted(database: &TestDatabase) {
    let mesh = database.mesh().await;
    mesh.publish_all(["1", "2", "3"].map(notice)).await.unwrap();
    let tomorrow = Timestamp::now() + std::time::Duration::from_secs(86_400);
    let mut crm = mesh.subscribe("crm", "**").await.unwrap();
    assert_eq!(mesh.delete_before(tomorrow, 100).await.unwrap(), 0);
    soon(crm.next()).await.unwrap();
    crm.save().await.unwrap();
    assert_eq!(mesh.delete_before(Timestamp::UNIX_EPOCH, 100).await.unwrap(), 0);
    assert_eq!(mesh.delete_before(tomorrow, 100).await.unwrap(), 1);
    assert_eq!(soon(crm.next()).await.unwrap().notice.id, "2");
    assert_eq!(soon(crm.next()).await.unwrap().notice.id, "3");
    crm.save().await.unwrap();
    assert_eq!(mesh.delete_before(tomorrow, 1).await.unwrap(), 1);
    mesh.publish(notice("4")).await.unwrap();
    assert_eq!(soon(crm.next()).await.unwrap().notice.id, "4");
}

on_both! {
    the_same_notice_of_many_tasks_and_programs_is_published_once,
    all_or_none_are_published,
    a_notice_comes_back_as_it_was,
    what_is_about_a_person_is_forgotten,
    what_a_subscriber_has_not_handled_is_not_deleted,
}
