//! The calls of the contract, each of them all or nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use switchboard::provider::SendKind;

use super::MemoryRows;
use crate::error::OutboxError;
use crate::policy::Bucket;
use crate::rows::budget::Reserve;
use crate::rows::campaign::{CampaignChange, CampaignRow, NewCampaign, Stopped, Tally};
use crate::rows::check::{Bound, Canary, Checked, Claim, Identity, Proof, Reported, Unknown};
use crate::rows::consent::{ConsentRow, Consented, Consents, KnownSender, ListConsents};
use crate::rows::copy::{Alike, Place};
use crate::rows::erase::{Forget, Forgot, Retire, Retired};
use crate::rows::history::{Histories, Select};
use crate::rows::list::{List, Listed};
use crate::rows::record::Entry;
use crate::rows::standing::{Question, Standing};
use crate::rows::{
    Applied, Counts, Each, Enqueued, Finished, Look, Name, NewMessage, NewSender, Pause, Row, Rows,
    SenderRow, Started, Tick, Ticked,
};
use crate::state::Event;
use crate::timing::Micros;

#[async_trait]
impl Rows for MemoryRows {
    async fn enqueue(&self, at: Micros, new: Vec<NewMessage>) -> Result<Vec<Enqueued>, OutboxError> {
        self.write(|model| {
            new.into_iter().enumerate().map(|(place, new)| model.enqueue(at, place, new)).collect()
        })
    }

    async fn enqueue_each(
        &self,
        at: Micros,
        campaign: i64,
        new: Arc<[NewMessage]>,
    ) -> Result<Vec<Each>, OutboxError> {
        self.write(|model| model.enqueue_each(at, campaign, new.to_vec()))
    }

    async fn open_campaign(
        &self,
        at: Micros,
        new: NewCampaign,
        actor: Option<String>,
    ) -> Result<CampaignRow, OutboxError> {
        self.write(|model| Ok(model.open_campaign(at, new, actor)))
    }

    async fn campaign(
        &self,
        tenant: String,
        name: String,
    ) -> Result<Option<(CampaignRow, Tally)>, OutboxError> {
        Ok(self.with(|model| {
            let row = model.find_campaign(&tenant, &name)?.clone();
            let tally = model.campaign_tally(row.id);
            Some((row, tally))
        }))
    }

    async fn campaigns(
        &self,
        tenant: String,
        before: i64,
        limit: u32,
    ) -> Result<Vec<CampaignRow>, OutboxError> {
        Ok(self.with(|model| {
            let rows = model.campaigns.iter().rev().filter(|row| row.tenant == tenant && row.id < before);
            rows.take(limit as usize).cloned().collect()
        }))
    }

    async fn change_campaign(
        &self,
        at: Micros,
        id: i64,
        change: CampaignChange,
        actor: Option<String>,
    ) -> Result<CampaignRow, OutboxError> {
        self.write(|model| model.change_campaign(at, id, &change, actor))
    }

    async fn cancel_campaign(
        &self,
        at: Micros,
        id: i64,
        limit: u32,
        actor: Option<String>,
    ) -> Result<Stopped, OutboxError> {
        self.write(|model| Ok(model.cancel_campaign(at, id, limit, actor)))
    }

    async fn note(&self, at: Micros, entries: Vec<Entry>) -> Result<(), OutboxError> {
        self.write(|model| {
            entries.into_iter().for_each(|entry| model.log(at, None, None, entry));
            Ok(())
        })
    }

    async fn find(&self, name: Name) -> Result<Option<Row>, OutboxError> {
        Ok(self.with(|model| model.id(&name).and_then(|id| model.row(id))))
    }

    async fn unsettled(&self, after: i64, limit: u32) -> Result<Vec<Row>, OutboxError> {
        let limit = usize::try_from(limit).unwrap();
        Ok(self.with(|model| {
            let rows = model.messages.keys().filter(|id| **id > after).filter_map(|id| model.row(*id));
            rows.filter(|row| row.progress.state.is_unsettled()).take(limit).collect()
        }))
    }

    async fn list(&self, list: List) -> Result<Listed, OutboxError> {
        Ok(self.with(|model| model.list(&list)))
    }

    async fn messages(&self, ids: Vec<i64>) -> Result<Vec<Row>, OutboxError> {
        let ids: BTreeSet<i64> = ids.into_iter().collect();
        Ok(self.with(|model| ids.iter().filter_map(|id| model.row(*id)).collect()))
    }

    async fn requests(&self, ids: Vec<i64>) -> Result<Vec<(i64, String)>, OutboxError> {
        Ok(self.with(|model| model.requests(&ids)))
    }

    async fn counts(&self) -> Result<Counts, OutboxError> {
        Ok(self.with(|model| model.counts()))
    }

    async fn apply(
        &self,
        at: Micros,
        name: Name,
        event: Event,
        actor: Option<String>,
    ) -> Result<Applied, OutboxError> {
        self.write(|model| {
            let Some(id) = model.id(&name) else { return Ok(Applied::Missing) };
            let told = Finished { id, ..Finished::from_outside(at, event) };
            Ok(model.tell(at, &told, actor))
        })
    }

    async fn start(&self, at: Micros, alone: bool) -> Result<Started, OutboxError> {
        self.write(|model| Ok(model.start(at, alone)))
    }

    async fn release(&self, epoch: i64) -> Result<(), OutboxError> {
        self.write(|model| {
            model.leases.retain(|_, (owner, _)| *owner != epoch);
            Ok(())
        })
    }

    async fn look(&self) -> Result<Look, OutboxError> {
        Ok(self.with(|model| model.look()))
    }

    async fn bind(&self, queue: i64, sender: NewSender) -> Result<SenderRow, OutboxError> {
        self.write(|model| Ok(model.bind(queue, sender)))
    }

    async fn tick(&self, tick: Tick) -> Result<Ticked, OutboxError> {
        self.write(|model| Ok(model.tick(&tick)))?
    }

    async fn pause(&self, at: Micros, pause: Pause, actor: Option<String>) -> Result<(), OutboxError> {
        self.write(|model| {
            model.pause(at, &pause, actor);
            Ok(())
        })
    }

    async fn place(&self) -> Result<Place, OutboxError> {
        Ok(Place::default())
    }

    async fn settle_place(&self, _: Option<String>) -> Result<(), OutboxError> {
        Ok(())
    }

    async fn adopt(&self, at: Micros, _: Option<String>, actor: String) -> Result<(), OutboxError> {
        self.write(|model| {
            let alive = model.alive(at);
            model.guard = Some(model.guard.unwrap_or(alive).min(alive));
            model.log(at, None, Some(actor), Entry { topic: "adopted", detail: "{}".to_owned() });
            Ok(())
        })
    }

    async fn guard(&self, since: Option<Micros>) -> Result<(), OutboxError> {
        self.write(|model| {
            model.guard = since;
            Ok(())
        })
    }

    async fn unknown_sids(&self, sids: Vec<String>) -> Result<Vec<String>, OutboxError> {
        Ok(self.with(|model| sids.into_iter().filter(|sid| model.by_sid(sid).is_none()).collect()))
    }

    async fn alike(
        &self,
        queue: i64,
        sender: i64,
        recipients: Vec<String>,
    ) -> Result<Vec<Alike>, OutboxError> {
        Ok(self.with(|model| model.alike(queue, sender, &recipients)))
    }

    async fn retire(&self, retire: Retire) -> Result<Retired, OutboxError> {
        self.write(|model| Ok(model.retire(&retire)))
    }

    async fn forget(&self, forget: Forget) -> Result<Forgot, OutboxError> {
        self.write(|model| Ok(model.forget(&forget)))
    }

    async fn remember(&self, hash: String, recipient: String) -> Result<bool, OutboxError> {
        self.write(|model| Ok(model.remember(&hash, &recipient)))
    }

    async fn identity(&self) -> Result<Identity, OutboxError> {
        Ok(Identity { store: "0123456789abcdef".to_owned(), key: "42".repeat(32) })
    }

    async fn prove(&self, at: Micros, proof: Proof) -> Result<Applied, OutboxError> {
        self.write(|model| Ok(model.prove(at, proof)))
    }

    async fn reported(&self, at: Micros, reported: Vec<Reported>) -> Result<Vec<Applied>, OutboxError> {
        self.write(|model| Ok(reported.iter().map(|one| model.reported(at, one)).collect()))
    }

    async fn consent(&self, consents: Consents) -> Result<Consented, OutboxError> {
        self.write(|model| Ok(model.consent(&consents)))
    }

    async fn reserve(&self, reserve: Reserve) -> Result<i64, OutboxError> {
        self.write(|model| Ok(model.reserve(&reserve)))
    }

    async fn give_back(&self, left: Vec<(Bucket, i64)>) -> Result<(), OutboxError> {
        self.write(|model| {
            model.give_back(&left);
            Ok(())
        })
    }

    async fn standing(&self, question: Question) -> Result<Standing, OutboxError> {
        Ok(self.with(|model| model.standing(question)))
    }

    async fn senders_of(&self, addresses: Vec<String>) -> Result<Vec<KnownSender>, OutboxError> {
        Ok(self.with(|model| model.senders_of(&addresses)))
    }

    async fn consents(&self, recipient: String) -> Result<Vec<ConsentRow>, OutboxError> {
        Ok(self.with(|model| {
            model.consents.values().filter(|row| row.recipient == recipient).cloned().collect()
        }))
    }

    async fn consents_of(&self, list: ListConsents) -> Result<Vec<ConsentRow>, OutboxError> {
        Ok(self.with(|model| model.list_consents(&list)))
    }

    async fn histories(&self, select: Select) -> Result<Histories, OutboxError> {
        Ok(self.with(|model| model.histories(&select)))
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Unknown>, OutboxError> {
        self.write(|model| Ok(model.claim(&claim)))
    }

    async fn checked(&self, at: Micros, checked: Checked) -> Result<Applied, OutboxError> {
        self.write(|model| Ok(model.checked(at, checked)))
    }

    async fn bound(&self, id: i64, sids: Vec<String>, since: Micros) -> Result<Bound, OutboxError> {
        Ok(self.with(|model| model.bound(id, sids, since)))
    }

    async fn canaries(
        &self,
        account: String,
        kind: SendKind,
        limit: u32,
    ) -> Result<Vec<Canary>, OutboxError> {
        Ok(self.with(|model| model.canaries(&account, kind, limit)))
    }
}
