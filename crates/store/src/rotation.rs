//! Which keys the sealed values of a table need, and sealing them again with the newest key.

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{Database, Purpose, SealContext, SealError, Sealed, Sealer, StoreError};

/// How many values are sealed again in one transaction.
const BATCH: u32 = 200;
/// How many values of each key are opened to see whether it is the key that sealed them. One alone may be damaged.
const SAMPLES: u32 = 3;

/// What a rotation of keys did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rotated {
    /// How many values were sealed again.
    pub resealed: u64,
    /// How many values could not be opened, because they were changed. They stay as they are.
    pub damaged: u64,
}

/// A column with sealed values. All texts are parts of statements.
pub(crate) struct SealedColumn {
    pub(crate) table: &'static str,
    /// The rows that count.
    pub(crate) only: &'static str,
    /// The column by which rows are found, unique among those that count; it is the row of the context.
    pub(crate) id: &'static str,
    /// The tenant of the context.
    pub(crate) tenant: &'static str,
    pub(crate) value: &'static str,
    /// The column with the id of the key.
    pub(crate) key: &'static str,
    pub(crate) purpose: Purpose,
}

/// A sealed value in its place.
#[derive(Clone)]
pub(crate) struct Cell {
    id: String,
    tenant: String,
    provider: String,
    sealed: String,
}

/// A value that was sealed again.
pub(crate) struct Resealed {
    id: String,
    old: String,
    new: Sealed,
}

/// Which keys are looked for.
#[derive(Clone, Copy)]
enum Key<'a> {
    Is(&'a str),
    IsNot(&'a str),
}

/// The database operations on sealed columns.
#[async_trait]
pub(crate) trait SealedCells: Send + Sync {
    /// Counts the values by key.
    async fn count(&self, column: &'static SealedColumn) -> Result<BTreeMap<String, u64>, StoreError>;
    /// Returns the next values after this id.
    async fn batch(&self, query: Batch) -> Result<Vec<Cell>, StoreError>;
    /// Replaces values in one transaction, except those that were changed since they were read. Returns how many.
    async fn replace(&self, column: &'static SealedColumn, cells: Vec<Resealed>) -> Result<u64, StoreError>;
}

/// A question for values.
pub(crate) struct Batch {
    column: &'static SealedColumn,
    key: String,
    /// Whether their key is this one, or any other.
    is_key: bool,
    after: String,
    limit: u32,
}

impl Batch {
    fn new(column: &'static SealedColumn, key: Key<'_>, after: &str, limit: u32) -> Self {
        let (key, is_key) = match key {
            Key::Is(key) => (key, true),
            Key::IsNot(key) => (key, false),
        };
        Self { column, key: key.to_owned(), is_key, after: after.to_owned(), limit }
    }

    /// The statement: `?` stands before the numbers of its values: key, id, limit.
    fn sql(&self, mark: char) -> String {
        let SealedColumn { table, only, id, tenant, value, key, .. } = self.column;
        let compares = if self.is_key { "=" } else { "<>" };
        format!(
            "SELECT {id}, {tenant}, provider, {value} FROM {{t}}{table}
             WHERE {only} AND {key} {compares} {mark}1 AND {id} > {mark}2 ORDER BY {id} LIMIT {mark}3"
        )
    }
}

impl SealedColumn {
    fn count_sql(&self) -> String {
        let Self { table, only, key, .. } = self;
        format!("SELECT {key}, count(*) FROM {{t}}{table} WHERE {only} AND {key} IS NOT NULL GROUP BY {key}")
    }
}

impl Cell {
    fn context(&self, purpose: Purpose) -> SealContext<'_> {
        SealContext { purpose, tenant: &self.tenant, provider: &self.provider, row: &self.id }
    }

    async fn open(
        &self,
        sealer: &dyn Sealer,
        purpose: Purpose,
    ) -> Result<switchboard::secret::Secret, SealError> {
        sealer.open(&self.context(purpose), &Sealed::parse(self.sealed.as_str())?).await
    }
}

pub(crate) fn cells(database: &Database) -> Arc<dyn SealedCells> {
    match database {
        Database::Sqlite(sqlite) => Arc::new(sqlite::SqliteCells::new(sqlite.clone())),
        #[cfg(feature = "postgres")]
        Database::Postgres(postgres) => Arc::new(postgres::PostgresCells::new(postgres)),
    }
}

/// Counts the values by key, and checks that each key is there and is the one that sealed.
pub(crate) async fn check(
    cells: &dyn SealedCells,
    sealer: &dyn Sealer,
    columns: &'static [SealedColumn],
) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut all: BTreeMap<String, u64> = BTreeMap::new();
    let mut counted = Vec::new();
    for column in columns {
        for (key, count) in cells.count(column).await? {
            *all.entry(key.clone()).or_default() += count;
            counted.push((column, key));
        }
    }
    let missing: Vec<(String, u64)> = all
        .iter()
        .filter(|(key, _)| !sealer.has_key(key))
        .map(|(key, count)| (key.clone(), *count))
        .collect();
    if !missing.is_empty() {
        return Err(SealError::MissingKeys { keys: missing }.into());
    }
    for (column, key) in counted {
        check_key(cells, sealer, column, &key).await?;
    }
    Ok(all)
}

async fn check_key(
    cells: &dyn SealedCells,
    sealer: &dyn Sealer,
    column: &'static SealedColumn,
    key: &str,
) -> Result<(), StoreError> {
    let mut refused = None;
    for cell in cells.batch(Batch::new(column, Key::Is(key), "", SAMPLES)).await? {
        match cell.open(sealer, column.purpose).await {
            Ok(_) => return Ok(()),
            Err(error) => refused = Some(error),
        }
    }
    refused.map_or(Ok(()), |error| Err(error.into()))
}

/// Seals everything again with the newest key.
pub(crate) async fn rotate(
    cells: &dyn SealedCells,
    sealer: &dyn Sealer,
    columns: &'static [SealedColumn],
) -> Result<Rotated, StoreError> {
    check(cells, sealer, columns).await?;
    let mut rotated = Rotated::default();
    for column in columns {
        rotate_column(cells, sealer, column, &mut rotated).await?;
    }
    Ok(rotated)
}

async fn rotate_column(
    cells: &dyn SealedCells,
    sealer: &dyn Sealer,
    column: &'static SealedColumn,
    rotated: &mut Rotated,
) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let batch = cells.batch(Batch::new(column, Key::IsNot(sealer.key_id()), &after, BATCH)).await?;
        let Some(last) = batch.last() else { return Ok(()) };
        after.clone_from(&last.id);
        let mut resealed = Vec::new();
        for cell in batch {
            match cell.open(sealer, column.purpose).await {
                Ok(plain) => {
                    let new = sealer.seal(&cell.context(column.purpose), plain.expose()).await?;
                    resealed.push(Resealed { id: cell.id, old: cell.sealed, new });
                }
                Err(SealError::Refused { .. } | SealError::NotSealed) => rotated.damaged += 1,
                Err(error) => return Err(error.into()),
            }
        }
        if !resealed.is_empty() {
            rotated.resealed += cells.replace(column, resealed).await?;
        }
    }
}
