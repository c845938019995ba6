//! Sealed values in PostgreSQL.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{Batch, Cell, Resealed, SealedCells, SealedColumn};
use crate::{Postgres, Session, StoreError};

pub(super) struct PostgresCells(Session);

impl PostgresCells {
    pub(super) fn new(postgres: &Postgres) -> Self {
        Self(postgres.session())
    }

    fn sql(&self, sql: &str) -> String {
        sql.replace("{t}", &format!("\"{}\".", self.0.postgres().schema()))
    }
}

#[async_trait]
impl SealedCells for PostgresCells {
    async fn count(&self, column: &'static SealedColumn) -> Result<BTreeMap<String, u64>, StoreError> {
        let connection = self.0.acquire().await?;
        let mut counts = BTreeMap::new();
        for row in connection.query(&self.sql(&column.count_sql()), &[]).await? {
            counts.insert(row.try_get(0)?, row.try_get::<_, i64>(1)?.unsigned_abs());
        }
        Ok(counts)
    }

    async fn batch(&self, query: Batch) -> Result<Vec<Cell>, StoreError> {
        let connection = self.0.acquire().await?;
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
            [&query.key, &query.after, &i64::from(query.limit)];
        let rows = connection.query(&self.sql(&query.sql('$')), &values).await?;
        let cell = |row: &tokio_postgres::Row| {
            Ok(Cell {
                id: row.try_get(0)?,
                tenant: row.try_get(1)?,
                provider: row.try_get(2)?,
                sealed: row.try_get(3)?,
            })
        };
        rows.iter().map(cell).collect()
    }

    async fn replace(&self, column: &'static SealedColumn, cells: Vec<Resealed>) -> Result<u64, StoreError> {
        let SealedColumn { table, only, id, value, key, .. } = column;
        let sql = self.sql(&format!(
            "UPDATE {{t}}{table} SET {value} = cell.new, {key} = cell.new_key
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS cell (row, old, new, new_key)
             WHERE {only} AND {id} = cell.row AND {value} = cell.old"
        ));
        let ids: Vec<&str> = cells.iter().map(|cell| cell.id.as_str()).collect();
        let old: Vec<&str> = cells.iter().map(|cell| cell.old.as_str()).collect();
        let new: Vec<&str> = cells.iter().map(|cell| cell.new.as_str()).collect();
        let keys: Vec<&str> = cells.iter().map(|cell| cell.new.key_id()).collect();
        let connection = self.0.acquire().await?;
        connection.execute(&sql, &[&ids, &old, &new, &keys]).await
    }
}
