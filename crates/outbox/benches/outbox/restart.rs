//! Kills a process that sends, and measures how soon another one does.

use std::time::{Duration, Instant};

use crate::child::{self, Child};
use crate::database::Place;
use crate::plan::Plan;
use crate::report::{Target, line, median};
use crate::server::Server;

/// The next process starts after the kill.
pub(crate) async fn restart(plan: &Plan, place: &Place) {
    let server = Server::start();
    let start = || Child::start(child::SEND, place.address(), &server.url(), 0, 0);
    let (mut times, mut child) = (Vec::new(), start());
    for _ in 0..plan.starts {
        kill(child, &server).await;
        let (before, begun) = (server.requests(), Instant::now());
        child = start();
        server.reached(before + 1).await;
        times.push(until_first(&server, begun));
    }
    child.kill();
    let outbox = place.open().await;
    let counts = outbox.counts().await.unwrap();
    outbox.store().close().await;
    let what = format!("killed, {} ready: start to the first byte", counts.ready);
    report(plan, "restart", &what, &times, &Target::AtMost(0.5));
}

/// The next process runs already, and waits for the sender that the first one has.
pub(crate) async fn takeover(plan: &Plan, place: &Place) {
    let server = Server::start();
    let start = || Child::start(child::SEND, place.address(), &server.url(), 0, 0);
    let (mut times, mut first) = (Vec::new(), start());
    for _ in 0..plan.starts {
        server.reached(server.requests() + 1).await;
        let second = start();
        tokio::time::sleep(Duration::from_secs(fastrand::u64(2..12))).await;
        let begun = Instant::now();
        kill(first, &server).await;
        server.reached(server.requests() + 1).await;
        times.push(until_first(&server, begun));
        first = second;
    }
    first.kill();
    report(plan, "takeover", "kill to the first byte of the other worker", &times, &Target::AtMost(35.0));
}

/// Kills a process while it sends.
async fn kill(child: Child, server: &Server) {
    server.reached(server.requests() + fastrand::u64(100..1_000)).await;
    child.kill();
    // What the kernel still had of the dead process comes before the next one starts.
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.forget_first_byte();
}

fn until_first(server: &Server, begun: Instant) -> f64 {
    server.first_byte().expect("the request came").duration_since(begun).as_secs_f64()
}

fn report(plan: &Plan, row: &str, what: &str, times: &[f64], target: &Target) {
    line(plan, row, what, median(times), "s", target);
    let slowest = times.iter().copied().fold(0.0, f64::max);
    line(plan, row, &format!("slowest of {}", times.len()), slowest, "s", target);
}
