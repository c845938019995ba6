//! Enqueues one message at a time, and waits for the disk each time.

use std::time::{Duration, Instant};

use switchboard_outbox::Outbox;
use tokio::task::JoinSet;

use crate::plan::Plan;
use crate::report::{Target, line, median, percentile};
use crate::sender;
use crate::server::Server;

const TASKS: u64 = 64;

/// 64 tasks that each enqueue so many, one after the other. Returns how many these are.
pub(crate) async fn by_tasks(outbox: &Outbox, each: u64) -> u64 {
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let outbox = outbox.clone();
        tasks.spawn(async move {
            for number in task * each..(task + 1) * each {
                outbox.enqueue(sender::key(number), sender::text(number)).await.expect("it is enqueued");
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    TASKS * each
}

pub(crate) async fn enqueue(plan: &Plan) {
    let (mut together, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let place = plan.databases.place("enqueue");
        let outbox = place.open().await;
        let start = Instant::now();
        let messages = by_tasks(&outbox, plan.each).await;
        together.push(messages as f64 / start.elapsed().as_secs_f64());
        let start = Instant::now();
        for number in messages..messages + plan.singles {
            outbox.enqueue(sender::key(number), sender::text(number)).await.expect("it is enqueued");
        }
        alone.push(plan.singles as f64 / start.elapsed().as_secs_f64());
        assert_eq!(outbox.counts().await.unwrap().ready, messages + plan.singles);
        outbox.store().close().await;
        drop(outbox);
        place.remove().await;
    }
    let target = plan.target(Target::AtLeast(10_000.0), Target::AtLeast(8_000.0));
    line(plan, "enqueue", "64 tasks, each waits for the disk", median(&together), "/s", &target);
    let target = plan.target(Target::AtLeast(200.0), Target::None);
    line(plan, "enqueue", "one by one", median(&alone), "/s", &target);
}

/// From the call of `enqueue` to the first byte of the request, with a worker that has nothing to do.
pub(crate) async fn idle(plan: &Plan) {
    let (server, place) = (Server::start(), plan.databases.place("idle"));
    let outbox = place.open().await;
    let worker = sender::unpaced(&outbox, &server.url()).await;
    let mut times = Vec::new();
    for number in 0..plan.idle + 1 {
        server.forget_first_byte();
        let start = Instant::now();
        outbox.enqueue(sender::key(number), sender::text(number)).await.expect("it is enqueued");
        server.reached(number + 1).await;
        let first = server.first_byte().expect("the request came");
        // The first message finds no queue and no connection.
        if number > 0 {
            times.push(first.duration_since(start).as_secs_f64() * 1e3);
        }
        outbox.wait(sender::key(number).as_str()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(fastrand::u64(10..50))).await;
    }
    worker.shutdown(Duration::from_secs(10)).await.unwrap();
    drop(outbox);
    place.remove().await;
    let (what, late) = ("enqueue to the first byte at the server, p50", "the same, p99");
    line(plan, "idle", what, median(&times), "ms", &plan.target(Target::AtMost(12.0), Target::None));
    line(plan, "idle", late, percentile(&times, 99), "ms", &Target::None);
}
