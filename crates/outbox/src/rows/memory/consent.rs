//! Consents, in the reference model.

use super::{Model, Queue};
use crate::policy::{Known, Ruling};
use crate::rows::NewMessage;
use crate::rows::consent::{ConsentRow, Consented, Consents, KnownSender, ListConsents};
use crate::rows::record::Entry;
use crate::state::State;
use crate::timing::Micros;

impl Model {
    pub(super) fn consent(&mut self, consents: &Consents) -> Consented {
        let mut best: std::collections::BTreeMap<_, ConsentRow> = Default::default();
        for row in &consents.rows {
            let name = (row.recipient.clone(), row.scope.clone(), row.purpose.clone());
            let before = best.entry(name).or_insert_with(|| row.clone());
            if (row.at, row.opted_out) > (before.at, before.opted_out) {
                *before = row.clone();
            }
        }
        let mut changed = 0;
        for row in best.values() {
            if self.store(row.clone()) {
                changed += 1;
                if !consents.many {
                    self.log(consents.recorded, None, consents.actor.clone(), Entry::consent(row));
                }
            }
        }
        if consents.many {
            let entry = Entry::consents(consents, changed);
            self.log(consents.recorded, None, consents.actor.clone(), entry);
            return Consented { changed, open: 0 };
        }
        let to = |recipient: &str| best.keys().any(|(known, ..)| known == recipient);
        let open =
            self.ids(|stored| to(&stored.new.prepared.recipient) && stored.record.progress.state.is_open());
        Consented { changed, open: open.len() as u64 }
    }

    /// Stores a consent, if it is newer than the one before, or an opt-out of the same time.
    pub(super) fn store(&mut self, mut row: ConsentRow) -> bool {
        let name = (row.recipient.clone(), row.scope.clone(), row.purpose.clone());
        let newer = self.consents.get(&name).is_none_or(|before| {
            row.at > before.at || (row.at == before.at && row.opted_out && !before.opted_out)
        });
        let said_now = row.source == "keyword" && row.opted_out;
        let lifts =
            self.consents.get(&name).filter(|before| said_now && !before.opted_out && row.at < before.at);
        if let Some(before) = lifts {
            row.at = before.at;
            self.consents.insert(name, row);
            return true;
        }
        if newer {
            self.consents.insert(name, row);
        }
        newer
    }

    pub(super) fn list_consents(&self, list: &ListConsents) -> Vec<ConsentRow> {
        let mut rows: Vec<ConsentRow> = self.consents.values().cloned().collect();
        rows.retain(|row| list.scopes.contains(&row.scope) && !row.recipient.starts_with("forgotten "));
        rows.retain(|row| row.place() < list.after);
        rows.sort_by_key(|row| std::cmp::Reverse(row.place()));
        rows.truncate(list.limit as usize);
        rows
    }

    pub(super) fn refused(&mut self, at: Micros, id: i64, of_tenant: bool) {
        let Some(stored) = self.messages.get(&id) else { return };
        let bound = self.queues.get(usize::try_from(stored.queue - 1).unwrap()).and_then(|queue| queue.bound);
        let sender = stored.record.mark.map(|mark| mark.sender).or(bound);
        let Some(sender) = self.senders.iter().find(|row| Some(row.id) == sender) else { return };
        let since = if stored.record.progress.state == State::Ready { at } else { stored.record.at };
        let recipient = stored.new.prepared.recipient.clone();
        let mut addresses = vec![sender.sender.address.clone()];
        addresses.extend(stored.new.pool().filter(|pool| *pool != sender.sender.address));
        let (tenant, account) = (stored.new.tenant.clone(), sender.sender.account.clone());
        addresses.retain(|address| {
            let known = self.senders_of(std::slice::from_ref(address));
            !of_tenant || known.iter().all(|one| one.tenant == tenant || one.account == account)
        });
        for address in addresses {
            let row = ConsentRow {
                recipient: recipient.clone(),
                scope: format!("sender {address}"),
                purpose: String::new(),
                opted_out: true,
                source: "provider".to_owned(),
                at: since,
                proof: None,
            };
            if !row.recipient.is_empty() && self.store(row.clone()) {
                self.log(at, Some(id), None, Entry::consent(&row));
            }
        }
    }

    pub(super) fn senders_of(&self, addresses: &[String]) -> Vec<KnownSender> {
        let mut known = std::collections::BTreeSet::new();
        for queue in &self.queues {
            let sender = self.senders.iter().find(|row| Some(row.id) == queue.bound);
            let named = sender.filter(|row| addresses.contains(&row.sender.address));
            known.extend(named.map(|row| KnownSender {
                address: row.sender.address.clone(),
                account: row.sender.account.clone(),
                tenant: queue.tenant.clone(),
            }));
        }
        known.into_iter().collect()
    }

    /// What decides about a message, as the databases write it.
    pub(super) fn known(&self, new: &NewMessage, sender: Option<i64>) -> Option<Known> {
        let address = self.senders.iter().find(|row| Some(row.id) == sender).map(|row| &row.sender.address);
        let mut scopes = vec!["all".to_owned(), format!("tenant {}", new.tenant)];
        scopes.extend(address.map(|address| format!("sender {address}")));
        scopes.extend(new.pool().map(|pool| format!("sender {pool}")));
        let about = |row: &&ConsentRow| {
            let purpose = row.purpose.is_empty() || row.purpose == new.purpose.as_str();
            row.recipient == new.prepared.recipient && purpose && scopes.contains(&row.scope)
        };
        let word = |row: &ConsentRow| format!("{} {}", if row.opted_out { "out" } else { "in" }, row.scope);
        self.consents.values().filter(about).map(word).max().map(Known::new)
    }

    pub(super) fn refuses_new(&self, new: &NewMessage) -> Option<Ruling> {
        new.refused_by(self.known_new(new).as_ref())
    }

    /// The sender of a message is the one that it names, or the one that its queue belongs to.
    pub(super) fn known_new(&self, new: &NewMessage) -> Option<Known> {
        let same = |queue: &&Queue| {
            queue.tenant == new.tenant
                && queue.kind == new.prepared.kind
                && queue.sender == new.prepared.sender
        };
        let bound = self.queues.iter().filter(same).find_map(|queue| queue.bound);
        match (new.sender_address(), bound) {
            (Some(address), _) => {
                let mut model = self.clone();
                let sender = crate::rows::NewSender { account: "?".into(), kind: new.prepared.kind, address };
                let id = model.senders.len() as i64 + 1;
                model.senders.push(crate::rows::SenderRow { id, sender, next_free: 0, paused: None });
                model.known(new, Some(id))
            }
            (None, bound) => self.known(new, bound),
        }
    }
}
