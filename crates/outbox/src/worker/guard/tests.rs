//! Tests of what is compared, on the reference model.

use switchboard::provider::{DeliveryStatus, Outgoing};
use switchboard_testing::FakeTwilio;

use super::*;
use crate::enqueue::{Prepared, Priority};
use crate::rows::memory::MemoryRows;
use crate::rows::{Finished, NewMessage, Take, Tick};
use crate::state::Event;
use crate::worker::pace::Pace;

const TO: &str = "+14155551234";

/// The same text for each tenant, from the same sender.
fn message(tenant: &str) -> NewMessage {
    let payload = Payload::Text(Outgoing::text(TO, "Your table is ready"));
    NewMessage {
        tenant: tenant.to_owned(),
        key: "k".to_owned(),
        due: None,
        expires: None,
        priority: Priority::Normal,
        prepared: Prepared::of(&payload).unwrap(),
        purpose: Default::default(),
        zone: None,
        text_rules: None,
        emergency: None,
        needs_consent: false,
        campaign: 0,
        refused: None,
        warned: Vec::new(),
        hashes: [String::new(), String::new()],
    }
}

/// Sends the text, and returns its id at the provider.
async fn send(fake: &FakeTwilio) -> String {
    let account = fake.adapter().account(&fake.credentials()).unwrap();
    account.send_sms(TO, "Your table is ready").await.unwrap().sid.to_string()
}

struct Two {
    rows: MemoryRows,
    account: Account,
    sender: (i64, NewSender),
    epoch: i64,
}

/// Two queues of one sender. The text of the first is at the provider, and its answer is not recorded yet.
async fn two(fake: &FakeTwilio, at: Micros) -> (Two, String) {
    let rows = MemoryRows::default();
    let new = NewSender {
        account: fake.account_sid(),
        kind: SendKind::Text,
        address: fake.phone_number().to_owned(),
    };
    rows.enqueue(at, vec![message("ada"), message("bob")]).await.unwrap();
    let epoch = rows.start(at, true).await.unwrap().epoch;
    let sender = rows.bind(1, new.clone()).await.unwrap().id;
    rows.bind(2, new.clone()).await.unwrap();
    let two =
        Two { rows, account: Account::new(fake.adapter(), fake.credentials()), sender: (sender, new), epoch };
    two.tick(at, vec![1], Vec::new()).await;
    let sid = send(fake).await;
    (two, sid)
}

impl Two {
    async fn tick(&self, at: Micros, queues: Vec<i64>, results: Vec<Finished>) {
        let pace = Pace { next_free: at, milli_per_second: 1_000_000 };
        let take = Take { sender: self.sender.0, queues, pace, until: at + 1, rows: 1, from: None };
        let tick = Tick {
            epoch: self.epoch,
            at,
            results,
            take: vec![take],
            limit: 1,
            deadline: at + 45_000_000,
            equal_due: at + 60_000_000,
            ..Tick::default()
        };
        self.rows.tick(tick).await.unwrap();
    }

    async fn check(&self, guard: &Guard, queue: i64) -> Result<(), Refused> {
        guard.check(&self.rows, &self.account, queue, (self.sender.0, &self.sender.1)).await
    }
}

#[tokio::test]
async fn an_answer_that_is_recorded_between_two_checks_refuses_nothing() {
    let fake = FakeTwilio::start().await;
    let clock = Clock::new();
    let at = clock.now();
    let (two, sid) = two(&fake, at).await;
    let guard = Guard::new(at, clock, Duration::from_secs(5));
    two.check(&guard, 1).await.unwrap();
    let event = Event::Accepted { attempt: 1, sid: Some(sid), status: DeliveryStatus::Queued };
    two.tick(at, Vec::new(), vec![Finished::new(1, event, at)]).await;
    two.check(&guard, 2).await.unwrap();
}

#[tokio::test]
async fn a_text_that_waits_here_and_was_sent_is_refused() {
    let fake = FakeTwilio::start().await;
    let clock = Clock::new();
    let at = clock.now();
    let (two, sid) = two(&fake, at).await;
    let twice = send(&fake).await;
    let guard = Guard::new(at, clock, Duration::from_secs(5));
    let Err(Refused::AlreadySent { sids }) = two.check(&guard, 2).await else { panic!("it was sent twice") };
    assert!(sids == [sid] || sids == [twice], "{sids:?}");
}
