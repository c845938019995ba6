//! What becomes of the messages that were begun: answers, and requests that were never made.

use switchboard::ProviderError;
use switchboard::provider::{Accepted, Scope};

use super::{Core, backoff};
use crate::rows::delivered::Facts;
use crate::rows::{Finished, Marked, Source, Whom};
use crate::state::{Event, ParkReason};
use crate::timing::{Micros, micros};
use crate::worker::consequence::{Consequence, Then};

impl Core {
    /// Takes the answer to a message that [`begin`](Self::begin) returned.
    pub(crate) fn finished(&mut self, now: Micros, id: i64, answer: &Result<Accepted, ProviderError>) {
        let Some(marked) = self.flights.remove(&id) else { return };
        let consequence = Consequence::of(marked.attempt, answer, &self.timing);
        let due = self.follow(now, &marked, &consequence);
        let not_sent = matches!(consequence.event, Event::Refused { .. });
        if not_sent {
            self.budgets.refund(&marked);
        }
        self.end(Finished {
            id,
            event: consequence.event,
            due,
            counted: matches!(consequence.then, Then::Backoff(_)),
            why: None,
            error: answer.as_ref().err().and_then(|error| serde_json::to_string(error).ok()),
            segments: consequence.segments,
            facts: Facts::default(),
            source: Source::Direct,
            because: None,
            opted_out: answer.as_ref().err().is_some_and(is_opted_out),
            not_sent: if not_sent { marked.counts } else { Vec::new() },
        });
    }

    /// Sets or ends pauses, and returns when the message is due again.
    fn follow(&mut self, now: Micros, marked: &Marked, consequence: &Consequence) -> Micros {
        let account = self.queues.sender(marked.sender).map(|sender| sender.account.clone());
        let sender = Whom::Sender(marked.sender);
        let account = Whom::Account(account.unwrap_or_default());
        if let Some(pause) = consequence.pause {
            self.pauses.pause(now, &pause, &sender, &account);
            self.take_back_paused(now);
        }
        if matches!(consequence.event, Event::Accepted { .. }) {
            self.pauses.end(now, &sender);
            self.pauses.end(now, &account);
        }
        match consequence.then {
            Then::Nothing => now,
            // The sender waits, not the message. So the due time stays, and the message is sent immediately if a person
            // ends the pause.
            Then::AfterPause => marked.due,
            Then::Backoff(asked) => {
                let most = backoff(self.timing.backoff, self.timing.backoff_max, marked.tries);
                let jitter = self.random.i64(0..=micros(most));
                let asked = asked.unwrap_or_default().min(self.timing.backoff_max);
                now.saturating_add(jitter.max(micros(asked)))
            }
        }
    }

    fn end(&mut self, finished: Finished) {
        if matches!(finished.event, Event::Accepted { .. } | Event::Refused { again: false, .. }) {
            self.clean = true;
            self.careful = false;
        }
        self.results.push(finished);
    }

    /// Records that a message that [`begin`](Self::begin) returned certainly did not leave this process.
    pub(crate) fn not_begun(&mut self, id: i64) {
        if let Some(marked) = self.flights.remove(&id) {
            self.take_back(&marked, marked.due);
        }
    }

    /// Records that a message cannot be handled without a person, and certainly did not leave this process.
    pub(crate) fn park(&mut self, id: i64, why: ParkReason) {
        if let Some(marked) = self.flights.remove(&id) {
            let event = Event::Park { attempt: marked.attempt };
            self.budgets.refund(&marked);
            self.end(Finished { why: Some(why), ..Finished::not_sent(&marked, event, marked.due) });
        }
    }

    /// Records that the code that sent a message panicked. The message may have been sent.
    pub(crate) fn lost(&mut self, id: i64) {
        if let Some(marked) = self.flights.remove(&id) {
            let event = Event::Lost { attempt: marked.attempt };
            self.results.push(Finished::new(id, event, marked.due));
        }
    }

    /// Stops waiting for answers: the messages in progress become unknown. Returns their number.
    pub(crate) fn lose_all(&mut self) -> usize {
        let flights = std::mem::take(&mut self.flights);
        let lost = flights
            .into_values()
            .map(|marked| Finished::new(marked.id, Event::Lost { attempt: marked.attempt }, marked.due));
        let before = self.results.len();
        self.results.extend(lost);
        self.results.len() - before
    }

    /// Is the message sent to test whether a pause is still needed?
    pub(crate) fn on_trial(&self, marked: &Marked) -> bool {
        let account = self.queues.sender(marked.sender).map(|sender| sender.account.clone());
        !self.pauses.is_empty()
            && account.is_some_and(|account| self.pauses.is_trial(&Whom::Account(account)))
    }
}

impl Finished {
    pub(crate) fn new(id: i64, event: Event, due: Micros) -> Self {
        Self { id, ..Self::from_outside(due, event) }
    }

    /// The request of a message surely did not leave this process.
    pub(super) fn not_sent(marked: &Marked, event: Event, due: Micros) -> Self {
        Self { not_sent: marked.counts.clone(), ..Self::new(marked.id, event, due) }
    }
}

/// Did the provider refuse a message because its recipient has opted out?
fn is_opted_out(error: &ProviderError) -> bool {
    error.scope() == Scope::Recipient
}
