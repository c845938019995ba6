//! Sends what is ready, as fast as it goes.

use crate::child::{self, Child};
use crate::database::transactions;
use crate::machine;
use crate::plan::Plan;
use crate::report::{Target, line, median, note};
use crate::server::Server;
use crate::{enqueue, import, sender};

/// One worker beside the bare adapter, at the same server.
pub(crate) async fn drain(plan: &Plan) {
    let server = Server::start();
    sender::bare(&server, plan.drained / 4).await;
    let (mut bare, mut ours, mut ticks) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..plan.rounds {
        let place = plan.databases.place("drain");
        let outbox = place.open().await;
        import::all(&outbox, 0, plan.drained, import::BATCH).await;
        let before = transactions(&outbox);
        // Each goes first in every second round.
        let mut sent = None;
        if round % 2 == 0 {
            sent = Some(sender::drain(&outbox, &server, plan.drained).await);
        }
        let alone = sender::bare(&server, plan.drained).await;
        let sent = match sent {
            Some(sent) => sent,
            None => sender::drain(&outbox, &server, plan.drained).await,
        };
        assert_eq!(outbox.counts().await.unwrap().accepted, plan.drained, "each is accepted once");
        ours.push(plan.drained as f64 / sent.as_secs_f64());
        bare.push(plan.drained as f64 / alone.as_secs_f64());
        let made = before.zip(transactions(&outbox)).map(|(before, after)| after - before);
        ticks.extend(made.map(|made| plan.drained as f64 / made as f64));
        outbox.store().close().await;
        drop(outbox);
        place.remove().await;
    }
    let ratios: Vec<f64> = ours.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect();
    line(plan, "drain", "the bare adapter, 64 tasks", median(&bare), "msg/s", &Target::None);
    line(plan, "drain", "the worker, 64 at once", median(&ours), "msg/s", &Target::None);
    if !ticks.is_empty() {
        line(plan, "drain", "the worker: messages a transaction", median(&ticks), "", &Target::None);
    }
    let target = plan.target(Target::AtLeast(0.5), Target::AtLeast(0.3));
    line(plan, "drain", "the worker / the bare adapter", median(&ratios), "×", &target);
}

/// Processor time of the database's threads, a message.
pub(crate) async fn cpu(plan: &Plan) {
    let server = Server::start();
    let (mut enqueued, mut sent, mut both) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let place = plan.databases.place("cpu");
        let outbox = place.open().await;
        let Some(start) = machine::store_cpu() else {
            return note("cpu", "n/a: this system does not tell the processor time of threads");
        };
        let messages = enqueue::by_tasks(&outbox, plan.each).await;
        let middle = machine::store_cpu().unwrap();
        sender::drain(&outbox, &server, messages).await;
        let end = machine::store_cpu().unwrap();
        let each = |time: std::time::Duration| time.as_secs_f64() * 1e6 / messages as f64;
        enqueued.push(each(middle - start));
        sent.push(each(end - middle));
        both.push(each(end - start));
        outbox.store().close().await;
    }
    line(plan, "cpu", "database threads, enqueued by 64 tasks", median(&enqueued), "µs/msg", &Target::None);
    line(plan, "cpu", "database threads, marked, sent and recorded", median(&sent), "µs/msg", &Target::None);
    line(
        plan,
        "cpu",
        "database threads, from enqueue to accepted",
        median(&both),
        "µs/msg",
        &Target::AtMost(45.0),
    );
}

/// Waits for the disk, counted by `strace` around a process that drains.
pub(crate) async fn fsync(plan: &Plan) {
    if std::process::Command::new("strace").arg("-V").output().is_err() {
        return note("fsync", "n/a: install strace");
    }
    let (server, place) = (Server::start(), plan.databases.place("fsync"));
    let log = place.path().expect("a file").with_extension("strace");
    crate::make(&place, plan.drained).await;
    let mut child = Child::start_traced(child::DRAIN, place.address(), &server.url(), plan.drained, &log);
    server.reached(plan.drained).await;
    let ticks: f64 = child.answer();
    child.wait();
    let calls = std::fs::read_to_string(&log).expect("strace wrote its log");
    let calls = calls.lines().filter(|line| line.contains("sync(")).count();
    let what = format!("fsync and fdatasync a transaction ({calls} in {ticks}, with open and checkpoints)");
    line(plan, "fsync", &what, calls as f64 / ticks, "", &Target::AtMost(1.3));
}
