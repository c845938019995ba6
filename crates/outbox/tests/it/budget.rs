//! Budgets with many that enqueue and several workers: what arrives at the provider never passes a limit.

use std::time::Duration;

use switchboard::provider::Outgoing;
use switchboard::sms::PriceList;
use switchboard_outbox::policy::{Budget, Policy};
use switchboard_outbox::{Outbox, OutboxError, State, Worker};
use switchboard_testing::FakeTwilio;

use crate::database::{TestDatabase, on_both};
use crate::setup::{account, quick, text, until};

const TASKS: u32 = 64;
const EACH: u32 = 10;
const SENDERS: u32 = 8;

fn sender(number: u32) -> String {
    format!("+1500555{:04}", 100 + number % SENDERS)
}

/// 64 tasks enqueue 640 messages from eight senders at the same time, while as many workers as the database allows send.
async fn send(fake: &FakeTwilio, database: &TestDatabase, policy: &Policy) -> (Outbox, Vec<Worker>) {
    let workers = if matches!(database, TestDatabase::Sqlite(_)) { 1 } else { 2 };
    let mut all = Vec::new();
    let outbox = database.outbox().await.with_policy(policy.clone());
    for number in 0..workers {
        let other =
            if number == 0 { outbox.clone() } else { database.outbox().await.with_policy(policy.clone()) };
        let worker = other.worker(account(fake)).timing(quick());
        let worker = (0..SENDERS).fold(worker, |worker, number| worker.rate(sender(number), 1e6));
        all.push(worker.spawn().await.unwrap());
    }
    let tasks = (0..TASKS).map(|task| {
        let outbox = outbox.clone();
        tokio::spawn(async move {
            for number in 0..EACH {
                let number = task * EACH + number;
                let to = format!("+1415555{:04}", 1_000 + number);
                let message = Outgoing::text(to, "Hi").from(sender(number));
                outbox.enqueue(format!("message {number}"), message).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    (outbox, all)
}

/// The shares that were logged, in order.
async fn alerts(outbox: &Outbox) -> Vec<u64> {
    let mut events = outbox.events("alerts").await.unwrap();
    let mut percents = Vec::new();
    while let Ok(Ok(event)) = tokio::time::timeout(Duration::from_millis(300), events.next()).await {
        if event.topic == "budget" {
            percents.push(event.detail["percent"].as_u64().unwrap());
        }
    }
    percents
}

/// Waits until nothing was sent for a while, and returns how many were.
async fn at_rest(fake: &FakeTwilio, least: usize) -> usize {
    until("enough is sent", async || fake.sent().len() >= least).await;
    let mut before = fake.sent().len();
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = fake.sent().len();
        if now == before {
            return now;
        }
        before = now;
    }
}

fn add_senders(fake: &FakeTwilio) {
    (0..SENDERS).for_each(|number| fake.own_number(&sender(number)));
}

async fn messages_are_never_more_than_the_budget(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    add_senders(&fake);
    let budget = Budget::messages("texts", 300).unwrap().per_day("America/New_York").unwrap();
    let (outbox, workers) = send(&fake, database, &Policy::new().budget(budget)).await;
    // Each worker may keep a slice of 3 that its own senders do not need.
    let sent = at_rest(&fake, 294).await;
    assert!((294..=300).contains(&sent), "{sent} of 300");
    assert_eq!(alerts(&outbox).await, [50, 80, 100]);
    for worker in workers {
        worker.shutdown(Duration::from_secs(5)).await.unwrap();
    }
    assert_eq!(fake.sent().len(), sent);
    let counts = outbox.counts().await.unwrap();
    assert_eq!((counts.accepted, counts.ready), (sent as u64, 640 - sent as u64), "the others wait");
}

async fn a_cost_is_never_more_than_the_budget(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    add_senders(&fake);
    let mut prices = PriceList::new("USD");
    prices.set("US", "local", "0.0079".parse().unwrap());
    let budget = || Budget::cost("spend", "2.00".parse().unwrap(), prices.clone()).unwrap();
    let (outbox, workers) = send(&fake, database, &Policy::new().budget(budget())).await;
    // 253 × 0.0079 = 1.9987. Each worker may keep a slice of 2 messages and a part of one.
    let sent = at_rest(&fake, 247).await;
    assert!((247..=253).contains(&sent), "{sent} of 253");
    assert_eq!(alerts(&outbox).await, [50, 80, 100]);
    for worker in workers {
        worker.shutdown(Duration::from_secs(5)).await.unwrap();
    }
    let elsewhere = outbox.enqueue("elsewhere", Outgoing::text("+442071234567", "Hi")).await.unwrap_err();
    assert!(
        matches!(elsewhere, OutboxError::Blocked { .. }) && elsewhere.to_string().contains("no price"),
        "{elsewhere}"
    );
}

async fn what_surely_was_not_sent_is_given_back(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox =
        database.outbox().await.with_policy(Policy::new().budget(Budget::messages("two", 2).unwrap()));
    let worker =
        outbox.worker(account(&fake)).timing(quick()).rate(fake.phone_number(), 1e6).spawn().await.unwrap();
    // No number: the provider refuses it.
    outbox.enqueue("refused", Outgoing::text("+15005550001", "Hi")).await.unwrap();
    assert_eq!(outbox.wait("refused").await.unwrap().state, State::Rejected);
    for key in ["first", "second"] {
        outbox.enqueue(key, text(key)).await.unwrap();
        assert!(matches!(outbox.wait(key).await.unwrap().state, State::Accepted { .. }), "{key}");
    }
    outbox.enqueue("third", text("third")).await.unwrap();
    until("it is put off", async || {
        outbox.get("third").await.unwrap().at > jiff::Timestamp::now() + Duration::from_secs(3_000)
    })
    .await;
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    // Somebody raises the limit.
    let raised =
        database.outbox().await.with_policy(Policy::new().budget(Budget::messages("two", 3).unwrap()));
    raised.cancel("third", "ada").await.unwrap();
    raised.enqueue("fourth", text("fourth")).await.unwrap();
    let worker = raised.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    assert!(matches!(raised.wait("fourth").await.unwrap().state, State::Accepted { .. }));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

on_both! {
    messages_are_never_more_than_the_budget,
    a_cost_is_never_more_than_the_budget,
    what_surely_was_not_sent_is_given_back,
}
