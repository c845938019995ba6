//! The rows in SQLite.

mod budget;
mod campaign;
mod check;
mod column;
mod consent;
mod copy;
#[cfg(test)]
pub(crate) mod direct;
mod due;
mod enqueue;
mod erase;
mod history;
mod list;
mod pause;
mod read;
mod recent;
mod sql;
mod standing;
mod statement;
mod take;
mod tick;
mod transaction;

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;
use switchboard::provider::SendKind;
use switchboard_store::{Appender, Migration, Migrations, Sqlite};

use self::sql::Sql;
use self::transaction::{Shared, Transaction};
use super::budget::Reserve;
use super::campaign::{CampaignChange, CampaignRow, NewCampaign, Stopped, Tally};
use super::check::{Bound, Canary, Checked, Claim, Identity, Proof, Reported, Unknown};
use super::consent::{ConsentRow, Consented, Consents, KnownSender, ListConsents};
use super::copy::{Alike, Place};
use super::erase::{Forget, Forgot, Retire, Retired};
use super::history::{Histories, Select};
use super::list::{List, Listed};
use super::record::Entry;
use super::standing::{Question, Standing};
use super::{
    Applied, Counts, Each, Enqueued, Look, Name, NewMessage, NewSender, Pause, Row, Rows, SenderRow, Started,
    Tick, Ticked,
};
use crate::error::OutboxError;
use crate::policy::Bucket;
use crate::state::Event;
use crate::timing::Micros;

/// The tables of the outbox.
pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "outbox",
    list: &[Migration {
        number: 1,
        name: "messages, where they stand, and who sends them",
        sql: include_str!("sqlite/1.sql"),
        #[cfg(feature = "postgres")]
        postgres: super::postgres::TABLES,
        #[cfg(not(feature = "postgres"))]
        postgres: "",
    }],
};

/// The rows in SQLite.
#[derive(Debug, Clone)]
pub(crate) struct SqliteRows {
    sqlite: Sqlite,
    shared: Arc<Shared>,
}

impl SqliteRows {
    /// Creates the tables if they do not exist.
    pub(crate) async fn open(sqlite: Sqlite) -> Result<Self, OutboxError> {
        sqlite.migrate(&MIGRATIONS).await?;
        let shared = Shared { sql: Sql::new(sqlite.prefix()), log: Appender::new(sqlite.prefix()) };
        Ok(Self { sqlite, shared: Arc::new(shared) })
    }

    async fn write<T, F>(&self, job: F) -> Result<T, OutboxError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, OutboxError> + Send + 'static,
        T: Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        let job = move |connection: &Connection| {
            let transaction = Transaction::new(connection, &shared);
            let done = job(&transaction)?;
            transaction.finish()?;
            Ok(done)
        };
        self.sqlite.write(job).await
    }

    async fn read<T, F>(&self, job: F) -> Result<T, OutboxError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, OutboxError> + Send + 'static,
        T: Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        self.sqlite.read(move |connection| job(&Transaction::new(connection, &shared))).await
    }
}

#[async_trait]
impl Rows for SqliteRows {
    async fn enqueue(&self, at: Micros, new: Vec<NewMessage>) -> Result<Vec<Enqueued>, OutboxError> {
        self.write(move |transaction| enqueue::enqueue(transaction, at, &new)).await
    }

    async fn enqueue_each(
        &self,
        at: Micros,
        campaign: i64,
        new: Arc<[NewMessage]>,
    ) -> Result<Vec<Each>, OutboxError> {
        self.write(move |transaction| campaign::enqueue_each(transaction, at, campaign, &new)).await
    }

    async fn open_campaign(
        &self,
        at: Micros,
        new: NewCampaign,
        actor: Option<String>,
    ) -> Result<CampaignRow, OutboxError> {
        self.write(move |transaction| campaign::open(transaction, at, &new, actor.as_deref())).await
    }

    async fn campaign(
        &self,
        tenant: String,
        name: String,
    ) -> Result<Option<(CampaignRow, Tally)>, OutboxError> {
        self.read(move |transaction| campaign::with_tally(transaction, &tenant, &name)).await
    }

    async fn campaigns(
        &self,
        tenant: String,
        before: i64,
        limit: u32,
    ) -> Result<Vec<CampaignRow>, OutboxError> {
        self.read(move |transaction| campaign::list(transaction, &tenant, before, limit)).await
    }

    async fn change_campaign(
        &self,
        at: Micros,
        id: i64,
        change: CampaignChange,
        actor: Option<String>,
    ) -> Result<CampaignRow, OutboxError> {
        self.write(move |transaction| campaign::change(transaction, at, id, &change, actor.as_deref())).await
    }

    async fn cancel_campaign(
        &self,
        at: Micros,
        id: i64,
        limit: u32,
        actor: Option<String>,
    ) -> Result<Stopped, OutboxError> {
        self.write(move |transaction| campaign::cancel(transaction, at, id, limit, actor.as_deref())).await
    }

    async fn note(&self, at: Micros, entries: Vec<Entry>) -> Result<(), OutboxError> {
        self.write(move |transaction| {
            entries.iter().try_for_each(|entry| transaction.log(at, None, None, entry))
        })
        .await
    }

    async fn find(&self, name: Name) -> Result<Option<Row>, OutboxError> {
        self.read(move |transaction| read::find(transaction, &name)).await
    }

    async fn unsettled(&self, after: i64, limit: u32) -> Result<Vec<Row>, OutboxError> {
        self.read(move |transaction| read::unsettled(transaction, after, limit)).await
    }

    async fn list(&self, list: List) -> Result<Listed, OutboxError> {
        self.read(move |transaction| list::page(transaction, &list)).await
    }

    async fn messages(&self, ids: Vec<i64>) -> Result<Vec<Row>, OutboxError> {
        self.read(move |transaction| list::messages(transaction, ids)).await
    }

    async fn requests(&self, ids: Vec<i64>) -> Result<Vec<(i64, String)>, OutboxError> {
        self.read(move |transaction| list::requests(transaction, &ids)).await
    }

    async fn counts(&self) -> Result<Counts, OutboxError> {
        self.read(read::counts).await
    }

    async fn apply(
        &self,
        at: Micros,
        name: Name,
        event: Event,
        actor: Option<String>,
    ) -> Result<Applied, OutboxError> {
        self.write(move |transaction| transaction.apply(at, &name, event, actor.as_deref())).await
    }

    /// The file's lock makes sure that the worker is alone.
    async fn start(&self, at: Micros, _alone: bool) -> Result<Started, OutboxError> {
        self.write(move |transaction| tick::start(transaction, at)).await
    }

    async fn look(&self) -> Result<Look, OutboxError> {
        self.read(read::look).await
    }

    async fn bind(&self, queue: i64, sender: NewSender) -> Result<SenderRow, OutboxError> {
        self.write(move |transaction| pause::bind(transaction, queue, &sender)).await
    }

    async fn tick(&self, tick: Tick) -> Result<Ticked, OutboxError> {
        self.write(move |transaction| tick::tick(transaction, &tick)).await?
    }

    async fn release(&self, _epoch: i64) -> Result<(), OutboxError> {
        Ok(())
    }

    async fn pause(&self, at: Micros, pause: Pause, actor: Option<String>) -> Result<(), OutboxError> {
        self.write(move |transaction| pause::pause(transaction, at, &pause, actor.as_deref())).await
    }

    async fn place(&self) -> Result<Place, OutboxError> {
        let now = copy::place(&self.sqlite);
        Ok(Place { before: self.read(copy::place_before).await?, now })
    }

    async fn settle_place(&self, place: Option<String>) -> Result<(), OutboxError> {
        self.write(move |transaction| copy::settle(transaction, place.as_ref())).await
    }

    async fn adopt(&self, at: Micros, place: Option<String>, actor: String) -> Result<(), OutboxError> {
        self.write(move |transaction| copy::adopt(transaction, at, place.as_ref(), &actor)).await
    }

    async fn guard(&self, since: Option<Micros>) -> Result<(), OutboxError> {
        self.write(move |transaction| copy::guard(transaction, since)).await
    }

    async fn unknown_sids(&self, sids: Vec<String>) -> Result<Vec<String>, OutboxError> {
        self.read(move |transaction| copy::unknown_sids(transaction, sids)).await
    }

    async fn alike(
        &self,
        queue: i64,
        sender: i64,
        recipients: Vec<String>,
    ) -> Result<Vec<Alike>, OutboxError> {
        self.read(move |transaction| copy::alike(transaction, queue, sender, &recipients)).await
    }

    async fn retire(&self, retire: Retire) -> Result<Retired, OutboxError> {
        self.write(move |transaction| erase::retire(transaction, &retire)).await
    }

    async fn forget(&self, forget: Forget) -> Result<Forgot, OutboxError> {
        self.write(move |transaction| {
            // What is deleted is overwritten, instead of staying in unused pages.
            transaction.connection.execute_batch("PRAGMA secure_delete = ON")?;
            let forgot = erase::forget(transaction, &forget);
            transaction.connection.execute_batch("PRAGMA secure_delete = OFF")?;
            forgot
        })
        .await
    }

    async fn remember(&self, hash: String, recipient: String) -> Result<bool, OutboxError> {
        self.write(move |transaction| erase::remember(transaction, &hash, &recipient)).await
    }

    async fn identity(&self) -> Result<Identity, OutboxError> {
        self.read(check::identity).await
    }

    async fn prove(&self, at: Micros, proof: Proof) -> Result<Applied, OutboxError> {
        self.write(move |transaction| check::prove(transaction, at, &proof)).await
    }

    async fn reported(&self, at: Micros, reported: Vec<Reported>) -> Result<Vec<Applied>, OutboxError> {
        self.write(move |transaction| {
            reported.iter().map(|one| check::reported(transaction, at, one)).collect()
        })
        .await
    }

    async fn consent(&self, consents: Consents) -> Result<Consented, OutboxError> {
        self.write(move |transaction| consent::store(transaction, &consents)).await
    }

    async fn reserve(&self, reserve: Reserve) -> Result<i64, OutboxError> {
        self.write(move |transaction| budget::reserve(transaction, &reserve)).await
    }

    async fn give_back(&self, left: Vec<(Bucket, i64)>) -> Result<(), OutboxError> {
        self.write(move |transaction| budget::give_back(transaction, &left)).await
    }

    async fn standing(&self, question: Question) -> Result<Standing, OutboxError> {
        self.read(move |transaction| standing::standing(transaction, &question)).await
    }

    async fn senders_of(&self, addresses: Vec<String>) -> Result<Vec<KnownSender>, OutboxError> {
        self.read(move |transaction| consent::senders_of(transaction, &addresses)).await
    }

    async fn consents(&self, recipient: String) -> Result<Vec<ConsentRow>, OutboxError> {
        self.read(move |transaction| consent::of_recipient(transaction, &recipient)).await
    }

    async fn consents_of(&self, list: ListConsents) -> Result<Vec<ConsentRow>, OutboxError> {
        self.read(move |transaction| consent::list(transaction, &list)).await
    }

    async fn histories(&self, select: Select) -> Result<Histories, OutboxError> {
        self.read(move |transaction| history::page(transaction, &select)).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Unknown>, OutboxError> {
        self.write(move |transaction| check::claim(transaction, &claim)).await
    }

    async fn checked(&self, at: Micros, checked: Checked) -> Result<Applied, OutboxError> {
        self.write(move |transaction| check::checked(transaction, at, &checked)).await
    }

    async fn bound(&self, id: i64, sids: Vec<String>, since: Micros) -> Result<Bound, OutboxError> {
        self.read(move |transaction| check::bound(transaction, id, &sids, since)).await
    }

    async fn canaries(
        &self,
        account: String,
        kind: SendKind,
        limit: u32,
    ) -> Result<Vec<Canary>, OutboxError> {
        self.read(move |transaction| check::canaries(transaction, &account, kind, limit)).await
    }
}

#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;
