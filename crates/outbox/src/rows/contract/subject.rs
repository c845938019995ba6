//! The stores on which the scripts run, and the checks after each call.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use switchboard_store::{Log, LoggedEvent, Sqlite, expand};

use crate::rows::Rows;
use crate::rows::memory::{Logged, MemoryRows};
use crate::rows::sqlite::SqliteRows;

/// A store that a script runs on.
#[async_trait]
pub(super) trait Subject: Send {
    fn rows(&self) -> &dyn Rows;

    /// The whole log.
    async fn events(&self) -> Vec<Logged>;

    /// Fails if a message is not in exactly one table, or if tables contradict each other.
    async fn check(&self);

    /// Closes and reopens the store, if that is possible.
    async fn reopen(&mut self);

    /// Runs the statement for the program's own transactions.
    async fn sql(&self, json: &str) -> String;

    /// Deletes what would stay otherwise.
    async fn close(&mut self) {}
}

/// The reference model.
pub(super) struct Model(MemoryRows);

impl Model {
    pub(super) fn open() -> Box<dyn Subject> {
        Box::new(Self(MemoryRows::default()))
    }
}

#[async_trait]
impl Subject for Model {
    fn rows(&self) -> &dyn Rows {
        &self.0
    }

    async fn events(&self) -> Vec<Logged> {
        self.0.events()
    }

    /// By construction, each message of the model is in one place.
    async fn check(&self) {}

    async fn reopen(&mut self) {}

    async fn sql(&self, _: &str) -> String {
        "a model has no SQL".to_owned()
    }
}

/// SQLite in memory.
pub(super) struct InMemory(Database);

impl InMemory {
    pub(super) async fn open(prefix: &str) -> Box<dyn Subject> {
        let sqlite = Sqlite::builder().prefix(prefix).memory().await.unwrap();
        Box::new(Self(Database::open(sqlite).await))
    }
}

#[async_trait]
impl Subject for InMemory {
    fn rows(&self) -> &dyn Rows {
        &self.0.rows
    }

    async fn events(&self) -> Vec<Logged> {
        self.0.events().await
    }

    async fn check(&self) {
        self.0.check().await;
    }

    async fn reopen(&mut self) {}

    async fn sql(&self, json: &str) -> String {
        self.0.sql(json).await
    }
}

/// SQLite on disk, in a folder that is deleted at the end.
pub(super) struct Disk {
    database: Database,
    folder: Arc<Folder>,
    prefix: String,
}

struct Folder(PathBuf);

impl Disk {
    pub(super) async fn open() -> Box<dyn Subject> {
        Self::with(&Arc::new(Folder::new()), "switchboard_").await
    }

    /// Two outboxes in one file.
    pub(super) async fn two() -> [Box<dyn Subject>; 2] {
        let folder = Arc::new(Folder::new());
        [Self::with(&folder, "a_").await, Self::with(&folder, "b_").await]
    }

    async fn with(folder: &Arc<Folder>, prefix: &str) -> Box<dyn Subject> {
        let database = folder.open(prefix).await;
        Box::new(Self { database, folder: Arc::clone(folder), prefix: prefix.to_owned() })
    }
}

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("switchboard-contract-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    async fn open(&self, prefix: &str) -> Database {
        let sqlite = Sqlite::builder().prefix(prefix).open(self.0.join("app.db")).await.unwrap();
        Database::open(sqlite).await
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[async_trait]
impl Subject for Disk {
    fn rows(&self) -> &dyn Rows {
        &self.database.rows
    }

    async fn events(&self) -> Vec<Logged> {
        self.database.events().await
    }

    async fn check(&self) {
        self.database.check().await;
    }

    async fn reopen(&mut self) {
        self.database.sqlite.close().await;
        self.database = self.folder.open(&self.prefix).await;
    }

    async fn sql(&self, json: &str) -> String {
        self.database.sql(json).await
    }
}

pub(super) fn logged(event: LoggedEvent) -> Logged {
    Logged {
        at: event.at_micros,
        id: event.subject,
        actor: event.actor,
        topic: event.topic,
        detail: event.detail.unwrap_or_default(),
    }
}

struct Database {
    sqlite: Sqlite,
    log: Log,
    rows: SqliteRows,
}

/// Queries that must find no row.
pub(super) const CONTRADICTIONS: &[(&str, &str)] = &[
    (
        "a message is not in exactly one place",
        "SELECT count(*) FROM {p}message AS m WHERE (SELECT count(*) FROM {p}ready WHERE id = m.id)
         + (SELECT count(*) FROM {p}open WHERE id = m.id) + (SELECT count(*) FROM {p}outcome WHERE id = m.id) <> 1",
    ),
    (
        "something is nowhere among the messages",
        "SELECT count(*) FROM (SELECT id FROM {p}ready UNION ALL SELECT id FROM {p}open UNION ALL
         SELECT id FROM {p}outcome) AS rows WHERE id NOT IN (SELECT id FROM {p}message)",
    ),
    (
        "a ready message is in another queue or priority than it was enqueued for",
        "SELECT count(*) FROM {p}ready AS r JOIN {p}message AS m ON m.id = r.id
         WHERE (r.queue_id, r.priority) <> (m.queue_id, m.priority)",
    ),
    (
        "a parked message holds others up, or one that may have been sent does not",
        "SELECT count(*) FROM {p}open WHERE (state = 'parked') <> (fingerprint IS NULL)",
    ),
    ("only parked messages have a reason", "SELECT count(*) FROM {p}open WHERE (state = 'parked') <> (why IS NOT NULL)"),
    (
        "only unknown messages are checked, and all of them",
        "SELECT count(*) FROM {p}open WHERE (state = 'unknown') <> (next_check IS NOT NULL)",
    ),
    (
        "the tally does not count the outcomes",
        "SELECT count(*) FROM (SELECT state, count(*) AS rows FROM {p}outcome GROUP BY state) AS o
         FULL JOIN (SELECT state, sum(rows) AS rows FROM {p}tally GROUP BY state) AS t ON t.state = o.state WHERE coalesce(o.rows, 0) <> coalesce(t.rows, 0)",
    ),
    (
        "the tally of a campaign does not count its messages",
        "SELECT count(*) FROM (SELECT campaign, word, count(*) AS rows FROM (SELECT campaign, CASE
         WHEN state <> 'accepted' THEN state WHEN status IN ('completed', 'delivered', 'read') THEN 'delivered'
         WHEN status IN ('canceled', 'no-answer', 'busy', 'failed', 'undelivered') THEN 'undelivered'
         ELSE 'accepted' END AS word FROM {p}outcome UNION ALL
         SELECT campaign, state FROM {p}open WHERE state <> 'sending') AS c WHERE campaign <> 0 GROUP BY campaign, word)
         AS o LEFT JOIN (SELECT campaign, word, sum(rows) AS rows FROM {p}campaign_tally GROUP BY campaign, word) AS t
         ON t.campaign = o.campaign AND t.word = o.word WHERE o.rows > coalesce(t.rows, 0)",
    ),
    (
        "the row of a message names another campaign than the message",
        "SELECT count(*) FROM (SELECT id, campaign FROM {p}open UNION ALL SELECT id, campaign FROM {p}outcome) AS rows
         JOIN {p}message AS m ON m.id = rows.id WHERE m.campaign <> rows.campaign",
    ),
    (
        "a queue is held, and its campaign is not, or the other way round",
        "SELECT count(*) FROM {p}queue AS q JOIN {p}campaign AS c ON c.id = q.campaign
         WHERE CAST(q.held AS INTEGER) <> CAST(c.paused AS INTEGER) AND c.state <> 'stopped'",
    ),
    (
        "an accepted message has no attempt, or another has one",
        "SELECT count(*) FROM {p}outcome WHERE (state = 'accepted') <> (accepted IS NOT NULL)
         OR (accepted IS NULL) <> (status IS NULL)",
    ),
];

impl Database {
    async fn open(sqlite: Sqlite) -> Self {
        let log = Log::open(sqlite.clone()).await.unwrap();
        let rows = SqliteRows::open(sqlite.clone()).await.unwrap();
        Self { sqlite, log, rows }
    }

    async fn events(&self) -> Vec<Logged> {
        self.log.read(0, 100_000).await.unwrap().into_iter().map(logged).collect()
    }

    async fn check(&self) {
        let prefix = self.sqlite.prefix().to_owned();
        let found = self.sqlite.read(move |connection| {
            let mut found = Vec::new();
            for (what, sql) in CONTRADICTIONS {
                let mut statement = connection.prepare_cached(&expand(sql, &prefix))?;
                let rows: i64 = statement.query_row([], |row| row.get(0))?;
                if rows > 0 {
                    found.push(*what);
                }
            }
            Ok::<_, switchboard_store::StoreError>(found)
        });
        assert_eq!(found.await.unwrap(), [""; 0]);
    }

    async fn sql(&self, json: &str) -> String {
        let (sql, json) = (crate::enqueue::Enqueue::sqlite(self.sqlite.prefix()), json.to_owned());
        // The statement stores the current time, which differs with each run.
        let fixed = expand("UPDATE {p}message SET created = 0", self.sqlite.prefix());
        let job = move |connection: &rusqlite::Connection| {
            connection.execute(&sql, [&json])?;
            connection.execute(&fixed, [])?;
            Ok::<_, switchboard_store::StoreError>(())
        };
        match self.sqlite.write(job).await {
            Ok(()) => "ok".to_owned(),
            Err(switchboard_store::StoreError::Sqlite { message, .. }) => message,
            Err(other) => other.to_string(),
        }
    }
}
