//! Events are read in order, once, and again after a crash.

use std::time::Duration;

use switchboard::provider::Outgoing;
use switchboard_outbox::{Enqueue, Settlement};
use switchboard_testing::{FakeTwilio, Fault};

use crate::database::{TestDatabase, on_both};
use crate::setup::{TO, start, text};

async fn what_happens_to_messages_is_told_once_and_in_order(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let mut events = outbox.events("crm").await.unwrap();
    fake.fail_next(Fault::cut_after());
    let lost = outbox.enqueue("lost", text("one")).await.unwrap().id();
    outbox.wait("lost").await.unwrap();
    outbox.settle("lost", Settlement::WasNotSent, "ada").await.unwrap();
    outbox.wait("lost").await.unwrap();
    let mut told = Vec::new();
    for _ in 0..4 {
        let event = events.next().await.unwrap();
        assert_eq!((event.message, event.again), (Some(lost), false));
        told.push((event.topic, event.actor));
    }
    let topics: Vec<&str> = told.iter().map(|(topic, _)| topic.as_str()).collect();
    assert_eq!(topics, ["unknown", "settled", "retry", "accepted"]);
    assert_eq!(told[1].1.as_deref(), Some("ada"));
    assert!(outbox.events("crm").await.is_err(), "a cursor has one reader");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_reader_that_starts_again_skips_nothing(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    outbox
        .enqueue_all((0..30).map(|n| Enqueue::new(format!("{n}"), text(&format!("text {n}")))))
        .await
        .unwrap();
    outbox.drained().await.unwrap();
    let mut seen = Vec::new();
    for round in 0..3 {
        let mut events = outbox.events("crm").await.unwrap();
        for _ in 0..10 {
            let event = events.next().await.unwrap();
            if !event.again || !seen.contains(&event.number) {
                seen.push(event.number);
            }
        }
        if round < 2 {
            events.save().await.unwrap();
        }
    }
    assert_eq!(seen.len(), 30);
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn no_text_and_no_number_is_in_an_event_an_error_or_a_debug_form(database: &TestDatabase) {
    const SECRET: &str = "the wedding is off";
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let mut events = outbox.events("crm").await.unwrap();
    fake.opt_out(TO);
    outbox.enqueue("k", Outgoing::text(TO, SECRET)).await.unwrap();
    let message = outbox.wait("k").await.unwrap();
    let event = events.next().await.unwrap();
    let shown = format!("{message:?} {event:?} {outbox:?} {worker:?} {}", message.error.clone().unwrap());
    assert!(!shown.contains(SECRET) && !shown.contains(TO), "{shown}");
    let conflict = outbox.enqueue("k", Outgoing::text(TO, "something else")).await.unwrap_err();
    let shown = format!("{conflict} {conflict:?}");
    assert!(!shown.contains("something else") && !shown.contains(TO), "{shown}");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

on_both! {
    what_happens_to_messages_is_told_once_and_in_order,
    a_reader_that_starts_again_skips_nothing,
    no_text_and_no_number_is_in_an_event_an_error_or_a_debug_form,
}
