//! Values that cross the port.

use catalog::Oid;
use std::fmt::Write as _;
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

    /// As PostgreSQL's output function writes a value of this column; `None` for NULL.
    pub fn text(&self, column: &Column) -> Option<String> {
        Some(match self {
            Value::Null => return None,
            Value::Bool(true) => "t".to_owned(),
            Value::Bool(false) => "f".to_owned(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => datum::float_text(*number, &*column.type_name == "real"),
            Value::Text(text) => text.to_string(),
            Value::Bytes(bytes) => bytes.iter().fold("\\x".to_owned(), |mut text, byte| {
                // Writing to a text cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            }),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What PostgreSQL 15 prints for these.
    #[test]
    fn floats_are_postgresqls() {
        let text = |number: f64, type_name: &str| {
            let column = Column { name: "x".into(), type_oid: 0, type_name: type_name.into() };
            Value::Float(number).text(&column).expect("a text")
        };
        for (number, expected) in [
            (1.5, "1.5"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (123_456_789_012_345.0, "123456789012345"),
            (1_234_567_890_123_456.0, "1.234567890123456e+15"),
            (1e100, "1e+100"),
            (-0.0, "-0"),
            // Between two texts that are equally short and near.
            (1.0 + 2.0_f64.powi(-17), "1.0000076293945312"),
        ] {
            assert_eq!(text(number, "double precision"), expected);
        }
        assert_eq!(text(1_234_567.0, "real"), "1.234567e+06");
        assert_eq!(text(f64::from(0.1_f32), "real"), "0.1");
    }
}
