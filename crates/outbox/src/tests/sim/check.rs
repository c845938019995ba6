//! The checks at the end of a simulation. They compare the outbox with the provider's messages and with the results that
//! callers got.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::FutureExt;

use super::network::Request;
use super::process::{LIMITS, Process};
use super::world::now;
use crate::enqueue::Payload;
use crate::message::address;
use crate::rows::{Marked, Name, Rows, Started, Tick};
use crate::state::{Settlement, State};
use crate::timing::Micros;
use crate::worker::pace::Pace;

/// Each sender's rate, in segments in 1,000 seconds.
pub(super) const RATE: u32 = 4_000;

/// The results that callers got, and the requests that were sent.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Each message that was enqueued or may have been: its text, and whether the caller got an answer.
    messages: BTreeMap<(String, String), (String, bool)>,
    cancelled: BTreeSet<String>,
    /// Recipients with the senders from which they want no messages.
    opted_out: BTreeSet<(String, String)>,
    settled: BTreeMap<String, Settlement>,
    /// For each sender, the times at which it sent, with the number of segments.
    begun: BTreeMap<String, Vec<(Micros, u32)>>,
    kills: u64,
    lapsed: u64,
    /// Callbacks that changed a message.
    proved: u64,
    /// The maximum number of messages that the kills may leave unknown, computed from the messages in progress at each
    /// kill.
    under_way: u64,
}

/// The totals over many seeds.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) enqueued: u64,
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) expired: u64,
    pub(super) blocked: u64,
    pub(super) cancelled: u64,
    pub(super) settled: u64,
    pub(super) kills: u64,
    pub(super) unknown_after_kills: u64,
    pub(super) proved: u64,
}

impl Totals {
    pub(super) fn add(mut self, other: Self) -> Self {
        self.enqueued += other.enqueued;
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.expired += other.expired;
        self.blocked += other.blocked;
        self.cancelled += other.cancelled;
        self.settled += other.settled;
        self.kills += other.kills;
        self.unknown_after_kills += other.unknown_after_kills;
        self.proved += other.proved;
        self
    }

    /// Fails if an expected event, such as a fault, never happened, because such a run proves nothing.
    pub(super) fn check_that_something_happened(&self, seeds: u64) {
        if seeds >= 100 {
            assert!(self.accepted > seeds, "{self:?}");
            let rare = [
                self.rejected,
                self.expired,
                self.cancelled,
                self.blocked,
                self.settled,
                self.kills,
                self.unknown_after_kills,
                self.proved,
            ];
            assert!(rare.iter().all(|count| *count > seeds / 20), "{self:?}");
        }
    }
}

impl Ledger {
    pub(super) fn enqueued(&mut self, (tenant, key, request): (String, String, String), answered: bool) {
        let payload: Payload = serde_json::from_str(&request).expect("stored by us");
        let Payload::Text(text) = payload else { panic!("only texts here") };
        let text = text.text.unwrap_or_default().into_string();
        self.messages.entry((tenant, key)).or_insert((text, false)).1 |= answered;
    }

    pub(super) fn cancelled(&mut self, key: String) {
        self.cancelled.insert(key);
    }

    pub(super) fn consented(&mut self, about: (String, String), opted_out: bool) {
        if opted_out {
            self.opted_out.insert(about);
        } else {
            self.opted_out.remove(&about);
        }
    }

    pub(super) fn is_opted_out(&self, about: &(String, String)) -> bool {
        self.opted_out.contains(about)
    }

    /// Nobody is sent a message that was marked after they opted out.
    pub(super) fn marked(&self, marked: &Marked) {
        let payload: Payload = serde_json::from_str(&marked.request).expect("stored by us");
        let about =
            (payload.to().as_str().to_owned(), payload.sender().as_ref().map(address).unwrap_or_default());
        assert!(!self.opted_out.contains(&about), "{marked:?} was marked after an opt-out");
    }

    pub(super) fn settled(&mut self, key: &str, settlement: &Settlement) {
        self.settled.insert(key.to_owned(), settlement.clone());
    }

    pub(super) fn begun(&mut self, at: Micros, request: &Request) {
        let segments = switchboard::sms::Segmentation::of(&request.body).segments();
        let weight = u32::try_from(segments).expect("few");
        self.begun.entry(request.from.clone()).or_default().push((at, weight));
    }

    pub(super) fn begun_by(&self, sender: &str) -> &[(Micros, u32)] {
        self.begun.get(sender).map_or(&[], Vec::as_slice)
    }

    pub(super) fn killed(&mut self, process: &Process) {
        self.kills += 1;
        // A kill also loses answers that were not recorded yet. A transaction that was being committed may have marked
        // the same number of messages again.
        let core = &process.core;
        self.under_way += (core.flights() + core.marked() + core.unrecorded() + LIMITS.marked) as u64;
    }

    pub(super) fn started(&mut self, started: &Started) {
        self.lapsed += started.lapsed;
    }

    pub(super) fn proved(&mut self, changed: bool) {
        self.proved += u64::from(changed);
    }

    pub(super) fn ticking(&self, tick: &Tick) {
        assert!(tick.limit as usize <= LIMITS.marked, "{tick:?}");
    }

    pub(super) fn text_of(&self, tenant: &str, key: &str) -> String {
        self.messages
            .get(&(tenant.to_owned(), key.to_owned()))
            .map(|(text, _)| text.clone())
            .unwrap_or_default()
    }

    /// Is this SID stored with a message?
    pub(super) fn is_bound(&self, rows: &dyn Rows, sid: &str) -> bool {
        self.messages.keys().any(|(tenant, key)| {
            let name = Name::Key { tenant: tenant.clone(), key: key.clone() };
            let row = now(rows.find(name));
            row.is_some_and(
                |row| matches!(&row.progress.state, State::Accepted { sid: Some(own), .. } if own == sid),
            )
        })
    }

    /// Makes all comparisons.
    pub(super) fn check(&self, rows: &dyn Rows, held: &[(String, String)], at_rest: bool) -> Totals {
        let (kills, unknown_after_kills, proved) = (self.kills, self.lapsed, self.proved);
        let mut totals = Totals { kills, unknown_after_kills, proved, ..Totals::default() };
        let mut states: BTreeMap<String, Vec<State>> = BTreeMap::new();
        for ((tenant, key), (text, answered)) in &self.messages {
            let name = Name::Key { tenant: tenant.clone(), key: key.clone() };
            let row = rows.find(name).now_or_never().expect("at once").expect("the store works");
            let Some(row) = row else { panic!("forgotten: {key}, answered: {answered}") };
            totals.enqueued += 1;
            if at_rest && !row.progress.state.is_outcome() {
                panic!("not at its end: {row:?}");
            }
            self.check_state(key, &row.progress.state, held, at_rest, &mut totals);
            states.entry(text.clone()).or_default().push(row.progress.state);
        }
        for (text, states) in &states {
            check_count(text, states, held);
        }
        let unknown_texts = held.iter().find(|(_, text)| !states.contains_key(text));
        assert!(unknown_texts.is_none(), "sent, and enqueued by nobody: {unknown_texts:?}");
        assert!(self.lapsed <= self.under_way, "{} unknown, {} under way", self.lapsed, self.under_way);
        self.begun.values().for_each(|begun| check_pace(begun));
        totals
    }

    fn check_state(
        &self,
        key: &str,
        state: &State,
        held: &[(String, String)],
        at_rest: bool,
        totals: &mut Totals,
    ) {
        match state {
            State::Accepted { sid: Some(sid), .. } => {
                assert!(held.iter().any(|(held, _)| held == sid), "{key}: the provider does not have {sid}");
                totals.accepted += 1;
            }
            State::Accepted { sid: None, .. } => panic!("{key}: accepted without an id"),
            State::Rejected => totals.rejected += 1,
            State::Expired => totals.expired += 1,
            State::Blocked => totals.blocked += 1,
            State::Cancelled => totals.cancelled += 1,
            State::Abandoned => {}
            other => assert!(!at_rest, "{key} is {other} at the end"),
        }
        totals.settled += u64::from(self.settled.contains_key(key));
        if self.cancelled.contains(key) {
            assert_eq!(*state, State::Cancelled, "{key} was surely cancelled");
        }
    }
}

/// For each text, the provider has exactly as many messages as the outbox has accepted ones.
fn check_count(text: &str, states: &[State], held: &[(String, String)]) {
    let arrived = held.iter().filter(|(_, body)| body == text).count();
    let accepted = states.iter().filter(|state| matches!(state, State::Accepted { .. })).count();
    let short: String = text.chars().take(20).collect();
    assert_eq!(arrived, accepted, "{short}: {arrived} arrived, {accepted} are known as accepted: {states:?}");
}

/// Checks the rate: in any window of T seconds, at most rate × (T + 0.25) segments begin, plus those of the largest
/// message.
pub(super) fn check_pace(begun: &[(Micros, u32)]) {
    let largest = begun.iter().map(|(_, weight)| *weight).max().unwrap_or(0);
    for (n, (from, _)) in begun.iter().enumerate() {
        let mut segments = 0;
        for (at, weight) in &begun[n..] {
            segments += weight;
            let span = (at - from) + Pace::CREDIT.as_micros() as Micros;
            let most = f64::from(RATE) / 1000.0 * (span as f64 / 1e6) + f64::from(largest);
            assert!(f64::from(segments) <= most + 1e-6, "{segments} segments in {span} µs, {most} allowed");
        }
    }
}
