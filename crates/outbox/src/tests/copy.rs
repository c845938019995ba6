//! An old copy of a PostgreSQL database whose clock is not that of the worker's machine.

use std::time::Duration;

use switchboard::provider::{Messenger, Outgoing, SendOptions};
use switchboard_testing::FakeTwilio;

use super::clock::JumpingClock;
use super::database::TestDatabase;
use crate::{Account, Outbox, OutboxError, Timing, Worker};

async fn work(outbox: &Outbox, fake: &FakeTwilio) -> Worker {
    // A time without a worker counts as long, however short it is.
    let timing = Timing { away: Duration::ZERO, ..Timing::new() };
    let account = Account::new(fake.adapter(), fake.credentials());
    outbox.worker(account).timing(timing).spawn().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn an_old_copy_is_recognised_on_postgres_if_its_clock_is_an_hour_ahead_or_behind() {
    for forward in [true, false] {
        let database = TestDatabase::postgres("copy").await;
        database.open().await;
        let mut clock = JumpingClock::of(&database).await;
        clock.jump(Duration::from_secs(3_600), forward).await;
        let fake = FakeTwilio::builder().real_time().start().await;
        let outbox = database.open().await;
        let worker = work(&outbox, &fake).await;
        let first = Outgoing::text("+14155550001", "first");
        outbox.enqueue("first", first).await.unwrap();
        outbox.drained().await.unwrap();
        worker.shutdown(Duration::from_secs(5)).await.unwrap();
        // As in an old copy, this message waits, and the provider has sent it.
        let text = Outgoing::text("+14155550002", "second");
        outbox.enqueue("second", text.clone()).await.unwrap();
        let sent = fake.adapter().send(&fake.credentials(), &text, &SendOptions::new()).await;
        assert!(sent.is_ok(), "{sent:?}");
        // One that does not recognise it would send the message and go on.
        let limit = Duration::from_secs(20);
        let ended = tokio::time::timeout(limit, work(&outbox, &fake).await.ended()).await;
        assert!(matches!(ended, Ok(Err(OutboxError::AlreadySent { .. }))), "forward: {forward}: {ended:?}");
        assert_eq!(fake.sent().len(), 2);
        database.end().await;
    }
}
