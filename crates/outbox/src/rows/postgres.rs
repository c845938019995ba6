//! The rows in PostgreSQL, for any number of workers.
//!
//! All transactions lock rows in the same order: records of messages (`open`, `outcome`, `ready`, each by id), the row
//! of the outbox, senders by id, and last the log. Should they block each other nevertheless, the server ends one of
//! them, and it is repeated.

/// The values of a statement that is only started.
macro_rules! values {
    ($($value:expr),+ $(,)?) => {{
        let values: Vec<switchboard_store::Value> = vec![$(Box::new($value)),+];
        values
    }};
}

mod batcher;
mod budget;
mod campaign;
mod candidates;
mod check;
mod column;
mod consent;
mod copy;
mod due;
mod enqueue;
mod erase;
mod history;
mod lapse;
mod list;
mod pause;
mod queues;
mod read;
mod recent;
mod seek;
mod sql;
mod standing;
mod statement;
mod take;
mod tick;
mod work;

use std::sync::Arc;

use async_trait::async_trait;
use switchboard::provider::SendKind;
use switchboard_store::tokio_postgres::Row as SqlRow;
use switchboard_store::tokio_postgres::types::ToSql;
use switchboard_store::{Acquired, Postgres, PostgresAppender, Session, StoreError};

use self::batcher::Batcher;
use self::column::get;
use self::sql::Sql;
use self::work::{Shared, Work};
use super::budget::Reserve;
use super::campaign::{CampaignChange, CampaignRow, NewCampaign, Stopped, Tally};
use super::check::{Bound, Canary, Checked, Claim, Identity, Proof, Reported, Unknown};
use super::consent::{ConsentRow, Consented, Consents, KnownSender, ListConsents};
use super::copy::{Alike, Place};
use super::erase::{Forget, Forgot, Retire, Retired};
use super::history::{Histories, Select};
use super::list::{List, Listed};
use super::record::Entry;
use super::sqlite::MIGRATIONS;
use super::standing::{Question, Standing};
use super::{
    Applied, Counts, Each, Enqueued, Finished, Look, Name, NewMessage, NewSender, Pause, Rows, SenderRow,
    Started, Tick, Ticked,
};
use crate::clock::Clock;
use crate::error::OutboxError;
use crate::policy::Bucket;
use crate::state::Event;
use crate::timing::Micros;

use SqlRow as Row;

/// The tables of the outbox.
pub(crate) const TABLES: &str = include_str!("postgres/1.sql");

/// The rows in PostgreSQL.
#[derive(Debug)]
pub(crate) struct PostgresRows {
    postgres: Postgres,
    shared: Arc<Shared>,
    clock: Clock,
    batcher: Batcher,
    /// The worker's transactions wait for no other user of this process.
    ticks: Session,
    writes: Session,
    /// For the parts of lists: while one waits for the disk, the other one is inserted.
    imports: [Session; 2],
    reads: Session,
    looks: Session,
}

impl PostgresRows {
    /// Creates the tables if they do not exist.
    pub(crate) async fn open(postgres: Postgres) -> Result<Self, OutboxError> {
        postgres.migrate(&MIGRATIONS).await?;
        let schema = postgres.schema();
        let shared = Arc::new(Shared {
            sql: Sql::new(schema),
            log: PostgresAppender::new(schema),
            seeks: Default::default(),
            queues: Default::default(),
            searches: Default::default(),
        });
        let connection = postgres.connection().await?;
        let clock = Clock::following(get(&connection.one(&shared.sql.clock, &[]).await?, 0)?);
        let batcher = Batcher::start(&postgres, &shared, &clock);
        let session = || postgres.session();
        let (ticks, writes, reads, looks) = (session(), session(), session(), session());
        let imports = [session(), session()];
        Ok(Self { postgres, shared, clock, batcher, ticks, writes, imports, reads, looks })
    }

    /// Returns a clock that follows the database's, so that the workers of several machines agree on what is due.
    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
    }

    async fn begin<'a>(&'a self, connection: &'a mut Acquired<'_>) -> Result<Work<'a>, OutboxError> {
        Ok(Work::new(connection.begin().await?, &self.shared))
    }
}

/// How often opt-outs are stored, if the database is busy.
const TRIES: usize = 5;

#[async_trait]
impl Rows for PostgresRows {
    async fn enqueue(&self, at: Micros, new: Vec<NewMessage>) -> Result<Vec<Enqueued>, OutboxError> {
        self.batcher.enqueue(at, new).await?.into_iter().collect()
    }

    async fn enqueue_each(
        &self,
        at: Micros,
        campaign: i64,
        new: Arc<[NewMessage]>,
    ) -> Result<Vec<Each>, OutboxError> {
        let [one, other] = &self.imports;
        let mut connection = tokio::select! {
            biased;
            connection = one.acquire() => connection?,
            connection = other.acquire() => connection?,
        };
        let batch = enqueue::Batch { at, new, campaign: Some(campaign) };
        let answers = enqueue::enqueue(&mut connection, &self.shared, &[batch]).await?;
        self.postgres.note_commit();
        answers.into_iter().next().unwrap_or_else(|| Err(StoreError::Stopped.into()))
    }

    async fn open_campaign(
        &self,
        at: Micros,
        new: NewCampaign,
        actor: Option<String>,
    ) -> Result<CampaignRow, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        campaign::open(self.begin(&mut connection).await?, at, &new, actor.as_deref()).await
    }

    async fn campaign(
        &self,
        tenant: String,
        name: String,
    ) -> Result<Option<(CampaignRow, Tally)>, OutboxError> {
        campaign::with_tally(&*self.reads.acquire().await?, &self.shared, &tenant, &name).await
    }

    async fn campaigns(
        &self,
        tenant: String,
        before: i64,
        limit: u32,
    ) -> Result<Vec<CampaignRow>, OutboxError> {
        campaign::list(&*self.reads.acquire().await?, &self.shared, &tenant, before, limit).await
    }

    async fn change_campaign(
        &self,
        at: Micros,
        id: i64,
        change: CampaignChange,
        actor: Option<String>,
    ) -> Result<CampaignRow, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        campaign::change(self.begin(&mut connection).await?, at, id, &change, actor.as_deref()).await
    }

    async fn cancel_campaign(
        &self,
        at: Micros,
        id: i64,
        limit: u32,
        actor: Option<String>,
    ) -> Result<Stopped, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        campaign::cancel(self.begin(&mut connection).await?, at, id, limit, actor.as_deref()).await
    }

    async fn note(&self, at: Micros, entries: Vec<Entry>) -> Result<(), OutboxError> {
        let mut connection = self.writes.acquire().await?;
        let mut work = self.begin(&mut connection).await?;
        entries.into_iter().for_each(|entry| work.log(at, None, None, entry));
        work.commit().await
    }

    async fn find(&self, name: Name) -> Result<Option<super::Row>, OutboxError> {
        read::find(&*self.reads.acquire().await?, &self.shared, &name).await
    }

    async fn unsettled(&self, after: i64, limit: u32) -> Result<Vec<super::Row>, OutboxError> {
        read::unsettled(&*self.reads.acquire().await?, &self.shared, after, limit).await
    }

    async fn list(&self, list: List) -> Result<Listed, OutboxError> {
        list::page(&*self.reads.acquire().await?, &self.shared, &list).await
    }

    async fn messages(&self, ids: Vec<i64>) -> Result<Vec<super::Row>, OutboxError> {
        read::rows(&*self.reads.acquire().await?, &self.shared, &ids).await
    }

    async fn requests(&self, ids: Vec<i64>) -> Result<Vec<(i64, String)>, OutboxError> {
        list::requests(&*self.reads.acquire().await?, &self.shared, &ids).await
    }

    async fn counts(&self) -> Result<Counts, OutboxError> {
        read::counts(&*self.reads.acquire().await?, &self.shared).await
    }

    async fn apply(
        &self,
        at: Micros,
        name: Name,
        event: Event,
        actor: Option<String>,
    ) -> Result<Applied, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        let Some(id) = read::id(&connection, &self.shared, &name).await? else { return Ok(Applied::Missing) };
        let mut work = self.begin(&mut connection).await?;
        work.load([id]).await?;
        let told = Finished { id, ..Finished::from_outside(at, event) };
        let applied = work.tell(at, &told, actor.as_deref());
        work.commit().await?;
        self.postgres.note_commit();
        Ok(applied)
    }

    async fn start(&self, at: Micros, alone: bool) -> Result<Started, OutboxError> {
        let mut connection = self.ticks.acquire().await?;
        tick::start(self.begin(&mut connection).await?, at, alone).await
    }

    async fn look(&self) -> Result<Look, OutboxError> {
        let connection = self.looks.acquire().await?;
        self.clock.follow(get(&connection.one(&self.shared.sql.clock, &[]).await?, 0)?);
        read::look(&connection, &self.shared).await
    }

    async fn bind(&self, queue: i64, sender: NewSender) -> Result<SenderRow, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        let work = self.begin(&mut connection).await?;
        let row = pause::bind(&work, queue, &sender).await?;
        work.commit().await?;
        Ok(row)
    }

    async fn tick(&self, tick: Tick) -> Result<Ticked, OutboxError> {
        let mut connection = self.ticks.acquire().await?;
        self.shared.seeks.tick_begins();
        let ticked = tick::tick(self.begin(&mut connection).await?, &tick).await?;
        self.postgres.note_commit();
        ticked
    }

    async fn release(&self, epoch: i64) -> Result<(), OutboxError> {
        let connection = self.ticks.acquire().await?;
        connection.execute(&self.shared.sql.senders_release, &[&epoch]).await?;
        Ok(())
    }

    async fn pause(&self, at: Micros, pause: Pause, actor: Option<String>) -> Result<(), OutboxError> {
        let mut connection = self.writes.acquire().await?;
        let mut work = self.begin(&mut connection).await?;
        pause::pause(&mut work, at, &pause, actor.as_deref()).await?;
        work.commit().await
    }

    async fn place(&self) -> Result<Place, OutboxError> {
        let connection = self.reads.acquire().await?;
        copy::place(&connection, &self.shared, self.postgres.schema()).await
    }

    async fn settle_place(&self, place: Option<String>) -> Result<(), OutboxError> {
        let connection = self.writes.acquire().await?;
        connection.execute(&self.shared.sql.place_settle, &[&place]).await?;
        Ok(())
    }

    async fn adopt(&self, at: Micros, place: Option<String>, actor: String) -> Result<(), OutboxError> {
        let mut connection = self.writes.acquire().await?;
        copy::adopt(self.begin(&mut connection).await?, at, place, &actor).await
    }

    async fn guard(&self, since: Option<Micros>) -> Result<(), OutboxError> {
        let connection = self.writes.acquire().await?;
        connection.execute(&self.shared.sql.guard_set, &[&since]).await?;
        Ok(())
    }

    async fn unknown_sids(&self, sids: Vec<String>) -> Result<Vec<String>, OutboxError> {
        copy::unknown_sids(&*self.reads.acquire().await?, &self.shared, sids).await
    }

    async fn alike(
        &self,
        queue: i64,
        sender: i64,
        recipients: Vec<String>,
    ) -> Result<Vec<Alike>, OutboxError> {
        copy::alike(&*self.reads.acquire().await?, &self.shared, queue, sender, recipients).await
    }

    async fn retire(&self, retire: Retire) -> Result<Retired, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        erase::retire(self.begin(&mut connection).await?, &retire).await
    }

    async fn forget(&self, forget: Forget) -> Result<Forgot, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        erase::forget(self.begin(&mut connection).await?, &forget).await
    }

    async fn remember(&self, hash: String, recipient: String) -> Result<bool, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        erase::remember(self.begin(&mut connection).await?, &hash, &recipient).await
    }

    async fn identity(&self) -> Result<Identity, OutboxError> {
        check::identity(&*self.reads.acquire().await?, &self.shared).await
    }

    async fn prove(&self, at: Micros, proof: Proof) -> Result<Applied, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        let applied = check::prove(self.begin(&mut connection).await?, at, proof).await?;
        self.postgres.note_commit();
        Ok(applied)
    }

    async fn reported(&self, at: Micros, reported: Vec<Reported>) -> Result<Vec<Applied>, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        let applied = check::reported(self.begin(&mut connection).await?, at, &reported).await?;
        self.postgres.note_commit();
        Ok(applied)
    }

    async fn consent(&self, consents: Consents) -> Result<Consented, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        for _ in 1..TRIES {
            match consent::store(self.begin(&mut connection).await?, &consents).await {
                // A provider does not deliver a STOP again.
                Err(OutboxError::Store(StoreError::Busy { .. })) => {}
                stored => return stored,
            }
        }
        consent::store(self.begin(&mut connection).await?, &consents).await
    }

    async fn reserve(&self, reserve: Reserve) -> Result<i64, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        budget::reserve(self.begin(&mut connection).await?, &reserve).await
    }

    async fn give_back(&self, left: Vec<(Bucket, i64)>) -> Result<(), OutboxError> {
        let mut connection = self.writes.acquire().await?;
        budget::give_back(self.begin(&mut connection).await?, &left).await
    }

    async fn standing(&self, question: Question) -> Result<Standing, OutboxError> {
        let mut connection = self.reads.acquire().await?;
        standing::standing(self.begin(&mut connection).await?, question).await
    }

    async fn senders_of(&self, addresses: Vec<String>) -> Result<Vec<KnownSender>, OutboxError> {
        consent::senders_of(&*self.reads.acquire().await?, &self.shared, addresses).await
    }

    async fn consents(&self, recipient: String) -> Result<Vec<ConsentRow>, OutboxError> {
        consent::of_recipient(&*self.reads.acquire().await?, &self.shared, &recipient).await
    }

    async fn consents_of(&self, list: ListConsents) -> Result<Vec<ConsentRow>, OutboxError> {
        consent::list(&*self.reads.acquire().await?, &self.shared, &list).await
    }

    async fn histories(&self, select: Select) -> Result<Histories, OutboxError> {
        history::page(&*self.reads.acquire().await?, &self.shared, &select).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Unknown>, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        check::claim(self.begin(&mut connection).await?, &claim).await
    }

    async fn checked(&self, at: Micros, checked: Checked) -> Result<Applied, OutboxError> {
        let mut connection = self.writes.acquire().await?;
        let applied = check::checked(self.begin(&mut connection).await?, at, checked).await?;
        self.postgres.note_commit();
        Ok(applied)
    }

    async fn bound(&self, id: i64, sids: Vec<String>, since: Micros) -> Result<Bound, OutboxError> {
        check::bound(&*self.reads.acquire().await?, &self.shared, id, sids, since).await
    }

    async fn canaries(
        &self,
        account: String,
        kind: SendKind,
        limit: u32,
    ) -> Result<Vec<Canary>, OutboxError> {
        check::canaries(&*self.reads.acquire().await?, &self.shared, &account, kind, limit).await
    }
}

#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;
