//! What came of it: the outbox's states and events, compared with the provider's own record.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use switchboard_store::Log;
use switchboard_testing::FakeTwilio;

use super::{key, message};
use crate::enqueue::Payload;
use crate::outbox::Outbox;
use crate::state::{ParkReason, State};

#[derive(Debug, Default)]
pub(super) struct Record {
    messages: u64,
    accepted: u64,
    /// Messages that were unknown at some time.
    unknown: u64,
    by_callback: u64,
    by_list: u64,
    /// By the answer, which arrived after all: another worker had taken the message for unknown when the clock jumped.
    by_answer: u64,
    requeued: u64,
    parked: BTreeMap<&'static str, u64>,
    left: u64,
    /// Of those that were unknown, and whose answer did not arrive: how many arrived at the first attempt, and how many of
    /// these were accepted without a person.
    arrived: u64,
    settled: u64,
    /// Texts that somebody got more often than they were enqueued, and events that say so.
    doubled: Vec<String>,
    doubled_events: u64,
    /// Messages that are accepted, and that the provider does not have.
    invented: Vec<String>,
}

/// What the log says of messages.
#[derive(Debug, Default)]
struct Events {
    /// They were unknown at some time.
    unknown: BTreeSet<i64>,
    /// They were sent again.
    requeued: BTreeSet<i64>,
    /// Their answer arrived when they were unknown.
    answered: BTreeSet<i64>,
}

impl Record {
    pub(super) async fn of(outbox: &Outbox, fake: &FakeTwilio, messages: u64) -> Self {
        let mut record = Self { messages, ..Self::default() };
        let Events { unknown, requeued, answered } = record.read_events(outbox).await;
        let mut enqueued: BTreeMap<(String, String), u64> = BTreeMap::new();
        let mut bodies: BTreeMap<String, (String, String)> = BTreeMap::new();
        let mut arrived: BTreeMap<(String, String), u64> = BTreeMap::new();
        for sent in fake.sent() {
            *arrived.entry((sent.to.clone(), sent.body.clone())).or_default() += 1;
            bodies.insert(sent.sid, (sent.to, sent.body));
        }
        for n in 0..messages {
            let Payload::Text(text) = message(n).payload else { panic!("only texts here") };
            let what = (text.to.as_str().to_owned(), text.text.unwrap().into_string());
            *enqueued.entry(what.clone()).or_default() += 1;
            let (tenant, key) = key(n);
            let found = outbox.get((tenant.as_str(), key.as_str())).await.unwrap();
            let was_unknown = unknown.contains(&found.id.get());
            let by_evidence = was_unknown && !answered.contains(&found.id.get());
            let has_arrived =
                by_evidence && arrived.contains_key(&what) && !requeued.contains(&found.id.get());
            record.unknown += u64::from(was_unknown);
            record.requeued += u64::from(requeued.contains(&found.id.get()));
            record.arrived += u64::from(has_arrived);
            match &found.state {
                State::Accepted { sid, .. } => {
                    record.accepted += 1;
                    record.settled += u64::from(has_arrived);
                    if sid.as_ref().and_then(|sid| bodies.get(sid)) != Some(&what) {
                        record.invented.push(format!("{n}: {sid:?}"));
                    }
                }
                State::Parked => {
                    let why = found.parked.map_or("?", ParkReason::as_str);
                    *record.parked.entry(why).or_default() += 1;
                }
                _ => record.left += 1,
            }
        }
        let most = |what| enqueued.get(what).copied();
        let doubled = arrived.iter().filter(|(what, count)| most(what).is_some_and(|most| **count > most));
        record.doubled =
            doubled.map(|((to, text), count)| format!("{to} got {text:?} {count} times")).collect();
        record
    }

    async fn read_events(&mut self, outbox: &Outbox) -> Events {
        let log = Log::open(outbox.store().clone()).await.unwrap();
        let (mut read, mut open, mut after) = (Events::default(), BTreeSet::new(), 0);
        loop {
            let events = log.read(after, 10_000).await.unwrap();
            let Some(last) = events.last() else { return read };
            after = last.seq;
            for event in &events {
                let detail = event.detail.as_deref().unwrap_or_default();
                let (callback, list) = (detail.contains("\"callback\""), detail.contains("\"list\""));
                let Some(id) = event.subject else { continue };
                match event.topic.as_str() {
                    "unknown" => {
                        read.unknown.insert(id);
                        open.insert(id);
                    }
                    "accepted" => {
                        self.by_callback += u64::from(callback);
                        self.by_list += u64::from(list);
                        if open.remove(&id) && !callback && !list && read.answered.insert(id) {
                            self.by_answer += 1;
                        }
                    }
                    "retry" => {
                        open.remove(&id);
                        if list {
                            read.requeued.insert(id);
                        }
                    }
                    "doubled" | "perhaps_doubled" | "sent_after_all" => self.doubled_events += 1,
                    _ => {}
                }
            }
        }
    }

    pub(super) fn check(&self) {
        assert!(self.doubled.is_empty(), "false absent: {:?}", self.doubled);
        assert_eq!(self.doubled_events, 0, "the log tells of messages that were sent twice");
        assert!(self.invented.is_empty(), "accepted, and the provider does not have it: {:?}", self.invented);
        assert!(self.settled * 100 >= self.arrived * 95, "{} of {} settled", self.settled, self.arrived);
        // A run in which nothing went wrong proves nothing.
        assert!(self.unknown > self.messages / 50, "only {} were unknown", self.unknown);
        assert!(self.by_callback > 0 && self.by_list > 0 && self.requeued > 0, "{self}");
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parked: u64 = self.parked.values().sum();
        writeln!(
            f,
            "{} messages, {} accepted, {} unknown at some time",
            self.messages, self.accepted, self.unknown
        )?;
        writeln!(
            f,
            "settled by callback: {}, by list: {}, by a late answer: {}, absent and sent again: {}, parked: {parked} \
             {:?}, left: {}",
            self.by_callback, self.by_list, self.by_answer, self.requeued, self.parked, self.left
        )?;
        write!(
            f,
            "of {} unknown ones that arrived, {} were settled without a person; false absent: {}",
            self.arrived,
            self.settled,
            self.doubled.len()
        )
    }
}
