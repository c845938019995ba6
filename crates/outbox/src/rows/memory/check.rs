//! Evidence about unknown messages, in the reference model.

use switchboard::provider::SendKind;

use super::{Model, Stored};
use crate::rows::check::{Bound, Canary, Checked, Claim, Proof, Reported, Unknown};
use crate::rows::copy::Alike;
use crate::rows::record::Entry;
use crate::rows::{Applied, Finished, Source};
use crate::state::{Event, State, Unchanged};
use crate::timing::Micros;

impl Model {
    pub(super) fn prove(&mut self, at: Micros, proof: Proof) -> Applied {
        let told = proof.told(at);
        let Proof { id, attempt, reported: Reported { sid, opted_out, tenant, .. } } = proof;
        if let Some(tenant) = &tenant {
            let named = self.with_sid(&sid).into_iter().chain([id]);
            let mut messages = named.filter_map(|id| self.messages.get(&id));
            if messages.any(|stored| stored.new.tenant != *tenant) {
                return Applied::OfAnother;
            }
        }
        if opted_out {
            self.refused(at, id, tenant.is_some());
        }
        let applied = self.tell(at, &told, None);
        if applied == Applied::Missing && self.messages.keys().last().is_some_and(|newest| id < *newest) {
            return Applied::Deleted;
        }
        if matches!(applied, Applied::Missing | Applied::Unchanged(_, Unchanged::FromTheFuture)) {
            self.log(at, Some(id), None, Entry::stale_copy(attempt, &sid));
        }
        applied
    }

    pub(super) fn reported(&mut self, at: Micros, reported: &Reported) -> Applied {
        let is_theirs =
            |id: &i64| reported.tenant.as_ref().is_none_or(|tenant| self.messages[id].new.tenant == *tenant);
        let owner = self.with_sid(&reported.sid).into_iter().find(is_theirs);
        let Some(id) = owner else { return Applied::Missing };
        if reported.opted_out {
            self.refused(at, id, reported.tenant.is_some());
        }
        self.tell(at, &reported.told(at, id), None)
    }

    pub(super) fn alike(&self, queue: i64, sender: i64, recipients: &[String]) -> Vec<Alike> {
        let alike = |(id, stored): (&i64, &Stored)| {
            let Stored { new, record, .. } = stored;
            let perhaps_sent = match &record.progress.state {
                State::Ready => (stored.queue == queue).then_some(false),
                state if state.is_open() => {
                    record.mark.is_some_and(|mark| mark.sender == sender).then_some(true)
                }
                State::Accepted { sid: None, .. } | State::Abandoned => {
                    (stored.queue == queue).then_some(true)
                }
                _ => None,
            };
            let (recipient, request) = (new.prepared.recipient.clone(), new.prepared.request.clone());
            let perhaps_sent = perhaps_sent.filter(|_| recipients.contains(&recipient))?;
            Some(Alike { id: *id, perhaps_sent, recipient, request })
        };
        self.messages.iter().filter_map(alike).collect()
    }

    pub(super) fn by_sid(&self, sid: &str) -> Option<i64> {
        self.with_sid(sid).first().copied()
    }

    /// The messages with this id at the provider, and last the one that was sent twice and whose second id it is.
    fn with_sid(&self, sid: &str) -> Vec<i64> {
        let has = |stored: &Stored| match &stored.record.progress.state {
            State::Accepted { sid: Some(own), .. } => own == sid,
            _ => false,
        };
        self.ids(has).into_iter().chain(self.second_sids.get(sid).copied()).collect()
    }

    pub(super) fn claim(&mut self, claim: &Claim) -> Vec<Unknown> {
        let due = |record: &crate::rows::record::Record| {
            let by = if record.checks == 0 { claim.unknown_since.min(claim.at) } else { claim.at };
            record.next_check.is_some_and(|next| next <= by)
        };
        let mut ids = self.ids(|stored| due(&stored.record));
        ids.sort_by_key(|id| (self.messages[id].record.next_check, *id));
        let rows = ids.into_iter().filter_map(|id| self.unknown(id));
        let rows = rows.filter(|row| !claim.except.contains(&row.account));
        let rows: Vec<Unknown> = rows.take(usize::try_from(claim.limit).unwrap()).collect();
        for row in &rows {
            self.messages.get_mut(&row.id).unwrap().record.next_check = Some(claim.until);
        }
        rows
    }

    fn unknown(&self, id: i64) -> Option<Unknown> {
        let Stored { new, record, .. } = &self.messages[&id];
        let mark = record.mark?;
        let sender = self.senders.iter().find(|row| row.id == mark.sender)?;
        Some(Unknown {
            id,
            attempt: record.progress.attempt,
            tenant: new.tenant.clone(),
            kind: new.prepared.kind,
            account: sender.sender.account.clone(),
            address: sender.sender.address.clone(),
            recipient: new.prepared.recipient.clone(),
            request: new.prepared.request.clone(),
            marked: record.at,
            checks: record.checks,
            seen: record.seen.clone(),
        })
    }

    pub(super) fn checked(&mut self, at: Micros, checked: Checked) -> Applied {
        let Checked { id, attempt, event, why, seen, next } = checked;
        let Some(stored) = self.messages.get(&id) else { return Applied::Missing };
        let progress = stored.record.progress.clone();
        let owner = match &event {
            Some(Event::Accepted { sid: Some(sid), .. }) => self.by_sid(sid),
            _ => None,
        };
        let is_unknown = progress.state == State::Unknown && progress.attempt == attempt;
        if !is_unknown || owner.is_some_and(|owner| owner != id) {
            return Applied::Unchanged(progress, Unchanged::Stale);
        }
        if let Some(event) = event {
            let source = Source::List(seen);
            return self.tell(at, &Finished { id, why, source, ..Finished::from_outside(at, event) }, None);
        }
        let record = &mut self.messages.get_mut(&id).unwrap().record;
        (record.next_check, record.seen) = (Some(next), seen);
        record.checks += 1;
        Applied::Unchanged(progress, Unchanged::Known)
    }

    pub(super) fn bound(&self, id: i64, sids: Vec<String>, since: Micros) -> Bound {
        let elsewhere = |sid: &String| self.by_sid(sid).is_some_and(|owner| owner != id);
        let own = self.messages.get(&id).map(|stored| stored.new.prepared.fingerprint);
        let rivals = self.ids(|other| {
            let record = &other.record;
            let perhaps_sent = match &record.progress.state {
                State::Parked => record.progress.attempt > 0,
                State::Accepted { sid: None, .. } | State::Abandoned => record.at >= since,
                _ => false,
            };
            perhaps_sent && Some(other.new.prepared.fingerprint) == own
        });
        let rival = rivals.into_iter().any(|other| other != id);
        Bound { sids: sids.into_iter().filter(elsewhere).collect(), rival }
    }

    pub(super) fn canaries(&self, account: &str, kind: SendKind, limit: u32) -> Vec<Canary> {
        let of_account = |id: i64| {
            let row = self.senders.iter().find(|row| row.id == id).unwrap();
            row.sender.account == account && row.sender.kind == kind
        };
        let mut newest: Vec<_> = self.newest.iter().filter(|(sender, _)| of_account(**sender)).collect();
        newest.sort_by_key(|(sender, (at, ..))| std::cmp::Reverse((*at, **sender)));
        newest.retain(|(_, (_, _, id))| self.messages.contains_key(id));
        let canary = |(_, (_, sid, id)): (&i64, &(Micros, String, i64))| Canary {
            sid: sid.clone(),
            recipient: self.messages[id].new.prepared.recipient.clone(),
        };
        newest.into_iter().take(usize::try_from(limit).unwrap()).map(canary).collect()
    }
}
