//! What the tests share: an outbox with a worker on a fake.

use std::time::Duration;

use switchboard::provider::Outgoing;
use switchboard_outbox::{Account, Outbox, Timing, Worker};
use switchboard_testing::FakeTwilio;

use crate::database::TestDatabase;

pub(crate) const TO: &str = "+14155551234";

/// Intervals short enough for a test.
pub(crate) fn quick() -> Timing {
    let mut timing = Timing::new();
    timing.backoff = Duration::from_millis(20);
    timing.backoff_max = Duration::from_millis(200);
    timing.pause = Duration::from_millis(200);
    timing.rate_pause = Duration::from_millis(50);
    timing.equal = Duration::from_millis(200);
    timing
}

pub(crate) fn account(fake: &FakeTwilio) -> Account {
    Account::new(fake.adapter(), fake.credentials())
}

pub(crate) async fn start(fake: &FakeTwilio, database: &TestDatabase) -> (Outbox, Worker) {
    let outbox = database.outbox().await;
    let worker =
        outbox.worker(account(fake)).timing(quick()).rate(fake.phone_number(), 1e6).spawn().await.unwrap();
    (outbox, worker)
}

pub(crate) fn text(body: &str) -> Outgoing {
    Outgoing::text(TO, body)
}

/// Waits until a condition is true, and fails the test if that takes more than half a minute.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    for _ in 0..3_000 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never happens: {what}");
}
