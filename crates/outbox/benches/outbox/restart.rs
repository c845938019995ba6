//! Kills a process that sends, and measures how soon the next one does.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::child::{self, Child};
use crate::plan::Plan;
use crate::report::{Target, line, median};
use crate::sender;
use crate::server::Server;

pub(crate) async fn restart(plan: &Plan, path: &Path) {
    let server = Server::start();
    let mut times = Vec::new();
    let mut child = Child::start(child::SEND, path, &server.url(), 0, 0);
    for _ in 0..plan.starts {
        server.reached(server.requests() + fastrand::u64(100..1_000)).await;
        child.kill();
        // What the kernel still had of the dead process comes before the next one starts.
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.forget_first_byte();
        let (before, start) = (server.requests(), Instant::now());
        child = Child::start(child::SEND, path, &server.url(), 0, 0);
        server.reached(before + 1).await;
        let first = server.first_byte().expect("the request came");
        times.push(first.duration_since(start).as_secs_f64());
    }
    child.kill();
    let outbox = sender::open(path).await;
    let counts = outbox.counts().await.unwrap();
    outbox.store().close().await;
    let what = format!("killed, {} ready: start to the first byte", counts.ready);
    line(plan, "restart", &what, median(&times), "s", &Target::AtMost(0.5));
    let slowest = times.iter().copied().fold(0.0, f64::max);
    line(plan, "restart", &format!("slowest of {}", plan.starts), slowest, "s", &Target::None);
}
