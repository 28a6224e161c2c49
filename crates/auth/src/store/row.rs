//! A row, read column by column in the order of its SELECT.

use crate::error::{AuthError, Result};
use crate::model::Timestamp;
use database::Value;
use serde_json::Map;
use uuid::Uuid;

/// A row that is being read. A column that is not of the expected type is a mistake of ours (or of who altered the table) and an
/// internal error.
pub(crate) struct Row<'a> {
    values: std::slice::Iter<'a, Value>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(values: &'a [Value]) -> Row<'a> {
        Row { values: values.iter() }
    }

    /// Whether the next column is NULL.
    pub(crate) fn is_null(&self) -> bool {
        self.values.as_slice().first().is_none_or(Value::is_null)
    }

    fn next(&mut self) -> Result<&'a Value> {
        self.values.next().ok_or_else(|| AuthError::internal("a row has fewer columns than are read"))
    }

    /// Text that may be NULL.
    pub(crate) fn optional_text(&mut self) -> Result<Option<&'a str>> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            other => Err(unexpected("text", other)),
        }
    }

    /// Text; NULL is the empty text.
    pub(crate) fn text(&mut self) -> Result<String> {
        Ok(self.optional_text()?.unwrap_or_default().to_owned())
    }

    /// A number; NULL is 0.
    pub(crate) fn integer(&mut self) -> Result<i64> {
        match self.next()? {
            Value::Null => Ok(0),
            Value::Int(number) => Ok(*number),
            other => Err(unexpected("an integer", other)),
        }
    }

    /// A truth value; NULL is false.
    pub(crate) fn boolean(&mut self) -> Result<bool> {
        match self.next()? {
            Value::Null => Ok(false),
            Value::Bool(truth) => Ok(*truth),
            other => Err(unexpected("a boolean", other)),
        }
    }

    /// A UUID.
    pub(crate) fn uuid(&mut self) -> Result<Uuid> {
        self.optional_uuid()?.ok_or_else(|| AuthError::internal("a uuid is NULL"))
    }

    /// A UUID that may be NULL.
    pub(crate) fn optional_uuid(&mut self) -> Result<Option<Uuid>> {
        let text = self.optional_text()?;
        text.map(|text| text.parse().map_err(|_| AuthError::internal("a uuid is not of its form")))
            .transpose()
    }

    /// A moment; NULL and infinity are none.
    pub(crate) fn moment(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.optional_text()?.and_then(Timestamp::read))
    }

    /// A moment that is always there.
    pub(crate) fn certain_moment(&mut self) -> Result<Timestamp> {
        self.moment()?.ok_or_else(|| AuthError::internal("a moment is NULL"))
    }

    /// A JSON object; NULL and what is none are empty.
    pub(crate) fn object(&mut self) -> Result<Map<String, serde_json::Value>> {
        Ok(self.optional_text()?.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default())
    }
}

impl Row<'_> {
    /// A JSON array; NULL is empty.
    pub(crate) fn list<T: serde::de::DeserializeOwned>(&mut self) -> Result<Vec<T>> {
        let Some(text) = self.optional_text()? else { return Ok(Vec::new()) };
        serde_json::from_str(text)
            .map_err(|error| AuthError::internal(format_args!("a list is not of its form: {error}")))
    }
}

fn unexpected(expected: &str, found: &Value) -> AuthError {
    let found = match found {
        Value::Null => "NULL",
        Value::Bool(_) => "a boolean",
        Value::Int(_) => "an integer",
        Value::Float(_) => "a float",
        Value::Text(_) => "text",
        Value::Bytes(_) => "bytes",
    };
    AuthError::internal(format_args!("expected {expected} in a row, found {found}"))
}
