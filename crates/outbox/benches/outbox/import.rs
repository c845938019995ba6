//! Enqueues many messages in batches, each a transaction.

use std::time::Instant;

use switchboard_outbox::Outbox;

use crate::database::Place;
use crate::plan::Plan;
use crate::report::{Target, line, median};
use crate::sender;

/// The batch of rows that only have to be there.
pub(crate) const BATCH: u64 = 1_000;
const SIZES: [u64; 5] = [100, 500, 1_000, 2_000, 5_000];

/// Enqueues `rows` messages, the first with this number.
pub(crate) async fn all(outbox: &Outbox, first: u64, rows: u64, batch: u64) {
    let end = first + rows;
    let mut next = first;
    while next < end {
        let last = end.min(next + batch);
        outbox.enqueue_all((next..last).map(sender::message)).await.expect("the batch is enqueued");
        next = last;
    }
}

/// Finds the best batch, and fills `many` with it.
pub(crate) async fn import(plan: &Plan, many: &Place) {
    let mut speeds: Vec<Vec<f64>> = vec![Vec::new(); SIZES.len()];
    for _ in 0..plan.rounds {
        for (speeds, size) in speeds.iter_mut().zip(SIZES) {
            let place = plan.databases.place("import");
            let outbox = place.open().await;
            speeds.push(measured(&outbox, plan.batches, size).await);
            outbox.store().close().await;
            drop(outbox);
            place.remove().await;
        }
    }
    for (speeds, size) in speeds.iter().zip(SIZES) {
        let what = format!("batches of {size}, {} rows", plan.batches);
        line(plan, "import", &what, median(speeds), "rows/s", &Target::None);
    }
    let faster = |one: &usize, other: &usize| median(&speeds[*one]).total_cmp(&median(&speeds[*other]));
    let best = (0..SIZES.len()).max_by(faster).map_or(BATCH, |best| SIZES[best]);
    let outbox = many.open().await;
    let speed = measured(&outbox, plan.ready, best).await;
    outbox.store().close().await;
    let what = format!("batches of {best}, {} rows", plan.ready);
    let target = plan.target(Target::AtLeast(30_000.0), Target::AtLeast(20_000.0));
    line(plan, "import", &what, speed, "rows/s", &target);
}

async fn measured(outbox: &Outbox, rows: u64, batch: u64) -> f64 {
    let start = Instant::now();
    all(outbox, 0, rows, batch).await;
    rows as f64 / start.elapsed().as_secs_f64()
}
