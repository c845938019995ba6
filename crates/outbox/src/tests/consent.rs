//! Races of an opt-out with the transaction that marks a message: whoever commits first wins, and both know it.

use std::sync::Arc;
use std::time::Duration;

use switchboard::provider::{Outgoing, SendKind};

use super::database::TestDatabase;
use crate::Outbox;
use crate::rows::consent::{ConsentRow, Consents};
use crate::rows::{Finished, NewSender, Take, Tick};
use crate::state::{Event, State};
use crate::timing::Micros;
use crate::worker::pace::Pace;

const SENDER: &str = "+18005550000";

/// A worker that does nothing but mark.
struct Marker {
    outbox: Outbox,
    epoch: i64,
    batch: i64,
}

impl Marker {
    async fn tick(&mut self, results: Vec<Finished>) -> Vec<i64> {
        self.batch += 1;
        // A little later than now, because who enqueues has a clock of its own: what it has just enqueued must be due.
        let at = self.outbox.clock().now() + 10_000;
        let tick = Tick {
            epoch: self.epoch,
            batch: self.batch,
            at,
            results,
            take: vec![Take {
                sender: 1,
                queues: vec![1],
                pace: Pace { next_free: 0, milli_per_second: u32::MAX },
                until: at + 250_000,
                rows: 10,
                from: None,
            }],
            limit: 10,
            deadline: at + 45_000_000,
            ..Tick::default()
        };
        self.outbox.rows().tick(tick).await.unwrap().marked.into_iter().map(|marked| marked.id).collect()
    }
}

fn stop(recorded: Micros, recipient: &str) -> Consents {
    let row = ConsentRow {
        recipient: recipient.to_owned(),
        scope: format!("sender {SENDER}"),
        purpose: String::new(),
        opted_out: true,
        source: "keyword".to_owned(),
        at: recorded,
        proof: None,
    };
    Consents { recorded, rows: vec![row], actor: None, many: false }
}

async fn delay(micros: u64) {
    let until = std::time::Instant::now() + Duration::from_micros(micros);
    while std::time::Instant::now() < until {
        tokio::task::yield_now().await;
    }
}

/// Runs the races, with so many workers that mark at the same time.
async fn race(database: TestDatabase, races: u32, workers: usize) {
    let people = database.open().await;
    let mut markers = Vec::new();
    for _ in 0..workers {
        let outbox = database.open().await;
        let epoch = outbox.rows().start(outbox.clock().now(), workers == 1).await.unwrap().epoch;
        markers.push(Arc::new(tokio::sync::Mutex::new(Marker { outbox, epoch, batch: 0 })));
    }
    let first = Outgoing::text("+15005550006", "first").from(SENDER);
    people.enqueue("first", first).await.unwrap();
    let sender = NewSender { account: "AC".into(), kind: SendKind::Text, address: SENDER.into() };
    assert_eq!(people.rows().bind(1, sender).await.unwrap().id, 1);
    markers[0].lock().await.tick(Vec::new()).await;
    let (mut won, mut late) = (0, 0);
    for number in 0..races {
        let recipient = format!("+1415{number:07}");
        let key = format!("race {number}");
        people.enqueue(key.as_str(), Outgoing::text(recipient.as_str(), "Hi").from(SENDER)).await.unwrap();
        let ticks: Vec<_> = markers
            .iter()
            .map(|marker| {
                let (marker, wait) = (Arc::clone(marker), fastrand::u64(0..1_500));
                tokio::spawn(async move {
                    let mut marker = marker.lock().await;
                    delay(wait).await;
                    marker.tick(Vec::new()).await
                })
            })
            .collect();
        delay(fastrand::u64(0..1_500)).await;
        let stopped = people.rows().consent(stop(people.clock().now(), &recipient)).await.unwrap();
        let mut marked = Vec::new();
        for tick in ticks {
            marked.extend(tick.await.unwrap());
        }
        assert!(marked.len() <= 1, "{marked:?}");
        // The opt-out and the mark agree on who was first.
        assert_eq!(stopped.open, marked.len() as u64, "race {number}");
        let state = people.get(key.as_str()).await.unwrap().state;
        if marked.is_empty() {
            won += 1;
            assert!(matches!(state, State::Blocked | State::Ready), "{state}");
            markers[0].lock().await.tick(Vec::new()).await;
            assert_eq!(people.get(key.as_str()).await.unwrap().state, State::Blocked, "race {number}");
        } else {
            late += 1;
        }
        let refused = |id| {
            let event = Event::Refused { attempt: 1, again: true };
            Finished { id, ..Finished::from_outside(0, event) }
        };
        let again: Vec<i64> = markers[0].lock().await.tick(marked.into_iter().map(refused).collect()).await;
        assert!(again.is_empty(), "race {number}: it was marked after the opt-out");
        assert_eq!(people.get(key.as_str()).await.unwrap().state, State::Blocked, "race {number}");
    }
    println!("{races} races: {won} opt-outs were first, {late} marks were");
    assert!(won > races / 20 && late > races / 20, "{won} and {late}: this was no race");
    drop((people, markers));
    database.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_opt_out_that_commits_before_the_mark_is_honoured() {
    race(TestDatabase::sqlite("consent"), 1_000, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL"]
async fn an_opt_out_that_commits_before_the_mark_is_honoured_by_two_workers_on_postgres() {
    race(TestDatabase::postgres("consent").await, 1_000, 2).await;
}
