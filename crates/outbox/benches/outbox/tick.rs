//! What the number of ready rows does to the worker's transactions.

use std::path::Path;
use std::time::Duration;

use switchboard_outbox::Outbox;

use crate::machine::{self, Folder};
use crate::plan::Plan;
use crate::report::{Target, line, median};
use crate::server::Server;
use crate::{import, sender};

/// One database, drained and filled up again.
struct Stock {
    outbox: Outbox,
    next: u64,
    millis: Vec<f64>,
    cpu: Vec<f64>,
}

/// Sends the same number of messages from a database with few ready rows and from the one at `path`, in turns.
pub(crate) async fn tick(plan: &Plan, path: &Path) {
    let (server, folder) = (Server::start(), Folder::new("tick"));
    let few_path = folder.path("few.db");
    crate::make(&few_path, plan.few).await;
    let mut few = Stock::open(&few_path, plan.few).await;
    let mut many = Stock::open(path, plan.ready).await;
    // The first round fills the caches.
    for round in 0..=plan.rounds {
        for stock in [&mut few, &mut many] {
            stock.round(&server, plan.ticked, round > 0).await;
        }
    }
    for (stock, ready) in [(&few, plan.few), (&many, plan.ready)] {
        let what = format!("{} messages, {ready} ready: transactions", plan.ticked);
        line(plan, "tick", &what, median(&stock.millis), "ms", &Target::None);
        if !stock.cpu.is_empty() {
            let what = format!("{} messages, {ready} ready: processor", plan.ticked);
            line(plan, "tick", &what, median(&stock.cpu), "ms", &Target::None);
        }
    }
    let target = if plan.ready > 1_000_000 { 2.0 } else { 1.6 };
    let what = format!("transactions, {} / {} ready", plan.ready, plan.few);
    line(plan, "tick", &what, ratio(&many.millis, &few.millis), "×", &Target::AtMost(target));
    if !many.cpu.is_empty() {
        let what = format!("processor, {} / {} ready", plan.ready, plan.few);
        line(plan, "tick", &what, ratio(&many.cpu, &few.cpu), "×", &Target::None);
    }
    few.outbox.store().close().await;
    many.outbox.store().close().await;
}

fn ratio(many: &[f64], few: &[f64]) -> f64 {
    let ratios: Vec<f64> = many.iter().zip(few).map(|(many, few)| many / few).collect();
    median(&ratios)
}

impl Stock {
    async fn open(path: &Path, next: u64) -> Self {
        Self { outbox: sender::open(path).await, next, millis: Vec::new(), cpu: Vec::new() }
    }

    async fn round(&mut self, server: &Server, messages: u64, counts: bool) {
        let store = self.outbox.store().sqlite().unwrap();
        let (busy, cpu) = (store.statistics().busy, machine::store_cpu());
        sender::drain(&self.outbox, server, messages).await;
        let millis = |time: Duration| time.as_secs_f64() * 1e3;
        if counts {
            self.millis.push(millis(self.outbox.store().sqlite().unwrap().statistics().busy - busy));
            self.cpu.extend(cpu.zip(machine::store_cpu()).map(|(before, after)| millis(after - before)));
        }
        import::all(&self.outbox, self.next, messages, import::BATCH).await;
        self.next += messages;
    }
}
