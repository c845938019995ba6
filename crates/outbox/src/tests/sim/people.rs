//! What people and the program around the outbox do: enqueue, cancel, settle, and opt out.

use fastrand::Rng;
use futures_util::FutureExt;
use switchboard::provider::Outgoing;

use super::network;
use super::world::{CHAOS, SECOND, START, What, World, now};
use crate::enqueue::{Payload, Prepared, Priority};
use crate::error::OutboxError;
use crate::rows::check::Proof;
use crate::rows::consent::{ConsentRow, Consents};
use crate::rows::{Applied, Enqueued, Name, NewMessage};
use crate::state::{Event, Settlement, State};
use crate::timing::Micros;

impl World {
    /// A person texts STOP, or START, to one of the senders.
    pub(super) fn consent(&mut self, to: u8, sender: usize, opted_out: bool) {
        let (recipient, at) = (recipient(to), self.now);
        let Some(address) = self.senders.get(sender).or(self.senders.first()).cloned() else { return };
        let row = ConsentRow {
            recipient: recipient.clone(),
            scope: format!("sender {address}"),
            purpose: String::new(),
            opted_out,
            source: "keyword".to_owned(),
            at,
            proof: None,
        };
        now(self.rows.consent(Consents { recorded: at, rows: vec![row], actor: None, many: false }));
        self.ledger.consented((recipient, address), opted_out);
    }

    fn message(&mut self, n: u32) -> NewMessage {
        // The number of a message determines its content, so that the same key always has the same content.
        let mut random = Rng::with_seed(u64::from(n));
        let to = recipient(random.u8(..5));
        let equal = random.u8(..6) == 0;
        let text = if equal { "the same to all".to_owned() } else { format!("message {n}") };
        let long = if random.u8(..5) == 0 { " and more".repeat(random.usize(1..60)) } else { String::new() };
        let from = self.senders.get(random.usize(..3)).or(self.senders.first()).cloned().unwrap_or_default();
        let payload: Payload = Outgoing::text(to, text + &long).from(from).into();
        let later = |random: &mut Rng, one_in: u8, most: Micros| {
            (random.u8(..one_in) == 0).then(|| START + random.i64(0..most))
        };
        let due = later(&mut random, 4, CHAOS);
        let expires = later(&mut random, 6, CHAOS).map(|at| at.max(due.unwrap_or(0)) + SECOND);
        let priority = random.choice(Priority::ALL).unwrap_or_default();
        NewMessage {
            tenant: if random.bool() { "a".to_owned() } else { String::new() },
            key: format!("key {n}"),
            due,
            expires,
            priority,
            purpose: Default::default(),
            zone: None,
            text_rules: None,
            emergency: None,
            needs_consent: false,
            campaign: 0,
            refused: None,
            warned: Vec::new(),
            hashes: Default::default(),
            prepared: Prepared::of(&payload).expect("it can be stored"),
        }
    }

    pub(super) fn enqueue(&mut self, n: u32) {
        let new = self.message(n);
        let told = (new.tenant.clone(), new.key.clone(), new.prepared.request.clone());
        // The process of the caller may end before or after the commit. Then the caller does not know whether the
        // message was enqueued.
        if self.random.u8(..30) == 0 {
            return;
        }
        let about = (new.prepared.recipient.clone(), new.sender_address().unwrap_or_default());
        let name = Name::Key { tenant: new.tenant.clone(), key: new.key.clone() };
        let is_new = now(self.rows.find(name)).is_none();
        let answer = self.rows.enqueue(self.now, vec![new]).now_or_never().expect("memory answers at once");
        assert_eq!(
            matches!(answer, Err(OutboxError::Blocked { .. })),
            is_new && self.ledger.is_opted_out(&about),
            "{answer:?}"
        );
        if is_new && self.ledger.is_opted_out(&about) {
            return;
        }
        let answer = answer.expect("the store works");
        let answered = self.random.u8(..30) != 0;
        self.ledger.enqueued(told, answered);
        if let (true, Some(Enqueued::New { queue, due, .. })) = (answered, answer.first()) {
            let (queue, due) = (*queue, *due);
            if let Some(process) = &mut self.process {
                process.hint(queue, due);
            }
        }
    }

    pub(super) fn prove(&mut self, proof: Proof) {
        let applied = now(self.rows.prove(self.now, proof.clone()));
        assert!(!applied.is_stale_copy(), "{proof:?}: {applied:?}");
        self.ledger.proved(matches!(applied, Applied::Moved(_)));
    }

    pub(super) fn cancel(&mut self, n: u32) {
        let new = self.message(n);
        let name = Name::Key { tenant: new.tenant, key: new.key.clone() };
        if let Applied::Moved(progress) = now(self.rows.apply(self.now, name, Event::Cancel, None))
            && progress.state == State::Cancelled
        {
            self.ledger.cancelled(new.key);
        }
    }

    /// A person compares the unknown messages with the provider's list, long after all requests have arrived, and settles them.
    pub(super) fn settle(&mut self) {
        let held = network::held(&self.engine);
        let unsettled = now(self.rows.unsettled(0, 10_000));
        for row in &unsettled {
            let text = self.ledger.text_of(&row.tenant, &row.key);
            let mine =
                held.iter().filter(|(sid, body)| *body == text && !self.ledger.is_bound(&*self.rows, sid));
            let settlement = match mine.map(|(sid, _)| sid.clone()).collect::<Vec<_>>().as_slice() {
                [] if self.random.bool() => Settlement::WasNotSent,
                [] => Settlement::GiveUp,
                [sid, ..] => Settlement::WasSent(Some(sid.clone())),
            };
            self.ledger.settled(&row.key, &settlement);
            let event = Event::Settle(settlement);
            now(self.rows.apply(self.now, Name::Id(row.id), event, Some("ada".to_owned())));
        }
        if self.counts() != (0, 0) {
            self.at(self.now + 3600 * SECOND, What::Settle);
        }
    }
}

fn recipient(to: u8) -> String {
    format!("+1415555{:04}", 2000 + u32::from(to))
}
