//! Runs the same statements without the writer's thread, for the simulation, which must run on one thread.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use rusqlite::Connection;
use switchboard::provider::SendKind;
use switchboard_store::{Appender, Log};

use super::sql::Sql;
use super::transaction::{Shared, Transaction};
use super::{
    MIGRATIONS, budget, campaign, check, consent, copy, enqueue, erase, history, list, pause, read, standing,
    tick,
};
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
    Applied, Counts, Each, Enqueued, Look, Name, NewMessage, NewSender, Pause, Row, Rows, SenderRow, Started,
    Tick, Ticked,
};
use crate::state::Event;
use crate::timing::Micros;

/// Rows in an SQLite database in memory, whose methods never wait.
#[derive(Debug)]
pub(crate) struct DirectRows {
    connection: Mutex<Connection>,
    shared: Arc<Shared>,
}

impl DirectRows {
    pub(crate) fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection.set_prepared_statement_cache_capacity(128);
        connection.execute_batch(&Log::MIGRATIONS.sql("switchboard_")).unwrap();
        connection.execute_batch(&MIGRATIONS.sql("switchboard_")).unwrap();
        Self {
            connection: Mutex::new(connection),
            shared: Arc::new(Shared { sql: Sql::new("switchboard_"), log: Appender::new("switchboard_") }),
        }
    }

    fn job<T>(&self, job: impl FnOnce(&Transaction<'_>) -> Result<T, OutboxError>) -> Result<T, OutboxError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let transaction = Transaction::new(&connection, &self.shared);
        let done = job(&transaction).and_then(|done| transaction.finish().map(|()| done));
        connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        done
    }
}

#[async_trait]
impl Rows for DirectRows {
    async fn enqueue(&self, at: Micros, new: Vec<NewMessage>) -> Result<Vec<Enqueued>, OutboxError> {
        self.job(|transaction| enqueue::enqueue(transaction, at, &new))
    }

    async fn enqueue_each(
        &self,
        at: Micros,
        campaign: i64,
        new: Arc<[NewMessage]>,
    ) -> Result<Vec<Each>, OutboxError> {
        self.job(|transaction| campaign::enqueue_each(transaction, at, campaign, &new))
    }

    async fn open_campaign(
        &self,
        at: Micros,
        new: NewCampaign,
        actor: Option<String>,
    ) -> Result<CampaignRow, OutboxError> {
        self.job(|transaction| campaign::open(transaction, at, &new, actor.as_deref()))
    }

    async fn campaign(
        &self,
        tenant: String,
        name: String,
    ) -> Result<Option<(CampaignRow, Tally)>, OutboxError> {
        self.job(|transaction| campaign::with_tally(transaction, &tenant, &name))
    }

    async fn campaigns(
        &self,
        tenant: String,
        before: i64,
        limit: u32,
    ) -> Result<Vec<CampaignRow>, OutboxError> {
        self.job(|transaction| campaign::list(transaction, &tenant, before, limit))
    }

    async fn change_campaign(
        &self,
        at: Micros,
        id: i64,
        change: CampaignChange,
        actor: Option<String>,
    ) -> Result<CampaignRow, OutboxError> {
        self.job(|transaction| campaign::change(transaction, at, id, &change, actor.as_deref()))
    }

    async fn cancel_campaign(
        &self,
        at: Micros,
        id: i64,
        limit: u32,
        actor: Option<String>,
    ) -> Result<Stopped, OutboxError> {
        self.job(|transaction| campaign::cancel(transaction, at, id, limit, actor.as_deref()))
    }

    async fn note(&self, at: Micros, entries: Vec<Entry>) -> Result<(), OutboxError> {
        self.job(|transaction| entries.iter().try_for_each(|entry| transaction.log(at, None, None, entry)))
    }

    async fn find(&self, name: Name) -> Result<Option<Row>, OutboxError> {
        self.job(|transaction| read::find(transaction, &name))
    }

    async fn unsettled(&self, after: i64, limit: u32) -> Result<Vec<Row>, OutboxError> {
        self.job(|transaction| read::unsettled(transaction, after, limit))
    }

    async fn list(&self, list: List) -> Result<Listed, OutboxError> {
        self.job(|transaction| list::page(transaction, &list))
    }

    async fn messages(&self, ids: Vec<i64>) -> Result<Vec<Row>, OutboxError> {
        self.job(|transaction| list::messages(transaction, ids))
    }

    async fn requests(&self, ids: Vec<i64>) -> Result<Vec<(i64, String)>, OutboxError> {
        self.job(|transaction| list::requests(transaction, &ids))
    }

    async fn counts(&self) -> Result<Counts, OutboxError> {
        self.job(read::counts)
    }

    async fn apply(
        &self,
        at: Micros,
        name: Name,
        event: Event,
        actor: Option<String>,
    ) -> Result<Applied, OutboxError> {
        self.job(|transaction| transaction.apply(at, &name, event, actor.as_deref()))
    }

    /// The file's lock makes sure that the worker is alone.
    async fn start(&self, at: Micros, _alone: bool) -> Result<Started, OutboxError> {
        self.job(|transaction| tick::start(transaction, at))
    }

    async fn look(&self) -> Result<Look, OutboxError> {
        self.job(read::look)
    }

    async fn bind(&self, queue: i64, sender: NewSender) -> Result<SenderRow, OutboxError> {
        self.job(|transaction| pause::bind(transaction, queue, &sender))
    }

    async fn tick(&self, tick: Tick) -> Result<Ticked, OutboxError> {
        self.job(|transaction| tick::tick(transaction, &tick))?
    }

    async fn release(&self, _epoch: i64) -> Result<(), OutboxError> {
        Ok(())
    }

    async fn pause(&self, at: Micros, pause: Pause, actor: Option<String>) -> Result<(), OutboxError> {
        self.job(|transaction| pause::pause(transaction, at, &pause, actor.as_deref()))
    }

    async fn place(&self) -> Result<Place, OutboxError> {
        Ok(Place { before: self.job(copy::place_before)?, now: None })
    }

    async fn settle_place(&self, place: Option<String>) -> Result<(), OutboxError> {
        self.job(|transaction| copy::settle(transaction, place.as_ref()))
    }

    async fn adopt(&self, at: Micros, place: Option<String>, actor: String) -> Result<(), OutboxError> {
        self.job(|transaction| copy::adopt(transaction, at, place.as_ref(), &actor))
    }

    async fn guard(&self, since: Option<Micros>) -> Result<(), OutboxError> {
        self.job(|transaction| copy::guard(transaction, since))
    }

    async fn unknown_sids(&self, sids: Vec<String>) -> Result<Vec<String>, OutboxError> {
        self.job(|transaction| copy::unknown_sids(transaction, sids))
    }

    async fn alike(
        &self,
        queue: i64,
        sender: i64,
        recipients: Vec<String>,
    ) -> Result<Vec<Alike>, OutboxError> {
        self.job(|transaction| copy::alike(transaction, queue, sender, &recipients))
    }

    async fn retire(&self, retire: Retire) -> Result<Retired, OutboxError> {
        self.job(|transaction| erase::retire(transaction, &retire))
    }

    async fn forget(&self, forget: Forget) -> Result<Forgot, OutboxError> {
        self.job(|transaction| erase::forget(transaction, &forget))
    }

    async fn remember(&self, hash: String, recipient: String) -> Result<bool, OutboxError> {
        self.job(|transaction| erase::remember(transaction, &hash, &recipient))
    }

    async fn identity(&self) -> Result<Identity, OutboxError> {
        self.job(check::identity)
    }

    async fn prove(&self, at: Micros, proof: Proof) -> Result<Applied, OutboxError> {
        self.job(|transaction| check::prove(transaction, at, &proof))
    }

    async fn reported(&self, at: Micros, reported: Vec<Reported>) -> Result<Vec<Applied>, OutboxError> {
        self.job(|transaction| reported.iter().map(|one| check::reported(transaction, at, one)).collect())
    }

    async fn consent(&self, consents: Consents) -> Result<Consented, OutboxError> {
        self.job(|transaction| consent::store(transaction, &consents))
    }

    async fn reserve(&self, reserve: Reserve) -> Result<i64, OutboxError> {
        self.job(|transaction| budget::reserve(transaction, &reserve))
    }

    async fn give_back(&self, left: Vec<(Bucket, i64)>) -> Result<(), OutboxError> {
        self.job(|transaction| budget::give_back(transaction, &left))
    }

    async fn standing(&self, question: Question) -> Result<Standing, OutboxError> {
        self.job(|transaction| standing::standing(transaction, &question))
    }

    async fn senders_of(&self, addresses: Vec<String>) -> Result<Vec<KnownSender>, OutboxError> {
        self.job(|transaction| consent::senders_of(transaction, &addresses))
    }

    async fn consents(&self, recipient: String) -> Result<Vec<ConsentRow>, OutboxError> {
        self.job(|transaction| consent::of_recipient(transaction, &recipient))
    }

    async fn consents_of(&self, list: ListConsents) -> Result<Vec<ConsentRow>, OutboxError> {
        self.job(|transaction| consent::list(transaction, &list))
    }

    async fn histories(&self, select: Select) -> Result<Histories, OutboxError> {
        self.job(|transaction| history::page(transaction, &select))
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Unknown>, OutboxError> {
        self.job(|transaction| check::claim(transaction, &claim))
    }

    async fn checked(&self, at: Micros, checked: Checked) -> Result<Applied, OutboxError> {
        self.job(|transaction| check::checked(transaction, at, &checked))
    }

    async fn bound(&self, id: i64, sids: Vec<String>, since: Micros) -> Result<Bound, OutboxError> {
        self.job(|transaction| check::bound(transaction, id, &sids, since))
    }

    async fn canaries(
        &self,
        account: String,
        kind: SendKind,
        limit: u32,
    ) -> Result<Vec<Canary>, OutboxError> {
        self.job(|transaction| check::canaries(transaction, &account, kind, limit))
    }
}
