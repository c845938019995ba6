//! Lists of messages, in the reference model.

use super::{Model, Stored};
use crate::rows::list::{List, Listed};

impl Model {
    pub(super) fn list(&self, list: &List) -> Listed {
        let of_tenant = |stored: &Stored| stored.new.tenant == list.tenant;
        let campaign = list.campaign.and_then(|id| self.campaign_by_id(id).ok());
        let listed = |stored: &Stored| match (list.unsettled, list.campaign) {
            (true, None) => of_tenant(stored),
            (true, Some(id)) => of_tenant(stored) && id != 0 && stored.new.campaign == id,
            (false, None) => of_tenant(stored) && stored.new.campaign == 0,
            (false, Some(id)) => {
                stored.new.campaign == id && campaign.is_some_and(|row| row.tenant == list.tenant)
            }
        };
        let mut candidates = self.ids(listed);
        candidates.retain(|id| *id < list.before);
        candidates.reverse();
        let reach = if list.has_floor() { list.reach as usize } else { usize::MAX };
        let within: Vec<i64> = candidates.iter().take(reach).copied().collect();
        let mut found = within.clone();
        found.retain(|id| self.is_selected(*id, list));
        let next = if found.len() > list.limit as usize {
            found.truncate(list.limit as usize);
            found.last().copied()
        } else {
            within.last().copied().filter(|_| candidates.len() > within.len())
        };
        Listed { rows: found.into_iter().filter_map(|id| self.row(id)).collect(), next }
    }

    fn is_selected(&self, id: i64, list: &List) -> bool {
        let Stored { new, record, .. } = &self.messages[&id];
        let state = &record.progress.state;
        (list.states.is_empty() || list.states.iter().any(|word| word == state.as_str()))
            && (!list.unsettled || state.is_unsettled())
            && list.recipient.as_ref().is_none_or(|recipient| *recipient == new.prepared.recipient)
            && list.key_prefix.as_ref().is_none_or(|prefix| new.key.starts_with(prefix))
    }

    pub(super) fn requests(&self, ids: &[i64]) -> Vec<(i64, String)> {
        let all = self.messages.iter().filter(|(id, _)| ids.contains(id));
        all.map(|(id, stored)| (*id, stored.new.prepared.request.clone())).collect()
    }
}
