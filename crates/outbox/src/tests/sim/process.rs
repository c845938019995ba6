//! One run of the worker's process, from its start to its end or kill: the worker's real decisions, driven by the
//! simulated scheduler.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::network::Request;
use super::world::{What, World, now};
use crate::rows::{NewSender, Started, Ticked};
use crate::timing::{Micros, Timing, micros};
use crate::worker::core::{Core, Limits};

/// Limits that are small, so that the simulation reaches them.
pub(super) const LIMITS: Limits = Limits { concurrency: 4, marked: 8 };

pub(super) struct Process {
    pub(super) core: Core,
    generation: u64,
    timing: Timing,
    look_at: Micros,
    wake: Option<Micros>,
    /// The senders of the queues.
    senders: BTreeMap<i64, String>,
    answer: Vec<Option<Ticked>>,
}

impl Process {
    pub(super) fn new(generation: u64, started: &Started, random: Rng) -> Self {
        let timing = Timing { look: std::time::Duration::from_secs(1), ..Timing::new() };
        Self {
            core: Core::new(timing, LIMITS, started, random),
            generation,
            timing,
            look_at: Micros::MIN,
            wake: None,
            senders: BTreeMap::new(),
            answer: Vec::new(),
        }
    }

    pub(super) fn hint(&mut self, queue: i64, due: Micros) {
        if !self.core.hint(queue, due) {
            self.look_at = Micros::MIN;
        }
    }

    /// Receives the answer to the transaction that is running.
    pub(super) fn ticked(&mut self, answer: Option<Ticked>) {
        self.answer.push(answer);
    }

    /// Returns whether the process was asked to shut down and has nothing left to do.
    pub(super) fn has_ended(&self) -> bool {
        self.core.is_stopping() && self.core.is_settled()
    }

    /// Does what may be done now, as the worker's task does.
    pub(super) fn drive(&mut self, world: &mut World) {
        let now_at = world.now;
        for answer in self.answer.drain(..) {
            self.core.ticked(now_at, answer);
        }
        if self.look_at <= now_at {
            self.look(world);
        }
        while let Some(begin) = self.core.begin(now_at) {
            assert!(self.core.flights() <= LIMITS.concurrency, "more requests than allowed");
            let from = self.senders.get(&begin.marked.queue).cloned().unwrap_or_default();
            let request = Request::of(&begin.marked, &from);
            world.ledger.begun(now_at, &request);
            let (generation, id, by) = (self.generation, begin.marked.id, begin.by);
            let after = if world.random.u8(..40) == 0 { 7_000_000 } else { 3_000 };
            let at = now_at + world.random.i64(0..after);
            world.at(at, What::Write { generation, id, by, request });
        }
        assert!(self.core.marked() <= LIMITS.marked, "more marks than allowed");
        if let Some(tick) = self.core.tick(now_at) {
            let after = world.random.i64(200..8_000);
            world.at(now_at + after, What::Commit(self.generation, Box::new(tick)));
        }
        let wake = self.core.wake_at(now_at).map_or(self.look_at, |at| at.min(self.look_at)).max(now_at + 1);
        if self.wake != Some(wake) {
            self.wake = Some(wake);
            world.at(wake, What::Wake(self.generation));
        }
    }

    fn look(&mut self, world: &World) {
        // After the last message was enqueued, no new messages can appear, so the worker looks only once a minute.
        let pause = if world.calm() { 60_000_000 } else { micros(self.timing.look) };
        self.look_at = world.now + pause;
        self.core.look_begins();
        let look = now(world.rows.look());
        self.core.looked(world.now, look);
        for queue in self.core.unbound(world.now) {
            let sender: switchboard::provider::Sender =
                serde_json::from_str(&queue.sender).expect("stored by us");
            let switchboard::provider::Sender::Number(number) = sender else { panic!("only numbers here") };
            let address = number.as_str().to_owned();
            let new = NewSender { account: "main".to_owned(), kind: queue.kind, address: address.clone() };
            let row = now(world.rows.bind(queue.id, new));
            self.senders.insert(queue.id, address);
            self.core.bound(world.now, queue.id, row, super::check::RATE);
        }
    }
}
