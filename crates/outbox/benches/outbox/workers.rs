//! One worker against two, each in a process of its own.

use std::time::Instant;

use switchboard_outbox::Enqueue;

use crate::child::{self, Child};
use crate::plan::Plan;
use crate::report::{Target, line, median};
use crate::sender::{self, OTHERS};
use crate::server::Server;

/// What is sent while the processes start.
const START: u64 = 8;

pub(crate) async fn workers(plan: &Plan) {
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for round in 0..plan.rounds {
        // Each goes first in every second round.
        for workers in if round % 2 == 0 { [1, 2] } else { [2, 1] } {
            let speed = measure(plan, workers).await;
            if workers == 1 { one.push(speed) } else { two.push(speed) }
        }
    }
    let ratios: Vec<f64> = two.iter().zip(&one).map(|(two, one)| two / one).collect();
    line(plan, "workers", &format!("one worker, {OTHERS} senders"), median(&one), "msg/s", &Target::None);
    line(plan, "workers", &format!("two workers, {OTHERS} senders"), median(&two), "msg/s", &Target::None);
    line(plan, "workers", "two / one", median(&ratios), "×", &Target::None);
}

/// Returns the messages a second, without those that are sent while the processes start.
async fn measure(plan: &Plan, workers: usize) -> f64 {
    let (server, place) = (Server::start(), plan.databases.place("workers"));
    let outbox = place.open().await;
    for first in (0..plan.drained).step_by(1_000) {
        let last = plan.drained.min(first + 1_000);
        outbox.enqueue_all((first..last).map(message)).await.expect("the batch is enqueued");
    }
    let start = |_| Child::start(child::SEND, place.address(), &server.url(), 0, 0);
    let children: Vec<Child> = (0..workers).map(start).collect();
    let started = plan.drained / START;
    server.reached(started).await;
    let begun = Instant::now();
    server.reached(plan.drained).await;
    let speed = (plan.drained - started) as f64 / begun.elapsed().as_secs_f64();
    children.into_iter().for_each(Child::kill);
    drop(outbox);
    place.remove().await;
    speed
}

fn message(number: u64) -> Enqueue {
    Enqueue::new(sender::key(number), sender::text(number).from(sender::other(number)))
}
