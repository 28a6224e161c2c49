//! Values that cross the port.

use catalog::Oid;
use std::sync::Arc;

/// A value. Each SQL type has one variant, on both engines: boolean → `Bool`; smallint, integer, bigint → `Int`;
/// real, double precision → `Float`; bytea → `Bytes`; every other type → `Text` in PostgreSQL's output form (ISO dates, the
/// session's time zone). As a parameter any of them may stand for any type that takes its text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// boolean
    Bool(bool),
    /// smallint, integer, bigint
    Int(i64),
    /// real, double precision
    Float(f64),
    /// Everything else in its text form.
    Text(Box<str>),
    /// bytea
    Bytes(Box<[u8]>),
}

impl Value {
    /// The text, when it is `Text`.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when it is `Int`.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// A result's column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub type_oid: Oid,
    /// Its type as `format_type` prints it: `integer`, `character varying(10)`, `public.mood`.
    pub type_name: Arc<str>,
}

/// The rows that a statement returned.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ResultSet {
    /// Its columns. Shared: they are the same whenever the statement runs.
    pub columns: Arc<[Column]>,
    /// Its rows, each as wide as `columns`.
    pub rows: Vec<Vec<Value>>,
}
