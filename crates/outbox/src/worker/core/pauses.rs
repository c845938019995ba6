//! The pauses of senders and accounts, and which changes of them are not stored yet.

use std::collections::{BTreeMap, BTreeSet};

use crate::rows::{Look, Pause, Paused, Whom};
use crate::timing::{Micros, micros};
use crate::worker::consequence::{PauseFor, PauseScope};

/// The pauses of senders and accounts.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    known: BTreeMap<Whom, Paused>,
    /// Changed, and in no transaction yet.
    changed: BTreeSet<Whom>,
    /// In the transaction that is running.
    sent: BTreeSet<Whom>,
    /// Written since the look that is running began: it may not have seen them.
    unseen: BTreeSet<Whom>,
}

impl Pauses {
    /// Says that the database is read now.
    pub(super) fn look_begins(&mut self) {
        self.unseen.clear();
    }

    /// Takes over what the database says, except where it cannot know the newest change yet.
    pub(super) fn looked(&mut self, look: &Look) {
        let senders = look.senders.iter().map(|row| (Whom::Sender(row.id), row.paused.clone()));
        let accounts =
            look.accounts.iter().map(|row| (Whom::Account(row.name.clone()), Some(row.paused.clone())));
        let stored: BTreeMap<Whom, Option<Paused>> = senders.chain(accounts).collect();
        let Self { known, changed, sent, unseen } = self;
        let newer = |whom: &Whom| [&*changed, sent, unseen].iter().any(|newer| newer.contains(whom));
        known.retain(|whom, _| newer(whom) || stored.get(whom).is_some_and(Option::is_some));
        for (whom, paused) in stored {
            if let Some(paused) = paused.filter(|_| !newer(&whom)) {
                known.insert(whom, paused);
            }
        }
    }

    /// Takes over what the database says about one.
    pub(super) fn learn(&mut self, whom: Whom, paused: Option<Paused>) {
        if let Some(paused) = paused.filter(|_| !self.changed.contains(&whom) && !self.sent.contains(&whom)) {
            self.known.insert(whom, paused);
        }
    }

    /// Begins a pause, and returns when it is over. One that runs already is not made longer: several requests that
    /// were under way fail for one reason.
    pub(super) fn pause(&mut self, now: Micros, pause: &PauseFor, sender: &Whom, account: &Whom) -> Micros {
        let whom = match pause.scope {
            PauseScope::Sender => sender,
            PauseScope::Account => account,
        };
        let before = self.known.get(whom);
        if let Some(running) = before.filter(|paused| paused.until > now) {
            return running.until;
        }
        let times = before.map_or(0, |paused| paused.times);
        let length = pause.asked.map_or_else(
            || super::backoff(pause.first, pause.most, times),
            |asked| asked.clamp(pause.asked_least, pause.asked_most),
        );
        let until = now.saturating_add(micros(length));
        let paused = Paused { until, times: times.saturating_add(1), reason: pause.reason.to_string() };
        self.known.insert(whom.clone(), paused);
        self.changed.insert(whom.clone());
        until
    }

    /// Ends a pause whose time is over: a message was accepted. One that runs goes on, because what is accepted now was
    /// sent before it began.
    pub(super) fn end(&mut self, now: Micros, whom: &Whom) {
        if self.known.get(whom).is_some_and(|paused| paused.until <= now) {
            self.known.remove(whom);
            self.changed.insert(whom.clone());
        }
    }

    /// When the pause of a sender or of its account is over; `None` where neither pauses.
    pub(super) fn until(&self, sender: &Whom, account: &Whom) -> Option<Micros> {
        if self.known.is_empty() {
            return None;
        }
        let until = |whom| self.known.get(whom).map(|paused: &Paused| paused.until);
        until(sender).max(until(account))
    }

    /// Is it tried with one message at a time, because its last pause is over and nothing was accepted since?
    pub(super) fn is_trial(&self, whom: &Whom) -> bool {
        self.known.contains_key(whom)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Is there something that is not written yet?
    pub(super) fn is_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Hands out what is not written yet.
    pub(super) fn unwritten(&mut self) -> Vec<Pause> {
        self.sent = std::mem::take(&mut self.changed);
        let pause = |whom: &Whom| Pause { whom: whom.clone(), paused: self.known.get(whom).cloned() };
        self.sent.iter().map(pause).collect()
    }

    /// What was handed out is written.
    pub(super) fn written(&mut self) {
        self.unseen.append(&mut self.sent);
    }

    /// What was handed out may not be written.
    pub(super) fn write_again(&mut self) {
        self.changed.extend(std::mem::take(&mut self.sent));
    }
}
