//! Deletes messages, in the reference model.

use std::collections::BTreeSet;

use super::{Model, Stored};
use crate::rows::Finished;
use crate::rows::consent::ConsentRow;
use crate::rows::erase::{Forget, Forgot, Retire, Retired};
use crate::state::Event;

impl Model {
    pub(super) fn retire(&mut self, retire: &Retire) -> Retired {
        let Retire { after, ended_before, limit } = *retire;
        let ended = self.ids(|stored| stored.record.progress.state.is_outcome());
        let read: Vec<i64> = ended.into_iter().filter(|id| *id > after).take(limit as usize).collect();
        let too_new = read.iter().any(|id| self.messages[id].created >= ended_before);
        let next = read.last().copied().filter(|_| read.len() == limit as usize && !too_new);
        let newest = self.messages.keys().last().copied();
        let old = |id: &i64| {
            let Stored { created, record, .. } = &self.messages[id];
            *created < ended_before && record.at < ended_before && Some(*id) != newest
        };
        let mut old: Vec<i64> = read.into_iter().filter(old).collect();
        let campaigns: BTreeSet<i64> = old.iter().map(|id| self.messages[id].new.campaign).collect();
        let ended: BTreeSet<i64> = campaigns.into_iter().filter(|id| self.close_campaign(*id)).collect();
        old.retain(|id| ended.contains(&self.messages[id].new.campaign));
        old.iter().for_each(|id| self.delete(*id));
        Retired { deleted: old.len() as u32, next }
    }

    pub(super) fn forget(&mut self, forget: &Forget) -> Forgot {
        let Forget { at, recipient, tenant, hash, after, limit, actor } = forget;
        self.forgotten.insert(hash.clone());
        let newest = self.messages.keys().last().copied().unwrap_or(0);
        let until = after + i64::from(*limit);
        let to_them = |stored: &Stored| stored.new.prepared.recipient == *recipient;
        let open = self.ids(|stored| to_them(stored) && stored.record.progress.state.is_open()).len() as u32;
        let ids = self.ids(|stored| {
            to_them(stored) && tenant.as_ref().is_none_or(|tenant| stored.new.tenant == *tenant)
        });
        let mut forgot = Forgot { deleted: 0, open, next: Some(until).filter(|until| *until < newest) };
        for id in ids.into_iter().filter(|id| id > after && *id <= until) {
            let told = Finished { id, ..Finished::from_outside(*at, Event::Cancel) };
            self.tell(*at, &told, actor.clone());
            if open > 0 {
                continue;
            }
            if id == newest {
                let new = &mut self.messages.get_mut(&id).unwrap().new;
                new.key = format!("forgotten {id}");
                new.prepared.recipient = String::new();
                new.prepared.request = String::new();
            } else {
                self.delete(id);
            }
            forgot.deleted += 1;
        }
        if forgot.next.is_none() {
            let scope = tenant.as_ref().map(|tenant| format!("tenant {tenant}"));
            self.move_consents(recipient, &format!("forgotten {hash}"), scope.as_deref());
            self.forget_counts(recipient, scope.as_deref());
        }
        forgot
    }

    pub(super) fn remember(&mut self, hash: &str, recipient: &str) -> bool {
        self.move_consents(&format!("forgotten {hash}"), recipient, None);
        self.forgotten.remove(hash)
    }

    fn move_consents(&mut self, from: &str, to: &str, scope: Option<&str>) {
        let moves = |row: &ConsentRow| row.recipient == from && scope.is_none_or(|scope| row.scope == scope);
        let theirs: Vec<ConsentRow> = self.consents.values().filter(|row| moves(row)).cloned().collect();
        for row in theirs {
            self.consents.remove(&(row.recipient.clone(), row.scope.clone(), row.purpose.clone()));
            self.store(ConsentRow { recipient: to.to_owned(), proof: None, ..row });
        }
    }

    fn delete(&mut self, id: i64) {
        self.note_deleted(id);
        self.messages.remove(&id);
        self.second_sids.retain(|_, owner| *owner != id);
    }
}
