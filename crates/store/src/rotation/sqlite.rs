//! Sealed values in SQLite.

use std::collections::BTreeMap;

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::{Batch, Cell, Resealed, SealedCells, SealedColumn};
use crate::{Sqlite, StoreError};

pub(super) struct SqliteCells(Sqlite);

impl SqliteCells {
    pub(super) fn new(sqlite: Sqlite) -> Self {
        Self(sqlite)
    }

    fn sql(&self, sql: &str) -> String {
        sql.replace("{t}", self.0.prefix())
    }
}

#[async_trait]
impl SealedCells for SqliteCells {
    async fn count(&self, column: &'static SealedColumn) -> Result<BTreeMap<String, u64>, StoreError> {
        let sql = self.sql(&column.count_sql());
        let count = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let rows =
                statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.0.read(count).await
    }

    async fn batch(&self, query: Batch) -> Result<Vec<Cell>, StoreError> {
        let sql = self.sql(&query.sql('?'));
        let batch = move |connection: &Connection| {
            let cell = |row: &Row<'_>| {
                Ok(Cell { id: row.get(0)?, tenant: row.get(1)?, provider: row.get(2)?, sealed: row.get(3)? })
            };
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![query.key, query.after, query.limit], cell)?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.0.read(batch).await
    }

    async fn replace(&self, column: &'static SealedColumn, cells: Vec<Resealed>) -> Result<u64, StoreError> {
        let SealedColumn { table, only, id, value, key, .. } = column;
        let sql = self.sql(&format!(
            "UPDATE {{t}}{table} SET {value} = ?1, {key} = ?2 WHERE {only} AND {id} = ?3 AND {value} = ?4"
        ));
        let replace = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut count = 0;
            for Resealed { id, old, new } in &cells {
                count += statement.execute(params![new.as_str(), new.key_id(), id, old])? as u64;
            }
            Ok(count)
        };
        self.0.write(replace).await
    }
}
