//! What became of messages, in the reference model.

use super::{Model, Stored};
use crate::rows::history::{CAUSED_WITHIN, Histories, History, Select};
use crate::state::State;
use crate::timing::Micros;

impl Model {
    pub(super) fn histories(&self, select: &Select) -> Histories {
        let limit = usize::try_from(select.limit).unwrap();
        let is_of = |id: &i64| select.campaign.is_none_or(|only| self.messages[id].new.campaign == only);
        let later = self.messages.range(select.after + 1..).map(|(id, _)| *id);
        let page: Vec<i64> = later.filter(is_of).take(limit).collect();
        let next = page.last().copied().filter(|_| page.len() == limit);
        let is_selected = |stored: &Stored| {
            (select.since..select.until).contains(&stored.created)
                && select.tenant.as_ref().is_none_or(|tenant| *tenant == stored.new.tenant)
        };
        let selected = page.into_iter().filter(|id| is_selected(&self.messages[id]));
        Histories { rows: selected.map(|id| self.history(id, select.with_request)).collect(), next }
    }

    fn history(&self, id: i64, with_request: bool) -> History {
        let Stored { new, created, queue, record, .. } = &self.messages[&id];
        let state = &record.progress.state;
        let bound = self.queues[usize::try_from(*queue - 1).unwrap()].bound;
        let sender =
            bound.map(|bound| self.senders[usize::try_from(bound - 1).unwrap()].sender.address.clone());
        History {
            id,
            created: *created,
            kind: new.prepared.kind,
            campaign: (new.campaign > 0).then(|| {
                let row = self.campaign_by_id(new.campaign).unwrap();
                (row.tenant.clone(), row.name.clone())
            }),
            recipient: new.prepared.recipient.clone(),
            weight: Some(new.prepared.weight),
            request: with_request.then(|| new.prepared.request.clone()),
            state: state.as_str().to_owned(),
            status: match state {
                State::Accepted { status, .. } => Some(status.clone()),
                _ => None,
            },
            error: record.error.clone().filter(|_| *state != State::Ready),
            segments: record.segments,
            delivered: record.delivered.clone(),
            opted_out: self.opted_out(id, sender.as_deref()),
            sender: sender.unwrap_or_else(|| new.prepared.sender.clone()),
        }
    }

    fn opted_out(&self, id: i64, sender: Option<&str>) -> Option<Micros> {
        let Stored { new, record, .. } = &self.messages[&id];
        let marked = record.delivered.marked?;
        let senders = [sender.map(ToOwned::to_owned), new.pool()];
        let mut scopes = vec!["all".to_owned(), format!("tenant {}", new.tenant)];
        scopes.extend(senders.into_iter().flatten().map(|sender| format!("sender {sender}")));
        let of_message = self.consents.values().filter(|row| {
            row.recipient == new.prepared.recipient
                && row.opted_out
                && ["keyword", "provider"].contains(&row.source.as_str())
                && scopes.contains(&row.scope)
                && (marked..marked + CAUSED_WITHIN).contains(&row.at)
        });
        of_message.map(|row| row.at).min()
    }
}
