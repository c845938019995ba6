//! Portable statements on PostgreSQL.

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::{SqlRow, SqlStatement, SqlValue};
use crate::sessions::Sessions;
use crate::{Postgres, StoreError, Value, expand_schema};

type Failure = Box<dyn std::error::Error + Sync + Send>;

pub(super) async fn read(
    postgres: &Postgres,
    sessions: Option<&Sessions>,
    statement: SqlStatement,
) -> Result<Vec<SqlRow>, StoreError> {
    let connection = sessions.ok_or(StoreError::Stopped)?.acquire().await?;
    let rows = connection.query(&text(postgres, &statement), &values(&statement)).await?;
    rows.iter().map(row).collect()
}

pub(super) async fn write(
    postgres: &Postgres,
    sessions: Option<&Sessions>,
    statements: Vec<SqlStatement>,
) -> Result<Vec<Vec<SqlRow>>, StoreError> {
    let mut connection = sessions.ok_or(StoreError::Stopped)?.acquire().await?;
    let transaction = connection.begin().await?;
    let mut answers = Vec::with_capacity(statements.len());
    for statement in &statements {
        let rows = transaction.query(&text(postgres, statement), &values(statement)).await?;
        answers.push(rows.iter().map(row).collect::<Result<_, _>>()?);
    }
    transaction.commit().await?;
    postgres.note_commit();
    Ok(answers)
}

pub(super) async fn execute(
    postgres: &Postgres,
    sessions: Option<&Sessions>,
    statements: Vec<SqlStatement>,
) -> Result<(), StoreError> {
    let mut connection = sessions.ok_or(StoreError::Stopped)?.acquire().await?;
    let transaction = connection.begin().await?;
    for statement in statements {
        let text = text(postgres, &statement);
        let values = statement.values.into_iter().map(|value| Box::new(value) as Value).collect();
        transaction.start(&text, values).await?;
    }
    transaction.commit().await?;
    postgres.note_commit();
    Ok(())
}

fn text(postgres: &Postgres, statement: &SqlStatement) -> String {
    expand_schema(&statement.text.replace("{t}", "{s}.").replace('?', "$"), postgres.schema())
}

fn values(statement: &SqlStatement) -> Vec<&(dyn ToSql + Sync)> {
    statement.values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn row(row: &tokio_postgres::Row) -> Result<SqlRow, StoreError> {
    let cells = (0..row.len()).map(|column| row.try_get::<_, Option<SqlValue>>(column));
    let cells = cells.map(|cell| Ok(cell?.unwrap_or(SqlValue::Null)));
    Ok(SqlRow(cells.collect::<Result<_, StoreError>>()?))
}

impl ToSql for SqlValue {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Int(number) => number.to_sql_checked(kind, out),
            Self::Text(text) => text.as_str().to_sql_checked(kind, out),
            Self::Bytes(bytes) => bytes.as_slice().to_sql_checked(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'r> FromSql<'r> for SqlValue {
    fn from_sql(kind: &Type, raw: &'r [u8]) -> Result<Self, Failure> {
        Ok(match *kind {
            Type::INT8 => Self::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Self::Int(i32::from_sql(kind, raw)?.into()),
            Type::BYTEA => Self::Bytes(<&[u8]>::from_sql(kind, raw)?.to_vec()),
            _ => Self::Text(String::from_sql(kind, raw)?),
        })
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::INT4 | Type::BYTEA) || <String as FromSql>::accepts(kind)
    }
}
