//! The scheduler: one queue of timed events, and all state that survives a crash.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use futures_util::FutureExt;
use jiff::Timestamp;
use switchboard_testing::{FakeEngine, Fault, SenderRates};

use super::check::{Ledger, Totals};
use super::network::{self, Request};
use super::process::Process;
use crate::error::OutboxError;
use crate::rows::check::Proof;
use crate::rows::{Rows, Tick, Ticked};
use crate::timing::Micros;

pub(super) const SECOND: Micros = 1_000_000;
/// The simulation begins at this time.
pub(super) const START: Micros = 1_800_000_000 * SECOND;
/// Faults end after this time.
pub(super) const CHAOS: Micros = 240 * SECOND;
/// At this time no message may be ready or being sent any more.
const END: Micros = 8 * 3600 * SECOND;

/// An event of the simulation, with its time.
#[derive(Debug)]
pub(super) enum What {
    /// The process of this generation checks what it can do now.
    Wake(u64),
    /// A transaction reaches its COMMIT.
    Commit(u64, Box<Tick>),
    /// The answer to a transaction reaches the worker; `None` is a failure.
    Committed(u64, Option<Ticked>),
    /// A request leaves the process, unless its deadline `by` has passed.
    Write { generation: u64, id: i64, by: Micros, request: Request },
    /// A request reaches the provider.
    Arrive { generation: u64, id: i64, request: Request, answered_after: Option<Micros>, waits: Micros },
    /// The sender learns how its request ended.
    Answer(u64, i64, Box<Result<switchboard::provider::Accepted, switchboard::ProviderError>>),
    /// A callback reaches the program's web server, which runs without the worker.
    Callback(Box<Proof>),
    /// Somebody enqueues a message.
    Enqueue(u32),
    /// Somebody cancels a message.
    Cancel(u32),
    /// A person texts STOP, or START, to one of the senders.
    Consent { to: u8, sender: usize, opted_out: bool },
    /// The process is killed, and started again after a while.
    Kill,
    /// The process starts.
    Start,
    /// The process is suspended.
    Stop(Micros),
    /// The process is asked to shut down in an orderly way.
    Shutdown,
    /// The provider's account fails, or works again.
    Account(bool),
    /// A person settles the unknown messages.
    Settle,
}

pub(super) struct World {
    pub(super) random: Rng,
    pub(super) now: Micros,
    pub(super) engine: FakeEngine,
    pub(super) rows: Box<dyn Rows>,
    pub(super) ledger: Ledger,
    pub(super) process: Option<Process>,
    generation: u64,
    number: u64,
    agenda: BTreeMap<(Micros, u64), What>,
    /// The process is suspended until this time.
    stopped_until: Micros,
    broken: bool,
    /// Faults end at this time.
    calm_from: Micros,
    talk: bool,
    pub(super) senders: Vec<String>,
    /// Callbacks arrive: early, late, shuffled and repeated, and some are lost.
    callbacks: bool,
}

/// The simulated result of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Commit {
    Works,
    /// It is committed, but the process ends before it gets the answer.
    ThenCrash,
    /// The process ends before the commit.
    CrashBefore,
    /// It fails.
    Fails,
    /// It is committed, but the worker receives an error.
    AnswerLost,
}

impl World {
    /// A simulation with all kinds of faults.
    pub(super) fn new(seed: u64, rows: Box<dyn Rows>) -> Self {
        let mut world = Self::calm_one(seed, rows);
        world.calm_from = START + CHAOS;
        world.plan();
        world
    }

    /// A simulation without faults and without planned events.
    pub(super) fn calm_one(seed: u64, rows: Box<dyn Rows>) -> Self {
        let mut random = Rng::with_seed(seed);
        let mut engine = FakeEngine::new(seed, Timestamp::from_microsecond(START).expect("in range"));
        let mut senders = vec![engine.phone_number().to_owned()];
        for n in 0..random.usize(0..3) {
            let number = format!("+1415555010{}", n + 1);
            engine.add_number(&number);
            senders.push(number);
        }
        Self {
            random,
            now: START,
            engine,
            rows,
            ledger: Ledger::default(),
            process: None,
            generation: 0,
            number: 0,
            agenda: BTreeMap::new(),
            stopped_until: START,
            broken: false,
            calm_from: Micros::MIN,
            talk: std::env::var_os("SEED").is_some(),
            senders,
            callbacks: false,
        }
    }

    /// Plans the faults.
    fn plan(&mut self) {
        self.at(START, What::Start);
        self.callbacks = self.random.bool();
        if self.random.u8(..4) == 0 {
            let queue = Duration::from_secs(self.random.u64(2..20));
            self.engine.set_sender_rates(SenderRates::new().queue_length(queue));
        }
        let messages = self.random.u32(1..40);
        for n in 0..messages {
            let burst = self.random.bool();
            let at = if burst { self.random.i64(0..SECOND) } else { self.random.i64(0..CHAOS) };
            self.at(START + at, What::Enqueue(n));
            if self.random.u8(..4) == 0 {
                // The caller did not get an answer, and enqueues the message again.
                let again = at + self.random.i64(0..CHAOS);
                self.at(START + again, What::Enqueue(n));
            }
            if self.random.u8(..12) == 0 {
                let cancel = at + self.random.i64(0..20 * SECOND);
                self.at(START + cancel, What::Cancel(n));
            }
        }
        for _ in 0..self.random.usize(0..3) {
            let (to, sender, opted_out) =
                (self.random.u8(..5), self.random.usize(..3), self.random.u8(..4) != 0);
            let at = START + self.random.i64(0..CHAOS);
            self.at(at, What::Consent { to, sender, opted_out });
        }
        for _ in 0..self.random.usize(0..6) {
            let at = START + self.random.i64(0..CHAOS);
            let what = match self.random.u8(..8) {
                0..=2 => What::Kill,
                3..=4 => What::Stop(self.random.i64(0..90 * SECOND)),
                5 => What::Shutdown,
                _ => What::Account(true),
            };
            if matches!(what, What::Account(_)) {
                let until = at + self.random.i64(0..CHAOS);
                self.at(until, What::Account(false));
            }
            self.at(at, what);
        }
    }

    pub(super) fn at(&mut self, at: Micros, what: What) {
        self.number += 1;
        self.agenda.insert((at.max(self.now), self.number), what);
    }

    pub(super) fn calm(&self) -> bool {
        self.now > self.calm_from
    }

    pub(super) fn run(mut self) -> Totals {
        self.at(START + CHAOS + 1200 * SECOND, What::Settle);
        while let Some(((at, _), what)) = self.agenda.pop_first() {
            if at > START + END {
                break;
            }
            self.advance(at);
            if self.talk {
                println!("{:>12.6} {what:?}", (at - START) as f64 / 1e6);
            }
            self.happen(what);
            self.drive();
            if self.is_at_rest() {
                break;
            }
        }
        self.ledger.check(&*self.rows, &network::held(&self.engine), self.now - START < END)
    }

    /// Processes all planned events up to a time.
    pub(super) fn run_until(&mut self, end: Micros) {
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= end) {
            let ((at, _), what) = entry.remove_entry();
            self.advance(at);
            self.happen(what);
            self.drive();
        }
    }

    fn is_at_rest(&self) -> bool {
        let waiting = self.agenda.values().any(|what| !matches!(what, What::Wake(_)));
        !waiting
            && self.process.as_ref().is_some_and(|process| process.core.is_settled())
            && self.counts().0 == 0
    }

    /// Rows that are ready or being sent, and those that wait for a person.
    pub(super) fn counts(&self) -> (u64, u64) {
        let counts = now(self.rows.counts());
        (counts.ready + counts.sending, counts.unknown + counts.parked)
    }

    fn advance(&mut self, to: Micros) {
        let by = u64::try_from(to - self.now).expect("time goes forward");
        self.engine.advance(Duration::from_micros(by));
        self.now = to;
        self.call_back();
    }

    fn call_back(&mut self) {
        for callback in self.engine.take_callbacks() {
            let times = if self.callbacks { self.random.u8(..4).saturating_sub(1) } else { 0 };
            for _ in 0..times {
                let after = if self.random.bool() { 50_000 } else { self.random.i64(0..300 * SECOND) };
                self.at(self.now + after, What::Callback(Box::new(network::proof(&callback))));
            }
        }
    }

    fn happen(&mut self, what: What) {
        // While the process is suspended, its own events are delayed.
        let inside = match &what {
            What::Wake(generation)
            | What::Commit(generation, _)
            | What::Committed(generation, _)
            | What::Write { generation, .. }
            | What::Answer(generation, ..) => Some(*generation),
            What::Shutdown => Some(self.generation),
            _ => None,
        };
        if inside.is_some_and(|generation| generation != self.generation || self.process.is_none()) {
            return;
        }
        if inside.is_some() && self.now < self.stopped_until {
            let until = self.stopped_until;
            return self.at(until, what);
        }
        self.happen_now(what);
    }

    fn happen_now(&mut self, what: What) {
        match what {
            What::Wake(_) => {}
            What::Commit(generation, tick) => self.commit(generation, *tick),
            What::Committed(_, answer) => self.process().ticked(answer),
            What::Write { generation, id, by, request } => self.write(generation, id, by, request),
            What::Arrive { generation, id, request, answered_after, waits } => {
                self.arrive(generation, id, &request, answered_after, waits);
            }
            What::Answer(_, id, answer) => {
                let now = self.now;
                self.process().core.finished(now, id, &answer);
            }
            What::Callback(proof) => self.prove(*proof),
            What::Enqueue(n) => self.enqueue(n),
            What::Cancel(n) => self.cancel(n),
            What::Consent { to, sender, opted_out } => self.consent(to, sender, opted_out),
            What::Kill => self.kill(),
            What::Start => self.start(),
            What::Stop(span) => self.stopped_until = self.now + span,
            What::Shutdown => self.process().core.stop(),
            What::Account(broken) => self.broken = broken,
            What::Settle => self.settle(),
        }
    }

    fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("only events of a process that lives")
    }

    fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            self.ledger.killed(&process);
        }
        self.generation += 1;
        self.stopped_until = self.now;
        let rest = self.random.i64(0..5 * SECOND);
        self.at(self.now + rest, What::Start);
    }

    fn start(&mut self) {
        if self.process.is_none() {
            self.generation += 1;
            let started = now(self.rows.start(self.now, true));
            self.ledger.started(&started);
            let random = Rng::with_seed(self.random.u64(..));
            self.process = Some(Process::new(self.generation, &started, random));
        }
    }

    /// Lets the process do everything that it can do now.
    fn drive(&mut self) {
        if self.now < self.stopped_until {
            return;
        }
        let Some(mut process) = self.process.take() else { return };
        process.drive(self);
        let ended = process.has_ended();
        self.process = Some(process);
        if ended {
            self.kill();
        }
    }

    fn commit(&mut self, generation: u64, tick: Tick) {
        let fate = match self.random.u16(..1000) {
            _ if self.calm() => Commit::Works,
            0..=7 => Commit::ThenCrash,
            8..=15 => Commit::CrashBefore,
            16..=35 => Commit::Fails,
            36..=45 => Commit::AnswerLost,
            _ => Commit::Works,
        };
        let mut answer = None;
        if !matches!(fate, Commit::CrashBefore | Commit::Fails) {
            self.ledger.ticking(&tick);
            answer = self.rows.tick(tick).now_or_never().expect("memory answers at once").ok();
            answer.iter().flat_map(|ticked| &ticked.marked).for_each(|marked| self.ledger.marked(marked));
        }
        match fate {
            Commit::ThenCrash | Commit::CrashBefore => self.kill(),
            Commit::Works => self.committed(generation, answer),
            Commit::Fails | Commit::AnswerLost => self.committed(generation, None),
        }
    }

    fn committed(&mut self, generation: u64, answer: Option<Ticked>) {
        // Sometimes the disk is slow.
        let slow = if self.random.u8(..30) == 0 && !self.calm() { 9 * SECOND } else { 12_000 };
        let after = self.random.i64(500..slow);
        self.at(self.now + after, What::Committed(generation, answer));
    }

    fn write(&mut self, generation: u64, id: i64, by: Micros, request: Request) {
        let now = self.now;
        // As in the transport, the clock is checked a last time right before the first byte is sent.
        if now >= by {
            return self.process().core.not_begun(id);
        }
        let calm = self.calm();
        let fate = network::Fate::choose(&mut self.random, calm);
        let answer = |error| What::Answer(generation, id, Box::new(Err(error)));
        match fate {
            network::Fate::NoConnection => self.at(now + 1_000, answer(network::no_connection())),
            network::Fate::LostRequest { waits } => self.at(now + waits, answer(network::no_answer())),
            network::Fate::Arrives { after, answered_after } => self.at(
                now + after,
                What::Arrive { generation, id, request, answered_after: Some(answered_after), waits: 0 },
            ),
            network::Fate::LostAnswer { after, waits } => {
                self.at(now + after, What::Arrive { generation, id, request, answered_after: None, waits });
            }
        }
    }

    fn arrive(
        &mut self,
        generation: u64,
        id: i64,
        request: &Request,
        answered: Option<Micros>,
        waits: Micros,
    ) {
        if self.broken {
            self.engine.fail_next(Fault::code(401, 20003));
        } else if !self.calm() {
            match self.random.u8(..40) {
                0 => self.engine.fail_next(Fault::status(503)),
                1 => self.engine.fail_next(Fault::status_after(500)),
                2 => self
                    .engine
                    .fail_next(Fault::status_late(503, Duration::from_secs(self.random.u64(1..900)))),
                3 => self.engine.fail_next(Fault::cut_late(Duration::from_secs(self.random.u64(1..900)))),
                4 => self.engine.fail_next(Fault::too_many_requests()),
                5 => self.engine.fail_next(Fault::code(400, 21211)),
                _ => {}
            }
        }
        let reply = request.arrive(&mut self.engine);
        let (at, result) = match (reply, answered) {
            (Some(reply), Some(after)) => (self.now + after, network::read(&reply)),
            (_, after) => (self.now + after.unwrap_or(waits), Err(network::no_answer())),
        };
        self.at(at, What::Answer(generation, id, Box::new(result)));
    }
}

/// Returns the answer of a store that never waits.
pub(super) fn now<T>(future: impl Future<Output = Result<T, OutboxError>>) -> T {
    future.now_or_never().expect("memory answers at once").expect("the store works")
}
