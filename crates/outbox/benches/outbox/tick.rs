//! What the number of ready rows does to the worker's transactions.

use std::time::Duration;

use switchboard_outbox::Outbox;

use crate::database::Place;
use crate::machine;
use crate::plan::Plan;
use crate::report::{Target, line, median};
use crate::server::Server;
use crate::{import, sender};

/// One database, drained and filled up again.
struct Stock<'a> {
    place: &'a Place,
    next: u64,
    millis: Vec<f64>,
    cpu: Vec<f64>,
}

/// Sends the same number of messages from a database with few ready rows and from `many`, in turns.
pub(crate) async fn tick(plan: &Plan, many: &Place) {
    let (server, few) = (Server::start(), plan.databases.place("few"));
    crate::make(&few, plan.few).await;
    let mut stocks = [Stock::new(&few, plan.few), Stock::new(many, plan.ready)];
    // The first round fills the caches.
    for round in 0..=plan.rounds {
        for stock in &mut stocks {
            stock.round(&server, plan.ticked, round > 0).await;
        }
    }
    let [less, more] = &stocks;
    for (stock, ready) in [(less, plan.few), (more, plan.ready)] {
        let what = format!("{} messages, {ready} ready: transactions", plan.ticked);
        line(plan, "tick", &what, median(&stock.millis), "ms", &Target::None);
        if !stock.cpu.is_empty() {
            let what = format!("{} messages, {ready} ready: processor", plan.ticked);
            line(plan, "tick", &what, median(&stock.cpu), "ms", &Target::None);
        }
    }
    let target = if plan.ready > 1_000_000 { 2.0 } else { 1.6 };
    let what = format!("transactions, {} / {} ready", plan.ready, plan.few);
    line(plan, "tick", &what, ratio(&more.millis, &less.millis), "×", &Target::AtMost(target));
    if !more.cpu.is_empty() {
        let what = format!("processor, {} / {} ready", plan.ready, plan.few);
        line(plan, "tick", &what, ratio(&more.cpu, &less.cpu), "×", &Target::None);
    }
    few.remove().await;
}

fn ratio(many: &[f64], few: &[f64]) -> f64 {
    let ratios: Vec<f64> = many.iter().zip(few).map(|(many, few)| many / few).collect();
    median(&ratios)
}

/// How long the database was busy, and the processor time of its threads where these are in this process.
struct Spent {
    busy: Duration,
    cpu: Option<Duration>,
}

impl<'a> Stock<'a> {
    fn new(place: &'a Place, next: u64) -> Self {
        Self { place, next, millis: Vec::new(), cpu: Vec::new() }
    }

    async fn round(&mut self, server: &Server, messages: u64, counts: bool) {
        let spent = self.drain(server, messages).await;
        let millis = |time: Duration| time.as_secs_f64() * 1e3;
        if counts {
            self.millis.push(millis(spent.busy));
            self.cpu.extend(spent.cpu.map(millis));
        }
        let outbox = self.place.open().await;
        import::all(&outbox, self.next, messages, import::BATCH).await;
        outbox.store().close().await;
        self.next += messages;
    }

    async fn drain(&self, server: &Server, messages: u64) -> Spent {
        let outbox = self.place.open().await;
        let Some(sqlite) = outbox.store().sqlite().cloned() else {
            return self.drain_on_server(outbox, server, messages).await;
        };
        let (busy, cpu) = (sqlite.statistics().busy, machine::store_cpu());
        sender::drain(&outbox, server, messages).await;
        let cpu = cpu.zip(machine::store_cpu()).map(|(before, after)| after - before);
        let busy = sqlite.statistics().busy - busy;
        sqlite.close().await;
        Spent { busy, cpu }
    }

    /// The server counts the time of a connection when that ends.
    async fn drain_on_server(&self, outbox: Outbox, server: &Server, messages: u64) -> Spent {
        let busy = self.place.busy().await;
        sender::drain(&outbox, server, messages).await;
        drop(outbox);
        tokio::time::sleep(Duration::from_millis(500)).await;
        Spent { busy: self.place.busy().await - busy, cpu: None }
    }
}
