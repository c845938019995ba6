//! The pauses of senders and accounts, and which of them have changes that are not stored yet.

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
    /// Written after the current read of the database began, so the read may not contain them.
    unseen: BTreeSet<Whom>,
}

impl Pauses {
    /// Records that a read of the database begins.
    pub(super) fn look_begins(&mut self) {
        self.unseen.clear();
    }

    /// Takes over the stored pauses, except those whose newest change the read may not contain.
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

    /// Takes over the stored pause of one sender or account.
    pub(super) fn learn(&mut self, whom: Whom, paused: Option<Paused>) {
        if let Some(paused) = paused.filter(|_| !self.changed.contains(&whom) && !self.sent.contains(&whom)) {
            self.known.insert(whom, paused);
        }
    }

    /// Begins a pause, and returns when it is over. A pause that already runs is not extended, because several requests
    /// in progress may fail for the same reason.
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

    /// Ends a pause whose time is over, because a message was accepted. A pause whose time is not over continues,
    /// because the accepted message was sent before the pause began.
    pub(super) fn end(&mut self, now: Micros, whom: &Whom) {
        if self.known.get(whom).is_some_and(|paused| paused.until <= now) {
            self.known.remove(whom);
            self.changed.insert(whom.clone());
        }
    }

    /// Returns when the pause of a sender or of its account is over; `None` if neither is paused.
    pub(super) fn until(&self, sender: &Whom, account: &Whom) -> Option<Micros> {
        if self.known.is_empty() {
            return None;
        }
        let until = |whom| self.known.get(whom).map(|paused: &Paused| paused.until);
        until(sender).max(until(account))
    }

    /// Is it on trial, with one message at a time? It is if its last pause is over and nothing was accepted since then.
    pub(super) fn is_trial(&self, whom: &Whom) -> bool {
        self.known.contains_key(whom)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Are there changes that are not written yet?
    pub(super) fn is_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Returns the changes that are not written yet, to be written.
    pub(super) fn unwritten(&mut self) -> Vec<Pause> {
        self.sent = std::mem::take(&mut self.changed);
        let pause = |whom: &Whom| Pause { whom: whom.clone(), paused: self.known.get(whom).cloned() };
        self.sent.iter().map(pause).collect()
    }

    /// Records that the changes returned by `unwritten` were written.
    pub(super) fn written(&mut self) {
        self.unseen.append(&mut self.sent);
    }

    /// Records that the changes returned by `unwritten` may not have been written.
    pub(super) fn write_again(&mut self) {
        self.changed.extend(std::mem::take(&mut self.sent));
    }
}
