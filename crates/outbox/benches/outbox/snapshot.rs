//! What a snapshot that somebody holds open does to the rate: nothing that is deleted can be removed meanwhile. The rate
//! before is that of a database that has a million messages.

use std::time::{Duration, Instant};

use switchboard_outbox::{Outbox, Worker};

use crate::plan::Plan;
use crate::report::{Target, line, median, note};
use crate::server::Server;
use crate::{import, sender};

/// How many rounds make a median.
const ROUNDS: usize = 5;

/// One worker that runs all the time.
struct Load {
    outbox: Outbox,
    worker: Worker,
    server: Server,
    each: u64,
    next: u64,
}

pub(crate) async fn snapshot(plan: &Plan) {
    let place = plan.databases.place("snapshot");
    let (outbox, server) = (place.open().await, Server::start());
    let worker = sender::unpaced(&outbox, &server.url()).await;
    let mut load = Load { outbox, worker, server, each: plan.drained / 3, next: 0 };
    // Tables and indexes that grow cost something without a snapshot, too, most of all the first million.
    while load.next < plan.ready {
        load.round().await;
    }
    let mut before = Vec::new();
    for _ in 0..ROUNDS.min(plan.rounds) {
        before.push(load.round().await);
    }
    let holder = place.connection().await;
    holder
        .batch("BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL idle_in_transaction_session_timeout = 0")
        .await
        .unwrap();
    holder.query("SELECT count(*) FROM pg_class", &[]).await.expect("this takes the snapshot");
    let (begun, first, mut during) = (Instant::now(), load.next, Vec::new());
    while begun.elapsed() < Duration::from_secs(plan.held) || during.len() < before.len() {
        during.push(load.round().await);
    }
    holder.batch("COMMIT").await.expect("the snapshot was held all the time");
    let seconds = begun.elapsed().as_secs();
    let sent = load.next - first;
    note("snapshot", &format!("{first} messages before; held {seconds} s, {sent} were sent meanwhile"));
    let last = &during[during.len() - before.len()..];
    line(plan, "snapshot", "the worker / the bare adapter, before", median(&before), "×", &Target::None);
    line(plan, "snapshot", "the worker / the bare adapter, at the end", median(last), "×", &Target::None);
    let slowest = during.chunks(ROUNDS).map(median).fold(f64::MAX, f64::min);
    line(plan, "snapshot", "slowest part / before", slowest / median(&before), "×", &Target::None);
    let ratio = median(last) / median(&before);
    line(plan, "snapshot", "at the end / before", ratio, "×", &Target::AtLeast(0.8));
    let Load { outbox, worker, .. } = load;
    let stopped = worker.shutdown(Duration::from_secs(10)).await.expect("the worker ends well");
    assert_eq!(stopped.unknown, 0, "every request was answered");
    drop(outbox);
    place.remove().await;
}

impl Load {
    /// Enqueues messages, which are sent meanwhile, and returns the rate until the last is sent, as a share of the bare
    /// adapter's: a busy machine slows both.
    async fn round(&mut self) -> f64 {
        let (before, begun) = (self.server.requests(), Instant::now());
        import::all(&self.outbox, self.next, self.each, import::BATCH).await;
        self.next += self.each;
        self.server.reached(before + self.each).await;
        let sent = begun.elapsed();
        let bare = sender::bare(&self.server, self.each).await;
        bare.as_secs_f64() / sent.as_secs_f64()
    }
}
