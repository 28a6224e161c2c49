//! Stored values in and out of SQLite.

use datum::{Stored, StoredValue};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use sqlstate::{DatabaseError, Result};

/// A stored value for SQLite to bind.
pub(crate) struct Bound<'a>(pub(crate) Stored<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Stored::Null => ValueRef::Null,
            Stored::Integer(value) => ValueRef::Integer(value),
            Stored::Real(value) => ValueRef::Real(value),
            Stored::Text(value) => ValueRef::Text(value.as_bytes()),
            Stored::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

/// A stored value as a function's result.
pub(crate) struct Answer(pub(crate) StoredValue);

impl ToSql for Answer {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match &self.0 {
            StoredValue::Null => ValueRef::Null,
            StoredValue::Integer(value) => ValueRef::Integer(*value),
            StoredValue::Real(value) => ValueRef::Real(*value),
            StoredValue::Text(value) => ValueRef::Text(value.as_bytes()),
            StoredValue::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

/// What SQLite holds, borrowed. Text that is not UTF-8 cannot have come in and is a damaged file.
pub(crate) fn stored(value: ValueRef<'_>) -> Result<Stored<'_>> {
    Ok(match value {
        ValueRef::Null => Stored::Null,
        ValueRef::Integer(value) => Stored::Integer(value),
        ValueRef::Real(value) => Stored::Real(value),
        ValueRef::Text(bytes) => Stored::Text(std::str::from_utf8(bytes).map_err(|_| {
            DatabaseError::new(sqlstate::DATA_CORRUPTED, "a text in the database file is not UTF-8")
        })?),
        ValueRef::Blob(bytes) => Stored::Blob(bytes),
    })
}
