//! Campaigns, in the reference model.

use super::Model;
use crate::error::OutboxError;
use crate::rows::campaign::{CampaignChange, CampaignRow, NewCampaign, Stage, Stopped, Tally};
use crate::rows::record::Entry;
use crate::rows::{Each, Enqueued, Finished, Held, NewMessage};
use crate::state::{Event, State};
use crate::timing::Micros;

impl Model {
    pub(super) fn open_campaign(
        &mut self,
        at: Micros,
        new: NewCampaign,
        actor: Option<String>,
    ) -> CampaignRow {
        let NewCampaign { tenant, name, definition } = new;
        if let Some(row) = self.find_campaign(&tenant, &name) {
            return row.clone();
        }
        let row = CampaignRow {
            id: i64::try_from(self.campaigns.len() + 1).unwrap(),
            tenant,
            name,
            created: at,
            definition,
            stage: Stage::Importing,
            paused: false,
            messages: 0,
            segments: 0,
            imported: None,
        };
        self.log(at, None, actor, Entry::new_campaign(&row.name));
        self.campaigns.push(row.clone());
        row
    }

    pub(super) fn find_campaign(&self, tenant: &str, name: &str) -> Option<&CampaignRow> {
        self.campaigns.iter().find(|row| row.tenant == tenant && row.name == name)
    }

    pub(super) fn campaign_by_id(&self, id: i64) -> Result<&CampaignRow, OutboxError> {
        self.campaigns.iter().find(|row| row.id == id).ok_or(OutboxError::NotFound)
    }

    pub(super) fn change_campaign(
        &mut self,
        at: Micros,
        id: i64,
        change: &CampaignChange,
        actor: Option<String>,
    ) -> Result<CampaignRow, OutboxError> {
        let before = self.campaign_by_id(id)?.clone();
        let Some(after) = before.change(change)? else { return Ok(before) };
        self.log(at, None, actor, Entry::campaign(&after, change));
        *self.campaigns.iter_mut().find(|row| row.id == id).unwrap() = after.clone();
        Ok(after)
    }

    /// Counted anew each time, with those that were deleted.
    pub(super) fn campaign_tally(&self, id: i64) -> Tally {
        let Tally(mut tally) = self.deleted_of_campaigns.get(&id).cloned().unwrap_or_default();
        for stored in self.messages.values().filter(|stored| stored.new.campaign == id) {
            if let Some(word) = word(&stored.record.progress.state) {
                *tally.entry(word.to_owned()).or_default() += 1;
            }
        }
        Tally(tally)
    }

    pub(super) fn note_deleted(&mut self, id: i64) {
        let Some(stored) = self.messages.get(&id).filter(|stored| stored.new.campaign != 0) else { return };
        if let Some(word) = word(&stored.record.progress.state) {
            let tally = self.deleted_of_campaigns.entry(stored.new.campaign).or_default();
            *tally.0.entry(word.to_owned()).or_default() += 1;
        }
    }

    pub(super) fn enqueue_each(
        &mut self,
        at: Micros,
        id: i64,
        new: Vec<NewMessage>,
    ) -> Result<Vec<Each>, OutboxError> {
        self.campaign_by_id(id)?.check_open()?;
        let mut each = Vec::new();
        for (place, message) in new.into_iter().enumerate() {
            let weight = i64::from(message.prepared.weight);
            let one = self.enqueue(at, place, message);
            if matches!(one, Ok(Enqueued::New { .. })) {
                let row = self.campaigns.iter_mut().find(|row| row.id == id).unwrap();
                row.messages += 1;
                row.segments += weight;
            }
            each.push(one);
        }
        Ok(each)
    }

    pub(super) fn cancel_campaign(
        &mut self,
        at: Micros,
        id: i64,
        limit: u32,
        actor: Option<String>,
    ) -> Stopped {
        let mut ids =
            self.ids(|stored| stored.new.campaign == id && stored.record.progress.state == State::Ready);
        ids.truncate(limit as usize);
        let more = !ids.is_empty();
        if !more {
            ids = self.ids(|stored| {
                let progress = &stored.record.progress;
                let open = matches!(progress.state, State::Sending | State::Unknown);
                stored.new.campaign == id && open && !progress.no_repeat
            });
        }
        let cancelled = ids.into_iter().filter(|id| {
            let told = Finished { id: *id, ..Finished::from_outside(at, Event::Cancel) };
            self.tell(at, &told, actor.clone()).is_cancelled()
        });
        Stopped { cancelled: u32::try_from(cancelled.count()).unwrap(), more }
    }

    /// Are the messages of this queue held?
    pub(super) fn held(&self, queue: i64) -> Option<Held> {
        let place = usize::try_from(queue - 1).unwrap_or(usize::MAX);
        let campaign = self.queues.get(place).map_or(0, |queue| queue.campaign);
        let row = self.campaign_by_id(campaign).ok()?;
        match row.stage {
            Stage::Stopped => Some(Held::Stopped(campaign)),
            _ => row.paused.then_some(Held::Paused),
        }
    }

    /// Has it ended? Then it is closed.
    pub(super) fn close_campaign(&mut self, id: i64) -> bool {
        let Tally(tally) = self.campaign_tally(id);
        let Some(row) = self.campaigns.iter_mut().find(|row| row.id == id) else { return true };
        let open = tally.get("unknown").copied().unwrap_or(0) + tally.get("parked").copied().unwrap_or(0);
        let imports = matches!(row.stage, Stage::Importing | Stage::Interrupted);
        let has_ended = !imports && open == 0 && tally.values().sum::<i64>() == row.messages;
        if has_ended && row.stage != Stage::Stopped {
            row.stage = Stage::Closed;
        }
        has_ended
    }
}

fn word(state: &State) -> Option<&'static str> {
    match state {
        State::Ready | State::Sending => None,
        State::Accepted { status, .. } if status.is_success() => Some("delivered"),
        State::Accepted { status, .. } if status.is_failure() => Some("undelivered"),
        other => Some(other.as_str()),
    }
}
