//! The values of portable statements.

use std::fmt;

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};

use crate::StoreError;

/// A value of a [`SqlStatement`](super::SqlStatement). `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SqlValue {
    /// No value.
    Null,
    /// A number.
    Int(i64),
    /// A text. PostgreSQL takes none with NUL.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl From<i64> for SqlValue {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for SqlValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for SqlValue {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<T: Into<Self>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl fmt::Debug for SqlValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Int(_) => "Int(_)",
            Self::Text(_) => "Text(_)",
            Self::Bytes(_) => "Bytes(_)",
        })
    }
}

impl ToSql for SqlValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Int(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

impl FromSql for SqlValue {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Value::column_result(value).map(|value| match value {
            Value::Null => Self::Null,
            Value::Integer(number) => Self::Int(number),
            // No table of ours has such numbers.
            Value::Real(number) => Self::Text(number.to_string()),
            Value::Text(text) => Self::Text(text),
            Value::Blob(bytes) => Self::Bytes(bytes),
        })
    }
}

/// A row that was read. `Debug` does not show its values.
#[derive(Clone, Debug)]
pub struct SqlRow(pub(super) Vec<SqlValue>);

impl SqlRow {
    fn cell(&self, column: usize) -> &SqlValue {
        self.0.get(column).unwrap_or(&SqlValue::Null)
    }

    /// Returns a number.
    ///
    /// # Errors
    /// `WrongType` if it is none, or null.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or(StoreError::WrongType { column })
    }

    /// Returns a number; `None` if it is null.
    ///
    /// # Errors
    /// `WrongType` if it is none.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.cell(column) {
            SqlValue::Null => Ok(None),
            SqlValue::Int(number) => Ok(Some(*number)),
            _ => Err(StoreError::WrongType { column }),
        }
    }

    /// Returns a text.
    ///
    /// # Errors
    /// `WrongType` if it is none, or null.
    pub fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.opt_text(column)?.ok_or(StoreError::WrongType { column })
    }

    /// Returns a text; `None` if it is null.
    ///
    /// # Errors
    /// `WrongType` if it is none.
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.cell(column) {
            SqlValue::Null => Ok(None),
            SqlValue::Text(text) => Ok(Some(text)),
            _ => Err(StoreError::WrongType { column }),
        }
    }

    /// Returns bytes.
    ///
    /// # Errors
    /// `WrongType` if it is something else, or null.
    pub fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        match self.cell(column) {
            SqlValue::Bytes(bytes) => Ok(bytes),
            _ => Err(StoreError::WrongType { column }),
        }
    }
}
